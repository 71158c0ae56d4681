import { migrationPlan, PostgresStore } from 'grantry/storage/postgres'
import { Kysely } from 'kysely'
import type { AccountTables } from '../accounts/account-tables.ts'
import type { Data, DataOptions, PoolCounts } from '../data.ts'
import { StartError } from '../errors.ts'
import { parseDatabaseUrl, type DatabaseUrl } from './database-url.ts'
import { observedStore } from '../telemetry/observed-store.ts'
import { queryObserver } from '../telemetry/query-observer.ts'
import { DeadlinePool, dialectOver } from './deadline-pool.ts'
import { requireDurability } from './durability.ts'
import { migrationSets, schema } from './postgres-schema.ts'
import { reach } from './reach.ts'
import { openTables } from './server-tables.ts'

/** Far below the time at which a statement is given up. */
const sweepStep = { rows: 5000, ms: 50, restFactor: 9 }

/** The server cancels what the pool gives up, a little before; nothing is left behind holding locks. */
const session = { statement_timeout: 1500, lock_timeout: 1500, idle_in_transaction_session_timeout: 5000 }

const requireMigrated = async (pool: DeadlinePool, { shown }: DatabaseUrl): Promise<void> => {
  for (const set of migrationSets) {
    const pending = await migrationPlan(pool, { schema, set })
    if (pending.length === 0) continue
    const mend = 'Run "grantry-server migrate up" with the same --database.'
    throw new StartError(`The tables of ${shown} are not those of this version. ${mend}`)
  }
}

/**
 * Opens a database whose tables are there already. Throws a `StartError` or a `StoreError` where it cannot be reached, must be migrated
 * first, or may lose what was written.
 */
export const openPostgres = async (options: DataOptions & { readonly database: string }): Promise<Data> => {
  const { log, databaseWait: wait, databasePool: max, observe = () => undefined } = options
  const url = parseDatabaseUrl(options.database)
  const pool = new DeadlinePool({ ...(await reach(url, { session, wait, log })), max }, log)
  const close = (): Promise<void> => pool.close()
  try {
    await requireDurability(pool, url, options)
    await requireMigrated(pool, url)
    const database = new Kysely<AccountTables>({ dialect: dialectOver(pool), log: queryObserver(observe) }).withSchema(
      schema,
    )
    const tables = openTables(database, { skipLocked: true })
    const poolCounts = (): PoolCounts => pool.counts()
    return {
      store: observedStore(new PostgresStore(pool, { schema }), observe),
      ...tables,
      name: url.shown,
      poolCounts,
      sweepStep,
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}
