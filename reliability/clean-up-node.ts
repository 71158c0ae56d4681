/**
 * A server that cleans up when it is told to: the parts of `grantry-server` without its pages, whose sweeper begins a minute after the start.
 * Takes the folder of a SQLite database or the URL of a PostgreSQL.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Server, StoreValidator } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { openData } from '../packages/server/src/data.ts'
import { fileIn } from '../packages/server/src/database/sqlite.ts'
import type { LogRecord } from '../packages/server/src/log.ts'
import { startSweeper } from '../packages/server/src/sweeper.ts'

/** What the process is told. `all` is the negative control: everything that expired, in one statement. */
export type Order = 'sweep' | 'rest' | 'all' | 'end'

/** What it answers to each. */
export interface OrderDone {
  /** Where it listens. */
  readonly url: string
  /** Rows that were deleted since the last order, by the sweeper and as tokens were saved. */
  readonly deleted: number
  /** Clean-ups that failed since then, with their causes. */
  readonly failures: readonly string[]
  /** The longest time since then in which the process did nothing else. */
  readonly longestPauseMs: number
}

const [where = '', ...rest] = process.argv.slice(2)
const isFolder = rest.includes('sqlite')
const now = (): number => Math.floor(Date.now() / 1000)

let deleted = 0
let failures: string[] = []
const fail = (cause: unknown): void => void failures.push(String(cause))
const log = ({ type, cause, ...record }: LogRecord): void => {
  if (type === 'sweep.done') deleted += Number(record['deleted'])
  if (type === 'sweep.failed') fail(cause)
}

const data = await openData({
  ...{ data: where, create: true, database: isFolder ? undefined : where, databaseWait: 5, databasePool: 10 },
  ...{ allowUnsafeDurability: true, log },
})
const onSwept = (swept: { deleted: number } | { error: unknown }): void => {
  if ('error' in swept) fail(swept.error)
  else deleted += swept.deleted
}
const options = { issuer: 'http://localhost:9000', now }
const sweeping = toNodeHandler(new Server(new StoreValidator(data.store, { onSwept }), options))
const resting = toNodeHandler(new Server(new StoreValidator(data.store, { sweepEvery: 0 }), options))
let [handle, stopSweeper] = [resting, async (): Promise<void> => undefined]

const deleteAll = async (): Promise<void> => {
  if (!isFolder) {
    await data.store.sweep(now(), Number.MAX_SAFE_INTEGER)
    return
  }
  const database = new DatabaseSync(fileIn(where)) // another connection, as a script of an operator has
  database.exec('PRAGMA wal_autocheckpoint = 0') // it is the statement that holds others up, not what follows
  database.prepare('DELETE FROM access_token WHERE expires_at <= ?').run(now())
  database.close()
}

const obey = async (order: Order): Promise<void> => {
  await stopSweeper()
  ;[handle, stopSweeper] = [resting, async () => undefined]
  if (order === 'all') await deleteAll().catch(fail)
  if (order === 'end') await data.close()
  if (order !== 'sweep') return
  handle = sweeping
  stopSweeper = startSweeper(data, { now, log, everyMs: 100 })
}

const pauses = monitorEventLoopDelay({ resolution: 1 })
pauses.enable()
const http = createServer((request, response) => handle(request, response))
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo // of a server that listens on a port
  process.on('message', (order: Order) => {
    void obey(order).then(() => {
      const longestPauseMs = pauses.max / 1e6
      pauses.reset()
      const done: OrderDone = { url: `http://127.0.0.1:${port}`, deleted, failures, longestPauseMs }
      ;[deleted, failures] = [0, []]
      process.send?.(done)
      if (order === 'end') process.exit(0)
    })
  })
  process.send?.('ready')
})
