/** Passkeys on the pages, over HTTP: where they log in, what they confirm, and what clients are told. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { totpAt } from '../../packages/server/src/accounts/totp.ts'
import { SoftwareAuthenticator, type SoftwarePasskey } from '../support/software-authenticator.ts'
import { findForm, hiddenFields, type Browser, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { clock, reached, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId()
const { server, username, password, records } = openid
const device = new SoftwareAuthenticator(server.issuer)
const twoFactors = 'urn:grantry:acr:2fa'
const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: twoFactors } } }) }

interface Options {
  readonly challenge: string
  readonly user: { readonly id: string }
}

/** What the button of a page asks browsers for. */
const optionsOn = (page: Page): Options => {
  const text = /data-options="([^"]*)"/.exec(page.text)?.[1] ?? assert.fail(`no button: ${page.status} ${page.text}`)
  return JSON.parse(text.replaceAll('&quot;', '"')) as Options
}

const credentialOf = (page: Page, passkey: SoftwarePasskey) => ({ credential: device.get(passkey, optionsOn(page)) })

/** Makes a passkey at a browser that is logged in. */
const enrol = async (who: Browser, confirm: Readonly<Record<string, string>> = { password }) => {
  clock.now += 1 // the list is in the order in which they were made
  const made = await who.submit(await who.get('/account/passkeys'), 'add_passkey', { name: 'Phone', ...confirm })
  assert.equal(made.status, 200, made.text)
  const { passkey, answer } = device.create(optionsOn(made))
  const done = await who.submit(made, 'create_passkey', { credential: answer })
  assert.equal(done.location, '/account/passkeys?done=added', done.text)
  return passkey
}

const first = await openid.loggedIn()
const passkey = await enrol(first)

/** The id by which the pages know the passkey with a name. */
const idOn = (page: Page): string => /passkeys\/remove\?id=(\w+)/.exec(page.text)?.[1] ?? assert.fail(page.text)

describe('a login by passkey', () => {
  test('goes on to the client, as two factors and by no password; the browser is known then', async () => {
    const who = openid.browser()
    const page = await who.follow(await who.get(openid.path()))
    const consent = await who.follow(await who.submit(page, 'passkey', credentialOf(page, passkey)))
    const { id_token: idToken } = await openid.redeem(await who.submit(consent, 'consent', { decision: 'approve' }))
    const { amr, acr } = await openid.claimsOf(idToken)
    assert.deepEqual([amr, acr], [['pop', 'user', 'mfa'], twoFactors])
    assert.ok(who.cookies.has('grantry-device'))
  })

  test('satisfies a client that insists on two factors, and steps up a session by password', async () => {
    const who = await openid.loggedIn()
    const page = await who.follow(await who.get(openid.path(essential)))
    assert.equal(reached(page), 'login')
    assert.equal(reached(await who.follow(await who.submit(page, 'passkey', credentialOf(page, passkey)))), 'code')
  })

  const rows: [name: string, status: number, send: (who: Browser, page: Page) => Promise<Page>][] = [
    ['the same answer again', 400, async (who, page) => {
      const given = credentialOf(page, passkey)
      await who.submit(page, 'passkey', given)
      return who.submit(page, 'passkey', given)
    }],
    ['at another browser', 400, async (_, page) => {
      const other = openid.browser()
      return other.submit(await other.get('/login'), 'passkey', credentialOf(page, passkey))
    }],
    ['by a page of another site', 403, (who, page) =>
      who.post('/login/passkey', { ...hiddenFields(page), ...credentialOf(page, passkey) }, { Origin: 'https://evil.example' })],
    ['without the token of the form', 403, (who, page) =>
      who.post('/login/passkey', { ...hiddenFields(page), csrf: '', ...credentialOf(page, passkey) })],
    ['to another site', 400, (who, page) =>
      who.post('/login/passkey', { ...hiddenFields(page), to: 'https://evil.example/', ...credentialOf(page, passkey) })],
    ['nothing', 400, (who, page) => who.submit(page, 'passkey', { credential: '' })],
  ] // prettier-ignore
  for (const [name, status, send] of rows) {
    test(`${name} -> ${status}, and no session`, async () => {
      const who = openid.browser()
      const before = new Map(who.cookies)
      const answer = await send(who, await who.get('/login'))
      assert.equal(answer.status, status, answer.text)
      if (name !== 'the same answer again') assert.equal(who.cookies.has('grantry-session'), before.has('grantry-session'))
    }) // prettier-ignore
  }

  test('what is wrong is said on the page, and in the log with why', async () => {
    const who = openid.browser()
    const page = await who.get('/login')
    const credential = device.get(passkey, optionsOn(page), { origin: 'https://evil.example' })
    const answer = await who.submit(page, 'passkey', { credential })
    assert.match(answer.text, /<p id="passkey_problem" class="problem" role="alert"\s*>This passkey cannot be used/)
    const { reason, factor, detail } = records.findLast(({ type }) => type === 'login.refused') ?? assert.fail()
    assert.deepEqual([reason, factor], ['wrong', 'passkey'])
    assert.match(String(detail), /https:\/\/evil\.example/)
  })

  test('a copy of the passkey -> refused, and an alarm', async () => {
    const counting = await enrol(await loggedInByPasskey(), await confirmByPasskey())
    const outcomes: string[] = []
    for (const counter of [7, 3]) {
      const who = openid.browser()
      const page = await who.get('/login')
      const answer = await who.submit(page, 'passkey', { credential: device.get(counting, optionsOn(page), { counter }) })
      outcomes.push(answer.location || (/seems to be a copy/.exec(answer.text)?.[0] ?? answer.text))
    }
    assert.deepEqual(outcomes, ['/', 'seems to be a copy'])
    assert.ok(records.some(({ type }) => type === 'passkey.copied'))
  }) // prettier-ignore
})

