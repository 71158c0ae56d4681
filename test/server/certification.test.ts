/**
 * What the modules of OpenID's conformance suite look at, at a server as users start it (`profile: 'openid'`): a confidential client without
 * PKCE, every response type, by redirect and by form_post. The suite itself is not run here; `docs/reference/openid-certification.md` says
 * which of its modules each test stands for.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { registerClient } from 'grantry'
import { decodeProtectedHeader, type JWTPayload } from 'jose'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { findForm, hiddenFields, type Browser, type Page } from './browser.ts'
import { clock, reached, redirectUri, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId({ profile: 'openid' })
const { server, post, browser, claimsOf } = openid
const username = 'full'
const password = 'a password of twenty letters'
const address = { formatted: '1 Main St', locality: 'Town', country: 'XX' }
const profile = {
  ...{ name: 'Full User', given_name: 'Full', family_name: 'User', middle_name: 'M', nickname: 'F' },
  ...{ preferred_username: 'full', profile: 'https://full.example/', picture: 'https://full.example/p' },
  ...{ website: 'https://full.example/w', gender: 'x', birthdate: '0000-01-01', zoneinfo: 'UTC', locale: 'en' },
}
const email = { email: 'full@example.com', email_verified: true }
const phone = { phone_number: '+1 555', phone_number_verified: true }
const data = openSqlite(openid.data, { create: false })
await data.accounts.create(username, await hashPassword(password), clock.now, {
  ...profile,
  ...email,
  ...phone,
  address,
})
await data.close()

const types = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']
const scopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']
const afterLogout = 'https://app.example/bye'
await openid.changeClient('app', {
  ...{ responseTypes: types, scopes, postLogoutRedirectUris: [afterLogout] },
  redirectUris: [redirectUri, 'https://app.example/q?foo=bar'],
})

type Values = Readonly<Record<string, string>>

/** The path of a request as the suite makes it: no PKCE. */
const ask = (change: Values = {}): string =>
  openid.path({ scope: 'openid', nonce: 'n-1', code_challenge: '', code_challenge_method: '', ...change })

