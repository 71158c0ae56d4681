import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { openMigrations } from '../packages/server/src/database/migrations.ts'
import { addUserToPostgres } from './known-user.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../test/storage/postgres-server.ts'

export { whyNoPostgres } from '../test/storage/postgres-server.ts'

/** A PostgreSQL with the tables of the server, for one experiment. */
export interface PostgresBench {
  readonly server: PostgresServer
  /** As `--database` takes it, through the socket. */
  readonly url: string
  /** Of the socket. */
  readonly socket: string
  /** Opens a pool of at most `max` connections, which is closed with the bench. */
  readonly openPool: (max?: number) => pg.Pool
  /** The process that started all others of the database. */
  readonly postmasterId: () => number
}

/** As PostgreSQL is by default: what is committed is on disk. */
export const durable = { fsync: 'on', synchronous_commit: 'on' } as const

const urlOf = ({ host, port, user, database }: PostgresServer['connection']): string =>
  `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`

const migrateUp = async (database: string): Promise<void> => {
  const migrations = await openMigrations({ data: '', database, databaseWait: 5 })
  try {
    await migrations.apply()
  } finally {
    await migrations.close()
  }
}

/** Makes a database with its tables, uses it and removes it. Throws where PostgreSQL is not installed. */
export const withPostgres = async <Result>(
  settings: Readonly<Record<string, string>>,
  use: (bench: PostgresBench) => Promise<Result>,
): Promise<Result> => {
  if (whyNoPostgres !== undefined) throw new Error(whyNoPostgres)
  const server = await startPostgres(settings)
  const pools: pg.Pool[] = []
  try {
    const { host } = server.connection
    const url = urlOf(server.connection)
    await migrateUp(url)
    await addUserToPostgres(new pg.Client(server.connection))
    return await use({
      ...{ server, url, socket: join(host, '.s.PGSQL.5432') },
      openPool(max = 8) {
        const pool = new pg.Pool({ ...server.connection, max })
        pool.on('error', () => undefined) // the database ended an idle connection, as experiments have it do
        pools.push(pool)
        return pool
      },
      postmasterId: () => Number(readFileSync(join(host, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]),
    })
  } finally {
    await Promise.allSettled(pools.map((pool) => pool.end()))
    await server.remove()
  }
}

/** Asks again every few milliseconds until the answer is yes; throws after 15 seconds. */
export const until = async (what: string, isReached: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + 15_000
  while (!(await isReached())) {
    if (performance.now() > end) throw new Error(`${what}: not within 15 seconds`)
    await setTimeout(5)
  }
}
