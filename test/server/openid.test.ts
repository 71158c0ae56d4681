/** What an authorization request asks of the pages (OpenID Connect Core §3.1.2): prompts, age of the login, who is expected, consent. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findForm, type Browser, type Page } from './browser.ts'
import { clock, reached, redirectUri, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId()
const { username, password, path, browser, loggedIn } = openid

const visit = async (who: Browser, change: Readonly<Record<string, string>> = {}): Promise<Page> =>
  who.follow(await who.get(path(change)))

/** Goes through all pages with all boxes checked. */
const through = (who: Browser, change: Readonly<Record<string, string>> = {}): Promise<Page> =>
  who.clickThrough(path(change), username, password)

/** A browser that has consented to `openid read` for `app`. */
const consented = async (): Promise<Browser> => {
  const who = browser()
  assert.equal(reached(await through(who)), 'code')
  return who
}

describe('the page that comes first', () => {
  const never = browser
  const rows: [name: string, who: () => Browser | Promise<Browser>, change: Record<string, string>, page: string][] = [
    ['nobody', never, {}, 'login'],
    ['nobody, prompt=none', never, { prompt: 'none' }, 'login_required'],
    ['nobody, prompt=create', never, { prompt: 'create' }, 'login'],
    ['nobody, prompt=select_account', never, { prompt: 'select_account' }, 'login'],
    ['consented', consented, {}, 'code'],
    ['consented, prompt=none', consented, { prompt: 'none' }, 'code'],
    ['consented, prompt=login', consented, { prompt: 'login' }, 'login'],
    ['consented, prompt=create', consented, { prompt: 'create' }, 'login'],
    ['consented, prompt=consent', consented, { prompt: 'consent' }, 'consent'],
    ['consented, prompt=select_account', consented, { prompt: 'select_account' }, 'select_account'],
    ['consented, fewer scopes', consented, { scope: 'openid' }, 'code'],
    ['consented, more scopes', consented, { scope: 'openid read write' }, 'consent'],
    ['consented, more scopes, prompt=none', consented, { scope: 'openid write', prompt: 'none' }, 'consent_required'],
    ['consented, another host', consented, { redirect_uri: 'https://other.example/cb' }, 'consent'],
    ['consented, single claims', consented, { claims: '{"userinfo":{"email":null}}' }, 'consent'],
    ['consented, technical claims', consented, { claims: '{"id_token":{"auth_time":null}}' }, 'code'],
    ['consented for a client, another public one', consented, { client_id: 'spa' }, 'consent'],
    ['max_age not over', consented, { max_age: '10' }, 'code'],
    ['an acr that must be', consented, { claims: '{"id_token":{"acr":{"essential":true,"value":"x"}}}' }, 'unmet_authentication_requirements'],
    ['an acr that is wished', consented, { acr_values: 'x', ui_locales: 'tlh de', display: 'hologram' }, 'code'],
    ['a hint that is no ID token', consented, { id_token_hint: 'x' }, 'invalid_request'],
  ] // prettier-ignore
  for (const [name, who, change, page] of rows) {
    test(`${name} -> ${page}`, async () => assert.equal(reached(await visit(await who(), change)), page))
  }

  test('max_age over -> login, once', async () => {
    const who = await consented()
    clock.now += 20
    assert.equal(reached(await visit(who, { max_age: '10' })), 'login')
    assert.equal(reached(await visit(who, { max_age: '10', prompt: 'none' })), 'login_required')
    const tokens = await openid.redeem(await through(who, { max_age: '0' }))
    assert.equal((await openid.claimsOf(tokens['id_token']))['auth_time'], clock.now)
  })

  for (const prompt of [
    'login',
    'select_account',
    'consent',
    'create',
    'login consent',
    'select_account login consent',
  ]) {
    test(`prompt=${prompt} ends with a code, in a new browser and in one that is logged in`, async () => {
      for (const who of [browser(), await consented()]) assert.equal(reached(await through(who, { prompt })), 'code')
    })
  }
})

