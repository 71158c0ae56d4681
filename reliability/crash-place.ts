import { DatabaseSync } from 'node:sqlite'
import type { Store } from 'grantry'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import pg from 'pg'

/** Where a process has its data: a file, or a realm of a PostgreSQL. As data, so that it can be told to the process. */
export type CrashPlace =
  | { readonly backend: 'SQLite'; readonly path: string }
  | { readonly backend: 'PostgreSQL'; readonly connection: pg.PoolConfig; readonly realm: string }

/** A place that is in use. */
export interface OpenPlace {
  readonly store: Store
  readonly close: () => Promise<void>
}

/** Opens a place. */
export const openPlace = (place: CrashPlace): OpenPlace => {
  if (place.backend === 'SQLite') {
    const store = new SqliteStore(place.path)
    return { store, close: async () => store.close() }
  }
  const pool = new pg.Pool({ ...place.connection, application_name: place.realm, max: 2 })
  return { store: new PostgresStore(pool, { realm: place.realm }), close: () => pool.end() }
}

/** Counts rows below the store, as it has no call for what must not be there. `?` stands for a value. */
export const countRows = async (place: CrashPlace, sql: string, ...values: readonly string[]): Promise<number> => {
  const text = `SELECT count(*) AS n FROM ${sql}`
  if (place.backend === 'SQLite') {
    const database = new DatabaseSync(place.path, { readOnly: true })
    const { n } = database.prepare(text).get(...values) ?? {}
    database.close()
    return Number(n)
  }
  const client = new pg.Client({ ...place.connection, options: '-c search_path=grantry' })
  await client.connect()
  let number = 0
  const numbered = text.replaceAll('?', () => `$${++number}`)
  const { rows } = await client.query<{ n: string }>(
    `${numbered} ${values.length > 0 ? 'AND' : 'WHERE'} realm = $${number + 1}`,
    [...values, place.realm],
  )
  await client.end()
  return Number(rows[0]?.n)
}

/** Whether a process that has ended still has a statement in the database. */
export const isBusy = async (place: CrashPlace): Promise<boolean> => {
  if (place.backend === 'SQLite') return false
  const client = new pg.Client(place.connection)
  await client.connect()
  const query = 'SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = $1'
  const { rows } = await client.query<{ n: string }>(query, [place.realm])
  await client.end()
  return rows[0]?.n !== '0'
}
