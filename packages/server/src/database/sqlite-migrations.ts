import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { storeMigrations, type Migration, type MigrationSet } from 'grantry/storage/sqlite'
import { StartError } from '../errors.ts'
import { stateOf, type Migrations } from './migrations.ts'
import { serverMigrations } from './server-migrations.ts'
import { fileIn, openSqlite } from './sqlite.ts'

const sets = [storeMigrations, serverMigrations('sqlite')] as const

const pendingIn = (database: DatabaseSync, { table, migrations }: MigrationSet): readonly Migration[] => {
  if (database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) === undefined) return migrations
  const rows = database.prepare(`SELECT version FROM "${table}"`).all()
  const applied = new Set(rows.map((row) => Number(row['version'])))
  return migrations.filter(({ version }) => !applied.has(version))
}

/** Opens the migrations of the SQLite database in a folder. To look at them makes and changes nothing. */
export const openSqliteMigrations = (folder: string): Migrations => {
  const path = fileIn(folder)
  const states = (): ReturnType<typeof stateOf>[] => {
    if (!existsSync(path))
      throw new StartError(`--data: there is no database ${path}. "grantry-server start" makes one.`)
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      return sets.map((set) => stateOf(set, pendingIn(database, set)))
    } finally {
      database.close()
    }
  }
  return {
    states: async () => states(),
    script: async () =>
      states()
        .map(({ pending }) => pending.map(({ sql }) => sql).join(''))
        .join(''),
    apply: () => openSqlite(folder, { create: true }).close(),
    close: async () => undefined,
  }
}
