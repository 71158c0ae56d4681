import { generateKeyPairSync } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { type Client, type Context, errors, Provider, type Token } from 'oidc-provider'
import type { AuthorizeOptions, ServerKind, ServerUnderTest, Target, TestClient, UserClient } from '../target.ts'
import { clients, lifetime, scopes, userId, versionOf } from './clients.ts'
import { type ProcessClock, stopClock } from './clock.ts'
import { redirectUri, runCodeFlow } from './code-flow.ts'
import { listen } from './listen.ts'
import { Records } from './oidc-provider-store.ts'

const packageName = 'oidc-provider'
const resources = {
  allowed: 'https://api.example/one',
  second: 'https://api.example/two',
  forbidden: 'https://api.example/forbidden',
}
/** Which resource a caller of the introspection endpoint serves. */
const serves = new Map([
  [clients.resourceServer.id, resources.allowed],
  [clients.otherResourceServer.id, resources.second],
])
const grantedScope = `${scopes.required} ${scopes.other}`
const userGrants = ['authorization_code', 'refresh_token']

const register = (client: TestClient, method: string, grants: readonly string[]) => ({
  client_id: client.id,
  client_secret: client.secret,
  token_endpoint_auth_method: method,
  grant_types: grants,
  redirect_uris: grants === userGrants || grants.includes('authorization_code') ? [redirectUri] : [],
  response_types: grants.includes('authorization_code') ? ['code'] : [],
})

const registrations = [
  register(clients.confidential, 'client_secret_basic', ['client_credentials', ...userGrants]),
  register(clients.second, 'client_secret_basic', userGrants),
  register(clients.publicClient, 'none', userGrants),
  register(clients.punctuatedClient, 'client_secret_basic', ['client_credentials']),
  register(clients.resourceServer, 'client_secret_basic', ['client_credentials']),
  register(clients.otherResourceServer, 'client_secret_basic', ['client_credentials']),
]

const privateJwk = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: 'key-1',
  use: 'sig',
}

/** What the integration's code adds to tokens, for row 41. */
interface Hooks {
  claims: Readonly<Record<string, unknown>> | undefined
}

interface ProviderOptions {
  readonly kind: ServerKind
  readonly records: Records
  readonly hooks: Hooks
  readonly acceptQueryParamAccessTokens?: boolean
}

const resourceIndicators = (kind: ServerKind) => ({
  enabled: true,
  // JWTs need an audience, so that server has a default resource. The other one has none.
  defaultResource: async (_: Context, __: Client, oneOf?: readonly string[]) =>
    oneOf ?? (kind === 'jwt' ? resources.allowed : undefined),
  useGrantedResource: async () => kind === 'jwt',
  getResourceServerInfo: async (_: Context, resource: string) => {
    if (resource !== resources.allowed && resource !== resources.second) throw new errors.InvalidTarget()
    const jwt = { sign: { alg: 'RS256' } }
    const format = kind === 'jwt' ? { accessTokenFormat: 'jwt', jwt } : { accessTokenFormat: 'opaque' }
    return { scope: grantedScope, audience: resource, accessTokenTTL: lifetime, ...format }
  },
})

const mayIntrospect = async (_: Context, client: Client, token: Token): Promise<boolean> => {
  if (token.clientId === client.clientId) return true
  const served = serves.get(client.clientId)
  return served !== undefined && token.kind !== 'RefreshToken' && token.aud === served
}

const configure = ({ kind, records, hooks, acceptQueryParamAccessTokens = false }: ProviderOptions) => ({
  adapter: records.adapterFor,
  acceptQueryParamAccessTokens,
  clients: registrations,
  clientBasedCORS: () => true,
  cookies: { keys: ['a-cookie-key-for-tests'] },
  extraTokenClaims: async () => hooks.claims,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: mayIntrospect },
    revocation: { enabled: true },
    resourceIndicators: resourceIndicators(kind),
  },
  findAccount: async (_: Context, id: string) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_: Context, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
  issueRefreshToken: async (_: Context, client: Client) => client.grantTypeAllowed('refresh_token'),
  jwks: { keys: [privateJwk] },
  // Skips the consent page, as its recipe for first-party clients does.
  loadExistingGrant: async ({ oidc }: Context) => {
    const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId })
    grant.addOIDCScope(`openid offline_access ${grantedScope} ${scopes.narrowedAway}`)
    for (const resource of [resources.allowed, resources.second]) grant.addResourceScope(resource, grantedScope)
    await grant.save()
    return grant
  },
  scopes: ['openid', 'offline_access', ...Object.values(scopes)],
  ttl: {
    AccessToken: lifetime,
    ClientCredentials: lifetime,
    RefreshToken: 1_209_600,
    Session: 60,
    Interaction: 60,
    Grant: 1_209_600,
    IdToken: 600,
  },
})

