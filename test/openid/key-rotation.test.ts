/** Keys of an OpenID provider that change while it runs (OpenID Connect Core §10.1.1, RFC 7517 §4.5). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError, signedTokenGenerator, type OpenIdServerOptions } from 'grantry'
import { decodeProtectedHeader } from 'jose'
import { makeKeys, schedule } from '../keys/fixtures.ts'
import { body, pkce, request } from '../support/requests.ts'
import { codeFlow, issuer, login, makeOpenId, verified } from './provider.ts'

const makeRotating = async (change: Partial<OpenIdServerOptions> = {}) => {
  const { ring, clock, rotation } = makeKeys()
  await rotation.keepUp()
  clock.now += 1000
  const tokenGenerator = signedTokenGenerator(ring, { issuer, audience: issuer, algorithm: 'ES256', profile: 'at+jwt' })
  const provider = await makeOpenId(
    { keys: ring, logoutPath: '/logout' },
    { idTokenSigningAlgorithm: 'ES256', userInfoSigningAlgorithm: 'ES256' },
    { now: () => clock.now, tokenGenerator, tokenVerifier: tokenGenerator.verifier, ...change },
  )
  const kidsOf = async (): Promise<readonly unknown[]> => {
    const { headers, body: text } = await provider.server.createJwksResponse()
    assert.equal(headers['Cache-Control'], 'public, max-age=300') // what announceSeconds is made for
    return (JSON.parse(text) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }
  /** Announces a key, and waits until it signs. */
  const rotate = async (): Promise<string> => {
    const made = (await rotation.rotate('ES256')) ?? assert.fail()
    clock.now += schedule.announceSeconds
    await ring.reload()
    return made.keyId
  }
  return { provider: { ...provider, clock }, ring, clock, rotation, rotate, kidsOf }
}

const kidOf = (token: unknown): string => decodeProtectedHeader(String(token)).kid ?? ''
type Rotating = Awaited<ReturnType<typeof makeRotating>>

/** What a client gets that is signed. */
const signed: Readonly<Record<string, (rotating: Rotating) => Promise<string>>> = {
  'ID token': async ({ provider }) => String((await codeFlow(provider))['id_token']),
  'access token': async ({ provider }) => String((await codeFlow(provider))['access_token']),
  'logout token': async ({ provider }) => {
    const client = (await provider.store.findClient('app')) ?? assert.fail()
    return provider.server.createLogoutToken(client, { userId: 'alice' })
  },
  UserInfo: async ({ provider }) => {
    const { access_token: token } = await codeFlow(provider)
    const answer = await provider.server.handle(
      request('GET', '/userinfo', { headers: { authorization: `Bearer ${String(token)}` } }),
    )
    assert.equal(answer.status, 200, answer.body)
    return answer.body
  },
}

for (const [name, get] of Object.entries(signed)) {
  test(`${name} -> signed by the key whose turn it is, which is published, before and after a rotation`, async () => {
    const rotating = await makeRotating()
    const [old] = await rotating.kidsOf()
    assert.equal(kidOf(await get(rotating)), old)
    const next = await rotating.rotate()
    assert.equal(kidOf(await get(rotating)), next)
    assert.deepEqual(await rotating.kidsOf(), [old, next]) // each once, though two parts of the server sign with them
  })
}

test('an access token of the old key -> accepted until it expires', async () => {
  const rotating = await makeRotating()
  const { provider, clock } = rotating
  const made = (await rotating.rotation.rotate('ES256')) ?? assert.fail()
  clock.now += schedule.announceSeconds - 1
  await rotating.ring.reload()
  const { access_token: token, id_token: idToken } = await codeFlow(provider)
  assert.notEqual(kidOf(token), made.keyId)
  clock.now += 599
  assert.equal(kidOf((await codeFlow(provider))['access_token']), made.keyId)
  const headers = { authorization: `Bearer ${String(token)}` }
  assert.equal((await provider.server.handle(request('GET', '/userinfo', { headers }))).status, 200)
  await verified(provider, idToken)
})

const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }

describe('id_token_hint', () => {
  const logout = ({ provider }: Rotating, hint: unknown) =>
    provider.server.validateLogoutRequest(request('GET', `/logout?id_token_hint=${String(hint)}`))

  test('of a key that is retained -> known, at logout and at prompt=none', async () => {
    const rotating = await makeRotating()
    const { id_token: hint } = await codeFlow(rotating.provider)
    await rotating.rotate()
    assert.equal((await logout(rotating, hint)).ok, true)
    const { server } = rotating.provider
    const asked = {
      response_type: 'code',
      client_id: 'app',
      redirect_uri: 'https://app.example/cb',
      scope: 'openid',
      id_token_hint: String(hint),
      ...challenge,
    }
    const http = request('GET', `/authorize?${new URLSearchParams(asked).toString()}`)
    const validation = await server.validateAuthorizationRequest(http)
    assert.ok(validation.ok)
    const known = { userId: 'alice', authentication: login, hasConsent: true }
    assert.deepEqual(await server.nextStep(validation.request, validation.client, known), { step: 'approve' })
  })

  test('of a key that is over, or withdrawn -> 400, as any other token', async () => {
    const rotating = await makeRotating()
    const { id_token: hint } = await codeFlow(rotating.provider)
    await rotating.rotate()
    rotating.clock.now += schedule.retainSeconds
    await rotating.ring.reload()
    const { id_token: young } = await codeFlow(rotating.provider)
    await rotating.rotation.withdraw(kidOf(young))
    await rotating.ring.reload()
    for (const each of [hint, young]) {
      const validation = await logout(rotating, each)
      assert.ok(!validation.ok && validation.response.status === 400)
    }
  })
})

describe('lifetimes beyond that of a key', () => {
  const rows: [name: string, openid: object, options: object, message: RegExp][] = [
    ['idTokenExpiresIn', { idTokenExpiresIn: 701 }, {}, /openid.idTokenExpiresIn is 701.*retainSeconds of 1001/],
    ['tokenExpiresIn', {}, { tokenExpiresIn: 701 }, /tokenExpiresIn is 701.*retainSeconds of 1001/],
  ]
  for (const [name, openid, options, message] of rows) {
    test(`${name} -> ConfigurationError`, async () => {
      const { ring } = makeKeys()
      const tokenGenerator = signedTokenGenerator(ring, { issuer, algorithm: 'ES256' })
      const isTelling = (error: unknown): boolean => error instanceof ConfigurationError && message.test(error.message)
      await assert.rejects(makeOpenId({ keys: ring, ...openid }, {}, { tokenGenerator, ...options }), isTelling)
    })
  }

  test('the default of 600 s, and keys that go sooner -> ConfigurationError', async () => {
    const { ring } = makeKeys({ retainSeconds: 899 })
    await assert.rejects(makeOpenId({ keys: ring }), /openid.idTokenExpiresIn is 600.*retainSeconds of 900/)
  })
})

test('the keys cannot be read -> 503 with Retry-After, and nothing of the cause', async () => {
  const keys = makeKeys({ open: () => Promise.reject(new Error('the KMS says secret things')) })
  await keys.rotation.keepUp()
  const broken = await makeOpenId({ keys: keys.ring }, { idTokenSigningAlgorithm: 'ES256' })
  const jwks = await broken.server.handle(request('GET', '/jwks'))
  assert.equal(jwks.status, 503)
  assert.equal(jwks.headers['Retry-After'], '1')
  assert.ok(!jwks.body.includes('secret things'))
  assert.deepEqual(Object.keys(body(jwks)), ['error', 'error_description'])
})
