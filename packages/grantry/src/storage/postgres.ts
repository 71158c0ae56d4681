import { ComposedStore } from './composed-store.ts'
import { PostgresClients } from './postgres-clients.ts'
import { PostgresGrants } from './postgres-grants.ts'
import { PostgresMarkers } from './postgres-markers.ts'
import { integer } from './postgres-rows.ts'
import { statementRunner } from './postgres-runner.ts'
import { defaultSchema, type PostgresPool } from './postgres-sql.ts'
import { statementsOf } from './postgres-statements.ts'
import { PostgresTickets } from './postgres-tickets.ts'
import { allStoreFeatures } from './store-features.ts'
import type { StoreCapabilities } from './store.ts'

export type { Migration, MigrationSet } from './migration.ts'
export {
  migrate,
  migrationPlan,
  migrationScript,
  storeMigrations,
  type MigrationOptions,
} from './postgres-migrations.ts'
export type { PostgresPool } from './postgres-sql.ts'
export { StoreError } from './store-error.ts'

/** How a `PostgresStore` works. */
export interface PostgresStoreOptions {
  /** Keeps several servers apart in the same tables: nothing of one realm is seen in another. Default: the realm without a name. */
  readonly realm?: string | undefined
  /** The schema of the tables, as given to `migrate`. Default: `grantry`. */
  readonly schema?: string | undefined
}

const capabilities: StoreCapabilities = {
  name: 'PostgresStore',
  features: allStoreFeatures,
  isDurable: true,
  isShared: true,
}

/**
 * Keeps everything in PostgreSQL, for any number of servers. Each step of a request is one statement: it is atomic, takes one round
 * trip, and keeps nothing on the connection, so that poolers in transaction mode work. The driver is yours:
 * `new PostgresStore(new pg.Pool())`. Make the tables with `migrate` first. Made for READ COMMITTED, the default; under
 * stricter levels, callers that race for one token may get an error of PostgreSQL instead of their answer, never a
 * second success.
 */
export class PostgresStore extends ComposedStore {
  constructor(pool: PostgresPool, { realm = '', schema = defaultSchema }: PostgresStoreOptions = {}) {
    const run = statementRunner(pool, statementsOf(schema), realm)
    const clients = new PostgresClients(run)
    super({
      clients,
      keys: clients,
      grants: new PostgresGrants(run),
      tickets: new PostgresTickets(run),
      markers: new PostgresMarkers(run),
      capabilities,
      ping: async () => {
        await run('ping')
      },
      sweep: async (now, limit) => integer((await run('sweep', now, limit))[0]?.['deleted']),
    })
  }
}
