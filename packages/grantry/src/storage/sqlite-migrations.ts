import type { DatabaseSync } from 'node:sqlite'
import { checksumOf, pendingMigrations, type MigrationSet } from './migration.ts'

/** Ends the open transaction. There is none left where SQLite has given it up by itself, as on a full disk. */
export const rollBack = (database: DatabaseSync): void => {
  try {
    database.exec('ROLLBACK')
  } catch {
    // what went wrong before is what the caller is told
  }
}

/** Runs `run` in one transaction that holds the write lock from its start; nothing of it stays where it throws. */
const inTransaction = (database: DatabaseSync, run: () => void): void => {
  database.exec('BEGIN IMMEDIATE')
  try {
    run()
    database.exec('COMMIT')
  } catch (thrown) {
    rollBack(database)
    throw thrown
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const applied = (database: DatabaseSync, table: string): ReadonlyMap<number, string> => {
  const rows = database.prepare(`SELECT version, checksum FROM ${quote(table)}`).all()
  return new Map(rows.map((row) => [Number(row['version']), String(row['checksum'])]))
}

/**
 * Brings the tables of `set` in a database up to date, in one transaction. `path` is how messages name the database. Throws a `StoreError`
 * for one that a newer version migrated, or that has another step under a known number; it is left as it was then.
 */
export const migrateSqlite = (database: DatabaseSync, set: MigrationSet, path: string): void =>
  inTransaction(database, () => {
    const table = quote(set.table)
    const columns = 'version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL'
    database.exec(`CREATE TABLE IF NOT EXISTS ${table} (${columns}) STRICT`)
    const note = database.prepare(`INSERT INTO ${table} (version, name, checksum) VALUES (?, ?, ?)`)
    for (const migration of pendingMigrations(set, applied(database, set.table), path)) {
      database.exec(migration.sql)
      note.run(migration.version, migration.name, checksumOf(migration))
    }
  })
