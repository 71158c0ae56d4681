/** Attacks on the pages of grantry-server that have no page of their own (RFC 9700 §4.2, §4.12, RFC 8628 §5.4). */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { findForm, type Page } from '../server/browser.ts'
import { clock, redirectUri, startOpenId } from '../server/openid-fixture.ts'

const openid = await startOpenId()
const { username, password, path, browser, loggedIn, post } = openid

describe('a browser is sent on by 303, so that nothing it posted goes along (RFC 9700 §4.12)', () => {
  test('login, choice of an account, consent, denial, logout', async () => {
    const who = browser()
    const seen: [page: string, answer: Page][] = []
    const submit = async (page: Page, id: string, change: Record<string, string> = {}): Promise<Page> => {
      const answer = await who.submit(page, id, change)
      seen.push([id, answer])
      return who.follow(answer)
    }
    const consent = await submit(await who.follow(await who.get(path())), 'login', { username, password })
    await submit(consent, 'consent', { decision: 'approve' })
    await submit(await who.follow(await who.get(path({ prompt: 'select_account' }))), 'select_account')
    await submit(await who.follow(await who.get(path({ prompt: 'consent' }))), 'consent', { decision: 'deny' })
    assert.deepEqual(
      seen.map(([page, { status, location }]) => [page, status, location === '']),
      [
        ['login', 303, false],
        ['consent', 303, false],
        ['select_account', 303, false],
        ['consent', 303, false],
      ],
    )
    for (const [, { text }] of seen) assert.ok(!text.includes(password))
  })

  test('an authorization request by POST', async () => {
    const who = await loggedIn()
    const answer = await who.post('/authorize', Object.fromEntries(new URLSearchParams(path().split('?')[1])))
    assert.ok([200, 303].includes(answer.status), String(answer.status))
  })
})

describe('an error is no way to another site', () => {
  const rows: [name: string, change: Readonly<Record<string, string>>][] = [
    ['prompt=none', { prompt: 'none' }],
    ['a bad scope', { scope: 'openid admin' }],
    ['a bad response_type', { response_type: 'magic' }],
    ['no PKCE', { code_challenge: '' }],
  ]
  for (const [name, change] of rows) {
    test(`${name} with a redirect URI that is not registered → an error page`, async () => {
      for (const who of [browser(), await loggedIn()]) {
        const page = await who.get(path({ redirect_uri: 'https://evil.example/cb', ...change }))
        assert.deepEqual([page.status, page.location], [400, ''])
        assert.ok(!page.text.includes('evil.example'))
      }
    })
  }
})

describe('a client that registered itself, as anyone can, has the server lead to its site (RFC 9700 §4.11.2)', () => {
  const errors: [name: string, change: Readonly<Record<string, string>>][] = [
    ['an unknown scope', { scope: 'openid admin' }],
    ['an unknown response type', { response_type: 'magic' }],
    ['prompt=none', { prompt: 'none' }],
    ['prompt=none with more', { prompt: 'none', scope: 'openid read write' }],
    ['form_post', { response_mode: 'form_post', scope: 'admin' }],
  ]
  const register = async (): Promise<string> => {
    const { id } = (await openid.store.findClient('app')) ?? assert.fail()
    const stranger = { ...(await openid.store.findClient(id)), id: `stranger${Math.random()}` }
    await openid.store.putClient({ ...stranger, registration: { registeredAt: clock.now } })
    return stranger.id
  }

  for (const [name, change] of errors) {
    test(`${name}, at who has not let it in → an error page here; at who has → an error for it`, async () => {
      const client_id = await register()
      const users = [browser(), await loggedIn()]
      for (const who of users) {
        const page = await who.get(path({ client_id, ...change }))
        assert.deepEqual([page.status, page.location], [400, ''])
        assert.ok(!page.text.includes('app.example'))
      }
      const who = await loggedIn()
      await who.submit(await who.get(path({ client_id, prompt: 'consent' })), 'consent', { decision: 'approve' })
      const page = await who.get(path({ client_id, ...change }))
      assert.ok(page.location.startsWith(redirectUri) || page.text.includes(`action="${redirectUri}"`), page.text)
    })
  }

  test('a client of the operator is told, whoever looks', async () => {
    assert.match((await browser().get(path({ prompt: 'none' }))).location, /error=login_required/)
  })

  test('a user who denies sends the answer himself', async () => {
    const client_id = await register()
    const who = await loggedIn()
    const denied = await who.submit(await who.get(path({ client_id })), 'consent', { decision: 'deny' })
    assert.match(denied.location, /error=access_denied/)
  })
})

