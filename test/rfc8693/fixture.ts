import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import {
  OpenIdServer,
  registerClient,
  signedTokenGenerator,
  StoreValidator,
  TokenExchangeGrant,
  tokenExchangeGrantType,
  tokenTypes,
  type HttpResponse,
  type ServerOptions,
  type TokenExchangeOptions,
} from 'grantry'
import type { MemoryStore } from 'grantry/storage/memory'
import { writeJwt, type Members } from '../support/assertions.ts'
import { makeProvider, obtainCode, type Provider } from '../support/provider.ts'
import { basic, form, text } from '../support/requests.ts'

export const issuer = 'https://as.example'
export const partner = 'https://partner.example'
export const frontend = 'https://frontend.example'
export const backend = 'https://backend.example/api'
export const start = 1_800_000_000

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const idKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
export const partnerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })

class Validator extends StoreValidator {
  getUserClaims() {
    return {}
  }
}

/** A server that exchanges tokens, with `app`, which users log in to, and `service`, which is the resource `frontend` and calls `backend`. */
export interface Exchanger extends Provider<OpenIdServer> {
  /** Authenticates `service`. */
  readonly service: { readonly authorization: string }
}

/** The `format` of access tokens does not matter to an exchange: tests go through both. */
export type Format = 'opaque' | 'signed'

export const allowAll = { mayImpersonate: () => true, mayDelegate: () => true }

/** Makes the server; what is not said of the exchange is allowed. */
export const makeExchanger = async (
  change: Partial<TokenExchangeOptions> = {},
  { format = 'opaque', ...more }: Omit<ServerOptions, 'issuer'> & { readonly format?: Format } = {},
): Promise<Exchanger> => {
  const tokenGenerator = format === 'signed' ? signedTokenGenerator(key, { issuer }) : undefined
  const tokenVerifier = tokenGenerator?.verifier
  const openid = { keys: [idKey] }
  const make = (store: Validator, options: ServerOptions): OpenIdServer =>
    new OpenIdServer(store, {
      ...{ ...options, issuer, openid, tokenGenerator, tokenVerifier, resources: [frontend, backend] },
      grants: {
        [tokenExchangeGrantType]: new TokenExchangeGrant(store, {
          ...{ issuer, tokenVerifier, idTokens: openid },
          ...{ resources: [backend, frontend], audiences: ['billing', 'stock'] },
          jwts: {
            issuers: { [partner]: { ...partnerKey.publicKey.export({ format: 'jwk' }) } }, // JsonWebKey of Node is one
            findUser: ({ sub }) => (sub === 'nobody' ? undefined : { id: typeof sub === 'string' ? sub : '' }),
          },
          ...allowAll,
          ...change,
        }),
      },
    })
  const provider = await makeProvider(more, {
    validator: (store: MemoryStore) => new Validator(store),
    server: make,
    client: { ...registration, grantTypes: [...registration.grantTypes] },
  })
  const { secret = '' } = await registerClient(provider.store, {
    ...{ id: 'service', ...registration, servedResources: [frontend] },
  })
  return { ...provider, service: basic('service', secret) }
}

const registration = {
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', tokenExchangeGrantType],
  scopes: ['openid', 'read', 'write', 'admin'],
  defaultScopes: ['read'],
}

/** What a token request with a code of alice gives `app`. */
export const login = async (
  { server, app }: Exchanger,
  { scope = 'openid read write', resource = frontend, ...headers }: Readonly<Record<string, string>> = {},
): Promise<HttpResponse> => {
  const code = await obtainCode(server, {
    scope,
    redirect_uri: 'https://app.example/cb',
    ...(resource && { resource }),
  })
  return server.createTokenResponse(
    form({ grant_type: 'authorization_code', ...code, redirect_uri: 'https://app.example/cb' }, { ...app, ...headers }),
  )
}

/** An access token of alice for `frontend`, which `app` got. */
export const subjectOf = async (exchanger: Exchanger, more?: Readonly<Record<string, string>>): Promise<string> =>
  text(await login(exchanger, more), 'access_token')

/** An access token that `service` got for itself. */
export const actorOf = async ({ server, service }: Exchanger): Promise<string> => {
  const grant = { grant_type: 'client_credentials', scope: 'read' }
  return text(await server.createTokenResponse(form(grant, service)), 'access_token')
}

/** What `service` sends. A list of pairs can repeat a name. */
export const exchange = (
  { server, service }: Exchanger,
  parameters: Readonly<Record<string, string>>,
  { headers = {}, pairs = [] }: { readonly headers?: Record<string, string>; readonly pairs?: [string, string][] } = {},
): Promise<HttpResponse> => {
  const good = { grant_type: tokenExchangeGrantType, subject_token_type: tokenTypes.accessToken, ...parameters }
  return server.createTokenResponse(form([...Object.entries(good), ...pairs], { ...service, ...headers }))
}

/** A JWT of the partner about bob. */
export const partnerJwt = (claims: Members = {}, header: Members = {}, by: KeyObject = partnerKey.privateKey): string =>
  writeJwt(
    { alg: 'ES256', ...header },
    { iss: partner, aud: issuer, sub: 'bob', iat: start, exp: start + 300, jti: randomUUID(), ...claims },
    by,
  )

/** What the server says of a token to `app`, or to the client of these headers. */
export const introspect = async (
  { server, service }: Exchanger,
  token: string,
  headers: { readonly authorization: string } = service,
): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse((await server.createIntrospectionResponse(form({ token }, headers))).body) as Record<string, unknown> // an object by RFC 7662
