import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import {
  BearerToken,
  encryptedTokenVerifier,
  hashClientSecret,
  randomTokenGenerator,
  Server,
  signedTokenGenerator,
  signedTokenVerifier,
  StoreValidator,
  type BearerTokenOptions,
  type Client,
  type OAuthRequest,
  type ServerOptions,
  type TokenContext,
  type TokenVerifier,
} from 'grantry'
import manifest from 'grantry/package.json' with { type: 'json' }
import { fromNodeRequest, sendNodeResponse } from 'grantry/node'
import { MemoryStore } from 'grantry/storage/memory'
import { clients, lifetime, scopes, userId } from './controls/clients.ts'
import { redirectUri, runCodeFlow } from './controls/code-flow.ts'
import { listen, type Listening } from './controls/listen.ts'
import type { AuthorizeOptions, ServerUnderTest, Target, TestClient, UserClient } from './target.ts'

const api = 'https://api.example'
const otherApi = 'https://other-api.example'

/** What the rows change while they run. */
interface Switches {
  now: number
  claims: Readonly<Record<string, unknown>> | undefined
  makeRefreshToken: (() => string) | undefined
  failure: string | undefined
}

/** The integration's own validator: it adds claims to every token, and its store can fail. */
class SwitchedValidator extends StoreValidator {
  readonly #switches: Switches

  constructor(store: MemoryStore, switches: Switches) {
    super(store)
    this.#switches = switches
  }

  override validateClientId(clientId: string, request: OAuthRequest) {
    Object.assign(request.claims, this.#switches.claims)
    return super.validateClientId(clientId, request)
  }

  /** Grants what the client may have of what it asks for. */
  override validateScopes(client: Client, asked: readonly string[]) {
    return asked.filter((scope) => client.scopes?.includes(scope))
  }

  override validateBearerToken(token: string, request: OAuthRequest) {
    if (this.#switches.failure !== undefined) throw new Error(this.#switches.failure)
    return super.validateBearerToken(token, request)
  }
}

const fillStore = (store: MemoryStore): void => {
  const register = (
    { id, secret }: TestClient,
    grantTypes: readonly string[],
    resources: readonly string[] = [],
  ): void =>
    void store.putClient({
      id,
      ...(secret === undefined ? { authMethods: ['none'] } : { secrets: [hashClientSecret(secret)] }),
      grantTypes,
      redirectUris: [redirectUri],
      scopes: [scopes.required, scopes.other],
      defaultScopes: [scopes.other],
      servedResources: resources,
    })
  const user = ['authorization_code', 'refresh_token']
  for (const client of [clients.confidential, clients.punctuatedClient, clients.nonAsciiClient]) {
    register(client, [...user, 'client_credentials'])
  }
  register(clients.second, user)
  register(clients.publicClient, user)
  register(clients.resourceServer, ['client_credentials'], [api])
  register(clients.otherResourceServer, ['client_credentials'], [otherApi])
}

/** Guards of the protected resource by path, each the way a user would configure it. */
const guardOptions = (
  base: BearerTokenOptions,
  decryptionKey: Uint8Array,
  issuer: string,
): Readonly<Record<string, BearerTokenOptions>> => ({
  '/resource': base,
  '/form': { ...base, allowFormBodyToken: true },
  '/query': { ...base, legacyQueryToken: true },
  '/encrypted': { ...base, tokenVerifier: encryptedTokenVerifier({ decryptionKey, issuer }) },
})

interface Site {
  readonly issuer: string
  readonly options: ServerOptions
  readonly guard: BearerTokenOptions
  readonly switches: Switches
}

/** The same validator for a server that cannot revoke self-contained tokens. */
const withoutRevocation = (validator: SwitchedValidator): SwitchedValidator =>
  new Proxy(validator, {
    get: (target, name) => {
      const member: unknown = name === 'isTokenRevoked' ? undefined : Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })

const makeSite = ({ issuer, options, guard, switches }: Site): RequestListener => {
  const store = new MemoryStore()
  fillStore(store)
  const validator = new SwitchedValidator(store, switches)
  const now = () => switches.now
  const serverOptions: ServerOptions = {
    issuer,
    tokenExpiresIn: lifetime,
    resources: [api, otherApi],
    refreshTokenGenerator: (context: TokenContext) => switches.makeRefreshToken?.() ?? randomTokenGenerator(context),
    now,
    interact: ({ request }) => ({
      approved: true,
      user: { id: request.parameters['user'] ?? userId },
      scopes: request.scopes,
    }),
    ...options,
  }
  const server = new Server(validator, serverOptions)
  const unrevocable = new Server(withoutRevocation(validator), serverOptions)
  const guards = new Map(
    Object.entries(guardOptions({ ...guard, now }, randomBytes(32), issuer)).map(([path, each]) => [
      path,
      new BearerToken(validator, each),
    ]),
  )
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = fromNodeRequest(message)
    if (request.url === '/unrevocable') {
      sendNodeResponse(await unrevocable.createRevocationResponse(request), message, response)
      return
    }
    const bearer = guards.get(request.url.split('?', 1)[0] ?? '')
    if (bearer === undefined) {
      sendNodeResponse(await server.handle(request), message, response)
      return
    }
    const result = await bearer.validateRequest(request, [scopes.required])
    if (!result.ok) {
      sendNodeResponse(result.response, message, response)
      return
    }
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'private' }).end('{"served":true}')
  }
  return (message, response) => void answer(message, response)
}

