import type { Migration, MigrationSet } from 'grantry/storage/postgres'
import { openPostgresMigrations } from './postgres-migrations.ts'
import { openSqliteMigrations } from './sqlite-migrations.ts'

/** How far a database is with one set of migrations. */
export interface MigrationState {
  readonly set: MigrationSet
  readonly applied: readonly Migration[]
  readonly pending: readonly Migration[]
}

/** The migrations of a database, those of the store and those of the server. Their methods throw as `migrationPlan` does. */
export interface Migrations {
  /** Changes nothing. */
  states(): Promise<readonly MigrationState[]>
  /** The SQL that `apply` would run, empty where nothing is pending. Changes nothing. */
  script(): Promise<string>
  /** Applies what is pending. */
  apply(): Promise<void>
  close(): Promise<void>
}

/** Where the database is. */
export interface MigrationsOptions {
  readonly data: string
  readonly database?: string | undefined
  readonly databaseWait: number
}

/** What a set has and has not of a database. */
export const stateOf = (set: MigrationSet, pending: readonly Migration[]): MigrationState => ({
  set,
  applied: set.migrations.filter((migration) => !pending.includes(migration)),
  pending,
})

/** Opens a database to look at its migrations or to apply them. Throws a `StartError` where there is none. */
export const openMigrations = async ({ data, database, databaseWait }: MigrationsOptions): Promise<Migrations> =>
  database === undefined ? openSqliteMigrations(data) : openPostgresMigrations(database, databaseWait)