describe('what was done for a request', () => {
  const login = (page: Page, who: Browser): Promise<Page> => who.submit(page, 'login', { username, password })

  test('counts for one request, one login and ten minutes', async () => {
    const who = await consented()
    const change = { prompt: 'login', state: 'a' }
    const { location } = await login(await visit(who, change), who)
    assert.match(location, /&grantry_done=login\./)
    assert.equal(reached(await who.get(location)), 'code')
    const elsewhere: [name: string, who: Browser, at: string][] = [
      ['another request', who, location.replace('state=a', 'state=b')],
      ['another session', await consented(), location],
      ['forged', who, location.replace(/done=login\.(\d+)\./, (_, time: string) => `done=login.${Number(time) + 1}.`)],
      ['another step', who, location.replace('done=login', 'done=select_account')],
      ['cut', who, location.slice(0, -1)],
    ]
    for (const [name, other, at] of elsewhere)
      assert.equal(reached(await other.follow(await other.get(at))), 'login', name)
    clock.now += 601
    assert.equal(reached(await who.follow(await who.get(location))), 'login')
  })

  test('the consent page carries it on', async () => {
    const who = await consented()
    const page = await who.follow(await login(await visit(who, { prompt: 'login consent' }), who))
    assert.equal(reached(await who.submit(page, 'consent', { decision: 'approve' })), 'code')
    assert.equal(
      reached(await who.follow(await who.submit(page, 'consent', { decision: 'approve', done: '' }))),
      'login',
    )
  })

  test('a login as another user than the expected one -> login_required, no second try', async () => {
    const tokens = await openid.redeem(await through(await consented(), { prompt: 'consent' }))
    const hint = { id_token_hint: String(tokens['id_token']) }
    await makeUser('bob')
    const who = browser()
    const back = await who.submit(await visit(who, hint), 'login', { username: 'bob', password: 'secret of bob' })
    assert.equal(reached(await who.follow(back)), 'login_required')
    assert.equal(reached(await visit(who, { ...hint, prompt: 'none' })), 'login_required')
    assert.equal(reached(await visit(await consented(), { ...hint, prompt: 'none' })), 'code')
  })
})

const makeUser = async (name: string): Promise<void> => {
  const { openSqlite } = await import('../../packages/server/src/database/sqlite.ts')
  const { hashPassword } = await import('../../packages/server/src/accounts/password.ts')
  const data = openSqlite(openid.data, { create: false })
  await data.accounts.create(name, await hashPassword(`secret of ${name}`), clock.now)
  await data.close()
}

describe('the choice of an account', () => {
  test('goes on with the one that is logged in, or with another one', async () => {
    const who = await consented()
    const page = await visit(who, { prompt: 'select_account' })
    assert.match(page.text, /Continue as <bdi>dev<\/bdi>/)
    assert.equal(reached(await who.follow(await who.submit(page, 'select_account'))), 'code')
    const [, other = ''] = /id="other_account" href="([^"]*)"/.exec(page.text) ?? []
    const back = await who.submit(await who.get(other), 'login', { username, password })
    assert.equal(reached(await who.follow(back)), 'code')
  })

  test('form of another session, or with another request -> 403', async () => {
    const who = await consented()
    const page = await visit(who, { prompt: 'select_account' })
    assert.equal((await (await consented()).submit(page, 'select_account')).status, 403)
    const request = new Map(findForm(page, 'select_account')?.fields).get('request') ?? ''
    assert.equal((await who.submit(page, 'select_account', { request: `${request}&x=1` })).status, 403)
    assert.equal((await who.submit(page, 'select_account', { csrf: '' })).status, 403)
  })
})

