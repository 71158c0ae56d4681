import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type pg from 'pg'

/** The user of all codes that experiments make, without a password. Users whom a server does not know are granted nothing. */
const insert = (table: string): string =>
  `INSERT INTO ${table} (realm, id, username, password, password_version, created_at, claims)
    VALUES ('', 'alice', 'alice', '', 1, 0, '{}') ON CONFLICT DO NOTHING`

/** Makes the user in the SQLite of a server, whose tables are there. */
export const addUserToSqlite = (folder: string): void => {
  const database = new DatabaseSync(join(folder, 'grantry.db'), { timeout: 5000 })
  database.exec(insert('"user"'))
  database.close()
}

/** The same in PostgreSQL. */
export const addUserToPostgres = async (client: pg.Client): Promise<void> => {
  await client.connect()
  await client.query(insert('grantry."user"'))
  await client.end()
}
