import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely'

/** Statements that give rows. Node 22.13 cannot tell; kysely writes keywords in lower case and names in quotes. */
const givesRows = /^(?:select|with)\b|(?<!")\breturning\b/

const adapt = (database: DatabaseSync, sql: string): SqliteStatement => {
  const statement = database.prepare(sql)
  const given = (values: readonly unknown[]): SQLInputValue[] => values as SQLInputValue[] // the tables have no other types
  return {
    reader: givesRows.test(sql),
    all: (values) => statement.all(...given(values)),
    run: (values) => statement.run(...given(values)),
    iterate: (values) => statement.iterate(...given(values)),
  }
}

/** Lets kysely run statements on a database of `node:sqlite`. Each is compiled once. */
export const dialectOver = (database: DatabaseSync): SqliteDialect => {
  const statements = new Map<string, SqliteStatement>()
  const prepare = (sql: string): SqliteStatement => {
    const statement = statements.get(sql) ?? adapt(database, sql)
    statements.set(sql, statement)
    return statement
  }
  const adapted: SqliteDatabase = { prepare, close: () => database.close() }
  return new SqliteDialect({ database: adapted })
}
