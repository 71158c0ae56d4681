/** Logins at other providers: at a second server of ours, and at one that is made to attack. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { Browser, type Page } from './browser.ts'
import { reached } from './openid-fixture.ts'
import {
  at,
  comeBack,
  evil,
  home,
  now,
  openid,
  other,
  problemOf,
  setOut,
  signBy,
  stranger,
  usernameOf,
  type Craft,
} from './upstream-fixture.ts'

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

  test('prompt=login and select_account go on, consent does not: that is about clients of here', async () => {
    const [, sent] = await setOut('home', openid.path({ prompt: 'login select_account consent' }))
    assert.equal(sent.searchParams.get('prompt'), 'login select_account')
  })

  test('a logout here offers the one there, which ends the session there', async () => {
    const [who] = await through('/login?to=%2Faccount')
    const page = await who.submit(await who.get('/logout'), 'logout')
    const end = new URL(/id="go_on" href="([^"]+)"/.exec(page.text)?.[1] ?? assert.fail(page.text))
    assert.deepEqual([end.origin, end.pathname], [home.server.issuer, '/logout'])
    assert.match((await home.browser().get(end.pathname + end.search)).text, /logged out/i)
  })

  test('no tokens of it are kept, and none are logged', () =>
    assert.doesNotMatch(JSON.stringify(openid.records), /eyJ|access_token|id_token/))
})

describe('two factors', () => {
  const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:grantry:acr:2fa' } } })
  const rows: [name: string, asked: Readonly<Record<string, string>>, acr: string, comes: string][] = [
    ['must be, and were', { claims: essential }, 'two', 'urn:grantry:acr:2fa'],
    ['are wished, and were', { acr_values: 'urn:grantry:acr:2fa' }, 'two', 'urn:grantry:acr:2fa'],
    ['are wished, and were not', { acr_values: 'urn:grantry:acr:2fa' }, 'one', 'urn:grantry:acr:1fa'],
    ['must be, and were not', { claims: essential }, 'one', 'unmet_authentication_requirements'],
    ['are not asked for', {}, 'two', 'urn:grantry:acr:2fa'],
  ]
  for (const [name, asked, acr, comes] of rows)
    test(`that ${name} -> ${comes}`, async () => {
      evil.state.craft = { ...evil.good(), claims: { sub: name, acr }, userinfo: { sub: name } }
      const [who, sent] = await setOut('evil', openid.path(asked))
      assert.equal(sent.searchParams.get('acr_values'), Object.keys(asked).length > 0 ? 'two' : null)
      const page = await who.follow(await who.get(comeBack(sent)))
      const answer = page.location === '' ? await who.submit(page, 'consent', { decision: 'approve' }) : page
      const told = reached(answer)
      assert.equal(
        told === 'code' ? (await openid.claimsOf((await openid.redeem(answer))['id_token']))['acr'] : told,
        comes,
      )
    })
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
