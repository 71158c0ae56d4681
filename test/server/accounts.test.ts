/** Users and sessions, with the same tests on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AccountStore } from '../../packages/server/src/accounts/account-store.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000

for (const [name, makeBackend, skip] of backends) {
  describe(`AccountStore on ${name}`, { skip }, () => {
    const backend = makeBackend()
    let realms = 0
    const fresh = (): AccountStore => backend.tables(`realm${realms++}`).accounts
    const withUser = async (): Promise<[AccountStore, { id: string; passwordVersion: number }]> => {
      const accounts = fresh()
      await accounts.create('ann', 'hash', now)
      return [accounts, (await accounts.find('ann')) ?? assert.fail()]
    }

    before(() => backend.open())
    after(() => backend.close())

    test('a user is found however the name is written, and by its own realm only', async () => {
      const accounts = fresh()
      const id = await accounts.create('ＡＮＮ', 'hash', now)
      assert.match(id ?? '', /^user_[\w-]{22}$/)
      assert.deepEqual(await accounts.find('Ann'), { id, username: 'ann', password: 'hash', passwordVersion: 1 })
      assert.equal(await accounts.find('bob'), undefined)
      assert.equal(await accounts.find('ann\0'), undefined)
      assert.equal(await fresh().find('ann'), undefined)
    })

    test('names that are one to people -> one account', async () => {
      const same = [
        ['ﬀord', 'ffORD'],
        ['jos\u00e9', 'JOSE\u0301'],
        ['\uff41nn', 'Ann'],
        ['\u212aim', 'kim'],
        ['ΟΔΟΣ', 'οδος'],
      ] as const
      for (const [first, second] of same) {
        const own = fresh()
        const id = await own.create(first, 'hash', now)
        assert.equal(await own.create(second, 'hash', now), undefined, second)
        assert.equal((await own.find(second))?.id, id)
      }
    })

    test('8 at once take a name -> one of them gets it; in another realm it is free', async () => {
      const accounts = fresh()
      const ids = await Promise.all(Array.from({ length: 8 }, () => accounts.create('ann', 'hash', now)))
      assert.equal(ids.filter((id) => id !== undefined).length, 1)
      assert.notEqual(await fresh().create('ann', 'hash', now), undefined)
    })

    test('a new password ends the sessions of the user, and no others', async () => {
      const [accounts, ann] = await withUser()
      await accounts.create('bob', 'hash', now)
      const session = await accounts.startSession(ann, now)
      const other = await accounts.startSession((await accounts.find('bob')) ?? assert.fail(), now)
      assert.equal(await accounts.setPassword('ANN', 'new'), true)
      assert.equal(await accounts.findSession(session, now), undefined)
      assert.equal((await accounts.findSession(other, now))?.username, 'bob')
      assert.equal((await accounts.find('ann'))?.password, 'new')
      assert.equal(await accounts.setPassword('nobody', 'new'), false)
    })

    test('a login with the old password that ends after the new one is set -> no session', async () => {
      const [accounts, ann] = await withUser()
      await accounts.setPassword('ann', 'new')
      const session = await accounts.startSession(ann, now)
      assert.equal(await accounts.findSession(session, now), undefined)
    })

    test('a session ends 1 hour after its last use, and 12 hours after the login', async () => {
      const [accounts, ann] = await withUser()
      const session = await accounts.startSession(ann, now)
      const isLive = async (seconds: number): Promise<boolean> =>
        (await accounts.findSession(session, now + seconds)) !== undefined
      assert.equal(await isLive(3600), false)
      for (let hour = 0; hour < 12; hour += 0.5) assert.equal(await isLive(hour * 3600), true, String(hour))
      assert.equal(await isLive(12 * 3600 - 1), true)
      assert.equal(await isLive(12 * 3600), false)
    })

    test('a session that is looked at again within a minute is not written', async () => {
      const [accounts, ann] = await withUser()
      const session = await accounts.startSession(ann, now)
      await accounts.findSession(session, now + 59)
      assert.equal(await accounts.findSession(session, now + 3600), undefined)
      await accounts.findSession(session, now + 60)
      assert.notEqual(await accounts.findSession(session, now + 3600), undefined)
    })

    test('a session knows when it began, and keeps the id that clients know it by', async () => {
      const [accounts, ann] = await withUser()
      const first = await accounts.findSession(await accounts.startSession(ann, now), now + 5)
      assert.equal(first?.authTime, now)
      assert.match(first.sid, /^[\w-]{22}$/)
      const second = await accounts.findSession(await accounts.startSession(ann, now + 9, { sid: first.sid }), now + 9)
      assert.deepEqual([second?.authTime, second?.sid], [now + 9, first.sid])
      const third = await accounts.findSession(await accounts.startSession(ann, now), now)
      assert.notEqual(third?.sid, first.sid)
    })

    test('a session of the version before: it began twelve hours before its end, and has an id of its own', async () => {
      const [accounts, ann] = await withUser()
      const id = await accounts.startSession(ann, now)
      await backend.run('UPDATE "session" SET auth_time = NULL, sid = NULL')
      const session = await accounts.findSession(id, now + 5)
      assert.equal(session?.authTime, now)
      assert.match(session.sid, /^[\w-]{22}$/)
      assert.equal((await accounts.findSession(id, now + 9))?.sid, session.sid)
    })

    test('an ended session is over, in its own realm only', async () => {
      const [accounts, ann] = await withUser()
      const session = await accounts.startSession(ann, now)
      const [other] = await withUser()
      assert.equal(await other.findSession(session, now), undefined)
      await other.endSession(session)
      assert.notEqual(await accounts.findSession(session, now), undefined)
      await accounts.endSession(session)
      assert.equal(await accounts.findSession(session, now), undefined)
    })

    test('sweep deletes idle sessions in batches, two at once without a conflict, and leaves the others', async () => {
      const [accounts, ann] = await withUser()
      for (let index = 0; index < 25; index++) await accounts.startSession(ann, now - 7200)
      const live = await accounts.startSession(ann, now)
      assert.equal(await accounts.sweep(now, 10), 10)
      const both = await Promise.all([accounts.sweep(now, 10), accounts.sweep(now, 10)])
      const rest = await accounts.sweep(now, 100)
      assert.equal(both[0] + both[1] + rest, 15)
      assert.notEqual(await accounts.findSession(live, now), undefined)
    })
  })
}
