import type { Client, Clock, Store } from 'grantry'
import type { Consent, ConsentKey, ConsentStore } from './consent-store.ts'
import { unavailable } from './guarded-accounts.ts'

/** An app that a user let in. */
export interface App extends Consent {
  readonly client: Client
  /** When the user allowed it the last time, in seconds. */
  readonly allowedAt: number
}

/** Where it is kept what apps may do. */
export interface AccessData {
  readonly store: Pick<Store, 'findClient' | 'revokeGrants'>
  readonly consents: Pick<ConsentStore, 'list' | 'forget'>
  /** A client that has no record; undefined where it is none any more. It does not throw. */
  readonly findDocument: (clientId: string) => Promise<Client | undefined>
}

/** What the apps of a user may do. Failures of the database are answered with 503. */
export class AppAccess {
  readonly #data: AccessData
  readonly #now: Clock

  constructor(data: AccessData, now: Clock) {
    this.#data = data
    this.#now = now
  }

  /** The apps that a user let in, the newest first. */
  list(userId: string): Promise<readonly App[]> {
    return this.#list(userId).catch(unavailable)
  }

  /** Ends what a client was granted by a user, and forgets the consent. */
  revoke(key: ConsentKey): Promise<void> {
    return this.#revoke(key).catch(unavailable)
  }

  async #list(userId: string): Promise<readonly App[]> {
    const { consents } = this.#data
    const given = await consents.list(userId)
    const found = await Promise.all(
      given.map(async ({ clientId, ...consent }) => ({ ...consent, client: await this.#clientOf(clientId) })),
    )
    return found.flatMap(({ client, ...consent }) => (client === undefined ? [] : [{ ...consent, client }]))
  }

  async #clientOf(clientId: string): Promise<Client | undefined> {
    return (await this.#data.store.findClient(clientId)) ?? this.#data.findDocument(clientId)
  }

  /** The consent is what shows the app to the user, so it goes once its grants are over; what came by it meanwhile goes then. */
  async #revoke(key: ConsentKey): Promise<void> {
    const { store, consents } = this.#data
    await store.revokeGrants(key, this.#now())
    await consents.forget(key)
    await store.revokeGrants(key, this.#now())
  }
}
