import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileIn } from '../database/sqlite.ts'
import { StartError, systemCode } from '../errors.ts'
import { version } from '../version.ts'
import { inspectDatabase } from './inspect-database.ts'
import { databaseFile, fingerprint, keysFile, manifestFile, type Manifest } from './manifest.ts'
import { sync } from './sync.ts'

/** Writes one state of the database into `copy`, while others read and write. */
const copyDatabase = (source: string, copy: string): void => {
  if (!existsSync(source)) throw new StartError(`--data: there is no database ${source}.`)
  writeFileSync(copy, '', { mode: 0o600, flag: 'wx' }) // for its owner only, from the start
  const database = new DatabaseSync(source, { readOnly: true })
  try {
    database.exec('PRAGMA busy_timeout = 5000')
    database.prepare('VACUUM INTO ?').run(copy) // as Node has a backup function from 22.16 on only
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    throw new StartError(`${source} cannot be backed up: ${why}.`, 1, thrown)
  } finally {
    database.close()
  }
}

const copyKeys = (folder: string, copy: string): void => {
  const path = join(folder, keysFile)
  if (!existsSync(path)) throw new StartError(`--with-keys: there is no ${path}. Leave it out.`)
  copyFileSync(path, copy)
  chmodSync(copy, 0o600)
}

const fill = async (target: string, source: string, { withKeys }: BackupOptions): Promise<Manifest> => {
  copyDatabase(fileIn(source), join(target, databaseFile))
  if (withKeys) copyKeys(source, join(target, keysFile))
  const names = withKeys ? [databaseFile, keysFile] : [databaseFile]
  const files = await Promise.all(names.map(async (name) => [name, await fingerprint(join(target, name))] as const))
  const manifest: Manifest = {
    ...{ format: 'grantry-backup', version: 1, createdAt: new Date().toISOString(), madeBy: version },
    files: Object.fromEntries(files),
    ...inspectDatabase(join(target, databaseFile)),
  }
  writeFileSync(join(target, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 })
  for (const name of [...names, manifestFile, '.']) sync(join(target, name))
  return manifest
}

/** What goes into a backup. */
export interface BackupOptions {
  /** Whether `grantry.keys` is in it: then whoever has the backup can sign as the server. */
  readonly withKeys: boolean
}

const makeRoom = (target: string): string => {
  if (existsSync(target)) throw new StartError(`${target} is there already. Name a folder that is not.`)
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
    return mkdtempSync(join(dirname(target), `.${basename(target)}-`))
  } catch (thrown) {
    throw new StartError(`${target} cannot be made (${systemCode(thrown) ?? String(thrown)}).`, 1, thrown)
  }
}

/**
 * Backs up the SQLite database in a folder into a new folder, beside running servers, and reads all of it once. The folder appears when it is
 * whole. Throws a `StartError` where it cannot be; nothing is left behind then.
 */
export const makeBackup = async (source: string, target: string, options: BackupOptions): Promise<Manifest> => {
  const whole = resolve(target)
  const unfinished = makeRoom(whole)
  try {
    const manifest = await fill(unfinished, source, options)
    renameSync(unfinished, whole)
    sync(dirname(whole))
    return manifest
  } catch (thrown) {
    rmSync(unfinished, { recursive: true, force: true })
    throw thrown
  }
}
