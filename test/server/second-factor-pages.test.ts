/** A second factor, by codes of an app: the page to turn it on and off, the login with it, and what clients are told. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { decodeQR } from 'qr/decode.js'
import { toBase32, totpAt } from '../../packages/server/src/accounts/totp.ts'
import { findForm, secretOn, type Browser, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { clock, reached, startOpenId, type OpenId } from './openid-fixture.ts'

const twoFactors = 'urn:grantry:acr:2fa'
const oneFactor = 'urn:grantry:acr:1fa'

interface Enrolled {
  readonly who: Browser
  readonly secret: Buffer
  readonly codes: readonly string[]
}

const enrol = async ({ loggedIn, password }: OpenId): Promise<Enrolled> => {
  const who = await loggedIn()
  const page = await who.get('/account/totp')
  const secret = secretOn(page)
  const answer = await who.submit(page, 'totp', { code: totpAt(secret, clock.now), password })
  assert.equal(answer.status, 200, answer.text)
  const list = /<ol id="recovery_codes">(.*)<\/ol>/s.exec(answer.text)?.[1] ?? assert.fail(answer.text)
  const codes = [...list.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code = '']) => code)
  return { who, secret, codes }
}

/** Gives user name and password at the page that is there. */
const giveLogin = ({ username, password }: OpenId, who: Browser, page: Page): Promise<Page> =>
  who.submit(page, 'login', { username, password }).then((answer) => who.follow(answer))

/** A code that nobody has used. */
const nextCode = (secret: Buffer): string => totpAt(secret, (clock.now += 90))

