/** A server that is held to FAPI 2.0, with a client that has a key and one that has a certificate. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import {
  OpenIdServer,
  registerClient,
  StoreValidator,
  type Claims,
  type Client,
  type FapiProfile,
  type GrantryEvent,
  type HttpRequest,
  type HttpResponse,
  type OpenIdServerOptions,
  type SigningKeyInput,
} from 'grantry'
import { readCertificate } from 'grantry/node'
import { MemoryStore } from 'grantry/storage/memory'
import { assertionParameters, writeJwt, type Members } from '../support/assertions.ts'
import { makeCertificate } from '../support/certificates.ts'
import { makeProver } from '../support/dpop.ts'
import { body, form, pkce, redirected, request } from '../support/requests.ts'

export const issuer = 'https://as.example'
export const redirectUri = 'https://app.example/cb'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const keyOfApp = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwkOf = (key: typeof rsa.publicKey, members: object) => ({ ...key.export({ format: 'jwk' }), ...members })
const ps256 = { ...rsa.privateKey.export({ format: 'jwk' }), alg: 'PS256', kid: 'ps' } as SigningKeyInput
const rs256 = { ...rsa.privateKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'rs' } as SigningKeyInput

export const own = makeCertificate({ subject: ['CN=own'] })

class Validator extends StoreValidator {
  getUserClaims(): Claims {
    return {}
  }
}

const shared: Partial<Client> = {
  redirectUris: [redirectUri],
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: ['openid', 'read'],
}

/** The certificate of a request, as a header of a test says. */
export const certificateOf = ({ headers }: Pick<HttpRequest, 'headers'>) =>
  headers.get('x-cert') === 'own' ? readCertificate(own.pem, { isTrusted: false }) : undefined

/** Options that are in order. */
export const good = (profile: FapiProfile): OpenIdServerOptions => ({
  ...{ issuer, profile, openid: { keys: [rs256, ps256] } },
  ...{ dpop: true, mutualTls: { certificate: certificateOf } },
})

/** Starts one; the clients may be changed. */
export const makeFapi = async (
  profile: FapiProfile = 'fapi2',
  {
    client = {},
    options = {},
  }: { readonly client?: Partial<Client>; readonly options?: Partial<OpenIdServerOptions> } = {},
) => {
  const store = new MemoryStore()
  const jwks = { keys: [jwkOf(keyOfApp.publicKey, { kid: 'k' }), jwkOf(rsa.publicKey, { kid: 'r' })] } as Client['jwks']
  await registerClient(store, { ...shared, id: 'app', authMethods: ['private_key_jwt'], jwks, ...client })
  await registerClient(store, {
    ...{ ...shared, id: 'tls', authMethods: ['self_signed_tls_client_auth'], jwks: { keys: [own.jwk] } },
  })
  const { secret = '' } = await registerClient(store, { ...shared, id: 'secret' })
  await registerClient(store, { ...shared, id: 'spa', authMethods: ['none'] })
  const clock = { now: 1_800_000_000 }
  const events: GrantryEvent[] = []
  const server = new OpenIdServer(new Validator(store), {
    ...good(profile),
    now: () => clock.now,
    events: (event) => events.push(event),
    interact: ({ request: { scopes } }) => ({
      ...{ approved: true, user: { id: 'alice' }, scopes },
      authentication: { authTime: clock.now },
    }),
    ...options,
  })
  const prover = await makeProver(clock)
  /** The assertion of `app`, with what a test changes. */
  const assertion = (claims: Members = {}, header: Members = {}, key = keyOfApp.privateKey) => {
    const all = {
      iss: 'app',
      sub: 'app',
      aud: issuer,
      iat: clock.now,
      exp: clock.now + 60,
      jti: randomUUID(),
      ...claims,
    }
    return assertionParameters(writeJwt({ alg: 'ES256', kid: 'k', ...header }, all, key))
  }
  const proof = () => ({ dpop: prover.proof({ htu: `${issuer}/token` }) })
  const { verifier, challenge } = pkce()
  const asked = {
    ...{ response_type: 'code', redirect_uri: redirectUri, scope: 'openid read', state: 'st', nonce: 'n' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...(profile === 'fapi2-message-signing' && { response_mode: 'jwt' }),
  }
  const push = (change: Readonly<Record<string, string>> = {}, by: Readonly<Record<string, string>> = assertion()) =>
    server.createPushedAuthorizationResponse(form({ ...asked, ...by, ...change }))
  /** A signed request of `app`, as parameters. */
  const signedRequest = (claims: Members = {}, header: Members = {}, key = keyOfApp.privateKey) => {
    const of = { iss: 'app', client_id: 'app', aud: issuer, nbf: clock.now, exp: clock.now + 300 }
    return {
      request: writeJwt(
        { alg: 'ES256', kid: 'k', typ: 'oauth-authz-req+jwt', ...header },
        { ...of, ...asked, ...claims },
        key,
      ),
    }
  }
  const authorize = async (pushed: HttpResponse): Promise<HttpResponse> => {
    const query = new URLSearchParams({ client_id: 'app', request_uri: String(body(pushed)['request_uri']) })
    return server.handle(request('GET', `/authorize?${query.toString()}`))
  }
  const token = (parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = proof()) =>
    server.createTokenResponse(form({ ...assertion(), ...parameters }, headers))
  const redeem = async (answer: HttpResponse, headers?: Readonly<Record<string, string>>): Promise<HttpResponse> => {
    const code = redirected(answer).get('code') ?? ''
    return token(
      { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri },
      headers,
    )
  }
  const all = { server, store, clock, events, prover, assertion, proof, asked, secret, rsa }
  return { ...all, push, authorize, token, redeem, signedRequest }
}
