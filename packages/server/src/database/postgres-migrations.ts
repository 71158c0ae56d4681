import { migrate, migrationPlan, migrationScript } from 'grantry/storage/postgres'
import pg from 'pg'
import { parseDatabaseUrl } from './database-url.ts'
import { stateOf, type MigrationState, type Migrations } from './migrations.ts'
import { migrationSets, schema } from './postgres-schema.ts'
import { reach } from './reach.ts'

/** A step may take long on a large table, whatever limit the role has. */
const session = { options: '-c statement_timeout=0 -c lock_timeout=0' }

/** Opens the migrations of a PostgreSQL database. Throws a `StartError` where it cannot be reached. */
export const openPostgresMigrations = async (database: string, wait: number): Promise<Migrations> => {
  const config = await reach(parseDatabaseUrl(database), { session, wait, log: () => undefined })
  const pool = new pg.Pool({ ...config, max: 1 })
  pool.on('error', () => undefined) // the next statement says so
  const states = (): Promise<MigrationState[]> =>
    Promise.all(migrationSets.map(async (set) => stateOf(set, await migrationPlan(pool, { schema, set }))))
  return {
    states,
    async script() {
      const pending = (await states()).filter((state) => state.pending.length > 0)
      return pending.map((state) => `${migrationScript(state.pending, { schema, set: state.set })}\n`).join('')
    },
    async apply() {
      await states() // all of them are looked at before anything is changed
      for (const set of migrationSets) await migrate(pool, { schema, set })
    },
    close: () => pool.end(),
  }
}
