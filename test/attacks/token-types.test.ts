/**
 * One JWT for the purpose of another (RFC 8725 §3.11, §3.12). Issuer, client and user have one name here, one key signs for all of them,
 * and every token has the claims of every kind, so that nothing but `typ` tells the kinds apart.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { OpenIdServer, registerClient, signedTokenVerifier, verifyLogoutToken, type Jwk } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { assertionParameters, writeJwt } from '../support/assertions.ts'
import { form, pkce, request } from '../support/requests.ts'
import { Validator } from '../openid/provider.ts'
import { at, now, rsa } from '../tokens/fixtures.ts'

const name = 'https://as.example'
const redirectUri = 'https://app.example/cb'
const jwk: Jwk = { ...(rsa.publicKey.export({ format: 'jwk' }) as Jwk), kid: 'k1', alg: 'RS256' } // JsonWebKey of Node is one
const store = new MemoryStore()
await registerClient(store, {
  ...{ id: name, grantTypes: ['client_credentials', 'authorization_code'], scopes: ['openid'] },
  ...{ authMethods: ['private_key_jwt'], jwks: { keys: [jwk] }, redirectUris: [redirectUri] },
})
const server = new OpenIdServer(new Validator(store), {
  issuer: name,
  now: () => now,
  openid: { keys: [{ ...rsa.privateKey.export({ format: 'jwk' }), kid: 'k1' }] },
  requestObjects: {},
})

const make = (typ: string | undefined): string =>
  writeJwt(
    { alg: 'RS256', kid: 'k1', typ },
    {
      ...{ iss: name, sub: name, aud: name, client_id: name, iat: now, exp: now + 60, jti: randomUUID(), sid: 's-1' },
      ...{ response_type: 'code', redirect_uri: redirectUri, scope: 'openid' },
      ...{ code_challenge: pkce().challenge, code_challenge_method: 'S256' },
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    },
    rsa.privateKey,
  )

const asksWith = async (requestObject: string): Promise<boolean> => {
  const asked = { client_id: name, request: requestObject }
  const http = request('GET', `/authorize?${new URLSearchParams(asked).toString()}`)
  return (await server.validateAuthorizationRequest(http)).ok
}

const accessToken = signedTokenVerifier(jwk, { issuer: name, audience: name, profile: 'at+jwt' })
const plainToken = signedTokenVerifier(jwk, { issuer: name, audience: name })

/** Where JWTs are taken, and the `typ` of those that are. `JWT` and none are older than the types of their own. */
const readers: [reader: string, accepts: (token: string) => Promise<boolean>, types: (string | undefined)[]][] = [
  ['an access token (RFC 9068)', async (token) => (await accessToken(token, at(now))) !== undefined, ['at+jwt']],
  ['an access token without profile', async (token) => (await plainToken(token, at(now))) !== undefined, ['JWT']],
  [
    'an id_token_hint',
    async (id_token_hint) => (await server.validateLogoutRequest(form({ id_token_hint }))).ok,
    ['JWT'],
  ],
  [
    'a logout token',
    async (token) =>
      (await verifyLogoutToken(token, jwk, { issuer: name, clientId: name, now: () => now })) !== undefined,
    ['logout+jwt'],
  ],
  [
    'a client assertion',
    async (token) => {
      const sent = { grant_type: 'client_credentials', scope: 'openid', ...assertionParameters(token) }
      return (await server.createTokenResponse(form(sent))).status === 200
    },
    ['JWT', undefined, 'client-authentication+jwt'],
  ],
  ['a request object', asksWith, ['JWT', undefined, 'oauth-authz-req+jwt']],
]

const types = [
  ...['JWT', 'at+jwt', 'logout+jwt', 'dpop+jwt', 'client-authentication+jwt', 'oauth-authz-req+jwt'],
  ...['secevent+jwt', 'token-introspection+jwt', 'JOSE', '', undefined],
]

describe('a JWT of any typ in place of', () => {
  for (const [reader, accepts, wanted] of readers) {
    test(`${reader} → only typ ${wanted.map((typ) => typ ?? 'absent').join(', ')}`, async () => {
      for (const typ of types) {
        const spellings = typ === undefined || typ === '' ? [typ] : [typ, typ.toUpperCase(), `application/${typ}`]
        for (const spelling of spellings)
          assert.equal(await accepts(make(spelling)), wanted.includes(typ), `typ ${String(spelling)}`)
      }
    })
  }

  test('every kind at once: anything but typ would let it pass', async () => {
    for (const [reader, accepts, [typ]] of readers) assert.equal(await accepts(make(typ)), true, reader)
  })
})
