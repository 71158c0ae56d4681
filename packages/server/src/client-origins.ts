import type { Clock, Store } from 'grantry'
import { clientPages } from './client-pages.ts'
import { corsOriginsOf } from './client-record.ts'

/** How long the answers may be old: so soon the pages of a new client are let in. */
const maxAge = 30

/** Knows the origins of all clients. A preflight names no client, so it is asked whether an origin is of any. */
export class ClientOrigins {
  readonly #store: Pick<Store, 'listClients'>
  readonly #now: Clock
  #origins: ReadonlySet<string> = new Set()
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(store: Pick<Store, 'listClients'>, now: Clock) {
    this.#store = store
    this.#now = now
  }

  /** Whether a client has the origin: as that of an https redirect URI, or in its record. */
  async has(origin: string): Promise<boolean> {
    if (origin === 'null') return false
    if (this.#now() - this.#readAt >= maxAge) {
      this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
      await this.#reading
    }
    return this.#origins.has(origin)
  }

  async #read(): Promise<void> {
    const readAt = this.#now()
    const origins = new Set<string>()
    for await (const clients of clientPages(this.#store))
      for (const client of clients) for (const origin of corsOriginsOf(client)) origins.add(origin)
    this.#origins = origins
    this.#readAt = readAt
  }
}
