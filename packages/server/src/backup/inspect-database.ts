import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../errors.ts'
import type { Manifest } from './manifest.ts'
import { sealedColumns } from './sealed-columns.ts'

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const tablesOf = (database: DatabaseSync): readonly string[] =>
  database
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .all()
    .map(({ name }) => String(name))

const numberIn = (database: DatabaseSync, sql: string): number => Number(database.prepare(sql).get()?.['n'])

const sealersOf = (database: DatabaseSync, tables: readonly string[]): readonly string[] => {
  const ids = sealedColumns
    .filter(({ table }) => tables.includes(table))
    .flatMap(({ table, column }) =>
      database
        .prepare(`SELECT DISTINCT substr(${column}, 10, 8) AS id FROM ${table} WHERE ${column} LIKE 'sealed:1:%'`)
        .all()
        .map(({ id }) => String(id)),
    )
  return [...new Set(ids)].sort()
}

/**
 * Reads a whole SQLite file, and says what is in it. Nobody else may have it open. Throws a `StartError` for one that is damaged.
 */
export const inspectDatabase = (path: string): Pick<Manifest, 'schema' | 'rows' | 'sealedBy'> => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const problems = database.prepare('PRAGMA integrity_check(1)').all()
    const [problem = 'it cannot be checked'] = problems.map((row) => String(row['integrity_check']))
    if (problem !== 'ok') throw new Error(problem)
    const tables = tablesOf(database)
    const migrations = tables.filter((name) => name.endsWith('_migration'))
    const counted = tables.map(
      (name) => [name, numberIn(database, `SELECT count(*) AS n FROM ${quote(name)}`)] as const,
    )
    const newest = (name: string) => numberIn(database, `SELECT max(version) AS n FROM ${quote(name)}`)
    return {
      schema: Object.fromEntries(migrations.map((name) => [name, newest(name)])),
      rows: Object.fromEntries(counted),
      sealedBy: [...sealersOf(database, tables)],
    }
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    throw new StartError(`${path} is damaged: ${why.replaceAll('\n', ' ')}.`, 1, thrown)
  } finally {
    database.close()
  }
}
