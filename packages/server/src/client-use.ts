import type { Client, Store } from 'grantry'
import { unavailable } from './accounts/guarded-accounts.ts'

/** The toolkit notes the use of a client as it saves tokens, about so often in seconds; a client of ID tokens alone never gets there. */
const noteEvery = 86_400

/**
 * Notes that a user let a client that registered itself have what it asked for, so that it is not swept as never used. Where another change
 * of the client came before, the next use is noted.
 */
export const noteUse = async (store: Pick<Store, 'replaceClient'>, client: Client, now: number): Promise<void> => {
  const { registration } = client
  if (registration === undefined || now - (registration.lastUsedAt ?? 0) < noteEvery) return
  const used = { ...client, registration: { ...registration, lastUsedAt: now } }
  await Promise.resolve(store.replaceClient(client, used)).catch(unavailable)
}
