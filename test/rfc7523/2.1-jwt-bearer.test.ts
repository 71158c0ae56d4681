/** RFC 7523 §2.1 and §3: access for a JWT that a trusted issuer made about a user. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import type { StoreValidator } from 'grantry'
import { JwtBearerGrant, jwtBearerGrantType, Server, type Jwk, type JwtBearerOptions } from 'grantry'
import { writeJwt, type Members } from '../support/assertions.ts'
import { lastReason, makeProvider, type Provider } from '../support/provider.ts'
import { body, form, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const partner = 'https://partner.example'
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { ...own.publicKey.export({ format: 'jwk' }), kid: 'k' } as Jwk // JsonWebKey of Node is one
const otherKey = other.publicKey.export({ format: 'jwk' }) as Jwk // the same

const now = 1_800_000_000
const claims = (change: Members = {}): Members => ({
  ...{ iss: partner, sub: 'alice@partner.example', aud: issuer, iat: now, exp: now + 60, jti: randomUUID(), ...change },
})
const make = (change: Members = {}, header: Members = {}, by: KeyObject = own.privateKey): string =>
  writeJwt({ alg: 'ES256', kid: 'k', typ: 'JWT', ...header }, claims(change), by)

const provide = (change: Partial<JwtBearerOptions> = {}): Promise<Provider<Server>> =>
  makeProvider(
    { issuer },
    {
      server: (validator: StoreValidator, options) =>
        new Server(validator, {
          ...options,
          grants: {
            [jwtBearerGrantType]: new JwtBearerGrant(validator, {
              issuer,
              issuers: { [partner]: key, 'https://other.example': otherKey },
              findUser: ({ iss, sub }) =>
                iss === partner && sub === 'alice@partner.example' ? { id: 'alice' } : undefined,
              ...change,
            }),
          },
        }),
      client: { grantTypes: [jwtBearerGrantType, 'refresh_token'] },
    },
  )

const ask = ({ server, app }: Provider<Server>, assertion: string, more: Readonly<Record<string, string>> = {}) =>
  server.createTokenResponse(form({ grant_type: jwtBearerGrantType, assertion, scope: 'read', ...more }, app))

describe('an assertion in place of a login', () => {
  test('gives a token of the user, and no refresh token (RFC 7521 §4.1)', async () => {
    const provider = await provide()
    const response = await ask(provider, make())
    assert.equal(response.status, 200, response.body)
    assert.ok(!('refresh_token' in body(response)))
    const headers = { authorization: `Bearer ${text(response, 'access_token')}` }
    const checked = await provider.server.verifyRequest({ ...form({}), headers: new Headers(headers) }, ['read'])
    assert.ok(checked.ok)
    assert.deepEqual([checked.token.user?.id, checked.token.clientId], ['alice', 'app'])
  })

  const refused: [name: string, assertion: () => string, reason: string][] = [
    ['of an issuer that is not trusted', () => make({ iss: 'https://evil.example' }), 'assertion_issuer_unknown'],
    ['of no issuer', () => make({ iss: undefined }), 'assertion_issuer_unknown'],
    ['of one named as a member of every object', () => make({ iss: 'constructor' }), 'assertion_issuer_unknown'],
    ['of an issuer, by the key of another', () => make({}, {}, other.privateKey), 'assertion_signature_wrong'],
    ['that is not signed', () => make({}, { alg: 'none' }), 'assertion_signature_wrong'],
    ['of another typ', () => make({}, { typ: 'at+jwt' }), 'assertion_malformed'],
    ['that is no JWT', () => 'x', 'assertion_malformed'],
    ['for another server', () => make({ aud: 'https://other-as.example' }), 'assertion_claims_wrong'],
    ['for more than this server', () => make({ aud: [issuer, 'https://other-as.example'] }), 'assertion_claims_wrong'],
    ['without sub', () => make({ sub: undefined }), 'assertion_claims_wrong'],
    ['without exp', () => make({ exp: undefined }), 'assertion_claims_wrong'],
    ['that expired', () => make({ exp: now - 11 }), 'assertion_claims_wrong'],
    ['that lives for an hour', () => make({ exp: now + 3600 }), 'assertion_claims_wrong'],
    ['of the future', () => make({ nbf: now + 11 }), 'assertion_claims_wrong'],
    ['without jti', () => make({ jti: undefined }), 'assertion_claims_wrong'],
    ['bound to a key that the client does not prove to have', () => make({ cnf: { jkt: 'x' } }), 'grant_bound'],
    ['bound in a way that is not known here', () => make({ cnf: { kid: 'x' } }), 'grant_bound'],
    ['with limits that are not understood', () => make({ authorization_details: [] }), 'assertion_claims_wrong'],
    ['about nobody here', () => make({ sub: 'mallory' }), 'assertion_user_unknown'],
    [
      'of a trusted issuer about a user of another',
      () => make({ iss: 'https://other.example' }, { kid: undefined }, other.privateKey),
      'assertion_user_unknown',
    ],
  ]
  for (const [name, assertion, reason] of refused) {
    test(`${name} → invalid_grant (§3.1)`, async () => {
      const provider = await provide()
      const response = await ask(provider, assertion())
      assert.deepEqual([response.status, body(response)['error'], lastReason(provider)], [400, 'invalid_grant', reason])
    })
  }

  test('is taken once, by one of eight at the same time', async () => {
    const provider = await provide()
    const assertion = make()
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(provider, assertion)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 7 }, () => 400)])
    assert.equal((await ask(provider, assertion)).status, 400)
    assert.equal((await ask(provider, make())).status, 200)
  })

  test('the same jti of two issuers is two assertions', async () => {
    const provider = await provide({ findUser: () => ({ id: 'alice' }) })
    assert.equal((await ask(provider, make({ jti: 'j' }))).status, 200)
    const second = make({ jti: 'j', iss: 'https://other.example' }, { kid: undefined }, other.privateKey)
    assert.equal((await ask(provider, second)).status, 200)
  })

  test('a scope that the client may not have → invalid_scope, and the assertion is good for another try', async () => {
    const provider = await provide()
    const assertion = make()
    assert.equal(body(await ask(provider, assertion, { scope: 'admin' }))['error'], 'invalid_scope')
    assert.equal((await ask(provider, assertion)).status, 200)
  })

  test('with a typ of its own, no other is taken', async () => {
    const provider = await provide({ typ: 'oauth-id-jag+jwt' })
    assert.equal((await ask(provider, make({}, { typ: 'oauth-id-jag+jwt' }))).status, 200)
    assert.equal((await ask(provider, make())).status, 400)
  })

  test('no assertion → invalid_request; a client without the grant type → unauthorized_client', async () => {
    const provider = await provide()
    assert.equal(body(await ask(provider, ''))['error'], 'invalid_request')
    const plain = await makeProvider({ issuer })
    assert.equal(body(await ask(plain, make()))['error'], 'unsupported_grant_type')
  })
})
