/** OpenID Connect CIBA Core: requests to users who are somewhere else (§7), polls (§10.1, §11), and signed requests (§7.1.1). */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { cibaGrantType, type Jwk } from 'grantry'
import { decodeJwt } from 'jose'
import * as openid from 'openid-client'
import { writeJwt, type Members } from '../support/assertions.ts'
import { lastReason, makeProvider } from '../support/provider.ts'
import { body, form, text } from '../support/requests.ts'
import { begin, clientKey, decide, good, issuer, makeBank, poll, start, type Bank } from './fixture.ts'

const noon = 1_800_000_000

describe('a request that is polled for', () => {
  test('pending, too fast, approved: tokens with an ID token, once; a second use ends them (§7.3, §10.1)', async () => {
    const bank = await makeBank()
    const response = await start(bank, { ...good, binding_message: 'W4SCT', acr_values: 'urn:a urn:b' })
    const { auth_req_id, ...members } = body(response)
    assert.ok(auth_req_id)
    assert.deepEqual([response.status, members], [200, { expires_in: 120, interval: 5 }])
    const id = text(response, 'auth_req_id')
    const [shown] = bank.phone
    assert.deepEqual(
      [shown?.user.id, shown?.client.id, shown?.bindingMessage, shown?.acrValues, shown?.scopes],
      ['alice', 'app', 'W4SCT', ['urn:a', 'urn:b'], ['openid', 'read']],
    )
    bank.clock.now += 5
    assert.equal(body(await poll(bank, id))['error'], 'authorization_pending')
    assert.equal(body(await poll(bank, id))['error'], 'slow_down')
    assert.equal(await decide(bank), true)
    assert.equal(await decide(bank, false), false)
    const tokens = await poll(bank, id)
    assert.equal(tokens.status, 200, tokens.body)
    const claims = decodeJwt(text(tokens, 'id_token'))
    assert.deepEqual(
      [claims.sub, claims.aud, claims['auth_time'], claims['acr']],
      ['alice', 'app', noon + 5, 'urn:phone'],
    )
    assert.equal(claims['urn:openid:params:jwt:claim:auth_req_id'], undefined) // of tokens that are pushed
    assert.ok(text(tokens, 'refresh_token'))
    assert.equal(body(await poll(bank, id))['error'], 'invalid_grant')
    const seen = form({ token: text(tokens, 'access_token') }, bank.app)
    assert.deepEqual(body(await bank.server.createIntrospectionResponse(seen)), { active: false })
  })

  test('is answered once, by one of eight polls at the same time', async () => {
    const bank = await makeBank()
    const id = await begin(bank)
    await decide(bank)
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(bank, id)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  test('denied → access_denied; too late → expired_token, and nobody decides any more (§11)', async () => {
    const bank = await makeBank()
    const denied = await begin(bank)
    await decide(bank, false)
    assert.equal(body(await poll(bank, denied))['error'], 'access_denied')
    const late = await begin(bank, { requested_expiry: '30' })
    bank.clock.now += 30
    assert.equal(await decide(bank), false)
    assert.equal(body(await poll(bank, late))['error'], 'expired_token')
    const unknown: [id: string, error: string][] = [
      ['', 'invalid_request'],
      ['x', 'invalid_grant'],
      [bank.phone[0]?.decisionId ?? '', 'invalid_grant'],
    ]
    for (const [id, error] of unknown) assert.equal(body(await poll(bank, id))['error'], error)
    const other = await bank.add({ id: 'other' })
    assert.equal(body(await poll(bank, await begin(bank), other))['error'], 'invalid_grant')
  })

  test('the user may grant less, and never more', async () => {
    const bank = await makeBank()
    const id = await begin(bank)
    const decisionId = bank.phone[0]?.decisionId ?? ''
    const all = { approved: true, scopes: ['openid', 'write'] } as const
    await assert.rejects(async () => bank.server.backchannel?.decide(decisionId, all), /invalid_scope/)
    assert.equal((await bank.server.backchannel?.find(decisionId))?.userId, 'alice')
    await bank.server.backchannel?.decide(decisionId, { approved: true, scopes: ['openid'] })
    assert.equal(body(await poll(bank, id))['scope'], 'openid')
  })
})

describe('a request that is not good', () => {
  const rows: [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['no hint', { login_hint: '' }, 'invalid_request'],
    ['two hints', { login_hint_token: 'alice' }, 'invalid_request'],
    ['an id_token_hint that is none', { login_hint: '', id_token_hint: 'x' }, 'invalid_request'],
    ['an expired login_hint_token', { login_hint: '', login_hint_token: 'old' }, 'expired_login_hint_token'],
    ['nobody', { login_hint: 'eve' }, 'unknown_user_id'],
    ['no openid', { scope: 'read' }, 'invalid_scope'],
    ['a scope of others', { scope: 'openid admin' }, 'invalid_scope'],
    ['a binding_message of 129 characters', { binding_message: 'x'.repeat(129) }, 'invalid_binding_message'],
    ['a requested_expiry of 0', { requested_expiry: '0' }, 'invalid_request'],
    ['a requested_expiry that is no number', { requested_expiry: '1e3' }, 'invalid_request'],
    ['a resource of nobody', { resource: 'https://evil.example' }, 'invalid_target'],
  ]
  for (const [name, change, error] of rows) {
    test(`${name} → ${error}, and no telephone rings`, async () => {
      const bank = await makeBank()
      const response = await start(bank, { ...good, ...change })
      assert.deepEqual([response.status, body(response)['error'], bank.phone.length], [400, error, 0])
    })
  }

  test('no secret → 401; without the grant type, public, or by an unoffered delivery → unauthorized_client', async () => {
    const bank = await makeBank()
    assert.equal((await start(bank, good, {})).status, 401)
    const spa = await start(bank, { ...good, client_id: 'spa' }, {})
    const push = await bank.add({
      id: 'push',
      backchannel: { delivery: 'push', notificationEndpoint: 'https://c.example' },
    })
    const plain = await bank.add({ id: 'plain', grantTypes: ['authorization_code'] })
    const ping = await bank.add({ id: 'ping', backchannel: { delivery: 'ping' } })
    const others = [spa, ...(await Promise.all([push, plain, ping].map((headers) => start(bank, good, headers))))]
    for (const response of others) assert.equal(body(response)['error'], 'unauthorized_client', response.body)
  })

  test('a client that is registered for codes of users sends them; five tries in ten minutes (§7.1)', async () => {
    const bank = await makeBank({ checkUserCode: (user, code) => user.id === 'alice' && code === '4711' })
    const atm = await bank.add({ id: 'atm', backchannel: { sendsUserCode: true } })
    assert.equal(body(await start(bank, good, atm))['error'], 'missing_user_code')
    assert.equal((await start(bank, { ...good, user_code: '4711' }, atm)).status, 200)
    for (let tries = 0; tries < 4; tries++)
      assert.equal(body(await start(bank, { ...good, user_code: '1' }, atm))['error'], 'invalid_user_code')
    assert.equal(body(await start(bank, { ...good, user_code: '4711' }, atm))['error'], 'invalid_user_code')
    assert.equal(lastReason(bank), 'backchannel_user_code_wrong')
  })
})

test('an ID token that the client has says who is meant', async () => {
  const bank = await makeBank()
  const id = await begin(bank)
  await decide(bank)
  const id_token_hint = text(await poll(bank, id), 'id_token')
  assert.equal((await start(bank, { scope: 'openid', id_token_hint })).status, 200)
  const other = await bank.add({ id: 'other' })
  assert.equal(body(await start(bank, { scope: 'openid', id_token_hint }, other))['error'], 'invalid_request')
})

describe('a signed request', () => {
  const jwks = { keys: [{ ...clientKey.publicKey.export({ format: 'jwk' }), kid: 'k' } as Jwk] } // JsonWebKey of Node is one
  const signer = { id: 'signer', jwks, backchannel: { requestSigningAlgorithm: 'ES256' } }
  const make = (change: Members = {}, header: Members = {}): string =>
    writeJwt(
      { alg: 'ES256', kid: 'k', ...header },
      {
        ...{ iss: 'signer', aud: issuer, iat: noon, nbf: noon, exp: noon + 60, jti: randomUUID() },
        ...{ scope: 'openid read', login_hint: 'alice', binding_message: 'signed', requested_expiry: 60, ...change },
      },
      clientKey.privateKey,
    )
  const send = async (request: string, more: Readonly<Record<string, string>> = {}): Promise<[Bank, string]> => {
    const bank = await makeBank()
    const response = await start(bank, { request, ...more }, await bank.add(signer))
    return [bank, response.status === 200 ? '200' : text(response, 'error')]
  }

  test('says all of it, and is taken once', async () => {
    const bank = await makeBank()
    const headers = await bank.add(signer)
    const request = make()
    const first = await start(bank, { request }, headers)
    assert.deepEqual([body(first)['expires_in'], bank.phone[0]?.bindingMessage], [60, 'signed'])
    assert.equal(body(await start(bank, { request }, headers))['error'], 'invalid_request')
  })

  const refused: [name: string, object: () => string, more: Readonly<Record<string, string>>][] = [
    ['with a parameter beside it', () => make(), { login_hint: 'alice' }],
    ['with a resource beside it', () => make(), { resource: 'https://api.example' }],
    ['of another key', () => make({}, { kid: 'other' }), {}],
    ['that is not signed', () => make({}, { alg: 'none' }), {}],
    ['of another client', () => make({ iss: 'app' }), {}],
    ['for another server', () => make({ aud: 'https://other.example' }), {}],
    ...['iss', 'aud', 'iat', 'nbf', 'exp', 'jti'].map((name): [string, () => string, Record<string, string>] => [
      `without ${name}`,
      () => make({ [name]: undefined }),
      {},
    ]),
    ['that lives for two hours', () => make({ exp: noon + 7200 }), {}],
    ['that expired', () => make({ exp: noon - 60 }), {}],
    ['of the future', () => make({ nbf: noon + 60 }), {}],
  ]
  for (const [name, object, more] of refused) {
    test(`${name} → invalid_request`, async () => {
      const [bank, outcome] = await send(object(), more)
      assert.deepEqual([outcome, bank.phone.length], ['invalid_request', 0])
    })
  }

  test('is what a client sends that is registered for it', async () => {
    const bank = await makeBank()
    assert.equal(body(await start(bank, good, await bank.add(signer)))['error'], 'invalid_request')
    assert.equal(lastReason(bank), 'backchannel_request_unsigned')
  })
})

test('openid-client finds the endpoint, asks and polls until the user decides', async () => {
  const bank = await makeBank({ interval: 1 }, { now: () => Math.floor(Date.now() / 1000) })
  const options = { [openid.customFetch]: (url: string, init: object) => bank.server.fetch(new Request(url, init)) }
  const config = await openid.discovery(
    new URL(issuer),
    'app',
    bank.secret,
    openid.ClientSecretBasic(bank.secret),
    options,
  )
  const metadata = config.serverMetadata()
  assert.deepEqual(metadata.backchannel_token_delivery_modes_supported, ['poll', 'ping'])
  assert.equal(metadata.backchannel_user_code_parameter_supported, false)
  assert.ok(metadata.grant_types_supported?.includes(cibaGrantType))
  const asked = await openid.initiateBackchannelAuthentication(config, { scope: 'openid read', login_hint: 'alice' })
  await decide(bank)
  const tokens = await openid.pollBackchannelAuthenticationGrant(config, { ...asked, interval: 0.001 })
  assert.equal(tokens.claims()?.sub, 'alice')
})

test('without the option there is neither endpoint nor grant', async () => {
  const plain = await makeProvider({ issuer })
  const metadata = body(await plain.server.createMetadataResponse())
  assert.ok(!Object.keys(metadata).some((name) => name.startsWith('backchannel_')))
  assert.ok(!plain.server.paths.includes('/bc-authorize'))
})
