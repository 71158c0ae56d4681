import { checksumOf, pendingMigrations, type Migration, type MigrationSet } from './migration.ts'
import { integer, text } from './postgres-rows.ts'
import { defaultSchema, quote, type PostgresPool } from './postgres-sql.ts'
import { postgresMigrations } from './postgres-tables.ts'

/** The tables of `PostgresStore`. */
export const storeMigrations: MigrationSet = { table: 'grantry_migration', migrations: postgresMigrations }

/** Where migrations work, and on what. */
export interface MigrationOptions {
  /** The schema of the tables, as in `PostgresStoreOptions`. Default: `grantry`. */
  readonly schema?: string | undefined
  /** The steps. Default: those of `PostgresStore`. */
  readonly set?: MigrationSet | undefined
}

/** Text between dollar signs, so that it can be read as it is. */
const quoted = (value: string, tag: string): string => {
  let delimiter = `$${tag}$`
  for (let count = 1; value.includes(delimiter); count++) delimiter = `$${tag}${count}$`
  return `${delimiter}${value}\n${delimiter}` // the line end: a dollar sign before the delimiter would be taken for its first
}

const literal = (value: string): string => `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const step = (table: string, migration: Migration): string => `
  IF NOT EXISTS (SELECT FROM ${table} WHERE version = ${migration.version}) THEN
    EXECUTE ${quoted(`\n${migration.sql}`, 'step')};
    INSERT INTO ${table} (version, name, checksum)
    VALUES (${migration.version}, ${literal(migration.name)}, ${literal(checksumOf(migration))});
  END IF;`

/**
 * The statement by which `migrate` applies these steps. It is one, so that it is one transaction on any pool. What makes schema and table
 * may lose to another process that does it at the same time: whoever loses waits until the other is done, goes on, and finds nothing left
 * to do.
 */
export const migrationScript = (
  pending: readonly Migration[],
  { schema = defaultSchema, set = storeMigrations }: MigrationOptions = {},
): string => {
  const table = quote(set.table)
  const body = `
BEGIN
  BEGIN
    IF to_regnamespace(${literal(quote(schema))}) IS NULL THEN CREATE SCHEMA ${quote(schema)}; END IF;
  EXCEPTION WHEN unique_violation OR duplicate_schema THEN NULL;
  END;
  PERFORM set_config('search_path', ${literal(quote(schema))}, true);
  BEGIN
    CREATE TABLE IF NOT EXISTS ${table} (
      version integer NOT NULL PRIMARY KEY, name text NOT NULL, checksum text NOT NULL
    );
  EXCEPTION WHEN unique_violation OR duplicate_table THEN NULL;
  END;
  LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE;${pending.map((migration) => step(table, migration)).join('')}
END`
  return `DO ${quoted(body, 'migration')};`
}

const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === '42P01' || thrown.code === '3F000')

const appliedMigrations = async (
  pool: PostgresPool,
  schema: string,
  table: string,
): Promise<ReadonlyMap<number, string>> => {
  try {
    const { rows } = await pool.query({ text: `SELECT version, checksum FROM ${quote(schema)}.${quote(table)}` })
    return new Map(rows.map((row) => [integer(row['version']), text(row['checksum'])]))
  } catch (thrown) {
    if (isMissing(thrown)) return new Map()
    throw thrown
  }
}

/**
 * The steps that a database still needs, in order; empty where it is up to date. Changes nothing. Throws a `StoreError`
 * for a database that a newer version migrated, or that has another step under a known number.
 */
export const migrationPlan = async (
  pool: PostgresPool,
  { schema = defaultSchema, set = storeMigrations }: MigrationOptions = {},
): Promise<readonly Migration[]> =>
  pendingMigrations(set, await appliedMigrations(pool, schema, set.table), `the schema "${schema}"`)

/**
 * Brings a database up to date, all steps in one transaction, and returns those that were missing before. Several
 * processes may do so at once. Needs the right to create the schema, or a schema that is there with the right to create
 * tables in it. Throws as `migrationPlan` does.
 */
export const migrate = async (pool: PostgresPool, options: MigrationOptions = {}): Promise<readonly Migration[]> => {
  const pending = await migrationPlan(pool, options)
  if (pending.length === 0) return pending
  await pool.query({ text: migrationScript(pending, options) })
  await migrationPlan(pool, options) // another version may have been faster
  return pending
}
