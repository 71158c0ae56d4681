/** Accounts that users make themselves, and links for a new password: once, in time, and without telling who has an account. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { startServer } from 'grantry-server'
import { findForm, hiddenFields, type Browser, type Page } from './browser.ts'
import { grantryServer } from './command.ts'
import { clock, reached, startOpenId, type OpenId } from './openid-fixture.ts'
import { backends } from './table-backends.ts'

const password = 'zebra lamp 7 river'
const good = { username: 'nina', email: 'nina@example.com', name: 'Nina', password, repeat_password: password }
let names = 0
const fresh = () => ({ ...good, username: `nina${++names}` })

/** The ticket in what a command shows. */
const ticketIn = (text: string): string => /ticket=([\w-]{43})/.exec(text)?.[1] ?? assert.fail(text)

/** Commands have the clock of the machine, which is behind that of the server. */
const linkBy = async ({ data }: OpenId, ...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await grantryServer(['user', ...args, '--expires-in', '31536000', '--data', data]).ended
  return ticketIn(stdout + stderr)
}

const isIn = (who: Browser): boolean => who.cookies.has('grantry-session')

describe('sign-up that is open to everyone', async () => {
  const openid = await startOpenId({ signUp: 'open', termsUri: 'https://example.com/terms' })
  const { browser, path } = openid
  const terms = { terms: 'accepted' }

  test('prompt=create leads there, and on to the client, whose user is told as what he typed, unverified', async () => {
    const who = browser()
    const page = await who.follow(await who.get(path({ prompt: 'create', scope: 'openid email' })))
    assert.equal(reached(page), 'sign_up')
    assert.match(page.text, /<strong><bdi>The App</)
    assert.match(page.text, /href="https:\/\/example\.com\/terms"/)
    const consent = await who.follow(await who.submit(page, 'sign_up', { ...fresh(), ...terms }))
    assert.equal(reached(consent), 'consent', consent.text)
    const tokens = await openid.redeem(await who.submit(consent, 'consent', { decision: 'approve' }))
    const headers = { Authorization: `Bearer ${String(tokens['access_token'])}` }
    const claims = (await (await fetch(`${openid.server.url}/userinfo`, { headers })).json()) as Record<string, unknown>
    assert.deepEqual([claims['email'], claims['email_verified']], ['nina@example.com', false])
    assert.deepEqual((await openid.claimsOf(tokens['id_token']))['amr'], ['pwd'])
    assert.ok(openid.records.some(({ type, terms: of }) => type === 'user.signed_up' && of === 'https://example.com/terms'))
  }) // prettier-ignore

  test('the login page leads there and back, and the new user logs in by the password', async () => {
    const who = browser()
    const login = await who.get('/login?to=/account')
    const at = /id="to_sign_up" href="([^"]+)"/.exec(login.text)?.[1] ?? assert.fail(login.text)
    const account = fresh()
    const done = await who.submit(await who.get(at.replaceAll('&amp;', '&')), 'sign_up', { ...account, ...terms })
    assert.equal(done.location, '/account')
    const later = browser()
    const { username } = account
    await later.submit(await later.get('/login'), 'login', { username: username.toUpperCase(), password })
    assert.ok(isIn(later))
  })

  const refused: [name: string, change: Record<string, string>, said: RegExp][] = [
    ['a name that is taken', { username: openid.username.toUpperCase() }, /There is an account with this name/],
    ['a name with other letters', { username: 'nіna.x' }, /This is no user name/],
    ['a name like an e-mail address', { username: 'nina@example.com' }, /This is no user name/],
    ['a short name', { username: 'n' }, /This is no user name/],
    ['no e-mail address', { email: 'nina' }, /no e-mail address/],
    ['a name that turns text around', { name: 'Ni\u202ena' }, /characters that cannot be shown/],
    ['a short password', { password: 'short', repeat_password: 'short' }, /at least 12 characters/],
    ['another password below', { repeat_password: 'zebra lamp 8 river' }, /not the same/],
    ['the terms are not accepted', { terms: '' }, /Without the terms/],
  ]
  for (const [name, change, said] of refused) {
    test(`${name} -> 400, and what was typed stays`, async () => {
      const who = browser()
      const answer = await who.submit(await who.get('/sign-up'), 'sign_up', { ...fresh(), ...terms, ...change })
      assert.equal(answer.status, 400)
      assert.match(answer.text, said)
      assert.match(answer.text, /aria-invalid="true"/)
      assert.equal(isIn(who), false)
      assert.doesNotMatch(answer.text, /zebra lamp/)
    })
  }

  test('by a page of another site, without its token, or on to another site -> refused', async () => {
    const who = browser()
    const page = await who.get('/sign-up')
    const fields = { ...hiddenFields(page), ...fresh(), ...terms }
    assert.equal((await who.post('/sign-up', fields, { Origin: 'https://evil.example' })).status, 403)
    assert.equal((await who.post('/sign-up', { ...fields, csrf: '' })).status, 403)
    assert.equal((await who.post('/sign-up', { ...fields, to: 'https://evil.example/' })).status, 400)
    assert.equal((await who.get('/sign-up?to=https://evil.example/')).status, 400)
  })

  test('of two who take one name at once, one gets it', async () => {
    const account = { ...fresh(), ...terms }
    const browsers = [browser(), browser()]
    const answers = await Promise.all(browsers.map(async (who) => who.submit(await who.get('/sign-up'), 'sign_up', account)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 400])
  }) // prettier-ignore
})