describe('the page to turn it on and off', async () => {
  const openid = await startOpenId()

  test('nobody is logged in -> the login page, and back', async () => {
    const who = openid.browser()
    const login = await who.follow(await who.get('/account/totp'))
    const back = await who.follow(await who.submit(login, 'login', { username: openid.username, password: openid.password })) // prettier-ignore
    assert.equal(reached(back), 'totp')
  })

  test('the picture, the link and the text are of one secret; another page has another', async () => {
    const who = await openid.loggedIn()
    const page = await who.get('/account/totp')
    const link = /id="otpauth" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? assert.fail()
    assert.equal(new URL(link).searchParams.get('secret'), toBase32(secretOn(page)))
    const size = Number(/viewBox="0 0 (\d+) /.exec(page.text)?.[1])
    const scale = 4
    const data = new Uint8Array((size * scale) ** 2 * 3).fill(255)
    for (const [, x, y] of page.text.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
      for (let dot = 0; dot < scale * scale; dot++) {
        const [column, row] = [Number(x) * scale + (dot % scale), Number(y) * scale + Math.floor(dot / scale)]
        data.fill(0, (row * size * scale + column) * 3, (row * size * scale + column) * 3 + 3)
      }
    assert.equal(decodeQR({ width: size * scale, height: size * scale, data }), link)
    assert.notDeepEqual(secretOn(await who.get('/account/totp')), secretOn(page))
    assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'self'/)
  })

  const refused: [name: string, change: (good: Record<string, string>) => Record<string, string>, status: number][] = [
    ['a wrong code', () => ({ code: '000000' }), 400],
    ['no code', () => ({ code: '' }), 400],
    ['an old code', (good) => ({ ...good, code: 'old' }), 400],
    ['a wrong password', () => ({ password: 'wrong' }), 400],
    ['another nonce', () => ({ nonce: 'x' }), 403],
    ['no csrf', () => ({ csrf: '' }), 403],
  ]
  for (const [name, change, status] of refused) {
    test(`${name} -> ${status}, and it is off`, async () => {
      const who = await openid.loggedIn()
      const page = await who.get('/account/totp')
      const secret = secretOn(page)
      const good = { code: totpAt(secret, clock.now), password: openid.password }
      const { code, ...rest } = { ...good, ...change(good) }
      const given = { ...rest, code: code === 'old' ? totpAt(secret, clock.now - 90) : code }
      const answer = await who.submit(page, 'totp', given)
      assert.equal(answer.status, status)
      if (status === 400) assert.deepEqual(secretOn(answer), secret)
      assert.equal(reached(await who.get('/account/totp')), 'totp')
    })
  }

  test('the form of another login, or of another site -> 403', async () => {
    const page = await (await openid.loggedIn()).get('/account/totp')
    const who = await openid.loggedIn()
    assert.equal((await who.submit(page, 'totp', { code: '000000', password: openid.password })).status, 403)
    const own = findForm(await who.get('/account/totp'), 'totp') ?? assert.fail()
    assert.equal((await who.post(own.action, [...own.fields], { 'Sec-Fetch-Site': 'cross-site' })).status, 403)
  })

  test('on: ten codes are shown once, kept as digests; the secret is sealed. Off: by the password', async () => {
    const { who, secret, codes } = await enrol(openid)
    assert.equal(codes.length, 10)
    const page = await who.get('/account/totp')
    assert.equal(reached(page), 'remove_totp')
    assert.match(page.text, /<span id="codes_left">10<\/span>/)
    const database = new DatabaseSync(join(openid.data, 'grantry.db'))
    const stored = JSON.stringify([...database.prepare('SELECT * FROM totp').all(), ...database.prepare('SELECT hex(digest) FROM recovery_code').all()]) // prettier-ignore
    database.close()
    const folded = codes.map((code) => code.replaceAll('-', ''))
    for (const text of [secret.toString('base64url'), secret.toString('hex'), toBase32(secret), ...codes, ...folded])
      assert.ok(!stored.includes(text))
    assert.equal((await who.submit(page, 'remove_totp', { password: 'wrong' })).status, 400)
    assert.equal((await who.submit(page, 'remove_totp', { password: openid.password })).status, 200)
    assert.equal(reached(await openid.loggedIn().then((other) => other.get('/account/totp'))), 'totp')
    const log = JSON.stringify(openid.records)
    for (const text of [toBase32(secret), secret.toString('base64url'), ...codes]) assert.ok(!log.includes(text))
    assert.match(log, /second_factor\.added.*second_factor\.removed/)
  })
})

describe('a login with a second factor', async () => {
  const openid = await startOpenId()
  const { browser, path } = openid
  const { secret, codes } = await enrol(openid)
  const [recovery = ''] = codes
  /** A new browser before the page for the code, after the right password. */
  const halfway = async (change: Readonly<Record<string, string>> = {}): Promise<[Browser, Page]> => {
    const who = browser()
    return [who, await giveLogin(openid, who, await who.follow(await who.get(path(change))))]
  }

  test('the session starts after the code, and not before', async () => {
    const [who, page] = await halfway()
    assert.equal(reached(page), 'second_factor')
    assert.equal(who.cookies.has('grantry-session'), false)
    assert.match((await who.get(path())).location, /^\/login/)
    const wrong = await who.submit(page, 'second_factor', { code: '000000' })
    assert.deepEqual([wrong.status, who.cookies.has('grantry-session')], [400, false])
    const consent = await who.follow(await who.submit(page, 'second_factor', { code: nextCode(secret) }))
    assert.equal(reached(consent), 'consent')
    const { id_token: idToken } = await openid.redeem(await who.submit(consent, 'consent', { decision: 'approve' }))
    const { amr, acr, auth_time: time } = await openid.claimsOf(idToken)
    assert.deepEqual([amr, acr, time], [['pwd', 'otp', 'mfa'], twoFactors, clock.now])
  })

  test('the page allows its form to end at the client, and nowhere else', async () => {
    const [, page] = await halfway()
    assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'self' https:\/\/app\.example;/)
  })

  test('a code again -> refused; a recovery code once', async () => {
    const code = nextCode(secret)
    const outcomes: string[] = []
    for (const each of [code, code, recovery, recovery]) {
      const [who, page] = await halfway()
      outcomes.push(reached(await who.follow(await who.submit(page, 'second_factor', { code: each }))))
    }
    assert.deepEqual(outcomes, ['code', 'second_factor', 'code', 'second_factor'])
  })

  const withoutPassword: [name: string, change: (who: Browser) => void][] = [
    ['no cookie of the password', (who) => who.cookies.delete('grantry-second-factor')],
    ['a forged one', (who) => who.cookies.set('grantry-second-factor', `e30.${'A'.repeat(43)}`)],
    ['one of another browser', (who) => who.cookies.set('grantry-login', 'B'.repeat(43))],
    ['one that is five minutes old', () => (clock.now += 301)],
  ]
  for (const [name, change] of withoutPassword) {
    test(`${name} -> the login page again, no session`, async () => {
      const [who, page] = await halfway()
      change(who)
      const csrf = who.cookies.get('grantry-login') ?? ''
      const answer = await who.submit(page, 'second_factor', { code: nextCode(secret), csrf })
      assert.match(answer.location, /^\/login\?to=/)
      assert.match((await who.get(`/login/code?to=${encodeURIComponent(path())}`)).location, /^\/login\?to=/)
      assert.equal(who.cookies.has('grantry-session'), false)
    })
  }

  test('a new password meanwhile -> no login', async () => {
    const [who, page] = await halfway()
    const { openSqlite } = await import('../../packages/server/src/database/sqlite.ts')
    const data = openSqlite(openid.data, { create: false })
    const { password = '' } = (await data.accounts.find(openid.username)) ?? {}
    await data.accounts.setPassword(openid.username, password)
    await data.close()
    await who.submit(page, 'second_factor', { code: nextCode(secret) })
    assert.match((await who.get(path())).location, /^\/login/)
  })

  test('five wrong codes -> 429 even for the right one, for five minutes', async () => {
    clock.now += 3600
    const [who, page] = await halfway()
    for (let count = 0; count < 5; count++)
      assert.equal((await who.submit(page, 'second_factor', { code: '000000' })).status, 400)
    const limited = await who.submit(page, 'second_factor', { code: totpAt(secret, clock.now) })
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '300'])
    clock.now += 300
    const [again, fresh] = await halfway()
    const consent = await again.follow(await again.submit(fresh, 'second_factor', { code: nextCode(secret) }))
    assert.equal(reached(consent), 'code')
  })

  for (const to of ['https://evil.example/', '//evil.example/authorize?', '/token?']) {
    test(`on to ${to} -> 400`, async () => {
      const [who, page] = await halfway()
      assert.equal((await who.submit(page, 'second_factor', { code: nextCode(secret), to })).status, 400)
      assert.equal((await who.get(`/login/code?to=${encodeURIComponent(to)}`)).status, 400)
    })
  }

  test('the command takes it away from who has lost it', async () => {
    const [who] = await halfway()
    const remove = () => grantryServer(['user', 'remove-totp', openid.username, '--data', openid.data]).ended
    assert.equal((await remove()).code, 0)
    const again = await remove()
    assert.deepEqual([again.code, /has no second factor/.test(again.stderr)], [1, true])
    assert.equal(reached(await giveLogin(openid, who, await who.follow(await who.get(path())))), 'code')
  })
})