/** The provider with a login page that logs in whoever `login_hint` names. */
const makeHandler = (issuer: string, options: ProviderOptions): RequestListener => {
  const provider = new Provider(issuer, configure(options))
  const answer = provider.callback()
  const logIn: RequestListener = (request, response) => {
    const work = async (): Promise<void> => {
      const { params } = await provider.interactionDetails(request, response)
      const accountId = typeof params.login_hint === 'string' ? params.login_hint : userId
      await provider.interactionFinished(request, response, { login: { accountId } })
    }
    work().catch((error: unknown) => response.writeHead(500).end(String(error)))
  }
  return (request, response) => {
    if (request.url?.startsWith('/interaction/') === true) logIn(request, response)
    else answer(request, response)
  }
}

const common = (origin: string, clock: ProcessClock, hooks: Hooks) => {
  const authorize = (name: UserClient, { scope, resource, user = userId }: AuthorizeOptions) => {
    const client = name === 'public' ? clients.publicClient : clients[name]
    const extra: Readonly<Record<string, string>> = resource === undefined ? {} : { resource }
    const parameters = { scope, login_hint: user, ...extra }
    const flow = { authorizationUrl: `${origin}/auth`, tokenUrl: `${origin}/token`, client }
    return runCodeFlow({ ...flow, parameters, tokenParameters: extra })
  }
  return {
    issuer: origin,
    tokenUrl: `${origin}/token`,
    otherScope: scopes.other,
    accessTokenLifetime: lifetime,
    now: clock.now,
    confidential: clients.confidential,
    second: clients.second,
    publicClient: clients.publicClient,
    punctuatedClient: clients.punctuatedClient,
    resourceServer: clients.resourceServer,
    otherResourceServer: clients.otherResourceServer,
    resources,
    userId,
    authorize,
    advance: clock.advance,
    setClaims: (claims) => (hooks.claims = claims),
    jwksUrl: `${origin}/jwks`,
  } satisfies Partial<ServerUnderTest>
}

const setup =
  'On its own `callback()`, two providers: opaque access tokens, and JWT access tokens (RS256) by resource indicators. Client ' +
  'credentials, code flow with PKCE, refresh, introspection with a policy by audience, revocation and CORS are on. The protected ' +
  'resource is its userinfo endpoint (scope `openid`), the only one it ships, so rows of JWT verification do not apply. ' +
  'JWTs are neither introspected nor revoked, as documented.'

/** Starts the control. */
export const oidcProviderTarget = async (): Promise<Target> => {
  const clock = stopClock()
  const [records, hooks]: [Records, Hooks] = [new Records(), { claims: undefined }]
  const jwtHooks: Hooks = { claims: undefined }
  const opaque = await listen((origin) => makeHandler(origin, { kind: 'opaque', records, hooks }))
  const query = await listen((origin) =>
    makeHandler(origin, { kind: 'opaque', records, hooks, acceptQueryParamAccessTokens: true }),
  )
  const jwt = await listen((origin) => makeHandler(origin, { kind: 'jwt', records: new Records(), hooks: jwtHooks }))
  return {
    name: packageName,
    version: versionOf(packageName),
    setup,
    opaque: {
      ...common(opaque.origin, clock, hooks),
      requiredScope: 'openid',
      resourceNeedsUser: true,
      resourceUrl: `${opaque.origin}/me`,
      formResourceUrl: `${opaque.origin}/me`,
      queryResourceUrl: `${query.origin}/me`,
      corsResourceUrl: `${opaque.origin}/me`,
      introspectionUrl: `${opaque.origin}/token/introspection`,
      revocationUrl: `${opaque.origin}/token/revocation`,
      breakStore: (text) => {
        records.failure = text
        return () => (records.failure = undefined)
      },
    },
    jwt: {
      ...common(jwt.origin, clock, jwtHooks),
      requiredScope: scopes.required,
      unrevocableUrl: `${jwt.origin}/token/revocation`,
      narrowing: { asked: `${scopes.other} ${scopes.narrowedAway}`, granted: scopes.other },
    },
    close: async () => {
      await Promise.all([opaque.close(), query.close(), jwt.close()])
      clock.restore()
    },
  }
}
