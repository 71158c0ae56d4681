import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrateSqlite, SqliteStore } from 'grantry/storage/sqlite'
import { Kysely } from 'kysely'
import type { Data, DataOptions } from '../data.ts'
import { requireFolder } from '../folder.ts'
import { observedStore } from '../telemetry/observed-store.ts'
import { queryObserver } from '../telemetry/query-observer.ts'
import { serverMigrations } from './server-migrations.ts'
import { openTables } from './server-tables.ts'
import { dialectOver } from './sqlite-dialect.ts'

/** In a step the event loop stands still, and other nodes cannot write: few requests must meet it. */
const sweepStep = { rows: 500, ms: 2, restFactor: 49 }

/** The file of the database in a folder. */
export const fileIn = (folder: string): string => join(folder, 'grantry.db')

/**
 * Opens the database in a folder, and makes or updates its tables; `create` makes the folder, for its owner only. Throws a `StartError`
 * or a `StoreError` that says what is wrong with either.
 */
export const openSqlite = (
  folder: string,
  { create, observe = () => undefined }: Pick<DataOptions, 'create' | 'observe'>,
): Data => {
  requireFolder(folder, { create })
  const path = fileIn(folder)
  const store = new SqliteStore(path)
  const database = new DatabaseSync(path)
  const close = async (): Promise<void> => {
    database.close()
    store.close()
  }
  try {
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL')
    migrateSqlite(database, serverMigrations('sqlite'), path)
    const tables = openTables(new Kysely({ dialect: dialectOver(database), log: queryObserver(observe) }), {
      skipLocked: false,
    })
    return { store: observedStore(store, observe), ...tables, name: folder, sweepStep, close }
  } catch (thrown) {
    void close()
    throw thrown
  }
}
