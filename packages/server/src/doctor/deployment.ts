import { existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { KeyRotation, type ScheduledKey } from 'grantry'
import { developmentClientId, developmentUsername } from '../bootstrap.ts'
import { openData, type Data } from '../data.ts'
import { openLongWork } from '../database/long-work.ts'
import { openMigrations } from '../database/migrations.ts'
import { fileIn } from '../database/sqlite.ts'
import { KeyEncryption } from '../key-encryption.ts'
import { keysIn } from '../sealed-by.ts'
import type { Settings } from '../settings.ts'
import { keySchedule } from '../signing-keys.ts'

/** A signing key, and whether it opens. */
export interface ExaminedKey extends ScheduledKey {
  readonly seal: 'opens' | 'opens by an older key' | 'does not open' | 'is not sealed'
}

/** What there is around the settings. */
export interface Deployment {
  readonly settings: Settings
  /** Files with secrets, with the bits of their permissions. */
  readonly files: readonly { readonly path: string; readonly mode: number }[]
  /** Bytes left on the disk of SQLite; undefined for PostgreSQL. */
  readonly bytesFree: number | undefined
  /** Why the database cannot be looked into; undefined where it can. */
  readonly problem: string | undefined
  /** Steps that are not applied. */
  readonly pending: readonly string[]
  /** Seconds by which the clock of the database is ahead of this one. */
  readonly clockAhead: number
  /** Connections that the database gives to roles like this one; any number for SQLite. */
  readonly mostConnections: number
  readonly keys: readonly ExaminedKey[]
  /** What was made for development and is there still. */
  readonly leftovers: readonly string[]
  /** Administrators with a password alone. */
  readonly bareAdmins: readonly string[]
}

const filesOf = ({ data, database }: Settings, config: string | undefined): Deployment['files'] =>
  [
    ...(database === undefined ? [fileIn(data)] : []),
    join(data, 'grantry.keys'),
    ...(config === undefined ? [] : [config]),
  ]
    .filter((path) => existsSync(path))
    .map((path) => ({ path, mode: statSync(path).mode & 0o777 }))

const bytesFreeIn = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

const sealOf = async (encryption: KeyEncryption | undefined, stored: string): Promise<ExaminedKey['seal']> => {
  if (!stored.startsWith('sealed:')) return 'is not sealed'
  try {
    if (encryption === undefined) return 'does not open'
    await encryption.open(stored, 'signing key')
    return encryption.isCurrent(stored) ? 'opens' : 'opens by an older key'
  } catch {
    return 'does not open' // whatever is wrong with it
  }
}

const keysOf = async ({ store }: Data, settings: Settings): Promise<readonly ExaminedKey[]> => {
  const given = settings.keyEncryptionKeys ?? keysIn(settings.data)
  const encryption = given.length === 0 ? undefined : new KeyEncryption(given)
  const keys = await new KeyRotation(store, keySchedule).keys()
  return Promise.all(keys.map(async (key) => ({ ...key, seal: await sealOf(encryption, key.key.privateKey) })))
}

const leftoversOf = async ({ store, accounts }: Data): Promise<readonly string[]> => [
  ...((await store.findClient(developmentClientId)) === undefined ? [] : [`client "${developmentClientId}"`]),
  ...((await accounts.find(developmentUsername)) === undefined ? [] : [`user "${developmentUsername}"`]),
]

/** What a database says of itself. */
interface Told {
  readonly time: unknown
  readonly connections: unknown
}

const newestInSqlite = sql<Told>`select coalesce(max(created_at), 0) as time, null as connections from "user"`
const toldByPostgres = sql<Told>`select extract(epoch from clock_timestamp()) as time,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as connections`

/** The clock of a PostgreSQL, or the newest time in an SQLite, which no clock is ahead of; and how many connections there are. */
const askDatabase = async (
  settings: Settings,
): Promise<{ readonly time: number; readonly mostConnections: number }> => {
  const work = await openLongWork(settings)
  try {
    const { rows } = await (work.kind === 'sqlite' ? newestInSqlite : toldByPostgres).execute(work.database)
    return { time: Number(rows[0]?.time), mostConnections: Number(rows[0]?.connections ?? Infinity) }
  } finally {
    await work.close()
  }
}

const pendingIn = async (settings: Settings): Promise<readonly string[]> => {
  const migrations = await openMigrations(settings)
  try {
    const states = await migrations.states()
    return states.flatMap(({ set, pending }) => pending.map(({ version, name }) => `${set.table} ${version} ${name}`))
  } finally {
    await migrations.close()
  }
}

type Inside = Pick<
  Deployment,
  'bareAdmins' | 'clockAhead' | 'mostConnections' | 'keys' | 'leftovers' | 'pending' | 'problem'
>

const nothingInside: Inside = {
  ...{ clockAhead: 0, mostConnections: Infinity, keys: [], leftovers: [], bareAdmins: [] },
  ...{ pending: [], problem: undefined },
}

const lookInside = async (settings: Settings, use: (data: Data) => Promise<void>): Promise<Inside> => {
  const pending = await pendingIn(settings)
  if (pending.length > 0) return { ...nothingInside, pending } // to open an SQLite would apply them
  const data = await openData({ ...settings, create: false, databasePool: 1, allowUnsafeDurability: true })
  try {
    await use(data)
    const { time, mostConnections } = await askDatabase(settings)
    const ahead = Math.round(time - settings.now())
    const clockAhead = settings.database === undefined ? Math.max(0, ahead) : ahead
    const [keys, leftovers] = [await keysOf(data, settings), await leftoversOf(data)]
    const bareAdmins = await data.users.findBareAdmins()
    return { ...nothingInside, clockAhead, mostConnections, keys, leftovers, bareAdmins }
  } finally {
    await data.close()
  }
}

/**
 * Looks at what there is around the settings, and changes nothing. `use` is called with the database where it can be looked into; `config` is the
 * path of the configuration file.
 */
export const lookAround = async (
  settings: Settings,
  config: string | undefined,
  use: (data: Data) => Promise<void>,
): Promise<Deployment> => {
  const inside = await lookInside(settings, use).catch((thrown: unknown) => {
    return { ...nothingInside, problem: thrown instanceof Error ? thrown.message : String(thrown) }
  })
  const isSqlite = settings.database === undefined && existsSync(settings.data)
  return {
    settings,
    files: filesOf(settings, config),
    bytesFree: isSqlite ? bytesFreeIn(settings.data) : undefined,
    ...inside,
  }
}
