import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, PostgresDialect, type PostgresPool as KyselyPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { DataOptions } from '../data.ts'
import { StartError } from '../errors.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { schema } from './postgres-schema.ts'
import { reach } from './reach.ts'
import { dialectOver } from './sqlite-dialect.ts'
import { fileIn } from './sqlite.ts'

/** Rows of any table: what moves or ends rows by the million knows tables by their names. */
export type AnyTables = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** One connection without the deadlines of requests, for work on many rows. */
export interface LongWork {
  readonly database: Kysely<AnyTables>
  readonly kind: 'sqlite' | 'postgres'
  /** What the database is called in messages. */
  readonly name: string
  close(): Promise<void>
}

/** A statement may take long, whatever limit the role has. */
const session = { options: '-c statement_timeout=0 -c lock_timeout=0' }

const onSqlite = (folder: string): LongWork => {
  const path = fileIn(folder)
  if (!existsSync(path)) throw new StartError(`--data: there is no database ${path}. "grantry-server start" makes one.`)
  const opened = new DatabaseSync(path)
  opened.exec('PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL')
  const database = new Kysely<AnyTables>({ dialect: dialectOver(opened) })
  return { database, kind: 'sqlite', name: folder, close: () => database.destroy() }
}

/** Lets kysely run statements on one connection, so that a transaction may span them. */
const dialectOn = (client: pg.Client): PostgresDialect => {
  const query = (text: string, values: readonly unknown[]): unknown => client.query(text, [...values])
  const only = { query, release: () => undefined } as PostgresPoolClient // the types also ask for cursors, which nobody uses
  const pool: KyselyPool = { options: {}, connect: async () => only, end: () => client.end() }
  return new PostgresDialect({ pool })
}

const onPostgres = async (text: string, wait: number): Promise<LongWork> => {
  const url = parseDatabaseUrl(text)
  const client = new pg.Client(await reach(url, { session, wait, log: () => undefined }))
  client.on('error', () => undefined) // the next statement says so
  await client.connect()
  const database = new Kysely<AnyTables>({ dialect: dialectOn(client) }).withSchema(schema)
  return { database, kind: 'postgres', name: url.shown, close: () => database.destroy() }
}

/** Opens a connection of its own to a database whose tables are those of this version. Throws a `StartError` where it cannot be reached. */
export const openLongWork = async (
  options: Pick<DataOptions, 'data' | 'database' | 'databaseWait'>,
): Promise<LongWork> =>
  options.database === undefined ? onSqlite(options.data) : onPostgres(options.database, options.databaseWait)
