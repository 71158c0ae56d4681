/** Users from elsewhere by a source of one's own: logins, claims, and what ends when they are gone or have a new password. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bcrypt } from 'hash-wasm'
import { createHmac, randomBytes } from 'node:crypto'
import { startServer, type PasswordAttempt, type SourceUser, type UserSource } from 'grantry-server'
import { totpAt } from '../../packages/server/src/accounts/totp.ts'
import { findForm, secretOn, type Browser, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { clock, startOpenId } from './openid-fixture.ts'

interface Row {
  readonly id: string
  readonly email: string
  readonly hash: string
  readonly name: string
}

const hashOf = (password: string): Promise<string> =>
  bcrypt({ password, salt: randomBytes(16), costFactor: 4, outputType: 'encoded' })

/** What an application has: a table of users. */
class Table implements UserSource {
  readonly rows = new Map<string, Row>()
  isDown = false
  answersWith: SourceUser | undefined
  asked = 0

  async login({ username, matches }: PasswordAttempt) {
    const row = [...this.#reachable().values()].find(({ email }) => email === username)
    return (await matches(row?.hash, ['$2b$04$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'])) && row
      ? { id: row.id, username: row.email, version: row.hash }
      : undefined
  }

  find(id: string): SourceUser | undefined {
    this.asked++
    const row = this.#reachable().get(id)
    if (this.answersWith !== undefined) return this.answersWith
    return row && { id, username: row.email, version: row.hash, claims: { name: row.name, email: row.email } }
  }

  #reachable(): ReadonlyMap<string, Row> {
    if (this.isDown) throw new Error('the table is locked')
    return this.rows
  }
}

const table = new Table()
const openid = await startOpenId({ userSource: table, passwordChangeUri: 'https://app.example/password' })

