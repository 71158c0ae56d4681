import { isRegistrationOver } from '../core/client-metadata.ts'
import type { Client } from '../core/records.ts'
import { endClient, type ClientEnder } from './end-client.ts'
import type { Store } from './store.ts'

/** Which clients to delete. */
export interface RegistrationSweep {
  /** Seconds since the epoch. */
  readonly now: number
  /** Seconds without tokens after which a client is dead; `Infinity` for never. Use is noted about once a day: take days. */
  readonly unusedFor: number
  /** The same for a client that never was in use, from its registration. Default: `unusedFor`. */
  readonly neverUsedFor?: number | undefined
  /** Most clients to delete in one call. Default: 100. */
  readonly limit?: number | undefined
}

const pageSize = 100

const isDead = (client: Client, { now, unusedFor, neverUsedFor = unusedFor }: RegistrationSweep): boolean => {
  const { registration } = client
  if (registration === undefined) return false
  const { registeredAt, lastUsedAt } = registration
  const diesAt = lastUsedAt === undefined ? registeredAt + neverUsedFor : lastUsedAt + unusedFor
  return isRegistrationOver(client, now) || diesAt <= now
}

/**
 * Deletes clients that registered themselves and are over or out of use, with their grants, and says how many. It never touches a client of
 * the operator. Reads all clients; run it now and then, on one node.
 */
export const sweepRegistrations = async (
  store: Pick<Store, 'listClients' | 'replaceClient'> & ClientEnder,
  sweep: RegistrationSweep,
): Promise<number> => {
  const { now, limit = 100 } = sweep
  let [after, deleted] = ['', 0]
  for (;;) {
    const page = await store.listClients(after, pageSize)
    for (const client of page) {
      if (deleted >= limit) return deleted
      if (isDead(client, sweep) && (await endUnchanged(store, client, now))) deleted++
    }
    const last = page.at(-1)
    if (last === undefined) return deleted
    after = last.id
  }
}

/** Ends a client unless it changed since it was read: one that is used at this moment lives on. */
const endUnchanged = async (
  store: Pick<Store, 'replaceClient'> & ClientEnder,
  client: Client,
  now: number,
): Promise<boolean> => {
  const over: Client = { ...client, registration: client.registration && { ...client.registration, expiresAt: now } }
  if (!(await store.replaceClient(client, over))) return false
  await endClient(store, client.id, now)
  return true
}
