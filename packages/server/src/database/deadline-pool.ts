import { Socket } from 'node:net'
import { PostgresDialect, type PostgresPool as KyselyPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { PoolCounts } from '../data.ts'
import type { Log } from '../log.ts'
import { databaseDeadline } from '../request-deadline.ts'
import { within } from '../within.ts'

const deadlineMs = 2000
const goodbyeMs = 1000

/**
 * A pool that answers or fails within two seconds, the wait for a connection included, and before the deadline of the request, so that a
 * database that stalls does not hold requests. A connection whose statement was given up is closed: else the next statement would wait behind it.
 */
export class DeadlinePool {
  readonly #pool: pg.Pool
  readonly #sockets = new Set<Socket>()

  constructor(config: pg.PoolConfig, log: Log) {
    this.#pool = new pg.Pool({
      ...config,
      connectionTimeoutMillis: deadlineMs,
      query_timeout: deadlineMs,
      stream: () => this.#open(),
    })
    this.#pool.on('error', (cause) => log({ type: 'database.connection_lost', cause }))
    // While it runs a statement, the statement fails with it; without a listener, the process would end.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  /** Runs one statement in a transaction of its own. */
  async query(statement: { text: string; values?: unknown[] }): Promise<pg.QueryResult<Record<string, unknown>>> {
    const until = databaseDeadline()
    const client = await this.#take(until)
    const timed = { ...statement, query_timeout: Math.max(1, until - performance.now()) }
    try {
      const result = await client.query<Record<string, unknown>>(timed)
      client.release()
      return result
    } catch (thrown) {
      client.release(!(thrown instanceof pg.DatabaseError))
      throw thrown
    }
  }

  /** The state of its connections. */
  counts(): PoolCounts {
    const { totalCount, idleCount: idle, waitingCount: waiting } = this.#pool
    return { busy: totalCount - idle, idle, waiting }
  }

  /** Waits for what runs, which the deadline ends, and closes all connections. */
  async close(): Promise<void> {
    await this.#pool.end()
    const part = (): void => this.#sockets.forEach((socket) => socket.destroy()) // a server that stalls does not part by itself
    setTimeout(part, goodbyeMs).unref()
  }

  /** The pool knows no deadline of a request. */
  async #take(until: number): Promise<pg.PoolClient> {
    const taken = this.#pool.connect()
    try {
      return await within(Math.max(1, until - performance.now()), taken)
    } catch (thrown) {
      void taken.then((client) => client.release()).catch(() => undefined) // nobody waits for it any more
      throw thrown
    }
  }

  #open(): Socket {
    const socket = new Socket()
    this.#sockets.add(socket)
    return socket.once('close', () => this.#sockets.delete(socket))
  }
}

/** Lets kysely run statements on the pool, each by itself: there are no transactions of several. */
export const dialectOver = (pool: DeadlinePool): PostgresDialect => {
  const query = (text: string, values: readonly unknown[]): unknown => pool.query({ text, values: [...values] })
  const client = { query, release: () => undefined } as PostgresPoolClient // the types also ask for cursors, which need a transaction
  const connected: KyselyPool = { options: {}, connect: async () => client, end: async () => undefined }
  return new PostgresDialect({ pool: connected })
}
