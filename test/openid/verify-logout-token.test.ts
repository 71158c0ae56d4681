/** OpenID Connect Back-Channel Logout §2.6: how a client checks the logout token that it is sent. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError, verifyLogoutToken, type Jwk, type LogoutTokenChecks } from 'grantry'
import { writeJwt, type Members } from '../support/assertions.ts'
import { ed25519, issuer, now, p256, rsa, shortRsa, spki } from '../tokens/fixtures.ts'
import { codeFlow, makeOpenId } from './provider.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'
const header = { alg: 'RS256', typ: 'logout+jwt', kid: 'k1' }
const claims = {
  ...{ iss: issuer, aud: 'app', sub: 'alice', sid: 's-1', iat: now, exp: now + 120, jti: 'j-1' },
  events: { [event]: {} },
}
const jwkOf = (pair: typeof rsa, kid: string): Jwk => ({ ...(pair.publicKey.export({ format: 'jwk' }) as Jwk), kid }) // JsonWebKey of Node is one
const keys = { keys: [jwkOf(rsa, 'k1'), jwkOf(p256, 'k2'), jwkOf(ed25519, 'k3')] }
const expected: LogoutTokenChecks = { issuer, clientId: 'app', now: () => now }

const make = (head: Members = {}, body: Members = {}): string =>
  writeJwt({ ...header, ...head }, { ...claims, ...body }, rsa.privateKey)

const told = { subject: 'alice', sessionId: 's-1', tokenId: 'j-1', expiresAt: now + 120 }

describe('a logout token that is good', () => {
  const rows: [name: string, token: string, change: Partial<typeof told>][] = [
    ['as it should be', make(), {}],
    ['of all sessions of the user', make({}, { sid: undefined }), { sessionId: undefined }],
    ['of a session of nobody named', make({}, { sub: undefined }), { subject: undefined }],
    ['aud as a list of one', make({}, { aud: ['app'] }), {}],
    ['typ with its prefix', make({ typ: 'application/logout+jwt' }), {}],
    ['clock 10 s ahead', make({}, { iat: now + 10 }), {}],
    ['over for 9 s', make({}, { exp: now - 9 }), { expiresAt: now - 9 }],
    ['another event beside it', make({}, { events: { [event]: {}, 'https://x.example/': {} } }), {}],
  ]
  for (const [name, token, change] of rows) {
    test(`${name} → who was logged out`, async () =>
      assert.deepEqual(await verifyLogoutToken(token, keys, expected), { ...told, ...change }))
  }

  test('by the algorithm that the client is registered for', async () => {
    const token = writeJwt({ ...header, alg: 'ES256', kid: 'k2' }, claims, p256.privateKey)
    assert.deepEqual(await verifyLogoutToken(token, keys, { ...expected, algorithm: 'ES256' }), told)
    assert.equal(await verifyLogoutToken(token, keys, expected), undefined)
  })

  test('sent twice → the same tokenId, by which the client refuses the second', async () => {
    const token = make()
    const [first, second] = [
      await verifyLogoutToken(token, keys, expected),
      await verifyLogoutToken(token, keys, expected),
    ]
    assert.deepEqual([first?.tokenId, second?.tokenId], ['j-1', 'j-1'])
  })

  test('what our server sends: logout+jwt, at most 120 s, a jti of its own, the event, no nonce', async () => {
    const provider = await makeOpenId()
    const client = (await provider.store.findClient('app')) ?? assert.fail()
    const published = JSON.parse((await provider.server.createJwksResponse()).body) as { keys: Jwk[] }
    const send = () => provider.server.createLogoutToken(client, { userId: 'alice', sessionId: 's-1' })
    const checks = { ...expected, now: () => provider.clock.now }
    const [first, second] = [
      await verifyLogoutToken(await send(), published, checks),
      await verifyLogoutToken(await send(), published, checks),
    ]
    assert.deepEqual([first?.subject, first?.sessionId], ['alice', 's-1'])
    assert.ok((first?.expiresAt ?? Infinity) - provider.clock.now <= 120)
    assert.notEqual(first?.tokenId, second?.tokenId)
    const [head = '', body = ''] = (await send()).split('.')
    assert.match(Buffer.from(head, 'base64url').toString(), /"typ":"logout\+jwt"/)
    assert.doesNotMatch(Buffer.from(body, 'base64url').toString(), /nonce/)
  })
})

describe('a logout token that is not', () => {
  const rows: [name: string, token: string][] = [
    ['with a nonce', make({}, { nonce: 'n' })],
    ['with a nonce of null', make({}, { nonce: null })],
    ['without events', make({}, { events: undefined })],
    ['with another event', make({}, { events: { 'https://x.example/': {} } })],
    ['with an event that is text', make({}, { events: { [event]: 'yes' } })],
    ['with an event that is a list', make({}, { events: { [event]: [] } })],
    ['with events as a list', make({}, { events: [event] })],
    ['with events of null', make({}, { events: null })],
    ['of typ JWT', make({ typ: 'JWT' })],
    ['of typ at+jwt', make({ typ: 'at+jwt' })],
    ['without typ', make({ typ: undefined })],
    ['of another issuer', make({}, { iss: 'https://evil.example' })],
    ['of an issuer with a slash', make({}, { iss: `${issuer}/` })],
    ['without issuer', make({}, { iss: undefined })],
    ['for another client', make({}, { aud: 'other' })],
    ['for another client as well', make({}, { aud: ['app', 'other'] })],
    ['for nobody', make({}, { aud: undefined })],
    ['of nobody', make({}, { sub: undefined, sid: undefined })],
    ['of a user that is a number', make({}, { sub: 7 })],
    ['of a session that is a number', make({}, { sid: 7 })],
    ['of a user without name', make({}, { sub: '' })],
    ['without iat', make({}, { iat: undefined })],
    ['of the future', make({}, { iat: now + 11 })],
    ['without exp', make({}, { exp: undefined })],
    ['over', make({}, { exp: now - 10 })],
    ['without jti', make({}, { jti: undefined })],
    ['with an empty jti', make({}, { jti: '' })],
    ['with alg none', make({ alg: 'none' })],
    ['by HS256 with the public key', writeJwt({ ...header, alg: 'HS256' }, claims, spki(rsa.publicKey))],
    ['by PS256 of the right key', writeJwt({ ...header, alg: 'PS256' }, claims, rsa.privateKey)],
    [
      'by ES256 of another key that is published',
      writeJwt({ ...header, alg: 'ES256', kid: 'k2' }, claims, p256.privateKey),
    ],
    ['by a key of somebody else', writeJwt(header, claims, shortRsa.privateKey)],
    ['of an unknown kid', make({ kid: 'k9' })],
    ['with crit', make({ crit: ['x'], x: 1 })],
    ['no token', 'x.y.z'],
  ]
  for (const [name, token] of rows)
    test(`${name} → undefined`, async () => assert.equal(await verifyLogoutToken(token, keys, expected), undefined))

  test('an ID token and an access token of the same user → undefined', async () => {
    const provider = await makeOpenId()
    const published = JSON.parse((await provider.server.createJwksResponse()).body) as { keys: Jwk[] }
    const tokens = await codeFlow(provider)
    const checks = { ...expected, now: () => provider.clock.now }
    for (const name of ['id_token', 'access_token'])
      assert.equal(await verifyLogoutToken(String(tokens[name]), published, checks), undefined)
  })
})

describe('what cannot work → ConfigurationError', () => {
  const rows: [name: string, given: typeof keys, change: object, message: RegExp][] = [
    ['no issuer', keys, { issuer: '' }, /issuer and clientId/],
    ['no client', keys, { clientId: undefined }, /issuer and clientId/],
    ['no key for the algorithm', { keys: [jwkOf(p256, 'k2')] }, {}, /no key/],
    ['alg none', keys, { algorithm: 'none' }, /algorithms takes/],
    ['HS256', keys, { algorithm: 'HS256' }, /algorithms takes/],
    ['a tolerance of an hour', keys, { clockTolerance: 3600 }, /0 to 300/],
    ['a misspelt option', keys, { audience: 'app' }, /unknown option audience/],
  ]
  for (const [name, given, change, message] of rows) {
    test(name, async () => {
      const isNamed = (error: unknown): boolean => error instanceof ConfigurationError && message.test(error.message)
      await assert.rejects(verifyLogoutToken(make(), given, { ...expected, ...change }), isNamed)
    })
  }
})
