/** The page where users enter the code of a device (RFC 8628 §3.3). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deviceCodeGrantType } from 'grantry'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { findForm, type Browser, type Page } from './browser.ts'
import { clock, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId()
const { username, password, browser, loggedIn, post } = openid

const newCodes = async (scope = 'openid read'): Promise<Record<string, string>> =>
  (await post('/device_authorization', { client_id: 'spa', scope })) as Record<string, string>
const poll = async (codes: Record<string, string>): Promise<Record<string, unknown>> => {
  clock.now += 6
  return post('/token', { grant_type: deviceCodeGrantType, client_id: 'spa', device_code: codes['device_code'] ?? '' })
}
const enter = async (who: Browser, userCode = ''): Promise<Page> =>
  who.submit(await who.get('/device'), 'device', { user_code: userCode })

test('log in, enter the code, compare, allow -> the device gets tokens with an ID token', async () => {
  const codes = await newCodes()
  assert.equal(codes['verification_uri'], `${openid.server.issuer}/device`)
  const who = browser()
  const { pathname, search } = new URL(codes['verification_uri_complete'] ?? '')
  const login = await who.follow(await who.get(pathname + search))
  const entry = await who.follow(await who.submit(login, 'login', { username, password }))
  assert.equal(new Map(findForm(entry, 'device')?.fields).get('user_code'), codes['user_code'])
  assert.equal((await poll(codes))['error'], 'authorization_pending')
  const asked = await who.submit(entry, 'device')
  assert.match(asked.text, new RegExp(`id="shown_code">${codes['user_code'] ?? ''}<`))
  assert.match(asked.text, /client id <code>spa<\/code>/)
  assert.equal((await poll(codes))['error'], 'authorization_pending')
  assert.match((await who.submit(asked, 'consent', { decision: 'approve' })).text, /Your device is connected/)
  const tokens = await poll(codes)
  assert.equal(tokens['scope'], 'openid read')
  assert.match(String((await openid.claimsOf(tokens['id_token'], 'spa')).sub), /^user_/)
})

test('deny -> access_denied; decided twice -> a page that says so', async () => {
  const codes = await newCodes()
  const who = await loggedIn()
  const asked = await enter(who, codes['user_code']?.toLowerCase().replace('-', ' '))
  assert.match((await who.submit(asked, 'consent', { decision: 'deny' })).text, /was denied/)
  assert.equal((await poll(codes))['error'], 'access_denied')
  assert.match((await who.submit(asked, 'consent', { decision: 'approve' })).text, /waits no longer/)
})

test('fewer scopes; no scope and no decision -> told', async () => {
  const codes = await newCodes('read write')
  const who = await loggedIn()
  const asked = await enter(who, codes['user_code'])
  assert.match((await who.submit(asked, 'consent', {})).text, /one of the two buttons/)
  const fields = (findForm(asked, 'consent')?.fields ?? []).filter(([name]) => name !== 'scope')
  const decide = (scopes: [string, string][]) =>
    who.post('/device/decision', [...fields, ...scopes, ['decision', 'approve']])
  assert.match((await decide([])).text, /at least one box/)
  await decide([['scope', 'read']])
  assert.equal((await poll(codes))['scope'], 'read')
})

describe('refused', () => {
  test('an unknown and an expired code -> told, the page again', async () => {
    const who = await loggedIn()
    assert.match((await enter(who, 'BBBB-BBBB')).text, /There is no such code/)
    const codes = await newCodes()
    clock.now += 601
    const page = await enter(await loggedIn(), codes['user_code'])
    assert.deepEqual([page.status, findForm(page, 'device') !== undefined], [400, true])
  })

  test('five tries in ten minutes for a user, in all sessions -> 429, even for the right code', async () => {
    const data = openSqlite(openid.data, { create: false })
    await data.accounts.create('guesser', await hashPassword('guess'), clock.now)
    await data.close()
    const session = async (): Promise<Browser> => {
      const who = browser()
      await who.submit(await who.get('/login'), 'login', { username: 'guesser', password: 'guess' })
      return who
    }
    const codes = await newCodes()
    const [first, second] = [await session(), await session()]
    for (const who of [first, second, first, second, first]) assert.equal((await enter(who, 'BBBB-BBBB')).status, 400)
    assert.equal((await enter(second, codes['user_code'])).status, 429)
    assert.equal((await poll(codes))['error'], 'authorization_pending')
  })

  test('the decision needs the form of its code: others are not tried by it', async () => {
    const [mine, other] = [await newCodes(), await newCodes()]
    clock.now += 601 * 2
    const fresh = await newCodes()
    const who = await loggedIn()
    const asked = await enter(who, fresh['user_code'])
    for (const user_code of [mine['user_code'] ?? '', other['user_code'] ?? '', 'BBBB-BBBB'])
      assert.equal((await who.submit(asked, 'consent', { decision: 'approve', user_code })).status, 403)
    assert.equal((await (await loggedIn()).submit(asked, 'consent', { decision: 'approve' })).status, 403)
    assert.equal((await poll(fresh))['error'], 'authorization_pending')
  })

  test('forms of another site, or without a session -> 403, the login page', async () => {
    const who = await loggedIn()
    const page = await who.get('/device')
    const fields = [...(findForm(page, 'device')?.fields ?? [])]
    assert.equal((await who.post('/device', fields, { Origin: 'https://evil.example' })).status, 403)
    assert.equal((await who.post('/device', { user_code: 'BBBB-BBBB' })).status, 403)
    assert.match((await browser().post('/device', fields)).location, /^\/login\?to=%2Fdevice/)
  })
})
