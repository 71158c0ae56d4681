import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { migrations } from './sqlite-migrations.ts'
import { StoreError } from './store-error.ts'

/** `grnt`, at offset 68 of the file: says whose database it is. */
const applicationId = 0x67_72_6e_74
const schemaVersion = migrations.length
/** Larger files are not checked whole when they are opened: damage in them shows when it is read. */
const largestCheckedFile = 64 * 1024 * 1024

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

const requireKnownVersion = (path: string, version: number): void => {
  if (version <= schemaVersion) return
  const versions = `schema ${version}; this version knows ${schemaVersion}`
  const mend = 'Update Grantry, or name another file.'
  throw new StoreError('newer', `${path} was written by a newer version of Grantry (${versions}). ${untouched} ${mend}`)
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
    requireKnownVersion(path, view.getUint32(60))
    return statSync(path).size
  } finally {
    closeSync(file)
  }
}

const pragma = (database: DatabaseSync, name: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]

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

/** Ends the open transaction. There is none left where SQLite has given it up by itself, as on a full disk. */
export const rollBack = (database: DatabaseSync): void => {
  try {
    database.exec('ROLLBACK')
  } catch {
    // what went wrong before is what the caller is told
  }
}

/** Runs `run` in one transaction that holds the write lock from its start; nothing of it stays where it throws. */
const inTransaction = <Result>(database: DatabaseSync, run: () => Result): Result => {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    database.exec('COMMIT')
    return result
  } catch (thrown) {
    rollBack(database)
    throw thrown
  }
}

const prepareFile = (database: DatabaseSync, path: string, size: number): void => {
  if (size > 0 && size <= largestCheckedFile) {
    const found = pragma(database, 'quick_check(1)')
    if (found !== 'ok') throw damaged(path, String(found).replaceAll('\n', ' '))
  }
  requireKnownVersion(path, Number(pragma(database, 'user_version')))
  inTransaction(database, () => {
    for (const migration of migrations.slice(Number(pragma(database, 'user_version')))) database.exec(migration)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`)
  })
  if (path !== ':memory:') useWriteAheadLog(database)
  database.exec('PRAGMA synchronous = FULL')
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
