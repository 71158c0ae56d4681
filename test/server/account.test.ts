/** The page of the account: apps with access, sessions and the password, each ended by the user alone. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { deviceCodeGrantType } from 'grantry'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { findForm, type Browser, type Page } from './browser.ts'
import { clock, startOpenId } from './openid-fixture.ts'
import { backends } from './table-backends.ts'

const openid = await startOpenId()
const { path, post, redeem, records, browser } = openid

let users = 0
/** A user of the test's own. */
const newUser = async (): Promise<{ username: string; password: string }> => {
  const user = { username: `user${users++}`, password: `first password ${users}` }
  const data = openSqlite(openid.data, { create: false })
  await data.accounts.create(user.username, await hashPassword(user.password), clock.now)
  await data.close()
  return user
}
type User = Awaited<ReturnType<typeof newUser>>

const logIn = async (user: User): Promise<Browser> => {
  const who = browser()
  assert.equal((await who.submit(await who.get('/login'), 'login', user)).location, '/')
  return who
}
const account = (who: Browser): Promise<Page> => who.get('/account')
const isLoggedIn = async (who: Browser): Promise<boolean> => (await account(who)).status === 200
const count = (page: Page, text: RegExp): number => [...page.text.matchAll(text)].length

/** Lets a client in, and gives its tokens. */
const letIn = async (who: Browser, user: User, change: Record<string, string> = {}) =>
  redeem(await who.clickThrough(path({ scope: 'openid offline_access read', ...change }), user.username, user.password))