describe('what a page could tell other sites', () => {
  test('nothing is loaded from elsewhere, and no address goes along; form_post included', async () => {
    const who = browser()
    const login = await who.follow(await who.get(path({ response_mode: 'form_post', prompt: 'consent' })))
    const consent = await who.follow(await who.submit(login, 'login', { username, password }))
    const pages: [name: string, page: Page][] = [
      ['login', login],
      ['consent', consent],
      ['form_post', await who.submit(consent, 'consent', { decision: 'approve' })],
      ['error', await who.get('/authorize')],
      ['device', await who.get('/device')],
      ['logout', await who.get('/logout')],
    ]
    for (const [name, { headers, text }] of pages) {
      assert.equal(headers.get('cache-control'), 'no-store', name)
      assert.equal(headers.get('referrer-policy'), 'no-referrer', name)
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, name)
      const loaded = [...text.matchAll(/(?:src|href|data|poster)="([^"]*)"/g)].map(([, url = '']) => url)
      assert.deepEqual(
        loaded.filter((url) => /^(?:https?:)?\/\//.test(url)),
        [],
        name,
      )
    }
    const posted = pages.find(([name]) => name === 'form_post')?.[1] ?? assert.fail()
    assert.equal(posted.location, '')
    assert.match(posted.text, new RegExp(`<form method="post" action="${redirectUri}">`))
  })
})

test('there is no admin API to reach: its paths are not there', async () => {
  for (const at of ['/admin', '/admin/clients', '/api', '/api/clients', '/console', '/users', '/clients', '/metrics']) {
    const response = await fetch(openid.server.url + at, { redirect: 'manual' })
    assert.equal(response.status, 404, at)
    await response.text()
  }
})

test('no address takes a cursor: a page of a list is not there to forge', async () => {
  const metadata = (await (await fetch(`${openid.server.url}/.well-known/openid-configuration`)).json()) as object
  for (const url of Object.values(metadata).filter((value): value is string => String(value).startsWith('http'))) {
    const response = await fetch(`${openid.server.url}${new URL(url).pathname}?cursor=' OR 1=1 --&page=2`)
    assert.ok(response.status < 500, url)
    assert.doesNotMatch(await response.text(), /SQLITE|SQLSTATE|syntax error/)
  }
})

test('a link with the code of a device approves nothing: the code is shown, to be compared (RFC 8628 §5.4)', async () => {
  const codes = await post('/device_authorization', { client_id: 'spa', scope: 'openid read' })
  const { pathname, search } = new URL(String(codes['verification_uri_complete']))
  const who = await loggedIn()
  const entry = await who.get(pathname + search)
  assert.equal(new Map(findForm(entry, 'device')?.fields).get('user_code'), codes['user_code'])
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'spa' }
  const polled = await post('/token', { ...grant, device_code: String(codes['device_code']) })
  assert.equal(polled['error'], 'authorization_pending')
  const asked = await who.submit(entry, 'device')
  assert.ok(asked.text.includes(String(codes['user_code'])))
  assert.match(asked.text, /client id <code>spa<\/code>/)
})

test('the keys that are published have public members only', async () => {
  const { keys } = (await (await fetch(`${openid.server.url}/jwks`)).json()) as { keys: object[] }
  const isPublic = new Set(['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'])
  assert.ok(keys.length > 0)
  for (const jwk of keys)
    assert.deepEqual(
      Object.keys(jwk).filter((member) => !isPublic.has(member)),
      [],
    )
})

test('a user id is drawn anew: a name that is given to somebody else has another sub', async () => {
  const data = openSqlite(openid.data, { create: false })
  const first = await data.accounts.create('reused', await hashPassword('one'), clock.now)
  const database = new DatabaseSync(join(openid.data, 'grantry.db'))
  assert.equal(database.prepare('DELETE FROM "user" WHERE id = ?').run(first ?? '').changes, 1)
  database.close()
  const second = await data.accounts.create('reused', await hashPassword('two'), clock.now)
  await data.close()
  assert.match(first ?? '', /^user_[\w-]{22}$/)
  assert.match(second ?? '', /^user_[\w-]{22}$/)
  assert.notEqual(first, second)
})