test('too many accounts from one address -> 429 with Retry-After', async () => {
  const { browser } = await startOpenId({ signUp: 'open', trustedProxies: ['127.0.0.1', '::1'] })
  const who = browser()
  const fields = { ...hiddenFields(await who.get('/sign-up')), ...good, password: 'short' }
  const send = (address: string) => who.post('/sign-up', fields, { 'X-Forwarded-For': address })
  for (let index = 0; index < 20; index++) assert.equal((await send('192.0.2.1')).status, 400)
  const late = await send('192.0.2.1')
  assert.deepEqual([late.status, late.headers.get('retry-after')], [429, '3600'])
  assert.equal((await send('192.0.2.2')).status, 400)
})

test('where it is off there is no page and no link, and prompt=create says so', async () => {
  const { browser, path } = await startOpenId()
  const who = browser()
  assert.equal((await who.get('/sign-up')).status, 404)
  const page = await who.follow(await who.get(path({ prompt: 'create' })))
  assert.match(page.text, /Accounts are made by whoever runs this server/)
  assert.doesNotMatch(page.text, /to_sign_up|id="forgot"/)
})

describe('sign-up by invitation', async () => {
  const openid = await startOpenId({ signUp: 'invite' })
  const { browser } = openid

  test('without a link -> nothing is offered, and nothing is taken', async () => {
    const who = browser()
    assert.equal((await who.get('/sign-up')).status, 403)
    assert.doesNotMatch((await who.get('/login')).text, /to_sign_up/)
    const fields = { ...hiddenFields(await who.get('/login')), ...fresh() }
    assert.equal((await who.post('/sign-up', fields)).status, 403)
    assert.equal((await who.post('/sign-up', { ...fields, ticket: 'A'.repeat(43) })).status, 400)
  })

  test('a link is good once, of many at once; what it says goes first', async () => {
    const ticket = await linkBy(openid, 'invite', '--email', 'ann@example.com', '--email-verified', '--name', 'Ann')
    const all = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const who = browser()
        const page = await who.get(`/sign-up?ticket=${ticket}`)
        assert.doesNotMatch(page.text, /id="email"|id="name"/)
        const answer = await who.submit(page, 'sign_up', { ...fresh(), email: 'evil@example.com' })
        return { answer, who }
      }),
    )
    const [winner, ...rest] = all.filter(({ answer }) => answer.status === 303)
    assert.deepEqual([winner !== undefined, rest.length], [true, 0])
    const { text } = (await winner?.who.get('/account')) ?? assert.fail()
    const username = /nina\d+/.exec(text)?.[0] ?? assert.fail(text)
    const { stdout } = await grantryServer(['user', 'show', username, '--json', '--data', openid.data]).ended
    const { claims } = JSON.parse(stdout) as { claims: Record<string, unknown> }
    assert.deepEqual([claims['email'], claims['email_verified'], claims['name']], ['ann@example.com', true, 'Ann'])
    assert.equal((await browser().get(`/sign-up?ticket=${ticket}`)).status, 400)
  })

  test('a mistake does not use it up', async () => {
    const ticket = await linkBy(openid, 'invite')
    const who = browser()
    const page = await who.get(`/sign-up?ticket=${ticket}`)
    const again = await who.submit(page, 'sign_up', { ...fresh(), username: openid.username })
    assert.equal(again.status, 400)
    assert.equal((await who.submit(again, 'sign_up', fresh())).status, 303)
  })
})

