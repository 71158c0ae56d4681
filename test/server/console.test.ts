/** The console in a real browser: an administrator logs in, makes a client, sees it used, ends what it has; and who is kept out. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import * as client from 'openid-client'
import type { Browser, Page } from 'playwright-core'
import { SecondFactors } from '../../packages/server/src/accounts/second-factors.ts'
import { totpAt } from '../../packages/server/src/accounts/totp.ts'
import { KeyEncryption } from '../../packages/server/src/key-encryption.ts'
import { latencyBounds } from '../../packages/server/src/telemetry/activity-store.ts'
import { startChromium, whyNoChromium } from '../interop/chromium.ts'
import { newPerson, places, type Person, type Place } from './admin-fixture.ts'
import { cluster } from './nodes.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core says of a page, and whether it is wider than the screen. */
const complaints = async (at: Page): Promise<readonly string[]> => {
  await at.evaluate(axeSource)
  const found = await at.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
  const isWide = await at.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth')
  return isWide ? [...found, 'wider than the screen'] : found
}

const [[, open], [, openPostgres, whyNoPostgres]] = [places[0] ?? assert.fail(), places[1] ?? assert.fail()]

describe('the console', { skip: whyNoChromium ?? false }, () => {
  let place: Place
  let browser: Browser
  let admin: Person
  let ann: Person
  const url = (): string => place.server.adminUrl ?? assert.fail()

  before(async () => {
    place = await open({ adminPort: 0 })
    browser = await startChromium()
    admin = await newPerson(place, 'root')
    await place.admin.users.setAdmin('root', true)
    ann = await newPerson(place, 'ann')
  })
  after(async () => {
    await browser.close()
    await place.close()
  })

  const logIn = async (at: Page, { username, password }: Person, { server } = place): Promise<void> => {
    await at.goto(server.adminUrl ?? assert.fail())
    await at.fill('#username', username)
    await at.fill('#password', password)
    await at.click('#login button')
  }
  const openConsole = async (options = {}): Promise<Page> => {
    const at = await (await browser.newContext(options)).newPage()
    at.setDefaultTimeout(15_000)
    await logIn(at, admin)
    await at.waitForSelector('nav')
    return at
  }

  test('login, a client is made and used by openid-client, a token is looked at and ended, the client is deleted', async () => {
    const at = await openConsole()
    assert.equal(await at.textContent('h1'), 'Overview')
    await at.click('nav >> text=Clients')
    await at.click('text=New client')
    await at.fill('#id', 'robot')
    await at.fill('#grantTypes', 'client_credentials')
    await at.fill('#scopes', 'read')
    await at.click('main button[type=submit]')
    const secret = (await at.textContent('#secret')) ?? ''
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is marked so that it stands out; this is localhost
    const execute = [client.allowInsecureRequests]
    const config = await client.discovery(new URL(place.server.url), 'robot', secret, undefined, { execute })
    const { access_token: token } = await client.clientCredentialsGrant(config, { scope: 'read' })
    await at.click('nav >> text=Tokens')
    await at.fill('#token', token)
    await at.click('main button[type=submit]')
    assert.match((await at.textContent('#inspected')) ?? '', /This token is good[^]*robot/)
    await at.click('#inspected button')
    assert.match((await at.textContent('#inspected')) ?? '', /not good[^]*it was revoked/)
    assert.equal((await place.admin.tokens.inspect(token)).reason, 'revoked')
    await at.goto(`${url()}/clients/robot`)
    await at.check('form[action$="/delete"] input[type=checkbox]')
    await at.click('form[action$="/delete"] button')
    assert.match((await at.textContent('main')) ?? '', /Done\./)
    await assert.rejects(client.clientCredentialsGrant(config, { scope: 'read' }), /challenge/)
    await at.click('nav >> text=Audit')
    assert.match((await at.textContent('tbody')) ?? '', new RegExp(`client\\.deleted[^]*admin ${admin.id}`))
    const ofDocument = encodeURIComponent('https://app.example/client.json')
    await at.goto(`${url()}/clients/${ofDocument}`)
    assert.equal(at.url(), `${url()}/grants?client=${ofDocument}`) // there is no record, and it may have been let in
    await at.context().close()
  })

  test('an edit of what somebody else changed meanwhile -> says so, and shows what it is now', async () => {
    await place.admin.clients.create({ id: 'shop', name: 'Shop' })
    const at = await openConsole()
    await at.goto(`${url()}/clients/shop`)
    await place.admin.clients.update('shop', { name: 'Their shop' })
    await at.fill('#name', 'Our shop')
    await at.click('main form[action="/clients/shop"] button')
    assert.match((await at.textContent('#problem')) ?? '', /Somebody else changed it/)
    assert.equal(await at.inputValue('#name'), 'Their shop')
    await at.fill('#name', 'Our shop')
    await at.fill('#redirectUris', 'javascript:alert(1)')
    await at.click('main form[action="/clients/shop"] button')
    assert.match((await at.textContent('#redirectUris_problem')) ?? '', /javascript:alert/)
    await at.fill('#redirectUris', 'https://shop.example/cb')
    await at.fill('#scopes', 'openid\nemail')
    await at.fill('#responseTypes', 'code\ncode id_token')
    await at.selectOption('#idTokenAlg', 'ES256')
    await at.click('main form[action="/clients/shop"] button')
    await at.waitForSelector('.done')
    assert.equal(await at.inputValue('#scopes'), 'openid\nemail')
    assert.equal(await at.inputValue('#idTokenAlg'), 'ES256')
    await at.click('main form[action="/clients/shop"] button')
    await at.waitForSelector('.done')
    const { name, redirectUris, scopes, ...others } = (await place.admin.clients.show('shop')).settings
    assert.deepEqual([name, redirectUris, scopes], ['Our shop', ['https://shop.example/cb'], ['openid', 'email']])
    const { responseTypes, idTokenAlg, subjectType } = others
    assert.deepEqual([responseTypes, idTokenAlg, subjectType], [['code', 'code id_token'], 'ES256', undefined])
    await at.context().close()
  })

  test('who is no administrator, is disabled, or has logged out -> is kept out at once', async () => {
    const at = await (await browser.newContext()).newPage()
    await logIn(at, ann)
    assert.match((await at.textContent('#problem')) ?? '', /no administrator/)
    await at.goto(`${url()}/users`)
    assert.equal(await at.locator('table').count(), 0)
    await at.context().close()
    const second = await openConsole()
    await place.admin.users.setAdmin(admin.id, false)
    await second.goto(`${url()}/users`)
    assert.equal(await second.locator('table').count(), 0)
    await place.admin.users.setAdmin(admin.id, true)
    await second.goto(`${url()}/users`)
    assert.equal(await second.locator('table').count(), 1)
    for (const { handle } of await place.admin.sessions.list(admin.id)) await place.admin.sessions.end(admin.id, handle)
    await second.goto(`${url()}/users`)
    assert.equal(await second.locator('#login').count(), 1)
    await second.context().close()
  })

  test('a form without the token, or from another site -> 403 and nothing happens', async () => {
    const at = await openConsole()
    const send = (headers: Record<string, string>, form: Record<string, string>) =>
      at.request.post(`${url()}/clients/app/disable`, { headers, form, maxRedirects: 0 })
    await at.goto(`${url()}/clients/app`)
    const csrf = await at.inputValue('form[action="/clients/app/disable"] input[name=csrf]')
    const other = await at.inputValue('form[action="/clients/app/delete"] input[name=csrf]')
    assert.equal((await send({}, {})).status(), 403)
    assert.equal((await send({}, { csrf: other })).status(), 403)
    assert.equal((await send({ 'Sec-Fetch-Site': 'cross-site' }, { csrf })).status(), 403)
    assert.equal((await send({ Origin: 'https://evil.example' }, { csrf })).status(), 403)
    assert.equal((await place.admin.clients.show('app')).disabledAt, undefined)
    assert.equal((await send({}, { csrf })).status(), 303)
    assert.notEqual((await place.admin.clients.show('app')).disabledAt, undefined)
    await place.admin.clients.setDisabled('app', false)
    await at.context().close()
  })

  for (const [locale, options] of [
    ['en', { viewport: { width: 1280, height: 800 } }],
    ['de', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' as const, javaScriptEnabled: true }],
  ] as const) {
    test(`every page in ${locale}: axe-core finds nothing, none is wider than the screen`, async () => {
      const at = await openConsole({ locale, ...options })
      const errors: string[] = []
      at.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      const pages = ['/', '/clients', '/clients/new', '/clients/app', '/users', '/users/new', `/users/${ann.id}`]
      const others = ['/grants', '/grants?client=app', '/tokens', '/keys', '/audit', '/settings']
      for (const path of [...pages, ...others]) {
        await at.goto(url() + path)
        assert.equal(await at.evaluate('document.documentElement.lang'), locale)
        assert.deepEqual(await complaints(at), [], path)
      }
      assert.deepEqual(errors, [])
      await at.goto(`${url()}/clients/new`)
      const labels = await at.locator('main label').allTextContents()
      assert.deepEqual(
        labels.filter((label) => /^[a-z]+[A-Z]/.test(label.trim())),
        [],
        'members without a text',
      )
      await at.context().close()
    })
  }

  test('the overview adds what all nodes did to its step, and leaves out what is older', async () => {
    const { now } = place.clock
    const [before, last] = [now - 43_200, now - 600]
    await place.data.activity.add([
      ...[before, last].map((time) => ({ at: time, name: 'issued client_credentials', count: 3 })),
      { at: last + 540, name: 'issued refresh_token', count: 4 },
      { at: last, name: 'refused client_secret_wrong', count: 5 },
      { at: last, name: 'latency /token 0', count: 9 },
      { at: last, name: 'latency /token 8', count: 1 },
      { at: last - 600, name: 'latency /token 8', count: 1 },
      ...[before, last].map((time) => ({ at: time, name: 'rotations reused', count: 2 })),
    ])
    const at = await openConsole()
    const cards = await at.evaluate<
      { figure: string; rows: string[] }[]
    >(`[...document.querySelectorAll('section.card')]
      .map((card) => ({
        figure: card.querySelector('.figure').textContent,
        rows: [...card.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join(' ')),
      }))`)
    const time = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
    const rowsAt = (seconds: number) => cards.map(({ rows }) => rows.filter((row) => row.startsWith(time(seconds))))
    assert.deepEqual(rowsAt(last), [
      [`${time(last)} 7`],
      [`${time(last)} 5`],
      [`${time(last)} ${latencyBounds[0]}`],
      [`${time(last)} 2`],
    ])
    assert.deepEqual(rowsAt(before), [[], [], [], []])
    assert.equal(cards[2]?.figure, String(2 * (latencyBounds.at(-1) ?? 0)))
    assert.equal(cards[3]?.figure, '2')
    assert.match((await at.textContent('#live > .problem')) ?? '', /^\s*2 times/)
    await at.context().close()
  })

  test('users are made, and disabled, without scripts', async () => {
    const at = await openConsole({ javaScriptEnabled: false })
    await at.goto(`${url()}/users/new`)
    await at.fill('#username', 'Zoe')
    await at.fill('#email', 'zoe@example.com')
    await at.click('main button[type=submit]')
    const password = (await at.textContent('#password')) ?? ''
    assert.ok((await place.data.accounts.find('zoe')) !== undefined && password.length === 20)
    await at.goto(`${url()}/users?search=zoe`)
    await at.click('tbody a')
    await at.check('form[action$="/disable"] input[type=checkbox]')
    await at.click('form[action$="/disable"] button')
    assert.match((await at.textContent('main')) ?? '', /Disabled/)
    assert.notEqual((await place.admin.users.show('zoe')).disabledAt, undefined)
    await at.context().close()
  })

  test('--admin-second-factor: without one nobody is let in; with one, after its code', async () => {
    const strict = await open({ adminPort: 0, adminSecondFactor: true })
    const root = await newPerson(strict, 'root')
    await strict.admin.users.setAdmin(root.id, true)
    const enter = async (): Promise<Page> => {
      const at = await (await browser.newContext()).newPage()
      at.setDefaultTimeout(15_000)
      await logIn(at, root, strict)
      return at
    }
    try {
      const refused = await enter()
      assert.match((await refused.textContent('#problem')) ?? '', /asks for a second factor/)
      assert.equal(await refused.locator('nav').count(), 0)
      const secret = randomBytes(20)
      const now = (): number => strict.clock.now
      const encryption = new KeyEncryption(cluster.keyEncryptionKeys)
      const factors = new SecondFactors({ totp: strict.data.totp, store: strict.data.store, encryption, now })
      assert.ok(await factors.enrol(root.id, secret, totpAt(secret, now())))
      strict.clock.now += 90
      const at = await enter()
      assert.equal(await at.locator('nav').count(), 0)
      await at.fill('#code', totpAt(secret, now()))
      await at.click('#second_factor button')
      await at.waitForSelector('nav')
      assert.equal(await at.textContent('h1'), 'Overview')
    } finally {
      await strict.close()
    }
  })

  test('on PostgreSQL: login, every page, and a client that is disabled', { skip: whyNoPostgres }, async () => {
    const other = await openPostgres({ adminPort: 0 })
    const at = await (await browser.newContext()).newPage()
    at.setDefaultTimeout(15_000)
    try {
      const root = await newPerson(other, 'root')
      await other.admin.users.setAdmin('root', true)
      const adminUrl = other.server.adminUrl ?? assert.fail()
      await logIn(at, root, other)
      await at.waitForSelector('nav')
      const paths = ['/', '/clients', '/users?search=r', `/users/${root.id}`, '/grants', '/keys', '/audit', '/settings']
      for (const path of paths) assert.equal((await at.goto(adminUrl + path))?.status(), 200, path)
      await at.goto(`${adminUrl}/clients/app`)
      await at.click('form[action$="/disable"] button')
      await at.waitForSelector('.done')
      assert.notEqual((await other.admin.clients.show('app')).disabledAt, undefined)
    } finally {
      await at.context().close()
      await other.close()
    }
  })
})
