import { copyFileSync, existsSync, linkSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../errors.ts'
import { sync } from './sync.ts'

const busy = 5

const isBusy = (thrown: unknown): boolean =>
  thrown instanceof Error && 'errcode' in thrown && Number(thrown.errcode) % 256 === busy

const refusal = (path: string, thrown: unknown): StartError => {
  if (isBusy(thrown))
    return new StartError(`${path} is in use. Stop the server that runs on it, and try again.`, 1, thrown)
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  const mend = `Stop its server, move it away with ${path}-wal and ${path}-shm, and try again.`
  return new StartError(`${path} cannot be opened: ${why}. ${mend}`, 1, thrown)
}

/**
 * Brings a database into one file and locks it, which works only where no other process has it open. Who opens it before it is closed again
 * finds it moved then, and cannot write.
 */
const lock = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return database
  } catch (thrown) {
    database.close()
    throw refusal(path, thrown)
  }
}

/** A second name for a file; a copy where the file system has no such thing. */
const keepAs = (path: string, beside: string): void => {
  try {
    linkSync(path, beside)
  } catch {
    copyFileSync(path, beside)
  }
}

/**
 * Puts a database in the place of another one, which is kept as `beside`; at every moment there is one of them. Says whether there was another
 * one. Throws a `StartError` where a process has it open.
 */
export const takeOver = (path: string, next: string, beside: string): boolean => {
  if (!existsSync(path)) {
    if (existsSync(`${path}-wal`)) throw refusal(path, new Error('its log is there without it'))
    renameSync(next, path)
    sync(dirname(path))
    return false
  }
  const locked = lock(path)
  try {
    keepAs(path, beside)
    renameSync(next, path)
    sync(dirname(path))
    return true
  } finally {
    locked.close()
  }
}
