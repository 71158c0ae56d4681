/** What has expired is deleted, round by round, until the server stops. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { LogRecord } from 'grantry-server'
import type { Data } from '../../packages/server/src/data.ts'
import { openSqlite } from '../../packages/server/src/database/sqlite.ts'
import { startSweeper } from '../../packages/server/src/sweeper.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-sweeper-'))
after(() => rmSync(folder, { recursive: true }))
const now = 1_800_000_000

/** A sweeper that does not pause, and the function that waits for its next record. */
const start = (data: Data) => {
  let tell: (record: LogRecord) => void = () => undefined
  const next = (): Promise<LogRecord> => new Promise((resolve) => (tell = resolve))
  const stopSweeper = startSweeper(data, { now: () => now, log: (record) => tell(record), everyMs: 0 })
  const alive = setInterval(() => undefined, 1000) // the timer of the sweeper does not keep a process alive
  const stop = (): Promise<void> => {
    clearInterval(alive)
    return stopSweeper()
  }
  return { next, stop }
}

test('a round deletes more than a batch of tokens and sessions, and says how many in how long', async () => {
  const opened = openSqlite(join(folder, 'rounds'), { create: true })
  const data = { ...opened, sweepStep: { rows: 4, ms: 50, restFactor: 1 } }
  await data.accounts.create('ann', 'hash', now)
  const ann = (await data.accounts.find('ann')) ?? assert.fail()
  for (let index = 0; index < 10; index++) {
    await data.accounts.startSession(ann, now - 7200)
    await data.store.markSeen('jti', Buffer.alloc(32, index).toString('base64url'), now - 1, now - 2)
  }
  const live = await data.accounts.startSession(ann, now)
  const sweeper = start(data)
  const first = await sweeper.next()
  assert.equal(first.type, 'sweep.done')
  assert.equal(first['deleted'], 20)
  assert.ok(Number.isInteger(first['durationMs']))
  assert.equal((await sweeper.next())['deleted'], 0)
  assert.notEqual(await data.accounts.findSession(live, now), undefined)
  await sweeper.stop()
  await data.close()
})

test('a round deletes clients that registered themselves and were never used, and says how many', async () => {
  const data = openSqlite(join(folder, 'clients'), { create: true })
  const registeredAt = now - 7 * 86_400
  await data.store.putClient({ id: 'unused', registration: { registeredAt } })
  await data.store.putClient({ id: 'new', registration: { registeredAt: registeredAt + 1 } })
  await data.store.putClient({ id: 'used', registration: { registeredAt, lastUsedAt: registeredAt } })
  await data.store.putClient({ id: 'ours' })
  const sweeper = start(data)
  let record = await sweeper.next()
  while (record.type === 'sweep.done') record = await sweeper.next()
  assert.deepEqual(record, { type: 'sweep.clients', deleted: 1 })
  const left = await data.store.listClients('', 10)
  assert.deepEqual(
    left.map(({ id }) => id),
    ['new', 'ours', 'used'],
  )
  await sweeper.stop()
  await data.close()
})

test('a round that fails is logged, and the next one comes; stopped, the sweeper waits for its round', async () => {
  const opened = openSqlite(join(folder, 'fails'), { create: true })
  let rounds = 0
  let release: () => void = () => undefined
  const held = new Promise<number>((resolve) => (release = () => resolve(0)))
  const sweep = (): Promise<number> => (rounds++ === 0 ? Promise.reject(new Error('disk full')) : held)
  const accounts = Object.assign(Object.create(opened.accounts) as Data['accounts'], { sweep })
  const sweeper = start({ ...opened, accounts })
  const failed = await sweeper.next()
  assert.equal(failed.type, 'sweep.failed')
  assert.equal((failed['cause'] as Error).message, 'disk full')
  while (rounds < 2) await new Promise(setImmediate)
  const records = sweeper.next()
  const stopped = sweeper.stop()
  release()
  assert.equal((await records).type, 'sweep.done')
  await stopped
  await opened.close()
})