const describeServer = (origin: string, switches: Switches): ServerUnderTest => {
  const { confidential, second, publicClient, punctuatedClient, nonAsciiClient, resourceServer, otherResourceServer } =
    clients
  const tokenUrl = `${origin}/token`
  return {
    issuer: origin,
    tokenUrl,
    requiredScope: scopes.required,
    otherScope: scopes.other,
    accessTokenLifetime: lifetime,
    now: () => switches.now,
    confidential,
    second,
    publicClient,
    punctuatedClient,
    nonAsciiClient,
    resourceServer,
    otherResourceServer,
    resourceUrl: `${origin}/resource`,
    headerResourceUrl: `${origin}/resource`,
    formResourceUrl: `${origin}/form`,
    queryResourceUrl: `${origin}/query`,
    introspectionUrl: `${origin}/introspect`,
    resources: { allowed: api, second: otherApi, forbidden: 'https://forbidden.example' },
    narrowing: { asked: `${scopes.other} ${scopes.narrowedAway}`, granted: scopes.other },
    refreshGrace: 30,
    userId,
    authorize: (name: UserClient, { scope, resource, user = userId }: AuthorizeOptions) => {
      const extra: Record<string, string> = resource === undefined ? {} : { resource }
      const client = name === 'public' ? publicClient : clients[name]
      return runCodeFlow({
        authorizationUrl: `${origin}/authorize`,
        tokenUrl,
        client,
        parameters: { scope, user, ...extra },
      })
    },
    advance: (seconds) => void (switches.now += seconds),
    setClaims: (claims) => void (switches.claims = claims),
    setRefreshGenerator: (make) => void (switches.makeRefreshToken = make),
    introspectionToken: async () => {
      const credentials = Buffer.from(`${resourceServer.id}:${resourceServer.secret}`).toString('base64')
      const form = new URLSearchParams({ grant_type: 'client_credentials', scope: scopes.other })
      const response = await fetch(tokenUrl, {
        method: 'POST',
        headers: { authorization: `Basic ${credentials}` },
        body: form,
      })
      const { access_token } = (await response.json()) as { access_token: string } // what the token endpoint answers
      return access_token
    },
  }
}

const newSwitches = (): Switches => ({
  now: Math.floor(Date.now() / 1000),
  claims: undefined,
  makeRefreshToken: undefined,
  failure: undefined,
})

const startOpaque = async (): Promise<{ readonly server: ServerUnderTest; readonly listening: Listening }> => {
  const switches = newSwitches()
  const listening = await listen((issuer) => makeSite({ issuer, options: {}, guard: {}, switches }))
  const breakStore = (text: string) => {
    switches.failure = text
    return () => void (switches.failure = undefined)
  }
  const server = {
    ...describeServer(listening.origin, switches),
    revocationUrl: `${listening.origin}/revoke`,
    breakStore,
  }
  return { server, listening }
}

const newKey = (): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })

const startJwt = async (): Promise<{ readonly server: ServerUnderTest; readonly listening: Listening }> => {
  const switches = newSwitches()
  const published = [newKey()]
  const signers: (typeof published)[number][] = [...published]
  let rotate: (step: 'publish' | 'use') => void = () => undefined
  const listening = await listen((issuer) => {
    const generatorOf = ({ privateKey }: { readonly privateKey: KeyObject }) =>
      signedTokenGenerator(privateKey, { issuer, audience: api, profile: 'at+jwt' })
    let generators = signers.map(generatorOf)
    let verifier: TokenVerifier = signedTokenVerifier(
      published.map(({ publicKey }) => publicKey),
      { issuer, profile: 'at+jwt' },
    )
    let current = generators[0]
    rotate = (step) => {
      if (step === 'use') {
        current = generators.at(-1)
        return
      }
      published.push(newKey())
      generators = published.map(generatorOf)
      verifier = signedTokenVerifier(
        published.map(({ publicKey }) => publicKey),
        { issuer, profile: 'at+jwt' },
      )
    }
    const tokenGenerator = Object.assign(async (context: TokenContext) => (await current?.(context)) ?? '', {
      publicKeys: async () => (await Promise.all(generators.map(async (generator) => generator.publicKeys()))).flat(),
    })
    const tokenVerifier: TokenVerifier = (token, request) => verifier(token, request)
    const options = { tokenGenerator, tokenVerifier }
    return makeSite({ issuer, options, guard: { ...options, audience: api }, switches })
  })
  const { origin } = listening
  const [signingKey] = published
  const server = {
    ...describeServer(origin, switches),
    encryptedResourceUrl: `${origin}/encrypted`,
    jwksUrl: `${origin}/jwks`,
    revocationUrl: `${origin}/revoke`,
    unrevocableUrl: `${origin}/unrevocable`,
    signingKey,
    rotateKey: (step: 'publish' | 'use') => rotate(step),
  }
  return { server, listening }
}

/** Starts Grantry: one server with random tokens in a memory store, one with RFC 9068 tokens that are checked by themselves. */
export const grantryTarget = async (): Promise<Target> => {
  const [opaque, jwt] = await Promise.all([startOpaque(), startJwt()])
  return {
    name: 'grantry',
    version: manifest.version,
    setup:
      'The preset `Server` with its defaults over `StoreValidator` and the memory store, on the Node adapter. The JWT server uses ' +
      '`signedTokenGenerator` with the profile `at+jwt` and its verifier, so its tokens have no row and are revoked all the same.',
    opaque: opaque.server,
    jwt: jwt.server,
    close: async () => {
      await Promise.all([opaque.listening.close(), jwt.listening.close()])
    },
  }
}