describe('the login page', () => {
  test('shows the client, fills in login_hint, and says that nobody can register here', async () => {
    const page = await visit(browser(), { login_hint: 'ann"@example.com', prompt: 'create' })
    assert.match(page.text, /To go on to <strong><bdi>The App/)
    assert.equal(new Map(findForm(page, 'login')?.fields).get('username'), 'ann"@example.com')
    assert.match(page.text, /Accounts are made by whoever runs this server/)
  })
})

describe('consent', () => {
  const rows: [client: string, isAskedAgain: boolean, change: Record<string, string>][] = [
    ['app', false, {}],
    ['spa', true, {}],
    ['own', false, {}],
    ['tool', true, { redirect_uri: 'http://127.0.0.1:5000/cb' }],
  ]
  for (const [client_id, isAskedAgain, change] of rows) {
    test(`${client_id}: asked ${isAskedAgain ? 'each time' : 'once'}`, async () => {
      const who = browser()
      assert.equal(reached(await through(who, { client_id, ...change })), 'code')
      assert.equal(reached(await visit(who, { client_id, ...change })), isAskedAgain ? 'consent' : 'code')
    })
  }

  test('openid is no choice; what was unticked is asked for again', async () => {
    await makeUser('eve')
    const who = browser()
    const login = await who.submit(await visit(who, { scope: 'openid email read' }), 'login', {
      username: 'eve',
      password: 'secret of eve',
    })
    const page = await who.follow(login)
    assert.match(page.text, /checked disabled \/> Know who you are/)
    assert.match(page.text, /See your e-mail address/)
    const { action } = findForm(page, 'consent') ?? assert.fail()
    const fields = (findForm(page, 'consent')?.fields ?? []).filter(([name]) => name !== 'scope')
    const answer = await who.post(action, [...fields, ['scope', 'read'], ['decision', 'approve']])
    assert.equal((await openid.redeem(answer))['scope'], 'openid read')
    assert.equal(reached(await visit(who, { scope: 'openid read' })), 'code')
    assert.equal(reached(await visit(who, { scope: 'openid email' })), 'consent')
  })

  test('shows who asks, for what, and where the answer goes', async () => {
    const who = await consented()
    const claims = JSON.stringify({ userinfo: { phone_number: null } })
    const page = await visit(who, { prompt: 'consent', claims })
    for (const text of [/The App/, /app\.example, other\.example/, /sent on to <strong>app\.example/, /phone number/])
      assert.match(page.text, text)
    assert.doesNotMatch(page.text, /registered itself/)
    const loopback = await visit(who, { client_id: 'tool', redirect_uri: 'http://127.0.0.1:5000/cb' })
    assert.match(loopback.text, /Any program here can say that it is this client/)
    await openid.changeClient('spa', { registration: { registeredAt: 1 } })
    assert.match((await visit(who, { client_id: 'spa' })).text, /It registered itself: nobody has checked/)
  })

  test('two decisions at once: one of them is remembered, none brings back what the other took away', async () => {
    const who = await consented()
    const page = await visit(who, { prompt: 'consent' })
    const answers = await Promise.all([who, who].map((each) => each.submit(page, 'consent', { decision: 'approve' })))
    assert.deepEqual(answers.map(reached), ['code', 'code'])
    assert.equal(reached(await visit(who)), 'code')
  })
})

