/** Whose a login at another provider is, what its user can do here, and how it ends. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StartError, startServer, type ServerOptions } from 'grantry-server'
import { SignJWT } from 'jose'
import { totpAt } from '../../packages/server/src/accounts/totp.ts'
import { Browser, findForm, secretOn, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { startOpenId } from './openid-fixture.ts'
import {
  at,
  comeBack,
  evil,
  hosts,
  now,
  openid,
  other,
  privateKey,
  problemOf,
  stranger,
  upstream,
  usernameOf,
} from './upstream-fixture.ts'

describe('who a login belongs to', () => {
  const dev = async (): Promise<Browser> => {
    const who = new Browser(openid.server.issuer)
    await who.submit(await who.get('/login'), 'login', { username: openid.username, password: openid.password })
    return who
  }
  const connect = async (who: Browser, id: string, subject: string): Promise<Page> => {
    const provider = id === 'evil' ? evil : other
    provider.state.craft = { ...provider.good(), claims: { sub: subject }, userinfo: { sub: subject } }
    const page = await who.get('/account')
    const href =
      new RegExp(`id="connect_${id}" href="([^"]+)"`).exec(page.text)?.[1]?.replaceAll('&amp;', '&') ??
      assert.fail(page.text)
    return who.get(comeBack(new URL((await who.get(href)).location)))
  }

  test('an e-mail address, verified or not, takes nobody over', async () => {
    const [who] = await at(
      'evil',
      {},
      { claims: { sub: 'thief', email: 'dev@example.com', email_verified: true }, userinfo: { sub: 'thief' } },
    )
    const { text } = await who.get('/account')
    assert.match(text, /logged in as <strong><bdi>dev@example\.com</)
    assert.doesNotMatch(text, /id="password"/) // a user of its own, without a password
  })

  test('policy link: unknown -> told to connect it; connected by who is logged in -> logs in; nobody else gets it', async () => {
    const [stranger, page] = await at('other', {}, { claims: { sub: 'mine' }, userinfo: { sub: 'mine' } })
    assert.equal(page.status, 403)
    assert.match(problemOf(page), /^The The other login eve@evil\.example is not connected yet/)
    assert.equal((await stranger.get('/account')).status, 303)
    const who = await dev()
    assert.equal((await connect(who, 'other', 'mine')).location, '/account?done=connected')
    const [again] = await at('other', {}, { claims: { sub: 'mine' }, userinfo: { sub: 'mine' } })
    assert.equal(await usernameOf(again), 'dev')
    const [thief] = await at('evil', {}, { claims: { sub: 'another' }, userinfo: { sub: 'another' } })
    assert.match(problemOf(await connect(thief, 'other', 'mine')), /belongs to someone else here/)
  })

  test('a link without the token of the page (CSRF), and an answer after a logout -> nothing is connected', async () => {
    const who = await dev()
    assert.equal((await who.get('/login/via/evil?to=%2Faccount&link=x')).status, 403)
    const href =
      /id="connect_evil" href="([^"]+)"/.exec((await who.get('/account')).text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const sent = new URL((await who.get(href)).location)
    who.cookies.delete('grantry-session')
    assert.equal((await who.get(comeBack(sent))).status, 400)
  })

  test('disconnected -> logs in no more; the last way in stays', async () => {
    const who = await dev()
    await connect(who, 'evil', 'second')
    const page = await who.get('/account')
    const done = await who.submit(page, 'disconnect_1')
    assert.equal(done.location, '/account?done=disconnected')
    const [only] = await at('evil', {}, { claims: { sub: 'only' }, userinfo: { sub: 'only' } })
    const own = await only.get('/account')
    assert.match(own.text, /Your only way in/)
    assert.equal(findForm(own, 'disconnect_1'), undefined)
  })

  test('a second factor here is asked for after a login there', async () => {
    const who = await dev()
    await connect(who, 'evil', 'careful')
    const page = await who.get('/account/totp')
    const secret = secretOn(page)
    await who.submit(page, 'totp', { password: openid.password, code: totpAt(secret, now()) })
    const [, after] = await at('evil', {}, { claims: { sub: 'careful' }, userinfo: { sub: 'careful' } })
    assert.equal(after.location, '/login/code?to=%2F')
    await grantryServer(['user', 'remove-totp', 'dev', '--data', openid.data]).ended
  })

  test('a user without a password turns a second factor on and off by a login a moment ago; it is asked for then', async () => {
    const careful = { claims: { sub: 'alone' }, userinfo: { sub: 'alone' } }
    const [who] = await at('evil', {}, careful)
    assert.match((await who.get('/account')).text, /id="two_step".*id="passkeys"/s)
    const page = await who.get('/account/totp')
    assert.doesNotMatch(page.text, /id="password"/)
    const secret = secretOn(page)
    assert.match((await who.submit(page, 'totp', { code: totpAt(secret, now()) })).text, /id="recovery_codes"/)
    const [again, after] = await at('evil', {}, careful)
    assert.equal(after.location, '/login/code?to=%2F')
    const code = await again.get(after.location)
    assert.equal((await again.submit(code, 'second_factor', { code: totpAt(secret, now() + 30) })).location, '/')
    assert.doesNotMatch((await again.submit(await again.get('/account/totp'), 'remove_totp')).text, /role="alert"/)
    assert.equal((await at('evil', {}, careful))[1].location, '/')
  })

  test('a user without a name of its own -> a command makes no password and no link for one, and says why', async () => {
    await at('evil', {}, { claims: { sub: 'nameless' }, userinfo: { sub: 'nameless' } })
    const { userId } = openid.records.findLast(({ type }) => type === 'login.accepted') ?? assert.fail()
    const { code, stderr } = await grantryServer(['user', 'reset-password', String(userId), '--data', openid.data])
      .ended
    assert.notEqual(code, 0)
    assert.match(stderr, /The user "eve@evil\.example" logs in at another provider, and has no password here/)
  })

  test('prompt=create -> a provider may make one, so nobody is told that there are no accounts', async () => {
    const who = new Browser(openid.server.issuer)
    const { text } = await who.follow(await who.get(openid.path({ prompt: 'create' })))
    assert.match(text, /id="upstream_evil"/)
    assert.doesNotMatch(text, /Accounts are made by whoever runs/)
  })

  test('a user who is disabled -> not let in', async () => {
    const [who] = await at('evil', {}, { claims: { sub: 'gone' }, userinfo: { sub: 'gone' } })
    const [, id = ''] =
      /"userId":"(user_[\w-]+)"/.exec(
        JSON.stringify(openid.records.filter(({ type }) => type === 'login.accepted').at(-1)),
      ) ?? []
    await grantryServer(['user', 'disable', id, '--data', openid.data]).ended
    assert.equal((await who.get('/account')).status, 303)
    const [, page] = await at('evil', {}, { claims: { sub: 'gone' }, userinfo: { sub: 'gone' } })
    assert.deepEqual(
      [page.status, problemOf(page)],
      [403, 'This account may not log in. Ask whoever runs this server.'],
    )
  })
})

describe('a logout there', () => {
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const good = () => ({
    iss: evil.url,
    aud: 'grantry',
    iat: now(),
    exp: now() + 120,
    jti: String(Math.random()),
    events: event,
  })
  const tell = async (claims: Record<string, unknown>, typ = 'logout+jwt', key = privateKey): Promise<number> => {
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k', typ }).sign(key)
    const body = new URLSearchParams({ logout_token: token })
    return (await fetch(`${openid.server.url}/login/via/evil/logout`, { method: 'POST', body })).status
  }
  const loggedIn = async (sub: string, sid?: string): Promise<Browser> => {
    const [who] = await at('evil', {}, { claims: { sub, sid }, userinfo: { sub } })
    assert.equal((await who.get('/account')).status, 200)
    return who
  }
  const isLive = async (who: Browser): Promise<boolean> => (await who.get('/account')).status === 200

  test('of a session -> that session of here is over, with what hangs on it; the same token again -> refused', async () => {
    const [one, two] = [await loggedIn('out', 's1'), await loggedIn('out', 's2')]
    const consent = await one.follow(await one.get(openid.path({ prompt: 'consent' })))
    const tokens = await openid.redeem(await one.submit(consent, 'consent', { decision: 'approve' }))
    const claims = { ...good(), sid: 's1' }
    assert.equal(await tell(claims), 200)
    assert.deepEqual([await isLive(one), await isLive(two)], [false, true])
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) }
    assert.equal((await openid.post('/token', refresh))['error'], 'invalid_grant')
    assert.equal(await tell(claims), 400)
  })

  test('of a user -> all sessions that began there, and none that began here', async () => {
    const [one, other] = [await loggedIn('all', 's3'), await loggedIn('else', 's4')]
    assert.equal(await tell({ ...good(), sub: 'all' }), 200)
    assert.deepEqual([await isLive(one), await isLive(other)], [false, true])
  })

  const refused: [name: string, change: Record<string, unknown>, typ?: string, key?: typeof privateKey][] = [
    ['an ID token', {}, 'JWT'],
    ['another key', {}, 'logout+jwt', stranger.privateKey],
    ['another issuer', { iss: other.url }],
    ['another client', { aud: 'someone' }],
    ['over', { exp: now() - 3600 }],
    ['a nonce', { nonce: 'n' }],
    ['no event', { events: {} }],
    ['nobody', { sid: undefined }],
  ]
  for (const [name, change, typ, key] of refused) {
    test(`a token of ${name} -> 400, and nothing ends`, async () => {
      const who = await loggedIn('stays', 's5')
      assert.equal(await tell({ ...good(), sid: 's5', ...change }, typ, key), 400)
      assert.equal(await isLive(who), true)
    })
  }
})

describe('settings', () => {
  test('only elsewhere: the login page leads there, and takes no password', async () => {
    const only = await startOpenId({
      now,
      allowPrivateHosts: hosts,
      localLogin: 'off',
      upstreams: [upstream('evil', evil.url, { allowedDomains: ['good.example'], trustsMethods: true })],
    })
    const who = only.browser()
    assert.equal((await who.get('/login?to=%2Faccount')).location, '/login/via/evil?to=%2Faccount')
    assert.equal((await who.post('/login', { username: 'a', password: 'b' })).status, 405)
    assert.equal((await who.post('/login/passkey', {})).status, 404)
    const arrive = async (claims: Record<string, unknown>): Promise<Page> => {
      evil.state.craft = { ...evil.good(), claims }
      return who.get(comeBack(new URL((await who.get('/login/via/evil?to=%2F')).location)))
    }
    for (const claims of [
      {},
      { email: 'a@good.example' },
      { email: 'a@evil.example', email_verified: true },
      { hd: 'evil.example', email: 'a@good.example', email_verified: true },
    ])
      assert.equal((await arrive(claims)).status, 403)
    assert.equal((await arrive({ email: 'a@GOOD.example', email_verified: true, amr: ['hwk', 'mfa'] })).status, 303)
    assert.deepEqual(only.records.findLast(({ type }) => type === 'login.accepted')?.['amr'], ['hwk', 'mfa'])
    const late = { email: 'a@GOOD.example', email_verified: true, auth_time: now() - 601 }
    assert.equal((await arrive(late)).status, 303)
    for (const path of ['/account/totp', '/account/passkeys'])
      assert.match(
        (await who.get(path)).text,
        new RegExp(`id="log_in_again" href="/login\\?to=${path.replaceAll('/', '%2F')}"`),
      )
    assert.match((await who.submit(await who.get('/account/totp'), 'totp', { code: '000000' })).text, /too long ago/)
  })

  test('a provider that is away -> 503, and the other ways are still there', async () => {
    const away = await startOpenId({ now, upstreams: [upstream('away', 'http://localhost:1')] })
    const page = await away.browser().get('/login/via/away?to=%2F')
    assert.deepEqual([page.status, page.headers.get('retry-after')], [503, '10'])
    assert.match(problemOf(page), /cannot be reached/)
    assert.match((await away.browser().get('/login')).text, /<form id="login"/)
  })

  const rows: [name: string, options: ServerOptions, problem: RegExp][] = [
    [
      'two with one id',
      { upstreams: [upstream('a', evil.url), upstream('a', other.url)] },
      /two of them have the same id/,
    ],
    [
      'two with one issuer',
      { upstreams: [upstream('a', evil.url), upstream('b', evil.url)] },
      /two of them have the same issuer/,
    ],
    ['no way in', { localLogin: 'off' }, /nobody could log in/],
    [
      'accounts with passwords, and no login by one',
      { localLogin: 'off', signUp: 'open', upstreams: [upstream('a', evil.url)] },
      /--sign-up cannot be set. By --local-login off/,
    ],
  ]
  for (const [name, options, problem] of rows)
    test(`${name} -> the start ends, and says so`, () =>
      assert.rejects(
        startServer(options),
        (thrown: unknown) => thrown instanceof StartError && problem.test(thrown.message),
      ))
})