describe('users of a source', () => {
  let users = 0

  const newUser = async (): Promise<Row> => {
    const id = String(++users)
    const row = { id, email: `user${id}@example.com`, hash: await hashOf('secret'), name: `User ${id}` }
    table.rows.set(id, row)
    return row
  }
  const login = async ({ email }: Pick<Row, 'email'>, password = 'secret'): Promise<[Browser, Page]> => {
    const browser = openid.browser()
    return [browser, await browser.submit(await browser.get('/login'), 'login', { username: email, password })]
  }
  const isLoggedIn = async (browser: Browser): Promise<boolean> => (await browser.get('/account')).status === 200
  const letIn = async (browser: Browser, change: Readonly<Record<string, string>>) => {
    const consent = await browser.follow(await browser.get(openid.path({ prompt: 'consent', ...change })))
    return openid.redeem(await browser.submit(consent, 'consent', { decision: 'approve' }))
  }
  const refresh = async ({ refresh_token: token }: Readonly<Record<string, unknown>>): Promise<unknown> =>
    (await openid.post('/token', { grant_type: 'refresh_token', refresh_token: String(token) }))['error'] ?? 'good'

  test('there is no user for development', () => assert.equal(openid.server.firstStart?.password, undefined))

  test('name and password are right -> logged in; clients know the user as users:<id>, with the claims of now', async () => {
    const row = await newUser()
    const [browser, page] = await login(row)
    assert.equal(page.location, '/')
    const { id_token: token, access_token: access } = await letIn(browser, { scope: 'openid profile email' })
    assert.equal((await openid.claimsOf(token)).sub, `users:${row.id}`)
    table.rows.set(row.id, { ...row, name: 'Renamed' })
    const answer = await fetch(`${openid.server.url}/userinfo`, {
      headers: { Authorization: `Bearer ${String(access)}` },
    })
    const { email } = row
    assert.deepEqual(await answer.json(), { sub: `users:${row.id}`, name: 'Renamed', email, preferred_username: email })
    assert.match((await browser.get('/account')).text, new RegExp(email))
  })

  for (const [name, change] of [
    ['wrong password', { password: 'Secret' }],
    ['no password', { password: '' }],
    ['unknown name', { username: 'nobody@example.com' }],
    ['the id that sessions hang on', { username: 'users:1' }],
  ] as const) {
    test(`${name} -> 400`, async () => {
      const [, page] = await login(
        { email: 'username' in change ? change.username : (await newUser()).email },
        'password' in change ? change.password : undefined,
      )
      assert.equal(page.status, 400)
    })
  }

  test('a new password elsewhere -> after a minute the sessions are over with what hangs on them; a new one starts', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const online = await letIn(browser, { scope: 'openid read' })
    const offline = await letIn(browser, { scope: 'openid read offline_access' })
    table.rows.set(row.id, { ...row, hash: await hashOf('another') })
    clock.now += 59
    assert.equal(await isLoggedIn(browser), true)
    clock.now += 1
    assert.equal(await isLoggedIn(browser), false)
    assert.deepEqual([await refresh(online), await refresh(offline)], ['invalid_grant', 'good'])
    assert.equal((await login(row, 'secret'))[1].status, 400)
    const [later] = await login(row, 'another')
    assert.equal(await isLoggedIn(later), true)
  })

  test('a login with the new password ends the sessions at once', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    table.rows.set(row.id, { ...row, hash: await hashOf('another') })
    await login(row, 'another')
    assert.equal(await isLoggedIn(browser), false)
  })

  test('gone -> nothing is renewed, sessions and grants are over, userinfo says no; back again -> has to log in', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const tokens = await letIn(browser, { scope: 'openid profile offline_access' })
    table.rows.delete(row.id)
    assert.equal(await refresh(tokens), 'good') // for a minute
    clock.now += 60
    assert.equal(await refresh(tokens), 'invalid_grant')
    const headers = { Authorization: `Bearer ${String(tokens['access_token'])}` }
    assert.equal((await fetch(`${openid.server.url}/userinfo`, { headers })).status, 401)
    table.rows.set(row.id, row)
    assert.equal(await isLoggedIn(browser), false)
    assert.equal(await refresh(tokens), 'invalid_grant')
    assert.equal((await login(row))[1].location, '/')
  })

  test('gone, as userinfo finds out first -> 401, and the rest is over', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const { access_token: token } = await letIn(browser, { scope: 'openid profile' })
    table.rows.delete(row.id)
    const headers = { Authorization: `Bearer ${String(token)}` }
    assert.equal((await fetch(`${openid.server.url}/userinfo`, { headers })).status, 401)
    assert.equal(await isLoggedIn(browser), false)
  })

  test('the source is asked once a minute, not for each page', async () => {
    const [browser] = await login(await newUser())
    const before = table.asked
    for (let index = 0; index < 3; index++) await browser.get('/account')
    assert.equal(table.asked, before)
    clock.now += 60
    for (let index = 0; index < 3; index++) await browser.get('/account')
    assert.equal(table.asked, before + 1)
  })

  test('the source does not answer -> 503 for logins and pages, and nobody is logged out', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const tokens = await letIn(browser, { scope: 'openid offline_access' })
    clock.now += 60
    table.isDown = true
    const [, page] = await login(row)
    assert.deepEqual([page.status, page.headers.get('retry-after')], [503, '1'])
    assert.equal((await browser.get('/account')).status, 503)
    assert.equal(await refresh(tokens), 'temporarily_unavailable')
    table.isDown = false
    assert.equal(await isLoggedIn(browser), true)
    assert.equal(await refresh(tokens), 'good')
    assert.ok(!JSON.stringify(openid.records).includes('secret'))
  })

  test('an id that fits in no token, and another user than was asked for -> 503', async () => {
    const row = { ...(await newUser()), id: 'zoë' }
    table.rows.set(row.id, { ...row, email: 'zoe@example.com' })
    assert.equal((await login({ email: 'zoe@example.com' }))[1].status, 503)
    table.rows.delete(row.id)
    const [browser] = await login(await newUser())
    clock.now += 60
    table.answersWith = { id: 'zoe', username: 'zoe', version: '1', claims: {} }
    assert.equal((await browser.get('/account')).status, 503)
    table.answersWith = undefined
  })

  test('the password is changed where it is: the page leads there, and a form of ours changes nothing', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const page = await browser.get('/account')
    assert.match(page.text, /<a id="change_password" href="https:\/\/app\.example\/password">/)
    assert.equal(findForm(page, 'change_password'), undefined)
    const id = browser.cookies.get('grantry-session') ?? ''
    const csrf = createHmac('sha256', id).update('account_password\n').digest('base64url')
    const fields = { csrf, current_password: 'secret', new_password: 'zebra lamp 77', repeat_password: 'zebra lamp 77' }
    assert.equal((await browser.post('/account/password', fields)).location, '/account?done=')
    assert.equal((await login(row, 'zebra lamp 77'))[1].status, 400)
  })

  test('a second factor is theirs as well: the page asks for it, and the command takes it away by their id', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const page = await browser.get('/account/totp')
    const secret = secretOn(page)
    await browser.submit(page, 'totp', { password: 'secret', code: totpAt(secret, clock.now) })
    const [, asked] = await login(row)
    assert.equal(asked.location, '/login/code?to=%2F')
    const remove = ['user', 'remove-totp', `users:${row.id}`, '--data', openid.data]
    assert.equal((await grantryServer(remove).ended).code, 0)
    assert.equal((await login(row))[1].location, '/')
  })

  test('a server without the source: its users are strangers, and nothing of theirs is ended', async () => {
    const row = await newUser()
    const [browser] = await login(row)
    const tokens = await letIn(browser, { scope: 'openid offline_access' })
    const { data, server } = openid
    const other = await startServer({
      port: 0,
      data,
      issuer: server.issuer,
      log: () => undefined,
      now: () => clock.now,
    })
    const cookie = `grantry-session=${browser.cookies.get('grantry-session') ?? ''}`
    const answer = await fetch(`${other.url}/account`, { headers: { cookie }, redirect: 'manual' })
    assert.equal(answer.headers.get('location'), '/login?to=%2Faccount')
    await other.close()
    clock.now += 60
    assert.equal(await isLoggedIn(browser), true)
    assert.equal(await refresh(tokens), 'good')
  })
})
