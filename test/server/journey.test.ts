import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startServer, type LogRecord, type RunningServer } from 'grantry-server'
import { SqliteStore } from 'grantry/storage/sqlite'
import { Browser, hiddenFields, type Page } from './browser.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-journey-'))
const records: LogRecord[] = []
let time = 1_800_000_000
const started: RunningServer[] = []
const start = async (name: string, issuer?: string): Promise<RunningServer> => {
  const server = await startServer({
    port: 0,
    data: join(folder, name),
    issuer,
    log: (record) => records.push(record),
    now: () => time,
  })
  started.push(server)
  return server
}
after(async () => {
  for (const server of started) await server.close()
  rmSync(folder, { recursive: true })
})

const server = await start('main')
const { clientId, clientSecret = '', username, password = '' } = server.firstStart ?? assert.fail()
const redirectUri = 'http://127.0.0.1:8080/callback'
const verifier = 'v'.repeat(43)
const request = {
  response_type: 'code',
  client_id: clientId,
  redirect_uri: redirectUri,
  scope: 'read write',
  state: 'a&"<b>',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
}
const authorize = `/authorize?${new URLSearchParams(request).toString()}`
const newBrowser = (): Browser => new Browser(server.issuer)
const loggedIn = async (): Promise<[Browser, Page]> => {
  const browser = newBrowser()
  return [browser, await browser.login(authorize, username, password)]
}

const answerOf = (page: Page): URLSearchParams => {
  assert.equal(page.status, 303, page.text)
  assert.ok(page.location.startsWith(`${redirectUri}?`), page.location)
  return new URL(page.location).searchParams
}