describe('tokens', () => {
  test('ID token with time, method and session of the login; UserInfo with the claims of the scopes', async () => {
    const who = await loggedIn()
    const tokens = await openid.redeem(
      await through(who, { scope: 'openid profile email', nonce: 'n', prompt: 'consent' }),
    )
    const claims = await openid.claimsOf(tokens['id_token'])
    assert.deepEqual([claims['nonce'], claims['amr'], claims['auth_time']], ['n', ['pwd'], clock.now])
    assert.match(String(claims['sid']), /^[\w-]{22}$/)
    assert.ok(![...who.cookies.values()].includes(String(claims['sid'])))
    assert.deepEqual(await userInfo(tokens), {
      ...{ sub: claims.sub, name: 'Development User', preferred_username: 'dev', updated_at: 1_800_000_000 },
      ...{ email: 'dev@example.com', email_verified: false },
    })
  })

  test('a new login of the same user keeps the session id that clients know', async () => {
    const who = await loggedIn()
    const sid = async (change: Record<string, string>): Promise<unknown> =>
      (await openid.claimsOf((await openid.redeem(await through(who, change)))['id_token']))['sid']
    const first = await sid({})
    assert.equal(await sid({ prompt: 'login' }), first)
  })

  test('claims that are asked for one by one reach UserInfo, in every format of access tokens', async () => {
    for (const tokenFormat of ['jwt', 'jwt-stored', 'opaque'] as const) {
      const other = await startOpenId({ tokenFormat })
      const claims = JSON.stringify({ userinfo: { email: null }, id_token: { name: null } })
      const page = await other.browser().clickThrough(other.path({ claims }), other.username, other.password)
      const tokens = await other.redeem(page)
      assert.equal((await other.claimsOf(tokens['id_token']))['name'], 'Development User')
      assert.equal((await userInfo(tokens, other.server.url))['email'], 'dev@example.com', tokenFormat)
      const refreshed = await other.post('/token', {
        grant_type: 'refresh_token',
        refresh_token: String(tokens['refresh_token']),
      })
      assert.equal((await userInfo(refreshed, other.server.url))['email'], 'dev@example.com', tokenFormat)
    }
  })

  test('ES256 for a client that wants it; another sub for each sector of pairwise clients, the same after a restart', async () => {
    await openid.changeClient('own', {
      idTokenSigningAlgorithm: 'ES256',
      subjectType: 'pairwise',
      redirectUris: [redirectUri],
    })
    const who = await loggedIn()
    const answer = await through(who, { client_id: 'own', response_type: 'code' })
    const code = new URL(answer.location).searchParams.get('code') ?? ''
    const fields = { grant_type: 'authorization_code', client_id: 'own', code, redirect_uri: redirectUri }
    const tokens = await openid.post('/token', { ...fields, code_verifier: 'v'.repeat(43) })
    const claims = await openid.claimsOf(tokens['id_token'], 'own')
    assert.doesNotMatch(claims.sub ?? '', /^user_/)
    assert.equal((await userInfo(tokens))['sub'], claims.sub)
    const published = (await (await fetch(`${openid.server.url}/jwks`)).json()) as {
      keys: { kid: string; alg: string }[]
    }
    assert.deepEqual(published.keys.map(({ alg }) => alg).sort(), ['ES256', 'RS256'])
    assert.equal(new Set(published.keys.map(({ kid }) => kid)).size, 2)
  })
})

const userInfo = async (tokens: Record<string, unknown>, url = openid.server.url): Promise<Record<string, unknown>> => {
  const response = await fetch(`${url}/userinfo`, {
    headers: { authorization: `Bearer ${String(tokens['access_token'])}` },
  })
  return (await response.json()) as Record<string, unknown>
}

for (const [profile, page] of [
  ['oauth21', 'invalid_request'],
  ['openid', 'code'],
] as const) {
  test(`profile ${profile}: a confidential client without PKCE -> ${page}; a public one never`, async () => {
    const other = await startOpenId({ profile })
    const plain = (client_id: string): string =>
      other.path({ client_id, nonce: 'n', code_challenge: '', code_challenge_method: '' })
    const ask = async (path: string): Promise<string> =>
      reached(await other.browser().clickThrough(path, other.username, other.password))
    assert.equal(await ask(plain('app')), page)
    assert.equal(await ask(plain('spa')), 'invalid_request')
  })
}

test('the log has no mark, code or cookie in it', async () => {
  const who = await consented()
  const { location } = await who.submit(await visit(who, { prompt: 'login' }), 'login', { username, password })
  const log = JSON.stringify(openid.records)
  for (const secret of [location.split('grantry_done=')[1] ?? '', ...who.cookies.values()])
    assert.ok(!log.includes(secret))
})