/** Who confirms by passkey must do so on a page of that session. */
let confirming: Browser
const loggedInByPasskey = async (): Promise<Browser> => {
  confirming = openid.browser()
  const page = await confirming.get('/login')
  assert.equal((await confirming.submit(page, 'passkey', credentialOf(page, passkey))).location, '/')
  return confirming
}
const confirmByPasskey = async () => credentialOf(await confirming.get('/account/passkeys'), passkey)

describe('the page of the passkeys', () => {
  test('nobody is logged in -> the login page, and back', async () => {
    const who = openid.browser()
    const page = await who.follow(await who.get('/account/passkeys'))
    const back = await who.follow(await who.submit(page, 'passkey', credentialOf(page, passkey)))
    assert.equal(reached(back), 'add_passkey')
  })

  test('a session by password alone changes nothing with the password: a thief of it has no way to a passkey of his own', async () => {
    const thief = await openid.loggedIn()
    const page = await thief.get('/account/passkeys')
    const refused = await thief.submit(page, 'add_passkey', { password })
    assert.deepEqual([refused.status, /with one step/.test(refused.text)], [400, true])
    const removal = await thief.get(`/account/passkeys/remove?id=${idOn(page)}`)
    assert.equal((await thief.submit(removal, 'remove_passkey', { password })).status, 400)
    const totp = await thief.get('/account/totp')
    assert.match((await thief.submit(totp, 'totp', { password, code: '000000' })).text, /with one step/)
  })

  test('a wrong password -> 400, and the name that was typed stays', async () => {
    const who = await loggedInByPasskey()
    const answer = await who.submit(await who.get('/account/passkeys'), 'add_passkey', { name: 'My key', password: 'x' })
    assert.equal(answer.status, 400)
    assert.match(answer.text, /value="My key"/)
  }) // prettier-ignore

  test('a new passkey without having been confirmed, under another name, or for a confirmation -> refused', async () => {
    const who = await loggedInByPasskey()
    const page = await who.get('/account/passkeys')
    const unconfirmed = device.create({ ...optionsOn(page), user: { id: passkey.userHandle } }).answer
    const made = await who.submit(page, 'add_passkey', { name: 'Key', password })
    const { action, fields } = findForm(made, 'create_passkey') ?? assert.fail(made.text)
    const send = (change: Readonly<Record<string, string>>) =>
      who.post(action, { ...Object.fromEntries(fields), credential: device.create(optionsOn(made)).answer, ...change })
    assert.equal((await send({ name: 'Other' })).status, 403)
    assert.equal((await send({ credential: unconfirmed })).status, 400)
    assert.equal((await send({ credential: device.get(passkey, optionsOn(made)) })).status, 400)
    assert.equal((await send({})).location, '/account/passkeys?done=added')
  })

  test('names are shown as text', async () => {
    const who = await loggedInByPasskey()
    const made = await who.submit(await who.get('/account/passkeys'), 'add_passkey', { name: '<b>"', password })
    await who.submit(made, 'create_passkey', { credential: device.create(optionsOn(made)).answer })
    assert.match((await who.get('/account/passkeys')).text, /<bdi>&lt;b&gt;&quot;<\/bdi>/)
  })

  test('removed -> the other logins of the user end, this one goes on', async () => {
    const other = await openid.loggedIn()
    const who = await loggedInByPasskey()
    const extra = await enrol(who, await confirmByPasskey())
    const ids = [...(await who.get('/account/passkeys')).text.matchAll(/remove\?id=(\w+)/g)].map(([, id]) => id ?? '')
    const removal = await who.get(`/account/passkeys/remove?id=${ids.at(-1)}`)
    const done = await who.submit(removal, 'remove_passkey', credentialOf(removal, extra))
    assert.equal(done.location, '/account/passkeys?done=removed', done.text)
    assert.match((await who.get(done.location)).text, /The passkey is removed/)
    assert.match((await other.get('/account')).location, /^\/login/)
    const page = await other.get('/login')
    assert.match((await other.submit(page, 'passkey', credentialOf(page, extra))).text, /not known here any more/)
  }) // prettier-ignore
})