describe('a link for a new password', async () => {
  const openid = await startOpenId()
  const { browser, username } = openid
  const fields = { new_password: password, repeat_password: password }

  test('sets it once, ends all logins, and asks for the new one', async () => {
    const before = await openid.loggedIn()
    const ticket = await linkBy(openid, 'reset-password', username)
    const other = await linkBy(openid, 'reset-password', username)
    const who = browser()
    const page = await who.get(`/reset-password?ticket=${ticket}`)
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    const wrong = await who.submit(page, 'reset_password', { ...fields, repeat_password: 'x' })
    assert.deepEqual([wrong.status, /not the same/.test(wrong.text)], [400, true])
    const all = await Promise.all(Array.from({ length: 4 }, () => who.submit(wrong, 'reset_password', fields)))
    assert.deepEqual(all.map(({ status }) => status).sort(), [200, 400, 400, 400])
    assert.equal(isIn(who), false)
    assert.match((await before.get('/account')).location, /^\/login/)
    assert.equal((await browser().get(`/reset-password?ticket=${other}`)).status, 200)
    const form = await who.get(`/reset-password?ticket=${other}`)
    assert.equal((await who.submit(form, 'reset_password', fields)).status, 400, 'made for the password before')
    await who.submit(await who.get('/login'), 'login', { username, password })
    assert.ok(isIn(who))
    const log = JSON.stringify(openid.records)
    assert.match(log, /"password\.reset"/)
    assert.ok(!log.includes(ticket))
  })

  const gone: [name: string, path: string][] = [
    ['none', '/reset-password'],
    ['one that nobody made', `/reset-password?ticket=${'A'.repeat(43)}`],
    ['of another kind', '/reset-password?ticket=invite'],
  ]
  for (const [name, at] of gone) {
    test(`${name} -> 400, and what to do`, async () => {
      const ticket = at.endsWith('invite') ? await linkBy(openid, 'invite') : ''
      const page = await browser().get(at.replace('=invite', `=${ticket}`))
      assert.equal(page.status, 400)
      assert.match(page.text, /used already, it is too old/)
    })
  }

  test('by a page of another site -> 403', async () => {
    const ticket = await linkBy(openid, 'reset-password', username)
    const who = browser()
    const { action } = findForm(await who.get(`/reset-password?ticket=${ticket}`), 'reset_password') ?? assert.fail()
    const answer = await who.post(action, { ticket, ...fields }, { 'Sec-Fetch-Site': 'cross-site' })
    assert.equal(answer.status, 403)
  })
})

interface Message {
  readonly type: string
  readonly data: { readonly link: string; readonly language: string; readonly user: Readonly<Record<string, unknown>> }
}

