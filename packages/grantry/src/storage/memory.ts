import { ComposedStore } from './composed-store.ts'
import { RowBudget } from './expiring-map.ts'
import { MemoryClients } from './memory-clients.ts'
import { MemoryGrants } from './memory-grants.ts'
import { MemoryMarkers } from './memory-markers.ts'
import { MemoryTickets } from './memory-tickets.ts'
import { allStoreFeatures } from './store-features.ts'
import type { StoreCapabilities } from './store.ts'

/** How a `MemoryStore` works. */
export interface MemoryStoreOptions {
  /** How many rows it keeps; one more that is live is refused (503). Clients and keys are not counted. Default: 1000000. */
  readonly maxRows?: number | undefined
}

const capabilities: StoreCapabilities = {
  name: 'MemoryStore',
  features: allStoreFeatures,
  isDurable: false,
  isShared: false,
}

/**
 * Keeps everything in memory: for tests, and for tiny services whose tokens may die with the process. Expired rows are dropped as new
 * ones come.
 */
export class MemoryStore extends ComposedStore {
  constructor(options: MemoryStoreOptions = {}) {
    const sweep = (now: number, limit: number): number => {
      const tables = [...grants.tables, ...tickets.tables, ...markers.tables]
      const swept = tables.reduce((deleted, table) => deleted + table.sweep(now, limit - deleted), 0)
      grants.sweepFamilies(now, limit)
      tickets.sweepHandles(now, limit)
      return swept
    }
    const budget = new RowBudget(options.maxRows ?? 1_000_000, (now) => sweep(now, Infinity))
    const clients = new MemoryClients()
    const grants = new MemoryGrants(budget)
    const tickets = new MemoryTickets(budget, (grantId, now) => grants.revokeGrant(grantId, now))
    const markers = new MemoryMarkers(budget)
    super({ clients, keys: clients, grants, tickets, markers, capabilities, sweep, ping: () => undefined })
  }
}
