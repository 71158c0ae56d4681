import type { DatabaseSync } from 'node:sqlite'
import { ComposedStore } from './composed-store.ts'
import { Checkpoints } from './sqlite-checkpoints.ts'
import { SqliteClients } from './sqlite-clients.ts'
import { SqliteGrants } from './sqlite-grants.ts'
import { GroupCommit } from './sqlite-group-commit.ts'
import { SqliteMarkers } from './sqlite-markers.ts'
import type { SqliteRealm } from './sqlite-realm.ts'
import { openDatabase } from './sqlite-schema.ts'
import { prepareStatements } from './sqlite-statements.ts'
import { SqliteTickets } from './sqlite-tickets.ts'
import { allStoreFeatures } from './store-features.ts'
import type { StoreCapabilities } from './store.ts'

export type { Migration, MigrationSet } from './migration.ts'
export { migrateSqlite } from './sqlite-migrations.ts'
export { storeMigrations } from './sqlite-schema.ts'
export { StoreError } from './store-error.ts'

/** How a `SqliteStore` works. */
export interface SqliteStoreOptions {
  /** How long a write waits for another process on the same file, in milliseconds. Default: 5000. */
  readonly busyTimeoutMs?: number | undefined
  /** Keeps several servers apart in one file: nothing of one realm is seen in another. Default: the realm without a name. */
  readonly realm?: string | undefined
}

const capabilities: StoreCapabilities = {
  name: 'SqliteStore',
  features: allStoreFeatures,
  isDurable: true,
  isShared: false,
}

/** Rows that are deleted in one transaction, which holds up the event loop and whoever else writes for about 2 ms. */
const rowsAtOnce = 25

/** Deletes what expired, table by table, and then the families of which nothing is left; by a few rows, between which others have their turn. */
const makeSweep = ({ statements, writes, realm }: SqliteRealm) => {
  const { sweepCodes, sweepAccessTokens, sweepRefreshTokens, sweepTickets, sweepSeen, sweepAttempts } = statements
  const tables = [sweepCodes, sweepAccessTokens, sweepRefreshTokens, sweepTickets, sweepSeen, sweepAttempts]
  const sweepFew = (now: number, limit: number): Promise<number> =>
    writes.run(() => {
      let deleted = 0
      for (const table of tables) deleted += Number(table.run({ realm, now, limit: limit - deleted }).changes)
      statements.sweepGrants.run({ realm, now, limit })
      return deleted
    })
  return async (now: number, limit: number): Promise<number> => {
    for (let deleted = 0; ;) {
      const few = Math.min(rowsAtOnce, limit - deleted)
      const last = await sweepFew(now, few)
      deleted += last
      if (last < few || deleted === limit) return deleted
    }
  }
}

/**
 * Keeps everything in one SQLite file (`node:sqlite`). Several processes may use the same file: each step is one statement or one
 * transaction of the database. A write is on disk when its promise resolves; the writes of one turn of the event loop share a commit.
 */
export class SqliteStore extends ComposedStore {
  readonly #database: DatabaseSync
  readonly #writes: GroupCommit
  readonly #checkpoints: Checkpoints | undefined

  /**
   * Opens the file, or creates it for its owner only (mode 0600); `:memory:` is a database that dies with the store. Throws a
   * `StoreError` for a file that cannot be used, and leaves it as it was.
   */
  constructor(path: string, { busyTimeoutMs = 5000, realm = '' }: SqliteStoreOptions = {}) {
    const database = openDatabase(path, busyTimeoutMs)
    const statements = prepareStatements(database)
    const checkpoints = path === ':memory:' ? undefined : new Checkpoints(path)
    const writes = new GroupCommit(database, () => checkpoints?.afterCommit())
    const file: SqliteRealm = { statements, writes, realm }
    const clients = new SqliteClients(file)
    super({
      clients,
      keys: clients,
      grants: new SqliteGrants(file),
      tickets: new SqliteTickets(file),
      markers: new SqliteMarkers(file),
      capabilities: path === ':memory:' ? { ...capabilities, isDurable: false } : capabilities,
      ping: () => void statements.ping.get(),
      sweep: makeSweep(file),
    })
    this.#database = database
    this.#writes = writes
    this.#checkpoints = checkpoints
  }

  /** Commits what is waiting and closes the file. The store is of no use afterwards. */
  close(): void {
    this.#writes.flush()
    this.#checkpoints?.close()
    this.#database.close()
  }
}