const refresh = async (tokens: Record<string, unknown>): Promise<unknown> => {
  const answer = await post('/token', { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']) })
  return answer['error'] ?? 'good'
}

test('without a login: the login page, and back', async () => {
  const user = await newUser()
  const who = browser()
  const login = await who.follow(await account(who))
  assert.equal((await who.submit(login, 'login', user)).location, '/account')
  assert.match((await who.get('/')).text, /<a id="account" href="\/account">/)
})

describe('apps with access', () => {
  test('name, host, scopes in words and the day; public clients and devices as well', async () => {
    const user = await newUser()
    const who = await logIn(user)
    assert.match((await account(who)).text, /No app has access/)
    await letIn(who, user)
    await who.clickThrough(path({ client_id: 'spa', scope: 'email' }), user.username, user.password)
    const codes = await post('/device_authorization', { client_id: 'tool', scope: 'read' })
    const decision = await who.submit(await who.get('/device'), 'device', { user_code: String(codes['user_code']) })
    await who.submit(decision, 'consent', { decision: 'approve' })
    const { text } = await account(who)
    for (const shown of [
      /<bdi>The App<\/bdi>[^]*app\.example, other\.example[^]*Know who you are[^]*Keep its access[^]*<li>read<\/li>/,
      /Allowed on <time datetime="2027-01-15T08:00:00.000Z">15 January 2027</,
      /<bdi>spa<\/bdi>[^]*See your e-mail address/,
      /<bdi>tool<\/bdi>/,
    ])
      assert.match(text, shown)
  })

  test('taking access away ends the grants of this user and client, and the consent', async () => {
    const [user, other] = [await newUser(), await newUser()]
    const [who, stranger] = [await logIn(user), await logIn(other)]
    const [mine, theirs] = [await letIn(who, user), await letIn(stranger, other)]
    const done = await who.follow(await who.submit(await account(who), 'revoke_1'))
    assert.match(done.text, /The app has no access any more[^]*No app has access/)
    assert.deepEqual([await refresh(mine), await refresh(theirs)], ['invalid_grant', 'good'])
    assert.match((await who.get(path())).text, /<form id="consent"/)
    assert.ok(records.some(({ type, clientId }) => type === 'access.revoked' && clientId === 'app'))
  })

  test('what an app was denied on a device is not shown', async () => {
    const who = await logIn(await newUser())
    const codes = await post('/device_authorization', { client_id: 'tool', scope: 'read' })
    const decision = await who.submit(await who.get('/device'), 'device', { user_code: String(codes['user_code']) })
    await who.submit(decision, 'consent', { decision: 'deny' })
    assert.match((await account(who)).text, /No app has access/)
  })

  test('a form for a device with another client in it -> 403', async () => {
    const who = await logIn(await newUser())
    const codes = await post('/device_authorization', { client_id: 'tool', scope: 'read' })
    const decision = await who.submit(await who.get('/device'), 'device', { user_code: String(codes['user_code']) })
    const forged = await who.submit(decision, 'consent', { decision: 'approve', client_id: 'app' })
    assert.equal(forged.status, 403)
    assert.equal(
      (
        await post('/token', {
          grant_type: deviceCodeGrantType,
          client_id: 'tool',
          device_code: String(codes['device_code']),
        })
      )['error'],
      'authorization_pending',
    )
  })
})

describe('sessions', () => {
  test('each is shown with its times, this one as such; one that is over is not', async () => {
    const user = await newUser()
    const old = await logIn(user)
    clock.now += 12 * 3600
    const [who, second] = [await logIn(user), await logIn(user)]
    clock.now += 300
    const { text } = await account(who)
    assert.equal(count({ text } as Page, /<h3>(?:This|Another) browser<\/h3>/g), 2)
    assert.equal(count({ text } as Page, /<h3>This browser<\/h3>/g), 1)
    assert.match(text, /Logged in on <time datetime="[^"]*">15 January 2027 at 20:00 UTC/)
    assert.equal(await isLoggedIn(old), false)
    assert.equal(await isLoggedIn(second), true)
  })

  test('one is ended with what was granted in it; the others go on', async () => {
    const user = await newUser()
    const [who, gone] = [await logIn(user), await logIn(user)]
    const online = await letIn(gone, user, { scope: 'openid read', prompt: 'consent' })
    const kept = await letIn(who, user, { scope: 'openid read', prompt: 'consent' })
    clock.now += 3601 - 60 // the clicks above do not count as uses within the minute
    assert.equal(await isLoggedIn(who), true)
    const page = await account(who)
    const form = ['end_session_1', 'end_session_2'].find((id) => findForm(page, id) !== undefined) ?? assert.fail()
    const done = await who.follow(await who.submit(page, form))
    assert.match(done.text, /That login has ended/)
    assert.deepEqual([await isLoggedIn(who), await isLoggedIn(gone)], [true, false])
    assert.deepEqual([await refresh(online), await refresh(kept)], ['invalid_grant', 'good'])
  })

  test('all others are ended at once', async () => {
    const user = await newUser()
    const [who, first, second] = [await logIn(user), await logIn(user), await logIn(user)]
    const done = await who.follow(await who.submit(await account(who), 'end_others'))
    assert.match(done.text, /All other logins have ended/)
    assert.equal(findForm(done, 'end_others'), undefined)
    assert.deepEqual([await isLoggedIn(who), await isLoggedIn(first), await isLoggedIn(second)], [true, false, false])
  })
})

describe('forms', () => {
  const forms = ['revoke_1', 'end_session_1', 'end_session_2', 'end_others', 'change_password']
  const wrong: [name: string, change: Record<string, string>, headers: Record<string, string>][] = [
    ['without csrf', { csrf: '' }, {}],
    ['with another client', { client_id: 'spa', session: 'A'.repeat(43), csrf: 'A'.repeat(43) }, {}],
    ['of another site', {}, { Origin: 'https://evil.example' }],
  ]
  for (const [name, change, headers] of wrong) {
    test(`${name} -> 403, and nothing happens`, async () => {
      const user = await newUser()
      const [who, other] = [await logIn(user), await logIn(user)]
      await letIn(who, user)
      const page = await account(who)
      for (const id of forms.filter((each) => findForm(page, each) !== undefined)) {
        const { action, fields } = findForm(page, id) ?? assert.fail()
        const sent = Object.fromEntries([...fields, ...Object.entries(change)])
        assert.equal((await who.post(action, sent, headers)).status, 403, id)
      }
      assert.equal(await isLoggedIn(other), true)
      assert.match((await account(who)).text, /The App/)
    })
  }

  test('of another user, with the token of that one -> 403', async () => {
    const [user, other] = [await newUser(), await newUser()]
    const [who, stranger] = [await logIn(user), await logIn(other)]
    await letIn(who, user)
    assert.equal((await stranger.submit(await account(who), 'revoke_1')).status, 403)
  })
})

describe('the password', () => {
  const next = 'a password of words'
  const rows: [name: string, change: Record<string, string>, field: string, text: RegExp][] = [
    ['wrong current one', { current_password: 'no' }, 'current_password', /not your current password/],
    ['too short', { new_password: 'eleven char', repeat_password: 'eleven char' }, 'new_password', /at least 12/],
    ['too long', { new_password: 'x'.repeat(257) }, 'new_password', /at most 256/],
    [
      'one of the commonest',
      { new_password: 'password1234', repeat_password: 'password1234' },
      'new_password',
      /one of the commonest/,
    ],
    ['not the same twice', { repeat_password: `${next}!` }, 'repeat_password', /not the same/],
  ]
  const change = async (who: Browser, user: User, fields: Record<string, string> = {}): Promise<Page> => {
    const good = { current_password: user.password, new_password: next, repeat_password: next }
    return who.submit(await account(who), 'change_password', { ...good, ...fields })
  }
  for (const [name, fields, field, text] of rows) {
    test(`${name} -> told at its field, which has the focus; nothing changes`, async () => {
      const user = await newUser()
      const who = await logIn(user)
      const page = await change(who, user, fields)
      assert.equal(page.status, 400)
      assert.match(page.text, text)
      const [, input = ''] = new RegExp(`<input\\s+id="${field}"([^>]*)>`).exec(page.text) ?? []
      assert.match(input, new RegExp(`aria-describedby="[^"]*${field}_problem"[^]*aria-invalid="true"[^]*autofocus`))
      assert.equal(count(page, /\bautofocus\b/g), 1)
      assert.equal(await isLoggedIn(await logIn(user)), true)
    })
  }

  test('the user name, and the one of before -> refused', async () => {
    const user = await newUser()
    const who = await logIn(user)
    const again = { new_password: user.password, repeat_password: user.password }
    assert.match((await change(who, user, again)).text, /the one that you have already/)
  })

  test('is changed: this browser goes on under a new id, with its apps; the others are out with theirs', async () => {
    const user = await newUser()
    const [who, other] = [await logIn(user), await logIn(user)]
    const mine = await letIn(who, user, { scope: 'openid read', prompt: 'consent' })
    const theirs = await letIn(other, user, { scope: 'openid read', prompt: 'consent' })
    const before = who.cookies.get('grantry-session')
    const done = await who.follow(await change(who, user))
    assert.match(done.text, /Your password is changed/)
    assert.notEqual(who.cookies.get('grantry-session'), before)
    assert.deepEqual([await isLoggedIn(who), await isLoggedIn(other)], [true, false])
    assert.deepEqual([await refresh(mine), await refresh(theirs)], ['good', 'invalid_grant'])
    const late = browser()
    assert.equal((await late.submit(await late.get('/login'), 'login', user)).status, 400)
    assert.equal(await isLoggedIn(await logIn({ ...user, password: next })), true)
    assert.ok(!JSON.stringify(records).includes(next))
  })

  test('ten wrong ones of a browser that is known, ten more as of a stranger, in five minutes -> 429, even for the right one', async () => {
    const user = await newUser()
    const who = await logIn(user)
    for (let tries = 0; tries < 20; tries++)
      assert.equal((await change(who, user, { current_password: 'no' })).status, 400)
    assert.equal((await change(who, user)).status, 429)
    clock.now += 301
    assert.equal((await change(who, user)).status, 303)
  })
})

for (const [name, makeBackend, skip] of backends) {
  describe(`what the page reads and writes, on ${name}`, { skip }, () => {
    const backend = makeBackend()
    before(() => backend.open())
    after(() => backend.close())
    const now = 1_800_000_000

    test('of 8 changes of one password at once, one counts', async () => {
      const { accounts } = backend.tables('passwords')
      await accounts.create('ann', 'hash', now)
      const found = (await accounts.find('ann')) ?? assert.fail()
      const done = await Promise.all(
        Array.from({ length: 8 }, (_, index) => accounts.changePassword(found, `h${index}`)),
      )
      assert.equal(done.filter(Boolean).length, 1)
      assert.equal((await accounts.find('ann'))?.password, `h${done.indexOf(true)}`)
    })

    test('sessions are of their user and realm; nobody else ends them', async () => {
      const [{ accounts, sessions }, elsewhere] = [backend.tables('sessions'), backend.tables('elsewhere')]
      const ids = await Promise.all(
        ['ann', 'bob'].map(async (user) => (await accounts.create(user, 'hash', now)) ?? ''),
      )
      const [ann = '', bob = ''] = ids
      const start = (id: string, at: number) => accounts.startSession({ id, passwordVersion: 1 }, at)
      const [first] = [await start(ann, now), await start(ann, now + 100), await start(bob, now)]
      const listed = await sessions.list(ann, now + 100)
      assert.deepEqual(
        listed.map(({ startedAt }) => startedAt),
        [now + 100, now],
      )
      assert.deepEqual(await elsewhere.sessions.list(ann, now), [])
      const handle = listed[0]?.handle ?? ''
      assert.deepEqual(
        (await sessions.others(ann, first)).map((each) => each.handle),
        [handle],
      )
      await sessions.end(bob, handle)
      await elsewhere.sessions.end(ann, handle)
      assert.equal((await sessions.list(ann, now + 100)).length, 2)
      await sessions.end(ann, handle)
      assert.deepEqual(
        (await sessions.list(ann, now + 100)).map(({ startedAt }) => startedAt),
        [now],
      )
      assert.deepEqual(await sessions.list(ann, now + 3600), [])
    })

    test('consents are listed with their time, the newest first, and forgotten one by one', async () => {
      const { consents } = backend.tables('consents')
      const given = { scopes: ['read'], resources: [], claims: ['email'], receivers: ['app.example'] }
      for (const [index, clientId] of ['a', 'b', 'c'].entries())
        await consents.remember({ userId: 'ann', clientId }, undefined, given, now + index)
      await consents.remember({ userId: 'bob', clientId: 'b' }, undefined, given, now)
      await consents.forget({ userId: 'ann', clientId: 'b' })
      assert.deepEqual(await consents.list('ann'), [
        { ...given, clientId: 'c', allowedAt: now + 2 },
        { ...given, clientId: 'a', allowedAt: now },
      ])
      assert.equal((await consents.list('bob')).length, 1)
    })
  })
}