describe('classes of authentication (OpenID Connect Core §3.1.2.1, §5.5.1.1)', async () => {
  const openid = await startOpenId()
  const { browser, path } = openid
  const essential = (...values: string[]) => ({
    claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
  })
  const acrOf = async (page: Page): Promise<unknown> =>
    (await openid.claimsOf((await openid.redeem(page))['id_token']))['acr']
  /** Goes through all pages, with the code where one is asked for. */
  const through = async (who: Browser, change: Readonly<Record<string, string>>, secret?: Buffer): Promise<Page> => {
    let page = await who.follow(await who.get(path(change)))
    for (let pages = 0; pages < 6 && page.location === ''; pages++) {
      const form = reached(page)
      if (form === 'login') page = await giveLogin(openid, who, page)
      else if (form === 'second_factor' && secret !== undefined)
        page = await who.follow(await who.submit(page, form, { code: nextCode(secret) }))
      else if (form === 'consent') page = await who.submit(page, form, { decision: 'approve' })
      else return page
    }
    return page
  }
  const rows: [name: string, change: Record<string, string>, one: string, two: string][] = [
    ['nothing asked', {}, oneFactor, twoFactors],
    ['two factors wished', { acr_values: twoFactors }, oneFactor, twoFactors],
    ['one factor wished', { acr_values: `${oneFactor} ${twoFactors}` }, oneFactor, oneFactor],
    ['unknown ones wished', { acr_values: 'x phr' }, oneFactor, twoFactors],
    ['two factors essential', essential(twoFactors), 'unmet_authentication_requirements', twoFactors],
    ['one factor essential', essential(oneFactor), oneFactor, oneFactor],
    ['either essential', essential('x', twoFactors, oneFactor), oneFactor, twoFactors],
    ['an unknown one essential', essential('x'), 'unmet_authentication_requirements', 'unmet_authentication_requirements'],
    ['any essential', { claims: '{"id_token":{"acr":{"essential":true}}}' }, oneFactor, twoFactors],
  ] // prettier-ignore
  const outcome = async (page: Page): Promise<unknown> => (reached(page) === 'code' ? acrOf(page) : reached(page))

  test('the metadata document names them', async () => {
    const metadata = (await (await fetch(`${openid.server.url}/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >
    assert.deepEqual(metadata['acr_values_supported'], [twoFactors, oneFactor])
  })

  for (const [name, change, one] of rows)
    test(`${name}, user with a password alone -> ${one}`, async () =>
      assert.equal(await outcome(await through(browser(), change)), one))

  test('step-up: a session by password, whose user has a second factor now, gives it where it is asked for', async () => {
    const old = await openid.loggedIn()
    assert.equal(await outcome(await through(old, {})), oneFactor)
    const { who, secret } = await enrol(openid)
    assert.equal(await outcome(await through(who, { prompt: 'consent' })), twoFactors, 'the browser that enrolled')
    assert.equal(await outcome(await through(old, {})), oneFactor)
    assert.equal(reached(await old.get(path({ ...essential(twoFactors), prompt: 'none' }))), 'login_required')
    assert.equal(await outcome(await old.get(path({ acr_values: twoFactors, prompt: 'none' }))), oneFactor)
    assert.equal(await outcome(await through(old, { acr_values: twoFactors }, secret)), twoFactors)
    for (const [name, change, , two] of rows)
      assert.equal(await outcome(await through(browser(), change, secret)), two, name)
    const stepped = openid.browser()
    assert.equal(await outcome(await through(stepped, essential(twoFactors), secret)), twoFactors)
    clock.now += 100
    assert.equal(reached(await stepped.follow(await stepped.get(path({ max_age: '60' })))), 'login')
    assert.equal(await outcome(await through(stepped, { max_age: '60' }, secret)), twoFactors)
  })
})
