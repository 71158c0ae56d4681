import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { requireKnownVersion, type MigrationSet } from './migration.ts'
import { migrateSqlite } from './sqlite-migrations.ts'
import { sqliteMigrations } from './sqlite-tables.ts'
import { StoreError } from './store-error.ts'

/** `grnt`, at offset 68 of the file: says whose database it is. */
const applicationId = 0x67_72_6e_74
const schemaVersion = sqliteMigrations.length

/** The tables of `SqliteStore`. */
export const storeMigrations: MigrationSet = { table: 'grantry_migration', migrations: sqliteMigrations }

/** Larger files are not checked whole when they are opened: damage in them shows when it is read. */
const largestCheckedFile = 64 * 1024 * 1024

/**
 * Pages in the log (16 MB) at which they are brought into the file, which holds up the commit that comes to it. Each new token dirties a
 * page of its own in an index of a million: at SQLite's 1000, one commit of fifty pays for that, and twice as much is written.
 */
const checkpointPages = 4000

const untouched = 'It was left as it is.'

const foreign = (path: string): StoreError =>
  new StoreError(
    'foreign',
    `${path} is not a Grantry database, or its first bytes are damaged. ${untouched} Name another file.`,
  )

const damaged = (path: string, what: string, cause?: unknown): StoreError =>
  new StoreError(
    'corrupt',
    `${path} is damaged: ${what}. ${untouched} Restore it from a backup, or move it away to start anew.`,
    cause,
  )

const unopenable = (path: string, thrown: unknown): StoreError => {
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new StoreError('unopenable', `${path} cannot be opened: ${why}. Check the folder and its permissions.`, thrown)
}

/**
 * Creates the file for its owner only, or reads whose it is without SQLite, which would already write to a database that another
 * program left with a journal. Returns its size.
 */
const inspect = (path: string): number => {
  const header = new Uint8Array(100)
  const file = openSync(path, 'a+', 0o600)
  try {
    const length = readSync(file, header, 0, header.length, 0)
    if (length === 0) return 0
    const view = new DataView(header.buffer)
    const magic = String.fromCharCode(...header.subarray(0, 16))
    if (length < 100 || magic !== 'SQLite format 3\0' || view.getUint32(68) !== applicationId) throw foreign(path)
    requireKnownVersion(view.getUint32(60), schemaVersion, path)
    return statSync(path).size
  } finally {
    closeSync(file)
  }
}

const pragma = (database: DatabaseSync, name: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]

/** Writes only what differs. */
const setPragma = (database: DatabaseSync, name: string, value: number): void => {
  if (pragma(database, name) !== value) database.exec(`PRAGMA ${name} = ${value}`)
}

/** The primary result code of SQLite. */
const codeOf = (thrown: unknown): number =>
  thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : 0

const isBusy = (thrown: unknown): boolean => codeOf(thrown) === 5
const isDamaged = (thrown: unknown): boolean => [11, 26].includes(codeOf(thrown))

/** Changing the journal does not wait for other processes by itself. */
const useWriteAheadLog = (database: DatabaseSync, attempts = 100): void => {
  try {
    if (pragma(database, 'journal_mode') !== 'wal') database.exec('PRAGMA journal_mode = WAL')
  } catch (thrown) {
    if (!isBusy(thrown) || attempts === 0) throw thrown
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    useWriteAheadLog(database, attempts - 1)
  }
}

const prepareFile = (database: DatabaseSync, path: string, size: number): void => {
  if (size > 0 && size <= largestCheckedFile) {
    const found = pragma(database, 'quick_check(1)')
    if (found !== 'ok') throw damaged(path, String(found).replaceAll('\n', ' '))
  }
  requireKnownVersion(Number(pragma(database, 'user_version')), schemaVersion, path)
  setPragma(database, 'application_id', applicationId) // first: whatever ends the process afterwards, the file is known as ours
  migrateSqlite(database, storeMigrations, path)
  setPragma(database, 'user_version', schemaVersion)
  if (path !== ':memory:') useWriteAheadLog(database)
  database.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${checkpointPages}`)
}

/**
 * Opens or creates a database file. `timeout` is how long a write waits for another process, in milliseconds. Throws a `StoreError`
 * for a file that is not ours, newer than this version, or damaged.
 */
export const openDatabase = (path: string, timeout: number): DatabaseSync => {
  let database: DatabaseSync | undefined
  try {
    const size = path === ':memory:' ? 0 : inspect(path)
    database = new DatabaseSync(path)
    database.exec(`PRAGMA busy_timeout = ${timeout}`)
    prepareFile(database, path, size)
    return database
  } catch (thrown) {
    database?.close()
    if (thrown instanceof StoreError) throw thrown
    throw isDamaged(thrown) ? damaged(path, String(thrown), thrown) : unopenable(path, thrown)
  }
}
