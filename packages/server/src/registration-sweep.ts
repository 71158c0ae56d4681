import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { sweepRegistrations, type Store } from 'grantry'

/** Once in so many seconds, whichever node comes first: it reads all clients. */
const everySeconds = 3600
const mostDeleted = 10_000

/** What to sweep. */
export interface UnusedClients {
  readonly now: number
  /** Days since the registration. */
  readonly unusedDays: number
  /** Stops it between two pages of clients. */
  readonly signal: AbortSignal
}

/**
 * Deletes clients that registered themselves and were never used, with their grants, and says how many. At most once an hour, over all nodes: the
 * lease that says so is taken and never given back.
 */
export const sweepUnusedClients = async (store: Store, { now, unusedDays, signal }: UnusedClients): Promise<number> => {
  if (!(await store.lease('sweep of registrations', randomUUID(), now + everySeconds, now))) return 0
  const patient = {
    listClients: async (after: string, limit: number) => {
      await setImmediate() // requests come between two pages
      return signal.aborted ? [] : store.listClients(after, limit)
    },
    replaceClient: store.replaceClient.bind(store),
    revokeGrants: store.revokeGrants.bind(store),
    deleteClient: store.deleteClient.bind(store),
  }
  const neverUsedFor = unusedDays * 86_400
  return sweepRegistrations(patient, { now, unusedFor: Infinity, neverUsedFor, limit: mostDeleted })
}
