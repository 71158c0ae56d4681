/** What servers do, minute by minute, for the console: counted from the log, added over all nodes, read as a series. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LogRecord } from 'grantry-server'
import { keepActivity } from '../../packages/server/src/telemetry/activity.ts'
import type { ActivityCount, ActivityStore } from '../../packages/server/src/telemetry/activity-store.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { startOpenId } from './openid-fixture.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000
const empty = { issued: {}, refused: {}, logins: {}, rotations: {}, latency: {} }
const rows: readonly ActivityCount[] = [
  { at: now, name: 'issued refresh_token', count: 2 },
  { at: now, name: 'latency /token 0', count: 2 },
  { at: now + 60, name: 'issued refresh_token', count: 3 },
  { at: now + 60, name: 'latency /token 8', count: 1 },
  { at: now + 120, name: 'rotations reused', count: 1 },
]

for (const [name, makeBackend, skip] of backends) {
  describe(`ActivityStore on ${name}`, { skip }, () => {
    const backend = makeBackend()
    let realms = 0
    const fresh = (): ActivityStore => backend.tables(`realm${realms++}`).activity
    before(() => backend.open())
    after(() => backend.close())

    test('what nodes did at once is added; a point for each step, also where nothing happened', async () => {
      const store = fresh()
      await Promise.all([store.add(rows), store.add(rows.toReversed()), fresh().add(rows)])
      assert.deepEqual(await store.read({ from: now - 60, to: now + 180, step: 60 }), [
        { at: now - 60, ...empty },
        { at: now, ...empty, issued: { refresh_token: 4 }, latency: { '/token': [4, 0, 0, 0, 0, 0, 0, 0, 0] } },
        { at: now + 60, ...empty, issued: { refresh_token: 6 }, latency: { '/token': [0, 0, 0, 0, 0, 0, 0, 0, 2] } },
        { at: now + 120, ...empty, rotations: { reused: 2 } },
      ])
    })

    test('a longer step adds minutes, and begins where such a step does', async () => {
      const store = fresh()
      await store.add(rows)
      const points = await store.read({ from: now + 65, to: now + 130, step: 120 })
      const counts = points.map(({ at, issued, rotations }) => [at, issued['refresh_token'], rotations['reused']])
      assert.deepEqual(counts, [
        [now, 5, undefined],
        [now + 120, undefined, 1],
      ])
    })

    test('what is old is deleted, a few at a time', async () => {
      const store = fresh()
      await store.add(rows)
      assert.deepEqual([await store.sweep(now + 120, 3), await store.sweep(now + 120, 3)], [3, 1])
      const points = await store.read({ from: now, to: now + 180, step: 180 })
      assert.deepEqual(points, [{ at: now, ...empty, rotations: { reused: 1 } }])
    })

    test('too many points, and parts of minutes -> refused', async () => {
      await assert.rejects(fresh().read({ from: 0, to: now, step: 60 }), /2000/)
      await assert.rejects(fresh().read({ from: now, to: now + 60, step: 90 }), /whole minutes/)
    })
  })
}

test('a server counts what it does by minute, and adds the last of it as it closes', async () => {
  const openid = await startOpenId({ now: () => now + 59 })
  await openid.loggedIn()
  await openid.post('/token', { grant_type: 'client_credentials', client_id: 'app', client_secret: 'wrong' })
  await openid.post('/token', { grant_type: 'made-up' })
  await openid.server.close()
  const data = openSqlite(openid.data, { create: false })
  const [point] = await data.activity.read({ from: now, to: now + 60, step: 60 })
  await data.close()
  const { logins, refused, latency } = point ?? assert.fail()
  assert.deepEqual([logins, refused], [{ accepted: 1 }, { client_secret_wrong: 1, grant_type_unsupported: 1 }])
  assert.equal(
    latency['/token']?.reduce((sum, each) => sum + each),
    2,
  )
  assert.equal(
    latency['/login']?.reduce((sum, each) => sum + each),
    2,
  )
})

test('the database fails -> what was counted is added later', async () => {
  const added: ActivityCount[][] = []
  const records: LogRecord[] = []
  let fails = true
  const add = async (counts: readonly ActivityCount[]): Promise<void> => {
    if (fails) throw new Error('away')
    added.push([...counts])
  }
  let count: (record: LogRecord) => void = () => assert.fail('nobody watches')
  let told: () => void = () => undefined
  const failed = new Promise<void>((resolve) => (told = resolve))
  const log = (record: LogRecord): void => {
    records.push(record)
    told()
  }
  const store = { add } as unknown as ActivityStore // all that is used of it
  const alive = setInterval(() => undefined, 1000)
  const data = keepActivity(
    { activity: store, close: async () => undefined },
    { now: () => now, log, everyMs: 5 },
    (watcher) => (count = watcher),
  )
  count({ type: 'login.accepted' })
  await failed
  assert.equal(records[0]?.type, 'activity.failed')
  count({ type: 'login.accepted' })
  fails = false
  await data.close()
  clearInterval(alive)
  const total = added.flat().reduce((sum, each) => sum + each.count, 0)
  assert.equal(total, 2)
  assert.ok(added.flat().every(({ at, name }) => at === now && name === 'logins accepted'))
})

test('requests are in the class of their time', () => {
  const seen: string[] = []
  let count: (record: LogRecord) => void = () => assert.fail('nobody watches')
  const point = (ms: number): void => count({ type: 'request.answered', route: '/token', ms })
  const store = { add: async (counts: readonly ActivityCount[]) => void seen.push(...counts.map(({ name }) => name)) }
  const activity = store as unknown as ActivityStore // all that is used of it
  const data = keepActivity(
    { activity, close: async () => undefined },
    { now: () => now, log: () => undefined },
    (watcher) => (count = watcher),
  )
  for (const ms of [0, 5, 5.1, 1000, 1000.1]) point(ms)
  return data.close().then(() =>
    assert.deepEqual(
      seen,
      [0, 1, 7, 8].map((bucket) => `latency /token ${bucket}`),
    ),
  )
})
