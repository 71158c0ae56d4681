/** The same for claims, logins, codes, discovery and logout: what the modules of OpenID's conformance suite look at beside requests. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Browser } from './browser.ts'
import { clock, reached, redirectUri, startOpenId } from './openid-fixture.ts'
import {
  server,
  post,
  browser,
  claimsOf,
  address,
  profile,
  email,
  phone,
  types,
  afterLogout,
  type Values,
  ask,
  answerOf,
  go,
  redeem,
  loginOf,
  userInfo,
  claimsAt,
  registerPost,
} from './certification-fixture.ts'

describe('scopes and claims', () => {
  const rows: [scope: string, expected: object][] = [
    ['profile', { ...profile, updated_at: clock.now }],
    ['email', email],
    ['address', { address }],
    ['phone', phone],
    ['profile email address phone', { ...profile, updated_at: clock.now, ...email, ...phone, address }],
  ]
  for (const [scope, expected] of rows) {
    test(`${scope} -> at UserInfo; in the ID token where nothing else comes`, async () => {
      const tokens = await redeem(await go({ scope: `openid ${scope}` }))
      const { sub, ...shown } = await claimsAt(tokens['access_token'])
      assert.match(String(sub), /^user_/)
      assert.deepEqual(shown, expected)
      const alone = await claimsOf((await go({ scope: `openid ${scope}`, response_type: 'id_token' })).get('id_token'))
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(alone[name], value, name)
    })
  }

  test('an essential claim alone -> at UserInfo', async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } })
    const { sub, ...shown } = await claimsAt((await redeem(await go({ claims })))['access_token'])
    assert.match(String(sub), /^user_/)
    assert.deepEqual(shown, { name: 'Full User' })
  })

  test('UserInfo by GET, by POST with the token in the header, and in the body', async () => {
    const token = String((await redeem(await go()))['access_token'])
    const inBody = { method: 'POST', headers: {}, body: new URLSearchParams({ access_token: token }) }
    for (const init of [{}, { method: 'POST' }, inBody]) {
      const response = await userInfo(token, init)
      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      assert.match(((await response.json()) as { sub: string }).sub, /^user_/)
    }
  })
})

describe('the login that there is', () => {
  test('prompt=login -> the login page again, and a later auth_time', async () => {
    const who = browser()
    const first = await loginOf({ max_age: '10000' }, who)
    clock.now += 2
    assert.equal(reached(await who.follow(await who.get(ask({ prompt: 'login' })))), 'login')
    const second = await loginOf({ prompt: 'login', max_age: '10000' }, who)
    assert.ok(Number(second['auth_time']) > Number(first['auth_time']))
    assert.equal(second.sub, first.sub)
  })

  test('prompt=none without a login -> login_required, no page', async () => {
    for (const response_type of types)
      assert.equal((await go({ prompt: 'none', response_type })).get('error'), 'login_required', response_type)
  })

  test('prompt=none with a login -> the same user and auth_time; with its ID token as a hint as well', async () => {
    const who = browser()
    const tokens = await redeem(await go({}, who))
    const first = await claimsOf(tokens['id_token'])
    clock.now += 5
    const changes: readonly Values[] = [{}, { id_token_hint: String(tokens['id_token']) }]
    for (const change of changes) {
      const second = await loginOf({ prompt: 'none', ...change }, who)
      assert.deepEqual([second.sub, second['auth_time']], [first.sub, first['auth_time']])
    }
  })

  test('max_age=1 after more than a second -> the login page, and a later auth_time', async () => {
    const who = browser()
    const first = await loginOf({}, who)
    clock.now += 2
    assert.equal(reached(await who.follow(await who.get(ask({ max_age: '1' })))), 'login')
    const second = await loginOf({ max_age: '1' }, who)
    assert.equal(second['auth_time'], clock.now)
    assert.equal(second.sub, first.sub)
  })

  test('max_age=10000 -> no page, the same auth_time, which is in the ID token', async () => {
    const who = browser()
    const first = await loginOf({ max_age: '10000' }, who)
    clock.now += 1
    const page = await who.follow(await who.get(ask({ max_age: '10000' })))
    const second = await claimsOf((await redeem(answerOf(page)))['id_token'])
    assert.deepEqual([second.sub, second['auth_time']], [first.sub, first['auth_time']])
    assert.ok(first['auth_time'])
  })
})

describe('codes and refresh tokens', () => {
  test('a code at once again -> invalid_grant; after 30 seconds as well, and its access token is over', async () => {
    for (const seconds of [0, 30]) {
      const answer = await go()
      const tokens = await redeem(answer)
      assert.equal((await userInfo(tokens['access_token'])).status, 200)
      clock.now += seconds
      assert.equal((await redeem(answer))['error'], 'invalid_grant')
      assert.equal((await userInfo(tokens['access_token'])).status, 401)
    }
  })

  test('a refresh token -> tokens with an ID token of the same login; not for another client', async () => {
    const tokens = await redeem(await go({ scope: 'openid offline_access', prompt: 'consent' }))
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    assert.equal((await post('/token', { ...refresh, client_id: 'spa' }))['error'], 'invalid_grant')
    clock.now += 10
    const refreshed = await post('/token', refresh)
    const [before, after] = [await claimsOf(tokens['id_token']), await claimsOf(refreshed['id_token'])]
    assert.deepEqual(
      [after.iss, after.sub, after.aud, after['auth_time']],
      [before.iss, before.sub, before.aud, before['auth_time']],
    )
    assert.equal(after.iat, clock.now)
    assert.equal((await userInfo(refreshed['access_token'])).status, 200)
  })

  test('client_secret_post -> tokens', async () => {
    const other = await startOpenId({ profile: 'openid' })
    const { client, secret } = await registerPost(other.store)
    const page = await other
      .browser()
      .clickThrough(
        other.path({ client_id: client, nonce: 'n', scope: 'openid', code_challenge: '', code_challenge_method: '' }),
        other.username,
        other.password,
      )
    const code = answerOf(page).get('code') ?? ''
    const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    const tokens = await other.post('/token', { ...grant, client_id: client, client_secret: secret })
    assert.equal((await other.claimsOf(tokens['id_token'], client)).aud, client)
  })
})

describe('discovery', () => {
  test('the document says what the suite reads, and names addresses of this server alone', async () => {
    const response = await fetch(`${server.url}/.well-known/openid-configuration`)
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/json'])
    const document = (await response.json()) as Record<string, unknown>
    assert.equal(document['issuer'], server.issuer)
    const lists: [name: string, members: readonly string[]][] = [
      ['response_types_supported', types],
      ['response_modes_supported', ['query', 'fragment', 'form_post']],
      ['subject_types_supported', ['public']],
      ['id_token_signing_alg_values_supported', ['RS256']],
      ['scopes_supported', ['openid', 'profile', 'email', 'address', 'phone']],
      ['claims_supported', ['sub', 'name', 'email', 'address', 'phone_number']],
      ['grant_types_supported', ['authorization_code', 'implicit', 'refresh_token']],
      ['token_endpoint_auth_methods_supported', ['client_secret_basic', 'client_secret_post']],
    ]
    for (const [name, members] of lists) {
      const given = document[name]
      assert.ok(Array.isArray(given), name)
      for (const member of members)
        assert.ok(given.includes(member) || given.includes(member.split(' ').reverse().join(' ')), `${name}: ${member}`)
    }
    assert.equal(document['claims_parameter_supported'], true)
    const named = ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'end_session_endpoint']
    for (const name of named) assert.ok(String(document[name]).startsWith(`${server.issuer}/`), name)
  })
})

describe('logout', () => {
  const out = (fields: Values): string => `/logout?${new URLSearchParams(fields).toString()}`
  const isOver = async (who: Browser): Promise<boolean> =>
    answerOf(await who.follow(await who.get(ask({ prompt: 'none' })))).get('error') === 'login_required'

  test('with hint, place and state -> there with the state, and prompt=none needs a login', async () => {
    const who = browser()
    const hint = String((await redeem(await go({}, who)))['id_token'])
    const page = await who.get(out({ id_token_hint: hint, post_logout_redirect_uri: afterLogout, state: 'x y' }))
    assert.equal(page.location, `${afterLogout}?state=x+y`)
    assert.equal(await isOver(who), true)
  })

  test('without state -> there, and nothing behind it', async () => {
    const who = browser()
    const hint = String((await redeem(await go({}, who)))['id_token'])
    const page = await who.get(out({ id_token_hint: hint, post_logout_redirect_uri: afterLogout }))
    assert.equal(page.location, afterLogout)
    assert.equal(await isOver(who), true)
  })

  test('state alone, and nothing at all -> the page that asks; after its button the login is over', async () => {
    const rows: readonly Values[] = [{ state: 'x' }, {}]
    for (const fields of rows) {
      const who = browser()
      await go({}, who)
      const page = await who.get(out(fields))
      assert.deepEqual([page.status, page.location], [200, ''])
      const answer = await who.submit(page, 'logout')
      assert.equal(answer.location, '')
      assert.equal(await isOver(who), true)
    }
  })
})
