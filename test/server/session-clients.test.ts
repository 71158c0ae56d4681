/** Which clients know of which session, and whom to tell of a logout, on SQLite and on PostgreSQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { SessionClients } from '../../packages/server/src/accounts/session-clients.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000
const session = { sid: 's1', userId: 'ann' }
const hour = 3600

const idsOf = (deliveries: Awaited<ReturnType<SessionClients['claim']>>): readonly string[] =>
  deliveries.map(({ clientId }) => clientId).sort()

for (const [name, makeBackend, skip] of backends) {
  describe(`SessionClients on ${name}`, { skip }, () => {
    const backend = makeBackend()
    let realms = 0
    const fresh = () => backend.tables(`realm${realms++}`).sessionClients
    before(() => backend.open())
    after(() => backend.close())

    /** The session `s1` with the clients `app` and `web`, and `s2` with `app`. */
    const filled = async (): Promise<SessionClients> => {
      const clients = fresh()
      await clients.note(session, 'app', now)
      await clients.note(session, 'web', now)
      await clients.note(session, 'app', now)
      await clients.note({ sid: 's2', userId: 'bob' }, 'app', now)
      return clients
    }

    test('a session has its clients, each once, of its realm only', async () => {
      const clients = await filled()
      assert.deepEqual(await clients.clientsOf('s1'), ['app', 'web'])
      assert.deepEqual(await clients.clientsOf('s2'), ['app'])
      assert.deepEqual(await fresh().clientsOf('s1'), [])
    })

    test('nobody is told before the logout; then the clients of this `sid`, once', async () => {
      const clients = await filled()
      assert.deepEqual(await clients.claim(9, now + 30, now), [])
      await clients.end('s1', now)
      assert.deepEqual(await clients.clientsOf('s1'), [])
      const due = await clients.claim(9, now + 30, now)
      assert.deepEqual(idsOf(due), ['app', 'web'])
      assert.deepEqual(
        due.find(({ clientId }) => clientId === 'app'),
        { ...{ clientId: 'app', userId: 'ann', sessionId: 's1', attempts: 0, claimedUntil: now + 30 } },
      )
      assert.deepEqual(await clients.claim(9, now + 60, now + 29), [])
    })

    test('what was claimed and not settled is due again; what is finished is not; a retry counts', async () => {
      const clients = await filled()
      await clients.end('s1', now)
      const [app, web] = (await clients.claim(9, now + 30, now)).toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
      assert.ok(app && web)
      await clients.finish(app)
      await clients.retry(web, now + 10)
      assert.deepEqual(await clients.claim(9, now + 39, now + 9), [])
      const [again, ...others] = await clients.claim(9, now + 40, now + 10)
      assert.deepEqual([again?.clientId, again?.attempts, others], ['web', 1, []])
      assert.deepEqual(idsOf(await clients.claim(9, now + 99, now + 40)), ['web'])
    })

    test('a new login at the client takes back what would log it out', async () => {
      const clients = await filled()
      await clients.end('s1', now)
      const claimed = await clients.claim(9, now + 30, now)
      await clients.note(session, 'app', now + 1)
      for (const delivery of claimed) await clients.retry(delivery, now + 2)
      assert.deepEqual(idsOf(await clients.claim(9, now + 60, now + 30)), ['web'])
      assert.deepEqual(await clients.clientsOf('s1'), ['app'])
      await clients.end('s1', now + 31)
      const [first] = claimed.filter(({ clientId }) => clientId === 'app')
      assert.ok(first)
      await clients.finish(first)
      assert.deepEqual(
        idsOf(await clients.claim(9, now + 90, now + 31)),
        ['app'],
        'the end of before settled another one',
      )
    })

    test('of 8 that claim at once, each delivery has one', async () => {
      const clients = fresh()
      for (let index = 0; index < 40; index++) await clients.note(session, `client${index}`, now)
      await clients.end('s1', now)
      const taken = await Promise.all(Array.from({ length: 8 }, () => clients.claim(10, now + 30, now)))
      const ids = taken.flatMap(idsOf)
      assert.equal(new Set(ids).size, ids.length)
      const rest = await clients.claim(100, now + 30, now)
      assert.equal(ids.length + rest.length, 40)
    })

    test('the sweeper takes what is of no use: not a session that went on, nor one whose clients wait to be told', async () => {
      const clients = await filled()
      await clients.note({ sid: 's3', userId: 'cid' }, 'app', now)
      await clients.extend('s2', now + hour)
      await clients.end('s1', now + hour)
      assert.equal(await clients.sweep(now + 12 * hour, 9), 1)
      assert.deepEqual(await clients.clientsOf('s3'), [])
      assert.deepEqual(await clients.clientsOf('s2'), ['app'])
      assert.equal(await clients.sweep(now + 13 * hour, 9), 1)
      assert.deepEqual(idsOf(await clients.claim(9, now + 13 * hour, now + 13 * hour)), ['app', 'web'])
      assert.equal(await clients.sweep(now + 49 * hour, 1), 1)
      assert.equal(await clients.sweep(now + 49 * hour, 9), 1)
    })
  })
}
