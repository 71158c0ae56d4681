import { sha256Base64url } from '#platform'
import { StoreError } from './store-error.ts'

/** One step of a schema. It is never changed once it was released: what it did stays in databases that have it. */
export interface Migration {
  /** Steps count from 1. */
  readonly version: number
  readonly name: string
  /** Statements that name tables without their schema. */
  readonly sql: string
}

/** The steps of one part of a database, such as the tables of the store. Several sets share a database. */
export interface MigrationSet {
  /** The table that says which steps were applied: a name without capitals and special characters. */
  readonly table: string
  /** The first one first. */
  readonly migrations: readonly Migration[]
}

/** What is kept of the SQL of a step, so that another one under its number is noticed. */
export const checksumOf = ({ sql }: Migration): string => sha256Base64url(sql)

const untouched = 'It was left as it is.'

/** Throws a `StoreError` for a database that a version with more steps made; `database` names it in the message. */
export const requireKnownVersion = (newest: number, known: number, database: string): void => {
  if (newest <= known) return
  const versions = `schema ${newest}; this version knows ${known}`
  const mend = 'Update Grantry, or name another one.'
  const text = `${database} was written by a newer version of Grantry (${versions}). ${untouched} ${mend}`
  throw new StoreError('newer', text)
}

/**
 * The steps of a set that are not among the applied ones, which are given as checksums by version. Throws a `StoreError` for a database
 * that a newer version migrated, or that has another step under a known number; `database` names it in the message.
 */
export const pendingMigrations = (
  { migrations }: MigrationSet,
  applied: ReadonlyMap<number, string>,
  database: string,
): readonly Migration[] => {
  requireKnownVersion(Math.max(0, ...applied.keys()), migrations.length, database)
  const isChanged = (migration: Migration): boolean => {
    const known = applied.get(migration.version)
    return known !== undefined && known !== checksumOf(migration)
  }
  const changed = migrations.find(isChanged)
  if (changed !== undefined) {
    const which = `Migration ${changed.version} (${changed.name}) of ${database}`
    const mend = 'Run the version of Grantry that migrated it, or name another one.'
    throw new StoreError('changed', `${which} is not the one that this version knows. ${untouched} ${mend}`)
  }
  return migrations.filter(({ version }) => !applied.has(version))
}