describe('a password that was forgotten', async () => {
  const key = Buffer.alloc(32, 7)
  const secret = `whsec_${key.toString('base64')}`
  const received: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = []
  let status = 204
  const mailer = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      response.writeHead(status).end()
      mailer.emit('received')
    })
  })
  mailer.listen(0, 'localhost')
  await once(mailer, 'listening')
  const host = `localhost:${(mailer.address() as AddressInfo).port}`
  const openid = await startOpenId({
    ...{ passwordResetWebhook: `http://${host}/`, passwordResetSecrets: [secret], allowPrivateHosts: [host] },
    trustedProxies: ['127.0.0.1', '::1'],
  })
  after(() => mailer.close())
  const { browser, username } = openid
  const forget = async (name: string, address = '192.0.2.1'): Promise<Page> => {
    const who = browser()
    const page = await who.get('/forgot-password?to=/account')
    const fields = { ...hiddenFields(page), username: name }
    return who.post('/forgot-password', fields, { 'X-Forwarded-For': address, 'Accept-Language': 'de' })
  }

  test('the same answer for a user and for nobody; a signed message for the user alone, whose link works', async () => {
    const login = await browser().get('/login?to=/account')
    assert.match(login.text, /id="forgot" href="\/forgot-password\?to=%2Faccount"/)
    const nobody = await forget('nobody')
    const arrived = once(mailer, 'received')
    const somebody = await forget(username)
    assert.deepEqual([nobody.status, nobody.text], [200, somebody.text])
    await arrived
    assert.equal(received.length, 1)
    const [{ headers, body }] = received as [(typeof received)[number]]
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    const { type, data } = JSON.parse(body) as Message
    assert.deepEqual([type, data.user['username'], data.language], ['password.reset_requested', username, 'de'])
    assert.ok(data.link.startsWith(`${openid.server.issuer}/reset-password?ticket=`))
    const who = browser()
    const page = await who.get(data.link.slice(openid.server.issuer.length))
    const done = await who.submit(page, 'reset_password', { new_password: password, repeat_password: password })
    assert.match(done.text, /id="go_on" href="\/login\?to=%2Faccount"/)
    assert.ok(!JSON.stringify(openid.records).includes(ticketIn(data.link)))
  })

  test('a user is sent three links in an hour, whoever asks; an address asks 20 times', async () => {
    clock.now += 3601
    const before = received.length
    for (let index = 0; index < 5; index++) assert.equal((await forget(username, `192.0.2.${index}`)).status, 200)
    for (let index = 0; index < 20; index++) assert.equal((await forget(`x${index}`, '198.51.100.1')).status, 200)
    const late = await forget('x', '198.51.100.1')
    assert.deepEqual([late.status, late.headers.get('retry-after')], [429, '3600'])
    while (openid.records.filter(({ type }) => type === 'password_reset.delivered').length < 4)
      await once(mailer, 'received')
    assert.equal(received.length - before, 3)
  })

  test('a mailer that fails is asked again, with another link', async () => {
    clock.now += 3601
    status = 500
    const before = received.length
    const arrived = once(mailer, 'received')
    await forget(username)
    await arrived
    status = 204
    for (let address = 0; received.length < before + 2; address++) {
      clock.now += 6
      await forget('nobody', `203.0.113.${address}`) // has the next look taken at once
    }
    const [first, second] = received.slice(before).map(({ headers, body }) => ({ headers, ...(JSON.parse(body) as Message) }))
    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
    assert.notEqual(first?.data.link, second?.data.link)
  }) // prettier-ignore
})

for (const [name, makeBackend, skip] of backends) {
  describe(`ResetRequests on ${name}`, { skip }, () => {
    const backend = makeBackend()
    before(() => backend.open())
    after(() => backend.close())

    test('each is taken on by one of many nodes; what is not finished comes back, what is finished does not', async () => {
      const { resetRequests: requests } = backend.tables('resets')
      const common = { to: '/', language: 'en' }
      for (const userId of ['a', undefined, 'b']) await requests.add({ ...common, userId, requestedAt: 100 })
      const claims = await Promise.all([1, 2, 3].map(() => requests.claim(2, 130, 100)))
      const taken = claims.flat()
      assert.deepEqual(taken.map(({ userId }) => userId ?? '').sort(), ['', 'a', 'b'])
      const [first, second, third] = taken
      assert.ok(first !== undefined && second !== undefined && third !== undefined)
      await requests.finish(first)
      await requests.retry(second, 200)
      const left = await requests.claim(10, 160, 130)
      assert.deepEqual(left.map(({ id }) => id), [third.id])
      await requests.finish(third) // of the claim before, which is over
      assert.deepEqual((await requests.claim(10, 300, 200)).map(({ attempts }) => attempts).sort(), [0, 1])
    }) // prettier-ignore
  })
}

const contradictions: [name: string, options: object, said: RegExp][] = [
  ['an unknown mode', { signUp: 'maybe' }, /--sign-up must be off, open or invite/],
  ['a webhook without key', { passwordResetWebhook: 'https://m.example/' }, /needs GRANTRY_PASSWORD_RESET_SECRETS/],
  ['a webhook by http', { passwordResetWebhook: 'http://m.example/' }, /must be an https URL/],
  ['a page and a webhook', { passwordResetUri: 'https://a.example/', passwordResetWebhook: 'https://m.example/' }, /Choose one/],
  ['users from elsewhere', { signUp: 'open', userEndpoint: 'https://u.example/', userEndpointSecret: 'x'.repeat(32) }, /Users come from elsewhere/],
] // prettier-ignore
for (const [name, options, said] of contradictions)
  test(`${name} -> no start, and why`, () => assert.rejects(startServer({ port: 0, ...options }), said))