const post = async (path: string, fields: Record<string, string>): Promise<Record<string, unknown>> => {
  const headers = { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
  const response = await fetch(server.issuer + path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const text = await response.text()
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

const redeem = (code: string): Promise<Record<string, unknown>> =>
  post('/token', { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier })

test('login, consent with fewer scopes, code, token, introspection, revocation', async () => {
  const [browser, consent] = await loggedIn()
  assert.match(consent.text, /Development client/)
  assert.match(consent.text, /program on this computer/)
  const approved = await browser.post('/consent', { ...hiddenFields(consent), scope: 'read', decision: 'approve' })
  const answer = answerOf(approved)
  assert.equal(answer.get('state'), request.state)
  assert.equal(answer.get('iss'), server.issuer)
  const token = await redeem(answer.get('code') ?? '')
  assert.equal(token['scope'], 'read')
  const access = String(token['access_token'])
  const claims = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
  assert.equal(claims['aud'], server.issuer)
  assert.match(String(claims['sub']), /^user_[\w-]{22}$/)
  assert.equal((await post('/introspect', { token: access }))['active'], true)
  await post('/revoke', { token: String(token['refresh_token']) })
  assert.equal((await post('/introspect', { token: access }))['active'], false)
})

test('deny -> access_denied at the client', async () => {
  const [browser, consent] = await loggedIn()
  const denied = await browser.post('/consent', { ...hiddenFields(consent), scope: 'read', decision: 'deny' })
  assert.equal(answerOf(denied).get('error'), 'access_denied')
})

test('consent posted twice -> two codes, each of use once', async () => {
  const [browser, consent] = await loggedIn()
  const fields = { ...hiddenFields(consent), scope: 'read', decision: 'approve' }
  const pages = await Promise.all([browser.post('/consent', fields), browser.post('/consent', fields)])
  const codes = pages.map((page) => answerOf(page).get('code') ?? '')
  assert.notEqual(codes[0], codes[1])
  for (const code of codes) assert.equal(typeof (await redeem(code))['access_token'], 'string')
  for (const code of codes) assert.equal((await redeem(code))['error'], 'invalid_grant')
})

test('scopes that were not asked for -> invalid_scope; none -> the page again', async () => {
  const [browser, consent] = await loggedIn()
  const fields = { ...hiddenFields(consent), decision: 'approve' }
  assert.equal(answerOf(await browser.post('/consent', { ...fields, scope: 'profile' })).get('error'), 'invalid_scope')
  const none = await browser.post('/consent', fields)
  assert.equal(none.status, 400)
  assert.match(none.text, /id="consent"/)
})

const loginPage = async (browser: Browser): Promise<Page> => browser.get((await browser.get(authorize)).location)

test('unknown user and wrong password -> the same answer, no session', async () => {
  const answers = []
  for (const name of [username, 'xxx']) {
    const browser = newBrowser()
    const fields = hiddenFields(await loginPage(browser))
    const answer = await browser.post('/login', { ...fields, username: name, password: 'wrong' })
    assert.equal(answer.status, 400)
    assert.equal(browser.cookies.has('grantry-session'), false)
    const text = answer.text.replace(`value="${name}"`, '').replaceAll(fields['csrf'] ?? '', '')
    answers.push(text.replace(/challenge&quot;:&quot;[\w-]+/, '')) // each page has another one
  }
  assert.equal(answers[0], answers[1])
})

test('a password or user name that is too long -> refused like a wrong one', async () => {
  const browser = newBrowser()
  const fields = hiddenFields(await loginPage(browser))
  for (const change of [{ password: 'p'.repeat(1025) }, { username: 'u'.repeat(257) }]) {
    assert.equal((await browser.post('/login', { ...fields, username, password, ...change })).status, 400)
  }
})

const forged: [name: string, change: Record<string, string>, headers: Record<string, string>][] = [
  ['csrf missing', { csrf: '' }, {}],
  ['csrf wrong', { csrf: 'A'.repeat(43) }, {}],
  ['Sec-Fetch-Site: cross-site', {}, { 'Sec-Fetch-Site': 'cross-site' }],
  ['Sec-Fetch-Site: same-site', {}, { 'Sec-Fetch-Site': 'same-site' }],
  ['Origin of another site', {}, { Origin: 'https://evil.example' }],
  ['body that is no form', {}, { 'Content-Type': 'text/plain' }],
]

for (const [name, change, headers] of forged) {
  test(`login, ${name} -> 403, no session`, async () => {
    const browser = newBrowser()
    const fields = { ...hiddenFields(await loginPage(browser)), username, password, ...change }
    const answer = await browser.post('/login', fields, headers)
    assert.equal(answer.status, 403)
    assert.equal(browser.cookies.has('grantry-session'), false)
  })
  test(`consent, ${name} -> 403, no code`, async () => {
    const [browser, consent] = await loggedIn()
    const granted = records.filter((record) => record.type === 'authorization.granted').length
    const fields = { ...hiddenFields(consent), scope: 'read', decision: 'approve', ...change }
    const answer = await browser.post('/consent', fields, headers)
    assert.equal(answer.status, 403)
    assert.equal(answer.location, '')
    assert.equal(records.filter((record) => record.type === 'authorization.granted').length, granted)
  })
}

test('the header that browsers send from our own pages (Origin: null, same-origin) is accepted', async () => {
  const [browser, consent] = await loggedIn()
  const fields = { ...hiddenFields(consent), scope: 'read', decision: 'approve' }
  answerOf(await browser.post('/consent', fields, { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' }))
})

test('consent form of another session, or with another request -> 403', async () => {
  const [, other] = await loggedIn()
  const [browser, consent] = await loggedIn()
  const decided = { scope: 'read', decision: 'approve' }
  assert.equal((await browser.post('/consent', { ...hiddenFields(other), ...decided })).status, 403)
  const fields = hiddenFields(consent)
  const changed = (fields['request'] ?? '').replace('read+write', 'profile')
  assert.equal((await browser.post('/consent', { ...fields, request: changed, ...decided })).status, 403)
})

test('consent without a session -> the login page, nothing issued', async () => {
  const [, consent] = await loggedIn()
  const answer = await newBrowser().post('/consent', { ...hiddenFields(consent), scope: 'read', decision: 'approve' })
  assert.match(answer.location, /^\/login\?to=%2Fauthorize%3F/)
})

const foreign = [
  'https://evil.example/',
  '//evil.example/authorize?',
  '/\\evil.example',
  '/authorize',
  '/authorize/../x?',
  '/token?',
  '/authorize?\\',
  '/authorize?#',
  '/authorize?\r\nx',
  '',
]
for (const to of foreign) {
  test(`login with to=${JSON.stringify(to)} -> 400, not followed`, async () => {
    const browser = newBrowser()
    assert.equal((await browser.get(`/login?to=${encodeURIComponent(to)}`)).status, 400)
    const fields = hiddenFields(await loginPage(browser))
    const answer = await browser.post('/login', { ...fields, username, password, to })
    assert.deepEqual([answer.status, answer.location], [400, ''])
  })
}

test('a session id that was planted before the login is worth nothing', async () => {
  const browser = newBrowser()
  const planted = 'A'.repeat(43)
  browser.cookies.set('grantry-session', planted)
  await browser.login(authorize, username, password)
  assert.notEqual(browser.cookies.get('grantry-session'), planted)
  const first = browser.cookies.get('grantry-session') ?? ''
  const { to = '', csrf = '' } = hiddenFields(await browser.get(`/login?to=${encodeURIComponent(authorize)}`))
  await browser.post('/login', { to, csrf, username, password })
  const thief = newBrowser()
  thief.cookies.set('grantry-session', first)
  assert.match((await thief.get(authorize)).location, /^\/login/)
})

test('a session idles out after an hour and ends after twelve', async () => {
  const [browser] = await loggedIn()
  const isLive = async (): Promise<boolean> => (await browser.get(authorize)).status === 200
  for (let minutes = 0; minutes < 700; minutes += 55) {
    time += 55 * 60
    assert.equal(await isLive(), true)
  }
  time += 55 * 60
  assert.equal(await isLive(), false)
  const [idle] = await loggedIn()
  time += 3600
  assert.match((await idle.get(authorize)).location, /^\/login/)
})

test('10 wrong passwords in 5 minutes -> 429 even for the right one, for that name only, until they are over', async () => {
  const browser = newBrowser()
  const fields = hiddenFields(await loginPage(browser))
  const attempt = (name: string, text: string): Promise<Page> =>
    browser.post('/login', { ...fields, username: name, password: text })
  time += 300
  const wrong = await Promise.all(Array.from({ length: 12 }, () => attempt(username.toUpperCase(), 'wrong')))
  assert.deepEqual(wrong.map(({ status }) => status).sort(), [...Array<number>(10).fill(400), 429, 429])
  assert.equal((await attempt(username, password)).status, 429)
  assert.equal((await attempt('somebody', password)).status, 400)
  time += 300
  assert.equal((await attempt(username, password)).status, 303)
})

test('a request that cannot be sent back -> an error page, no redirect', async () => {
  for (const change of [{ client_id: 'no' }, { redirect_uri: 'https://evil.example/' }]) {
    const page = await newBrowser().get(`/authorize?${new URLSearchParams({ ...request, ...change }).toString()}`)
    assert.deepEqual([page.status, page.location], [400, ''])
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  }
})

test('names and scopes of clients are shown as text', async () => {
  const payload = `<script>alert(1)</script>"'&`
  const store = new SqliteStore(join(server.data, 'grantry.db'))
  const named = { id: 'evil"><b>', name: `${payload}\u202e`, redirectUris: [redirectUri], scopes: ['<img>'] }
  await store.putClient(named)
  store.close()
  const query = new URLSearchParams({ ...request, client_id: named.id, scope: '<img>', state: payload })
  const { text } = await newBrowser().login(`/authorize?${query.toString()}`, username, password)
  assert.ok(text.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd'))
  assert.doesNotMatch(text, /<script|<img|<b>|\u202e/)
})

test('every page has its headers; login and consent allow their redirect as a form target', async () => {
  const [browser, consent] = await loggedIn()
  const pages = {
    consent,
    login: await loginPage(newBrowser()),
    home: await browser.get('/'),
    error: await browser.get('/authorize'),
    method: await browser.get('/consent'),
    forged: await browser.post('/login', {}),
    redirect: await newBrowser().get(authorize),
  }
  for (const [name, { headers, status }] of Object.entries(pages)) {
    assert.equal(headers.get('x-frame-options'), 'DENY', name)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', name)
    assert.equal(headers.get('referrer-policy'), 'no-referrer', name)
    assert.equal(headers.get('cache-control'), 'no-store', name)
    if (status === 303) continue
    const target = name === 'consent' || name === 'login' ? ' http://127.0.0.1:8080' : ''
    const script = name === 'login' ? " script-src 'self';" : ''
    const policy = `default-src 'none'; style-src 'self';${script} img-src 'self'; form-action 'self'${target}; frame-ancestors 'none'; base-uri 'none'`
    assert.equal(headers.get('content-security-policy'), policy, name)
  }
})

const receivers: [redirectUri: string, formTarget: string, shown: RegExp][] = [
  ['https://app.example:8443/cb', 'https://app.example:8443', /<strong>app\.example:8443<\/strong>/],
  ['com.example.app:/cb', 'com.example.app:', /an app on this device/],
  ['http://[::1]:9/cb', 'http:', /a program on this computer/],
]
for (const [uri, formTarget, shown] of receivers) {
  test(`consent for ${uri} -> form target ${formTarget}`, async () => {
    const store = new SqliteStore(join(server.data, 'grantry.db'))
    await store.putClient({ id: uri, redirectUris: [uri], scopes: ['read'] })
    store.close()
    const query = new URLSearchParams({ ...request, client_id: uri, redirect_uri: uri, scope: 'read' })
    const page = await newBrowser().login(`/authorize?${query.toString()}`, username, password)
    assert.ok(page.headers.get('content-security-policy')?.includes(`form-action 'self' ${formTarget};`))
    assert.match(page.text, shown)
  })
}

test('cookies: HttpOnly and SameSite; on https also __Host- and Secure, and only that name is read', async () => {
  const plain = (await loginPage(newBrowser())).headers.getSetCookie()
  assert.match(plain.join(), /^grantry-login=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  const secure = await start('https', 'https://id.example/auth')
  const browser = new Browser(secure.url)
  browser.cookies.set('grantry-login', 'B'.repeat(43))
  const page = await browser.get('/auth/login')
  assert.match(
    page.headers.getSetCookie().join(),
    /^__Host-grantry-login=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  assert.notEqual(hiddenFields(page)['csrf'], 'B'.repeat(43))
  assert.equal(hiddenFields(page)['to'], '/auth/')
  assert.equal((await browser.get('/auth/')).status, 200)
  assert.equal(secure.firstStart, undefined)
})

test('health: live and ready', async () => {
  for (const [path, status] of [
    ['/health/live', 'live'],
    ['/health/ready', 'ready'],
  ] as const) {
    const page = await newBrowser().get(path)
    assert.deepEqual([page.status, page.text], [200, JSON.stringify({ status })])
  }
})

test('the log has no secret, password, code, token or cookie in it', async () => {
  const [browser, consent] = await loggedIn()
  const code = answerOf(
    await browser.post('/consent', { ...hiddenFields(consent), scope: 'read', decision: 'approve' }),
  ).get('code')
  const token = await redeem(code ?? '')
  await redeem(code ?? '')
  const log = JSON.stringify(records)
  const secrets = [
    clientSecret,
    password,
    code,
    token['access_token'],
    token['refresh_token'],
    ...browser.cookies.values(),
  ]
  for (const secret of secrets) assert.ok(!log.includes(String(secret)))
  assert.ok(log.includes('code_reused') && log.includes('login.accepted'))
})
