/** Logins at other providers: a second server of ours and one that is made to attack. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { hashClientSecret, registerClient } from 'grantry'
import { StartError, startServer, type ServerOptions } from 'grantry-server'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Browser, findForm, secretOn, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { totpAt } from '../../packages/server/src/accounts/totp.ts'
import { clock, startOpenId } from './openid-fixture.ts'

const clientSecret = 's'.repeat(43)
const now = (): number => Math.floor(Date.now() / 1000) // the library that asks the provider has no other clock

/** What a crafted provider answers. */
interface Craft {
  readonly claims: Record<string, unknown>
  readonly sign: (claims: Record<string, unknown>) => Promise<string>
  readonly metadata: Record<string, unknown>
  readonly userinfo: Record<string, unknown>
}

const { privateKey, publicKey } = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')
const signBy = (key: typeof privateKey) => (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key)

/** A provider whose every answer can be changed. Its users are whoever the test says. */
const startCrafted = async () => {
  let url = ''
  const good = (): Craft => ({ claims: {}, sign: signBy(privateKey), metadata: {}, userinfo: {} })
  const state = { craft: good(), nonce: '', asked: [] as string[] }
  const json = (to: ServerResponse, body: unknown): unknown =>
    to.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  const token = async (request: IncomingMessage, to: ServerResponse): Promise<unknown> => {
    state.asked.push(Buffer.concat(await request.toArray()).toString())
    const iat = now()
    const times = { iat, exp: iat + 300, auth_time: iat }
    const claims = {
      iss: url,
      sub: 'u1',
      aud: 'grantry',
      nonce: state.nonce,
      email: 'eve@evil.example',
      ...times,
      ...state.craft.claims,
    }
    return json(to, { access_token: 'a', token_type: 'Bearer', id_token: await state.craft.sign(claims) })
  }
  const server = createServer((request, to) => {
    const { pathname } = new URL(request.url ?? '', url)
    const endpoints = {
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      userinfo_endpoint: `${url}/me`,
    }
    const known = {
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }
    if (pathname === '/token') void token(request, to)
    else if (pathname === '/jwks')
      void exportJWK(publicKey).then((jwk) => json(to, { keys: [{ ...jwk, kid: 'k', alg: 'RS256' }] }))
    else if (pathname === '/me') json(to, { sub: 'u1', ...state.craft.userinfo })
    else
      json(to, {
        issuer: url,
        ...endpoints,
        ...known,
        authorization_response_iss_parameter_supported: true,
        ...state.craft.metadata,
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  url = `http://localhost:${(server.address() as AddressInfo).port}`
  return { url, state, good }
}

const evil = await startCrafted()
const other = await startCrafted()

clock.now = now()
// the provider that users know: a second server of ours
const home = await startOpenId({ now })

const upstream = (id: string, issuer: string, change: object = {}) => ({
  ...{ id, label: `The ${id}`, issuer, clientId: 'grantry', clientSecret, unknownUsers: 'create' as const },
  ...change,
})
const hosts = [home.server.issuer, evil.url, other.url].map((url) => new URL(url).host)
const openid = await startOpenId({
  now,
  allowPrivateHosts: hosts,
  upstreams: [
    upstream('home', home.server.issuer),
    upstream('evil', evil.url),
    upstream('other', other.url, { unknownUsers: 'link' }),
  ],
})
await registerClient(home.store, {
  ...{ id: 'grantry', grantTypes: ['authorization_code'], scopes: ['openid', 'profile', 'email'] },
  redirectUris: [`${openid.server.issuer}/login/via/home/callback`],
})
await home.changeClient('grantry', { secrets: [hashClientSecret(clientSecret)] })

/** Sets out to a provider; gives the browser and the address at the provider. */
const setOut = async (id: string, to = '/', who = new Browser(openid.server.issuer)): Promise<[Browser, URL]> => {
  const page = await who.get(`/login/via/${id}?to=${encodeURIComponent(to)}`)
  assert.equal(page.status, 303, page.text)
  return [who, new URL(page.location)]
}
/** What a crafted provider would send the browser back with. */
const comeBack = (sent: URL, change: Readonly<Record<string, string | undefined>> = {}): string => {
  evil.state.nonce = other.state.nonce = sent.searchParams.get('nonce') ?? ''
  const back = new URL(sent.searchParams.get('redirect_uri') ?? '')
  const answer: Readonly<Record<string, string | undefined>> = {
    code: 'c',
    state: sent.searchParams.get('state') ?? '',
    iss: sent.origin,
    ...change,
  }
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) back.searchParams.set(name, value)
  return back.pathname + back.search
}
const at = async (
  id: string,
  change: Readonly<Record<string, string | undefined>> = {},
  craft: Partial<Craft> = {},
): Promise<[Browser, Page]> => {
  const provider = id === 'evil' ? evil : other
  provider.state.craft = { ...provider.good(), ...craft }
  const [who, sent] = await setOut(id)
  return [who, await who.get(comeBack(sent, change))]
}
const usernameOf = async (who: Browser): Promise<string | undefined> =>
  /logged in as <strong><bdi>([^<]*)</.exec((await who.get('/account')).text)?.[1]
const problemOf = ({ text }: Page): string => /role="alert">([^<]*)</.exec(text)?.[1]?.trim() ?? text

describe('a login at another server of ours', () => {
  /** Through both servers: the login page, the provider, and back. */
  const through = async (path: string): Promise<[Browser, Page]> => {
    const who = new Browser(openid.server.issuer)
    const login = await who.follow(await who.get(path))
    const href =
      /id="upstream_home" href="([^"]+)"/.exec(login.text)?.[1]?.replaceAll('&amp;', '&') ?? assert.fail(login.text)
    const sent = new URL((await who.get(href)).location)
    const there = await home.browser().clickThrough(sent.pathname + sent.search, home.username, home.password)
    const back = new URL(there.location)
    return [who, await who.get(back.pathname + back.search)]
  }

  test('the client gets a code; the user is made once, has the name from there and a sub of here', async () => {
    const subs = []
    for (const state of ['one', 'two']) {
      const [who, page] = await through(openid.path({ state, scope: 'openid email' }))
      const consent = await who.follow(page)
      const answer = consent.location === '' ? await who.submit(consent, 'consent', { decision: 'approve' }) : consent
      const claims = await openid.claimsOf((await openid.redeem(answer))['id_token'])
      assert.deepEqual([claims['amr'], claims['acr']], [undefined, 'urn:grantry:acr:1fa'])
      subs.push(claims.sub)
      assert.equal(await usernameOf(who), 'dev@example.com')
    }
    assert.equal(subs[0], subs[1])
    assert.match(subs[0] ?? '', /^user_[\w-]{22}$/)
    const accepted = openid.records.filter(({ type, upstream }) => type === 'login.accepted' && upstream === 'home')
    assert.equal(accepted.length, 2)
  })

  test('prompt=login and max_age are asked for there, and its word is checked', async () => {
    const [, sent] = await setOut('home', openid.path({ prompt: 'login' }))
    assert.equal(sent.searchParams.get('max_age'), '0')
    const [, aged] = await setOut('home', openid.path({ max_age: '60' }))
    assert.equal(aged.searchParams.get('max_age'), '60')
    assert.equal((await setOut('home'))[1].searchParams.has('max_age'), false)
  })

  test('no tokens of it are kept, and none are logged', () =>
    assert.doesNotMatch(JSON.stringify(openid.records), /eyJ|access_token|id_token/))
})

describe('an answer that is not the one', () => {
  const refused: [
    name: string,
    change: Readonly<Record<string, string | undefined>>,
    craft: Partial<Craft>,
    log: RegExp,
  ][] = [
    ['no iss, which was announced', { iss: undefined }, {}, /iss/],
    ['iss of another provider (mix-up)', { iss: other.url }, {}, /iss/],
    ['no code', { code: undefined }, {}, /code/],
    ['an error', { code: undefined, error: 'server_error' }, {}, /server_error/],
    ['another nonce (code injection)', {}, { claims: { nonce: 'n' } }, /nonce/],
    ['no nonce', {}, { claims: { nonce: undefined } }, /nonce/],
    [
      'ID token that nobody signed',
      {},
      { sign: async (claims) => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(claims))}.`.replaceAll('=', '') },
      /./,
    ],
    ['ID token that another key signed', {}, { sign: signBy(stranger.privateKey) }, /signature/],
    ['ID token of another issuer', {}, { claims: { iss: other.url } }, /iss/],
    ['ID token for another client', {}, { claims: { aud: 'someone' } }, /aud/],
    ['ID token for two, with another azp', {}, { claims: { aud: ['grantry', 'someone'], azp: 'someone' } }, /azp/],
    ['ID token that is over', {}, { claims: { exp: now() - 3600 } }, /exp/],
    ['ID token without a subject', {}, { claims: { sub: undefined } }, /sub/],
    ['userinfo of somebody else', {}, { userinfo: { sub: 'u2' } }, /sub/],
  ]
  for (const [name, change, craft, log] of refused) {
    test(`${name} -> a page that says so, and no session`, async () => {
      openid.records.length = 0
      const [who, page] = await at('evil', change, craft)
      assert.deepEqual(
        [page.status, problemOf(page)],
        [400, 'The login at The evil failed. Try again; if that does not help, tell whoever runs this server.'],
      )
      assert.equal((await who.get('/account')).status, 303)
      const told = openid.records.find(({ type }) => type === 'login.refused')
      assert.match(String(told?.['cause']), log)
    })
  }

  test('the user said no there -> a page that leads back to where it began', async () => {
    const [, page] = await at('evil', { code: undefined, error: 'access_denied' })
    assert.match(problemOf(page), /^You did not log in at The evil/)
    assert.match(page.text, /id="again" href="\/login\?to=%2F"/)
  })

  test('the answer in another browser (login CSRF) -> refused, and still good in its own, once', async () => {
    evil.state.craft = evil.good()
    const [who, sent] = await setOut('evil')
    const back = comeBack(sent)
    const victim = new Browser(openid.server.issuer)
    await victim.get('/login')
    assert.equal((await victim.get(back)).status, 400)
    assert.equal((await new Browser(openid.server.issuer).get(back)).status, 400)
    assert.equal((await who.get(back)).status, 303)
    assert.match(problemOf(await who.get(back)), /was used before/)
  })

  test('at the callback of another provider -> refused (mix-up), and no code is sent to it', async () => {
    const [who, sent] = await setOut('evil')
    evil.state.asked.length = other.state.asked.length = 0
    assert.equal((await who.get(comeBack(sent).replace('/via/evil/', '/via/other/'))).status, 400)
    assert.deepEqual([evil.state.asked, other.state.asked], [[], []])
  })

  test('the code goes out with the verifier of its own login, which no other one has', async () => {
    evil.state.craft = evil.good()
    evil.state.asked.length = 0
    for (let index = 0; index < 2; index++) {
      const [who, sent] = await setOut('evil')
      await who.get(comeBack(sent))
      const verifier = new URLSearchParams(evil.state.asked.at(-1)).get('code_verifier') ?? ''
      const digest = createHash('sha256').update(verifier).digest('base64url')
      assert.equal(digest, sent.searchParams.get('code_challenge'))
    }
    assert.notEqual(
      ...(evil.state.asked.map((body) => new URLSearchParams(body).get('code_verifier')) as [string, string]),
    )
  })

  test('a login there that is too old for the client -> refused', async () => {
    evil.state.craft = { ...evil.good(), claims: { auth_time: now() - 3600 } }
    const [who, sent] = await setOut('evil', openid.path({ max_age: '60' }))
    assert.equal((await who.get(comeBack(sent))).status, 400)
    evil.state.craft = { ...evil.good(), claims: { auth_time: undefined } }
    const [again, asked] = await setOut('evil', openid.path({ prompt: 'login' }))
    assert.equal((await again.get(comeBack(asked))).status, 400)
  })

  const elsewhere: [name: string, to: string][] = [
    ['to another site (open redirect)', 'https://evil.example/'],
    ['to another host', '//evil.example'],
    ['to a page that is none of those', '/login'],
    ['to what browsers take for a host', '/\\evil.example'],
  ]
  for (const [name, to] of elsewhere)
    test(`${name} -> refused before anything is sent`, async () => {
      const who = new Browser(openid.server.issuer)
      assert.equal((await who.get(`/login/via/evil?to=${encodeURIComponent(to)}`)).status, 400)
    })
})

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
  ]
  for (const [name, options, problem] of rows)
    test(`${name} -> the start ends, and says so`, () =>
      assert.rejects(
        startServer(options),
        (thrown: unknown) => thrown instanceof StartError && problem.test(thrown.message),
      ))
})
