/** The logout page (OpenID Connect RP-Initiated Logout 1.0). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Browser, Page } from './browser.ts'
import { clock, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId()
const { username, password, path, browser, loggedIn } = openid
const after = 'https://app.example/bye?x=1'
await openid.changeClient('app', { postLogoutRedirectUris: [after] })

const logout = (fields: Readonly<Record<string, string>>): string => `/logout?${new URLSearchParams(fields).toString()}`

const isLoggedIn = async (who: Browser): Promise<boolean> => /logged in as/.test((await who.get('/')).text)

/** An ID token of the session of a browser. */
const idToken = async (who: Browser): Promise<string> =>
  String((await openid.redeem(await who.clickThrough(path(), username, password)))['id_token'])

describe('at once, by the hint of the login of the browser', () => {
  const kinds: [name: string, send: (who: Browser, fields: Record<string, string>) => Promise<Page>][] = [
    ['GET', (who, fields) => who.get(logout(fields))],
    ['POST of another site', async (who, fields) => who.follow(await who.post('/logout', fields, { Origin: 'https://app.example', 'Sec-Fetch-Site': 'cross-site' }))],
  ] // prettier-ignore
  for (const [name, send] of kinds) {
    test(`${name} -> the session is over, and the browser is sent on with state`, async () => {
      const who = await loggedIn()
      const hint = await idToken(who)
      const stolen = new Map(who.cookies)
      clock.now += 3000 // an ID token that expired says who is meant all the same
      const page = await send(who, {
        id_token_hint: hint,
        post_logout_redirect_uri: after,
        state: 'a&b',
        ui_locales: 'de',
      })
      assert.deepEqual([page.status, page.location], [303, `${after}&state=a%26b`])
      assert.equal(await isLoggedIn(who), false)
      for (const [cookie, value] of stolen) who.cookies.set(cookie, value)
      assert.equal(await isLoggedIn(who), false, 'the cookie is worth nothing')
    })
  }

  test('without a place to go to -> a page', async () => {
    const who = await loggedIn()
    const page = await who.get(logout({ id_token_hint: await idToken(who) }))
    assert.deepEqual([page.status, page.location], [200, ''])
    assert.match(page.text, /You are logged out/)
    assert.match(page.headers.get('set-cookie') ?? '', /^grantry-session=; Max-Age=0; Path=\/; HttpOnly/)
  })
})

describe('asks first', () => {
  const rows: [name: string, fields: () => Promise<Record<string, string>> | Record<string, string>][] = [
    ['no hint', () => ({})],
    ['no hint, with client and place', () => ({ client_id: 'app', post_logout_redirect_uri: after })],
    ['hint of another session of the user', async () => ({ id_token_hint: await idToken(await loggedIn()) })],
  ]
  for (const [name, fields] of rows) {
    test(`${name} -> the session lives until the button is pressed`, async () => {
      const who = await loggedIn()
      const asked = await fields()
      const page = await who.get(logout(asked))
      assert.deepEqual([page.status, page.location], [200, ''])
      assert.equal(await isLoggedIn(who), true)
      const answer = await who.submit(page, 'logout')
      assert.equal(answer.location, asked['post_logout_redirect_uri'] ?? '')
      assert.equal(await isLoggedIn(who), false)
    })
  }

  test('the form may end at the client, and nowhere else', async () => {
    const page = await (await loggedIn()).get(logout({ client_id: 'app', post_logout_redirect_uri: after }))
    assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' https:\/\/app\.example;/)
    assert.match(page.text, /The App<\/bdi><\/strong> asks to log you out/)
  })

  const forged: [name: string, change: Record<string, string>, headers: Record<string, string>][] = [
    ['csrf wrong', { csrf: 'A'.repeat(43) }, {}],
    ['Sec-Fetch-Site: cross-site', {}, { 'Sec-Fetch-Site': 'cross-site' }],
    ['another request', { request: 'client_id=app' }, {}],
  ]
  for (const [name, change, headers] of forged) {
    test(`form, ${name} -> 403, the session lives`, async () => {
      const who = await loggedIn()
      const page = await who.get('/logout')
      const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(page.text) ?? []
      assert.equal((await who.post('/logout', { csrf, request: '', ...change }, headers)).status, 403)
      assert.equal(await isLoggedIn(who), true)
    })
  }
})

describe('never sends on', () => {
  const rows: [name: string, fields: Record<string, string>][] = [
    ['place of nobody', { post_logout_redirect_uri: after }],
    ['place that is not registered', { client_id: 'app', post_logout_redirect_uri: 'https://evil.example/' }],
    ['place that is longer', { client_id: 'app', post_logout_redirect_uri: `${after}&y=2` }],
    ['place of another client', { client_id: 'spa', post_logout_redirect_uri: after }],
    ['unknown client', { client_id: 'nobody', post_logout_redirect_uri: after }],
    ['hint that is no ID token', { id_token_hint: 'x.y.z', client_id: 'app', post_logout_redirect_uri: after }],
  ]
  for (const [name, fields] of rows) {
    test(`${name} -> an error page, the session lives`, async () => {
      const who = await loggedIn()
      const page = await who.get(logout(fields))
      assert.deepEqual([page.status, page.location], [400, ''])
      assert.match(page.text, /id="error">invalid_request/)
      assert.equal(await isLoggedIn(who), true)
    })
  }

  test('hint changed, or of another client than client_id says -> an error page', async () => {
    const who = await loggedIn()
    const hint = await idToken(who)
    const wrong: Record<string, string>[] = [
      { id_token_hint: hint.slice(0, -4) + 'AAAA' },
      { id_token_hint: hint, client_id: 'spa' },
    ]
    for (const fields of wrong)
      assert.equal((await who.get(logout({ ...fields, post_logout_redirect_uri: after }))).status, 400)
    assert.equal(await isLoggedIn(who), true)
  })
})

test('nobody is logged in -> sent on, or a page', async () => {
  assert.equal((await browser().get(logout({ client_id: 'app', post_logout_redirect_uri: after }))).location, after)
  assert.match((await browser().get('/logout')).text, /You are logged out/)
})

test('the metadata names it', async () => {
  const response = await fetch(`${openid.server.url}/.well-known/openid-configuration`)
  const document = (await response.json()) as Record<string, unknown>
  assert.equal(document['end_session_endpoint'], `${openid.server.issuer}/logout`)
})
