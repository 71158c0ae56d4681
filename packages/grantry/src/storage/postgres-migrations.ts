import { sha256Base64url } from '#platform'
import { integer, text } from './postgres-rows.ts'
import { defaultSchema, quote, type PostgresPool } from './postgres-statements.ts'
import { StoreError } from './store-error.ts'

/** One step of the schema. It is never changed once it was released: what it did stays in databases that have it. */
export interface Migration {
  /** Steps count from 1. */
  readonly version: number
  readonly name: string
  /** Statements that name tables without their schema. */
  readonly sql: string
}

/** Where migrations work. */
export interface MigrationOptions {
  /** The schema of the tables, as in `PostgresStoreOptions`. Default: `grantry`. */
  readonly schema?: string | undefined
}

// Keys compare by byte ("C"), so that an update of the system's collations cannot break an index. Lists and claims are
// JSON as text: a column of a JSON type refuses the escape of U+0000, which claims may hold.
const tables = `
CREATE TABLE client (
  realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, record text NOT NULL, PRIMARY KEY (realm, id)
);
CREATE TABLE "grant" (
  realm text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, client_id text NOT NULL, user_id text,
  created_at bigint NOT NULL, revoked_at bigint, issued boolean NOT NULL DEFAULT false, purge_at bigint NOT NULL,
  PRIMARY KEY (realm, id)
);
CREATE TABLE code (
  realm text COLLATE "C" NOT NULL, digest bytea NOT NULL, client_id text NOT NULL, user_id text NOT NULL,
  grant_id text COLLATE "C" NOT NULL, scopes text NOT NULL, redirect_uri text, code_challenge text,
  code_challenge_method text, resources text NOT NULL, claims text NOT NULL, expires_at bigint NOT NULL,
  consumed_at bigint, PRIMARY KEY (realm, digest)
);
CREATE TABLE access_token (
  realm text COLLATE "C" NOT NULL, digest bytea NOT NULL, client_id text NOT NULL, user_id text,
  grant_id text COLLATE "C", scopes text NOT NULL, audience text NOT NULL, claims text NOT NULL,
  issued_at bigint NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (realm, digest)
);
CREATE TABLE refresh_token (
  realm text COLLATE "C" NOT NULL, digest bytea NOT NULL, client_id text NOT NULL, user_id text,
  grant_id text COLLATE "C" NOT NULL, scopes text NOT NULL, resources text NOT NULL, claims text NOT NULL,
  issued_at bigint NOT NULL, expires_at bigint NOT NULL, family_expires_at bigint NOT NULL, superseded_at bigint,
  predecessor bytea, successor_used boolean NOT NULL DEFAULT false, sealed text, replays integer NOT NULL DEFAULT 0,
  PRIMARY KEY (realm, digest)
);
CREATE TABLE signing_key (
  realm text COLLATE "C" NOT NULL, key_id text COLLATE "C" NOT NULL, algorithm text NOT NULL,
  private_key text NOT NULL, created_at bigint NOT NULL, position bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (realm, key_id)
);
CREATE INDEX grant_purge ON "grant" (realm, purge_at);
CREATE INDEX code_expiry ON code (realm, expires_at);
CREATE INDEX code_grant ON code (realm, grant_id);
CREATE INDEX access_token_expiry ON access_token (realm, expires_at);
CREATE INDEX access_token_grant ON access_token (realm, grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX refresh_token_expiry ON refresh_token (realm, expires_at);
CREATE INDEX refresh_token_grant ON refresh_token (realm, grant_id);
`

/** Every step, the first one first. */
export const migrations: readonly Migration[] = [{ version: 1, name: 'tables', sql: tables }]

const checksum = ({ sql }: Migration): string => sha256Base64url(sql)

const literal = (value: string): string => `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const step = (migration: Migration): string => `
  IF NOT EXISTS (SELECT FROM grantry_migration WHERE version = ${migration.version}) THEN
    EXECUTE ${literal(migration.sql)};
    INSERT INTO grantry_migration (version, name, checksum)
    VALUES (${migration.version}, ${literal(migration.name)}, ${literal(checksum(migration))});
  END IF;`

/**
 * One statement, so that it is one transaction on any pool. What makes schema and table may lose to another process that
 * does it at the same time: whoever loses waits until the other is done, goes on, and finds nothing left to do.
 */
const migrationBlock = (schema: string, pending: readonly Migration[]): string => {
  const body = `
BEGIN
  BEGIN
    IF to_regnamespace(${literal(quote(schema))}) IS NULL THEN CREATE SCHEMA ${quote(schema)}; END IF;
  EXCEPTION WHEN unique_violation OR duplicate_schema THEN NULL;
  END;
  PERFORM set_config('search_path', ${literal(quote(schema))}, true);
  BEGIN
    CREATE TABLE IF NOT EXISTS grantry_migration (
      version integer NOT NULL PRIMARY KEY, name text NOT NULL, checksum text NOT NULL
    );
  EXCEPTION WHEN unique_violation OR duplicate_table THEN NULL;
  END;
  LOCK TABLE grantry_migration IN SHARE ROW EXCLUSIVE MODE;${pending.map(step).join('')}
END`
  return `DO ${literal(body)}`
}

const isMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === '42P01' || thrown.code === '3F000')

const appliedMigrations = async (pool: PostgresPool, schema: string): Promise<ReadonlyMap<number, string>> => {
  try {
    const { rows } = await pool.query({ text: `SELECT version, checksum FROM ${quote(schema)}.grantry_migration` })
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
  { schema = defaultSchema }: MigrationOptions = {},
): Promise<readonly Migration[]> => {
  const applied = await appliedMigrations(pool, schema)
  const newest = Math.max(0, ...applied.keys())
  const untouched = 'It was left as it is.'
  if (newest > migrations.length) {
    const versions = `schema ${newest}; this version knows ${migrations.length}`
    const mend = 'Update Grantry, or name another schema.'
    throw new StoreError(
      'newer',
      `The schema "${schema}" was written by a newer version of Grantry (${versions}). ${untouched} ${mend}`,
    )
  }
  const changed = migrations.find(
    (migration) => (applied.get(migration.version) ?? checksum(migration)) !== checksum(migration),
  )
  if (changed !== undefined) {
    const which = `Migration ${changed.version} (${changed.name}) of the schema "${schema}"`
    const mend = 'Run the version of Grantry that migrated it, or name another schema.'
    throw new StoreError('changed', `${which} is not the one that this version knows. ${untouched} ${mend}`)
  }
  return migrations.filter(({ version }) => !applied.has(version))
}

/**
 * Brings a database up to date, all steps in one transaction, and returns those that were missing before. Several
 * processes may do so at once. Needs the right to create the schema, or a schema that is there with the right to create
 * tables in it. Throws as `migrationPlan` does.
 */
export const migrate = async (pool: PostgresPool, options: MigrationOptions = {}): Promise<readonly Migration[]> => {
  const pending = await migrationPlan(pool, options)
  if (pending.length === 0) return pending
  await pool.query({ text: migrationBlock(options.schema ?? defaultSchema, pending) })
  await migrationPlan(pool, options) // another version may have been faster
  return pending
}
