/** The tables of the server itself, on every database that it runs on. */
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import pg from 'pg'
import { migrate } from 'grantry/storage/postgres'
import { migrateSqlite } from 'grantry/storage/sqlite'
import type { AccountTables } from '../../packages/server/src/accounts/account-tables.ts'
import { DeadlinePool, dialectOver as dialectOfPostgres } from '../../packages/server/src/database/deadline-pool.ts'
import { serverMigrations } from '../../packages/server/src/database/server-migrations.ts'
import { openTables } from '../../packages/server/src/database/server-tables.ts'
import { dialectOver as dialectOfSqlite } from '../../packages/server/src/database/sqlite-dialect.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'

/** One database. */
export interface TableBackend {
  open(): Promise<void>
  /** What works with the tables, in a realm of its own. */
  tables(realm: string): ReturnType<typeof openTables>
  /** Runs a statement on it. */
  run(statement: string): Promise<void>
  /** Starts what has to wait for the locks of a statement, and lets go of them once `waiting` wait. SQLite has no such: one at a time. */
  atOnce<Result>(statement: string, waiting: number, start: () => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

const sqlite = (): TableBackend => {
  const database = new DatabaseSync(':memory:')
  const kysely = new Kysely<AccountTables>({ dialect: dialectOfSqlite(database) })
  return {
    open: async () => migrateSqlite(database, serverMigrations('sqlite'), ':memory:'),
    tables: (realm) => openTables(kysely, { realm, skipLocked: false }),
    run: async (statement) => database.exec(statement),
    atOnce: (_, __, start) => start(),
    close: async () => database.close(),
  }
}

const postgres = (): TableBackend => {
  let server: PostgresServer
  let pool: DeadlinePool
  let kysely: Kysely<AccountTables>
  return {
    async open() {
      server = await startPostgres()
      const migrating = new pg.Pool(server.connection)
      await migrate(migrating, { set: serverMigrations('postgres') })
      await migrating.end()
      pool = new DeadlinePool(server.connection, () => undefined)
      kysely = new Kysely<AccountTables>({ dialect: dialectOfPostgres(pool) }).withSchema('grantry')
    },
    tables: (realm) => openTables(kysely, { realm, skipLocked: true }),
    async atOnce(statement, waiting, start) {
      const client = new pg.Client(server.connection)
      await client.connect()
      await client.query(`SET search_path = grantry; BEGIN; ${statement}`)
      const started = start()
      const countWaiting = async (): Promise<number> =>
        (await client.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount ?? 0
      while ((await countWaiting()) < waiting);
      await client.query('COMMIT')
      await client.end()
      return started
    },
    async run(statement) {
      const client = new pg.Client(server.connection)
      await client.connect()
      await client.query(`SET search_path = grantry; ${statement}`)
      await client.end()
    },
    async close() {
      await pool.close()
      await server.remove()
    },
  }
}

/** Each with how to make it, and why it cannot be made here. */
export const backends: [name: string, backend: () => TableBackend, skip: string | false][] = [
  ['SQLite', sqlite, false],
  ['PostgreSQL', postgres, whyNoPostgres ?? false],
]
