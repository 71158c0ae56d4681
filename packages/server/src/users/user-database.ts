import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import { parseDatabaseUrl } from '../database/database-url.ts'
import { DeadlinePool, dialectOver as dialectOfPostgres } from '../database/deadline-pool.ts'
import { reach } from '../database/reach.ts'
import { fileIn } from '../database/sqlite.ts'
import { dialectOver as dialectOfSqlite } from '../database/sqlite-dialect.ts'
import { StartError } from '../errors.ts'
import type { Settings } from '../settings.ts'

/** A database of the operator, to be read. */
export interface UserDatabase {
  /** What it is called in messages. */
  readonly name: string
  readonly statements: Kysely<unknown>
  /** The parts of the name of a table: those before a dot are a schema. */
  partsOf(table: string): readonly string[]
  /** The columns of a table or view; none where there is no such one. */
  columnsOf(table: string): Promise<readonly string[]>
  close(): Promise<void>
}

/** The server cancels what takes too long, and writes nothing. */
const session = { statement_timeout: 1500, lock_timeout: 1500, options: '-c default_transaction_read_only=on' }

const quoted = (parts: readonly string[]): string => parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')

const openPostgres = async (
  text: string,
  flag: string,
  { databasePool: max, databaseWait: wait, log }: Settings,
): Promise<UserDatabase> => {
  const url = parseDatabaseUrl(text, flag)
  const pool = new DeadlinePool({ ...(await reach(url, { session, wait, log })), max }, log)
  const statements = new Kysely<unknown>({ dialect: dialectOfPostgres(pool) })
  const partsOf = (table: string): readonly string[] => table.split('.')
  return {
    ...{ name: url.shown, statements, partsOf },
    columnsOf: async (table) => {
      const of = sql`to_regclass(${quoted(partsOf(table))})`
      const query = sql<{ name: string }>`select attname as name from pg_attribute
        where attrelid = ${of} and attnum > 0 and not attisdropped`
      return (await query.execute(statements)).rows.map(({ name }) => name)
    },
    close: () => pool.close(),
  }
}

const openSqlite = (path: string): UserDatabase => {
  if (!existsSync(path)) throw new StartError(`--user-database: there is no file ${path}.`, 2)
  const database = new DatabaseSync(path, { readOnly: true })
  const statements = new Kysely<unknown>({ dialect: dialectOfSqlite(database) })
  return {
    ...{ name: path, statements, partsOf: (table) => [table] },
    columnsOf: async (table) => {
      const query = sql<{ name: string }>`select name from pragma_table_info(${table})`
      return (await query.execute(statements)).rows.map(({ name }) => name)
    },
    close: async () => database.close(),
  }
}

/** Opens the database that users are in, for reading: `userDatabase`, or that of the server. Throws a `StartError` that says what is wrong. */
export const openUserDatabase = async (settings: Settings): Promise<UserDatabase> => {
  const { userDatabase, database, data } = settings
  const flag = userDatabase === undefined ? '--database' : '--user-database'
  const given = userDatabase ?? database ?? fileIn(data)
  return /^postgres(?:ql)?:/i.test(given) ? openPostgres(given, flag, settings) : openSqlite(given)
}