describe('a passkey after the password', () => {
  test('where the client insists on two factors; the passkey must be of that user', async () => {
    const who = openid.browser()
    const page = await who.follow(await who.get(openid.path(essential)))
    const second = await who.follow(await who.submit(page, 'login', { username, password }))
    assert.equal(reached(second), 'passkey')
    assert.equal(findForm(second, 'passkey')?.action, '/login/code/passkey')
    assert.equal(who.cookies.has('grantry-session'), false)
    const foreign = device.get({ ...passkey, userHandle: 'AAAA' }, optionsOn(second))
    assert.equal((await who.submit(second, 'passkey', { credential: foreign })).status, 400)
    const again = await who.get(`/login/code?to=${encodeURIComponent(hiddenFields(second)['to'] ?? '')}`)
    const { id_token: idToken } = await openid.redeem(
      await who.follow(await who.submit(again, 'passkey', credentialOf(again, passkey))),
    )
    assert.deepEqual((await openid.claimsOf(idToken))['amr'], ['pwd', 'pop', 'user', 'mfa'])
  })

  test('in place of the code of an app; without the password before it, it is no second factor', async () => {
    const owner = await loggedInByPasskey()
    const page = await owner.get('/account/totp')
    const key = /<code id="secret">([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1]?.replaceAll(' ', '') ?? assert.fail()
    const bits = Array.from(key, (letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
    const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
    const on = await owner.submit(page, 'totp', { code: totpAt(secret, clock.now), ...credentialOf(page, passkey) })
    assert.equal(on.status, 200, on.text)
    const who = openid.browser()
    const login = await who.get('/login')
    const second = await who.follow(await who.submit(login, 'login', { username, password }))
    assert.ok(findForm(second, 'second_factor'))
    assert.equal((await who.submit(second, 'passkey', credentialOf(second, passkey))).location, '/')
    const stranger = openid.browser()
    await stranger.get('/login')
    const direct = await stranger.post('/login/code/passkey', { ...hiddenFields(await stranger.get('/login')), credential: '' })
    assert.match(direct.location, /^\/login\?to=/)
  }) // prettier-ignore
})

test('the script is served by its digest and allowed where there is a button, and nowhere else', async () => {
  const policyOf = (page: Page): string => page.headers.get('content-security-policy') ?? ''
  const who = openid.browser()
  const login = await who.get('/login')
  assert.match(policyOf(login), /; script-src 'self';/)
  const url = /<script type="module" src="(\/passkey\.js\?v=[\w-]{12})">/.exec(login.text)?.[1] ?? assert.fail(login.text)
  const script = await who.get(url)
  assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8')
  assert.equal(script.headers.get('x-content-type-options'), 'nosniff')
  const owner = await loggedInByPasskey()
  for (const path of ['/', '/account', '/device', '/logout'])
    assert.doesNotMatch(policyOf(await owner.get(path)), /script-src/, path)
  for (const page of [login, await owner.get('/account/passkeys')]) assert.doesNotMatch(page.text, /<script(?! type="module" src)/)
}) // prettier-ignore

test('a user who is disabled -> refused, with nothing said of it', async () => {
  const user = async (...args: readonly string[]) =>
    assert.equal((await grantryServer(['user', ...args, '--data', openid.data]).ended).code, 0)
  await user('disable', username)
  const who = openid.browser()
  const page = await who.get('/login')
  const answer = await who.submit(page, 'passkey', credentialOf(page, passkey))
  await user('enable', username)
  assert.match(answer.text, /This passkey cannot be used here/)
  assert.equal((await who.submit(answer, 'passkey', credentialOf(answer, passkey))).location, '/')
})

test('the command lists and removes them, and logs out everywhere', async () => {
  const who = await loggedInByPasskey()
  const run = (...args: readonly string[]) => grantryServer(['user', 'passkeys', ...args, '--data', openid.data]).ended
  const listed = await run(username)
  assert.match(listed.stdout, /^id +name +made +last used\n[0-9a-f]{24} +Phone +\d{4}-/)
  const id = listed.stdout.split('\n')[1]?.split(' ')[0] ?? ''
  assert.deepEqual((await run(username, '--remove', id)).stdout, `removed  ${id}`)
  assert.match((await who.get('/account')).location, /^\/login/)
  const [again, nobody] = [await run(username, '--remove', id), await run('nobody')]
  assert.match(again.stderr, /has no passkey ".+"/)
  assert.match(nobody.stderr, /There is no user "nobody"/)
})

test('at an IP address there is no button, no page and no script', async () => {
  const other = await startOpenId({ issuer: 'http://127.0.0.1:9000' })
  const who = other.browser()
  const login = await who.get('/login')
  assert.doesNotMatch(login.text, /passkey/)
  assert.doesNotMatch(login.headers.get('content-security-policy') ?? '', /script-src/)
  assert.equal((await who.get('/passkey.js')).status, 404)
  assert.doesNotMatch((await (await other.loggedIn()).get('/account')).text, /passkey/)
})
