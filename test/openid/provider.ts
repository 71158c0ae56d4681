import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import {
  OpenIdServer,
  StoreValidator,
  type Authentication,
  type Claims,
  type Client,
  type ClientRegistration,
  type HttpResponse,
  type OpenIdServerOptions,
  type SigningKeyInput,
  type StoreValidatorOptions,
} from 'grantry'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose'
import { makeProvider, registration, type Provider } from '../support/provider.ts'
import { body, form, pkce, redirected, request } from '../support/requests.ts'

export const issuer = 'https://as.example'
const pem = (type: 'rsa' | 'ec' | 'ed25519') => {
  const options = { modulusLength: 2048, namedCurve: 'P-256' }
  const { privateKey } = generateKeyPairSync(type as 'rsa', options)
  return privateKey
}
const rsa = pem('rsa')
/** One key for each algorithm. */
export const keys = [
  rsa,
  { ...rsa.export({ format: 'jwk' }), alg: 'PS256', kid: 'ps' },
  pem('ec'),
  pem('ed25519'),
] as readonly SigningKeyInput[]

const users: Readonly<Record<string, Claims>> = {
  alice: {
    name: 'Alice',
    email: 'alice@example.com',
    email_verified: true,
    phone_number: '+1',
    shoe_size: 38,
    sub: 'evil',
  },
}

export class Validator extends StoreValidator {
  readonly asked: ReadonlySet<string>[] = []

  getUserClaims({ id }: { readonly id: string }, names: ReadonlySet<string>): Claims {
    this.asked.push(names)
    return users[id] ?? {}
  }
}

export type OpenIdProvider = Provider<OpenIdServer>

const scopes = ['openid', 'profile', 'email', 'phone', 'address', 'offline_access', 'read']
export const allTypes = [
  ...['code', 'token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
]

/** A provider with the confidential client `app` and the public client `spa`, which may use every response type. */
export const makeOpenId = (
  openid: Partial<OpenIdServerOptions['openid']> = {},
  client: Partial<ClientRegistration> = {},
  options: Partial<OpenIdServerOptions> = {},
  rules: StoreValidatorOptions = {},
): Promise<OpenIdProvider> =>
  makeProvider(
    { issuer },
    {
      validator: (store) => new Validator(store, rules),
      server: (validator, all) =>
        new OpenIdServer(validator, { ...all, issuer, openid: { keys, ...openid }, ...options }),
      client: { ...registration, responseTypes: allTypes, scopes, ...client },
    },
  )

/** How the user logged in. */
export const login: Authentication = { authTime: 1_799_999_990, acr: 'high', amr: ['pwd', 'otp'], sessionId: 's-1' }

export const redirectUri = 'https://app.example/cb'

/** Lets `alice` approve a request; an empty parameter is left out. */
export const authorize = async (
  { server }: OpenIdProvider,
  parameters: Readonly<Record<string, string>>,
  decision: { readonly authentication?: Authentication | undefined; readonly scopes?: readonly string[] } = {},
): Promise<HttpResponse & { readonly verifier: string }> => {
  const { verifier, challenge } = pkce()
  const all = {
    ...{
      response_type: 'code',
      client_id: 'app',
      redirect_uri: redirectUri,
      scope: 'openid',
      nonce: 'n-1',
      state: 'st',
    },
    ...{ code_challenge: challenge, code_challenge_method: 'S256', ...parameters },
  }
  const sent = new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ''))
  const http = request('GET', `/authorize?${sent.toString()}`)
  const validation = await server.validateAuthorizationRequest(http)
  if (!validation.ok) return { ...validation.response, verifier }
  const response = await server.createAuthorizationResponse(http, validation.request, {
    approved: true,
    user: { id: 'alice' },
    scopes: decision.scopes ?? validation.request.scopes,
    authentication: 'authentication' in decision ? decision.authentication : login,
  })
  return { ...response, verifier }
}

/** Redeems the code of an authorization response. */
export const redeem = ({ server, app }: OpenIdProvider, code: string, verifier: string): Promise<HttpResponse> =>
  server.createTokenResponse(
    form({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }, app),
  )

/** A whole code flow: the members of the token response. */
export const codeFlow = async (
  provider: OpenIdProvider,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> => {
  const response = await authorize(provider, parameters)
  const issued = await redeem(provider, redirected(response).get('code') ?? '', response.verifier)
  assert.equal(issued.status, 200, issued.body)
  return body(issued)
}

/** Verifies an ID token as a client does, against the published keys. */
export const verified = async (
  { server, clock }: OpenIdProvider,
  token: unknown,
  audience = 'app',
): Promise<{ readonly claims: JWTPayload; readonly alg: string | undefined }> => {
  const published = JSON.parse((await server.createJwksResponse()).body) as Parameters<typeof createLocalJWKSet>[0]
  const text = String(token)
  const { payload } = await jwtVerify(text, createLocalJWKSet(published), {
    issuer,
    audience,
    currentDate: new Date(clock.now * 1000),
  })
  return { claims: payload, alg: decodeProtectedHeader(text).alg }
}

/** The client of a provider, changed. */
export const changeClient = async ({ store }: OpenIdProvider, change: Partial<Client>): Promise<void> => {
  const client = await store.findClient('app')
  assert.ok(client)
  await store.putClient({ ...client, ...change })
}