/** What was sent to the client, by redirect, in the fragment or by form_post. */
const answerOf = (page: Page): URLSearchParams => {
  const isPosted = /<form method="post" action="https:\/\/app\.example/.test(page.text)
  if (isPosted) return new URLSearchParams(hiddenFields(page))
  assert.ok(page.location.startsWith('https://app.example/'), `${page.status} ${page.location} ${page.text}`)
  return new URLSearchParams(page.location.slice(page.location.search(/[?#]/) + 1))
}

/** Clicks through all pages; gives what the client got. */
const go = async (change: Values = {}, who: Browser = browser()): Promise<URLSearchParams> =>
  answerOf(await who.clickThrough(ask(change), username, password))

const redeem = (answer: URLSearchParams, more: Values = {}): Promise<Record<string, unknown>> =>
  post('/token', {
    ...{ grant_type: 'authorization_code', code: answer.get('code') ?? '', redirect_uri: redirectUri, ...more },
  })

/** The claims of the ID token of a code flow. */
const loginOf = async (change: Values, who: Browser): Promise<JWTPayload> =>
  claimsOf((await redeem(await go(change, who)))['id_token'])

const userInfo = async (token: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/userinfo`, { headers: { authorization: `Bearer ${String(token)}` }, ...init })

const claimsAt = async (token: unknown): Promise<Record<string, unknown>> =>
  (await (await userInfo(token)).json()) as Record<string, unknown>

/** A client that sends its secret in the body. */
const registerPost = async (store: Parameters<typeof registerClient>[0]) => {
  const methods = { authMethods: ['client_secret_post'], grantTypes: ['authorization_code'] }
  const registered = { id: 'posting', redirectUris: [redirectUri], scopes: ['openid'], ...methods }
  const { secret = '' } = await registerClient(store, registered)
  return { client: 'posting', secret }
}

const leftHalf = (text: string | null): string | undefined =>
  text === null ? undefined : createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

describe('every response type answers with what it names, and with an ID token that holds', () => {
  for (const mode of ['', 'form_post']) {
    for (const response_type of types) {
      test(`${response_type}${mode === '' ? '' : ' by form_post'}`, async () => {
        const answer = await go({ response_type, response_mode: mode, state: 'a b&c' })
        const names = { code: 'code', token: 'access_token', id_token: 'id_token' } as const
        const expected = response_type.split(' ').map((word) => names[word as keyof typeof names]) // a word of `types`
        assert.deepEqual(
          ['code', 'access_token', 'id_token'].filter((name) => answer.has(name)).sort(),
          expected.sort(),
        )
        assert.deepEqual([answer.get('state'), answer.get('iss')], ['a b&c', server.issuer])
        const tokens = answer.has('code') ? await redeem(answer) : {}
        const front = answer.get('id_token') ?? undefined
        const idTokens = [front, tokens['id_token']].filter((token) => token !== undefined)
        assert.ok(idTokens.length > 0)
        const subjects = new Set<unknown>()
        for (const token of idTokens) {
          const claims = await claimsOf(token)
          subjects.add(claims.sub)
          assert.deepEqual([claims.aud, claims['nonce'], claims.iat], ['app', 'n-1', clock.now])
          assert.ok((claims.exp ?? 0) > clock.now)
        }
        if (front !== undefined) {
          const claims = await claimsOf(front)
          assert.equal(claims['at_hash'], leftHalf(answer.get('access_token')))
          assert.equal(claims['c_hash'], leftHalf(answer.get('code')))
        }
        for (const token of [answer.get('access_token'), tokens['access_token']].filter(
          (each) => typeof each === 'string',
        ))
          subjects.add((await claimsAt(token))['sub'])
        assert.equal(subjects.size, 1)
      })
    }
  }

  test('the ID token names its key, which is published', async () => {
    const { kid, alg } = decodeProtectedHeader(String((await redeem(await go()))['id_token']))
    const { keys } = (await (await fetch(`${server.url}/jwks`)).json()) as { keys: { kid: string; alg: string }[] }
    assert.equal(alg, 'RS256')
    assert.equal(keys.filter((key) => key.kid === kid && key.alg === alg).length, 1)
  })
})

describe('requests with something missing, more or elsewhere', () => {
  test('no response_type -> invalid_request, no code', async () => {
    const who = browser()
    const page = await who.follow(await who.get(ask({ response_type: '' })))
    assert.equal(answerOf(page).get('error'), 'invalid_request')
    assert.equal(answerOf(page).has('code'), false)
  })

  test('no nonce: fine where the ID token comes from the token endpoint, else invalid_request', async () => {
    for (const response_type of types) {
      const answer = await go({ response_type, nonce: '' })
      const isFine = !response_type.includes('id_token')
      assert.equal(answer.get('error'), isFine ? null : 'invalid_request', response_type)
      if (isFine) assert.equal('nonce' in (await claimsOf((await redeem(answer))['id_token'])), false)
    }
  })

  const wishes: [name: string, change: Values][] = [
    ['an unknown parameter', { extra: 'foobar' }],
    ['ui_locales', { ui_locales: 'se' }],
    ['claims_locales', { claims_locales: 'se' }],
    ['acr_values', { acr_values: '1 2' }],
    ['a long state', { state: 's'.repeat(128) }],
    [
      'PKCE',
      {
        code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
        code_challenge_method: 'S256',
      },
    ],
  ]
  for (const [name, change] of wishes) {
    test(`${name} -> a code, and tokens`, async () => {
      const answer = await go(change)
      const more: Values = name === 'PKCE' ? { code_verifier: 'v'.repeat(43) } : {}
      assert.ok((await redeem(answer, more))['id_token'])
    })
  }

  const displays: [display: string, form: string][] = [
    ['page', 'login'],
    ['popup', 'login'],
    ['touch', 'login'],
    ['wap', 'login'],
  ]
  for (const [display, form] of displays) {
    test(`display=${display} -> the login page`, async () => {
      const who = browser()
      assert.equal(reached(await who.follow(await who.get(ask({ display })))), form)
    })
  }

  test('login_hint -> the name is in the login page', async () => {
    const who = browser()
    const page = await who.follow(await who.get(ask({ login_hint: 'bob@example.com' })))
    assert.match(page.text, /value="bob@example\.com"/)
  })

  test('scopes and parameters in another order -> the same', async () => {
    const who = browser()
    const [path = '', query = ''] = ask({ scope: 'email openid' }).split('?')
    const reversed = [...new URLSearchParams(query)].reverse()
    const page = await who.clickThrough(`${path}?${new URLSearchParams(reversed).toString()}`, username, password)
    const tokens = await redeem(answerOf(page))
    assert.equal((await claimsAt(tokens['access_token']))['email'], email.email)
  })

  test('by POST -> as by GET', async () => {
    const who = browser()
    const [path = '', query = ''] = ask().split('?')
    let page = await who.follow(await who.post(path, Object.fromEntries(new URLSearchParams(query))))
    page = await who.follow(await who.submit(page, 'login', { username, password }))
    if (findForm(page, 'consent') !== undefined)
      page = await who.follow(await who.submit(page, 'consent', { decision: 'approve' }))
    assert.ok((await redeem(answerOf(page)))['id_token'])
  })

  const nowhere: [name: string, redirect_uri: string][] = [
    ['a redirect URI that is not registered', 'https://app.example/other'],
    ['no redirect URI', ''],
    ['a query more', 'https://app.example/q?foo=bar&x=1'],
    ['another query', 'https://app.example/q?bar=foo'],
    ['a query where none is registered', `${redirectUri}?foo=bar`],
  ]
  for (const [name, redirect_uri] of nowhere) {
    test(`${name} -> an error page`, async () => {
      const who = browser()
      const page = await who.follow(await who.get(ask({ redirect_uri })))
      assert.deepEqual([page.status, page.location], [400, ''])
    })
  }

  test('a query that is registered -> kept, with the answer behind it', async () => {
    const page = await browser().clickThrough(
      ask({ redirect_uri: 'https://app.example/q?foo=bar' }),
      username,
      password,
    )
    assert.match(page.location, /^https:\/\/app\.example\/q\?foo=bar&code=/)
  })

  test('a request object that is not signed -> told so', async () => {
    const request = `${btoa('{"alg":"none"}')}.${btoa('{}')}.`
    const error = (await go({ request })).get('error')
    assert.equal(error, 'request_not_supported')
  })
})

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
