import { chmodSync, copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from 'grantry'
import { openLongWork } from '../database/long-work.ts'
import { fileIn, openSqlite } from '../database/sqlite.ts'
import { StartError } from '../errors.ts'
import { requireFolder } from '../folder.ts'
import { KeyEncryption } from '../key-encryption.ts'
import { keysIn, requireKeys } from '../sealed-by.ts'
import { serverSecrets } from '../server-secret.ts'
import { inspectDatabase } from './inspect-database.ts'
import { databaseFile, keysFile, readManifest, requireFiles, type Manifest } from './manifest.ts'
import { revokeAll, type LiveCounts } from './revoke-all.ts'
import { sync } from './sync.ts'
import { takeOver } from './take-over.ts'

/** Where a backup goes. */
export interface RestoreOptions {
  /** The folder of the database. */
  readonly data: string
  /** What the server will be given; undefined where it reads `grantry.keys`. */
  readonly keyEncryptionKeys: readonly string[] | undefined
  /** Whether grants and logins of the backup stay, also those that were ended since. */
  readonly keepGrants: boolean
  readonly now: Clock
}

/** What a restore did. */
export interface Restored {
  readonly manifest: Manifest
  /** What was ended; undefined where that was not wanted. */
  readonly ended: LiveCounts | undefined
  /** Where the database is that was there before; undefined where there was none. */
  readonly kept: string | undefined
}

/** Brings the copy up to date, and opens what is sealed in it. */
const tryOut = async (folder: string, keys: readonly string[], now: Clock): Promise<void> => {
  const data = openSqlite(folder, { create: false })
  try {
    if (keys.length === 0) return
    const encryption = new KeyEncryption(keys)
    for (const { privateKey } of await data.store.findSigningKeys()) await encryption.open(privateKey, 'signing key')
    if ((await data.secrets.find('server')) !== undefined) await serverSecrets(data, encryption, now)
  } finally {
    await data.close()
  }
}

const endAll = async (folder: string, now: Clock): Promise<LiveCounts> => {
  const work = await openLongWork({ data: folder, database: undefined, databaseWait: 0 })
  try {
    return await revokeAll(work, now())
  } finally {
    await work.close()
  }
}

/** One file without a log beside it, which is on the disk. */
const close = (path: string): void => {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = DELETE')
  database.close()
  sync(path)
}

/** The file of keys has those of the backup and those that were there, so that each database opens. */
const writeKeys = (data: string, staging: string, keys: readonly string[]): void => {
  if (isDeepStrictEqual(keys, keysIn(data))) return
  const next = join(staging, keysFile)
  writeFileSync(next, `${keys.join('\n')}\n`, { mode: 0o600 })
  sync(next)
  renameSync(next, join(data, keysFile))
}

const stage = async (backup: string, staging: string, manifest: Manifest): Promise<string> => {
  await requireFiles(backup, manifest)
  const path = fileIn(staging)
  copyFileSync(join(backup, databaseFile), path)
  chmodSync(path, 0o600)
  const { schema, rows, sealedBy } = manifest
  if (!isDeepStrictEqual(inspectDatabase(path), { schema, rows, sealedBy }))
    throw new StartError(`${backup} does not hold what its manifest says. Use another backup.`)
  return path
}

const nameBeside = (path: string, now: Clock): string =>
  `${path}.before-restore-${new Date(now() * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`

const restoreBy = async (backup: string, staging: string, options: RestoreOptions): Promise<Restored> => {
  const { data, keyEncryptionKeys, keepGrants, now } = options
  const manifest = readManifest(backup)
  const keys = keyEncryptionKeys ?? [...new Set([...keysIn(backup), ...keysIn(data)])]
  requireKeys(keys, manifest.sealedBy, 'backup')
  const next = await stage(backup, staging, manifest)
  await tryOut(staging, keys, now)
  const ended = keepGrants ? undefined : await endAll(staging, now)
  close(next)
  if (keyEncryptionKeys === undefined && keys.length > 0) writeKeys(data, staging, keys)
  const beside = nameBeside(fileIn(data), now)
  const wasThere = takeOver(fileIn(data), next, beside)
  return { manifest, ended, kept: wasThere ? beside : undefined }
}

/**
 * Puts a backup in the place of the database in a folder, whose server must be stopped. All of it is checked and brought up to date beside the old one
 * first, which is kept. Throws a `StartError` or a `StoreError` where it cannot be; the old one is as it was then.
 */
export const restoreBackup = async (backup: string, options: RestoreOptions): Promise<Restored> => {
  readManifest(backup)
  requireFolder(options.data, { create: true })
  const staging = mkdtempSync(join(options.data, '.restore-'))
  try {
    return await restoreBy(backup, staging, options)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}
