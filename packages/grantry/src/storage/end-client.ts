import type { Store } from './store.ts'

/** What ending a client takes. */
export type ClientEnder = Pick<Store, 'revokeGrants' | 'deleteClient'>

/** Deletes a client, and ends its grants before and after: one that starts in between does not outlive it. */
export const endClient = async (store: ClientEnder, clientId: string, now: number): Promise<void> => {
  await store.revokeGrants({ clientId }, now)
  await store.deleteClient(clientId)
  await store.revokeGrants({ clientId }, now)
}
