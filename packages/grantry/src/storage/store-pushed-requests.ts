import type { Claims } from '../core/claims.ts'
import type { PushedRequest } from '../core/pushed-request.ts'
import type { Client } from '../core/records.ts'
import type { GuardedStore } from './guarded-store.ts'
import type { TicketRow } from './store-rows.ts'
import type { TokenDigest } from './token-digest.ts'

const kind = 'pushed_request'
/** How long a user who has arrived may take to log in and to decide, in seconds. */
const openSeconds = 3600

const payloadOf = ({ parameters, resources, expiresAt }: PushedRequest): Claims => ({
  parameters: { ...parameters },
  resources: [...resources],
  expiresAt,
})

const recordOf = ({ clientId, payload }: TicketRow): PushedRequest => {
  const { parameters, resources, expiresAt } = payload as unknown as Omit<PushedRequest, 'clientId'> // as payloadOf made it
  return { clientId, parameters, resources, expiresAt }
}

/** Pushed authorization requests over the tickets of a store. */
export class StorePushedRequests {
  readonly #store: GuardedStore
  readonly #digest: TokenDigest

  constructor(store: GuardedStore, digest: TokenDigest) {
    this.#store = store
    this.#digest = digest
  }

  /** Keeps a request under its id. */
  async save(id: string, record: PushedRequest, now: number): Promise<void> {
    const digest = this.#digest.of(id)
    const { clientId, expiresAt } = record
    const ticket = { kind, digest, altDigest: digest, clientId, grantId: undefined, payload: payloadOf(record) }
    await this.#store.putTicket({ ...ticket, state: 'pushed', interval: 0, expiresAt: expiresAt + openSeconds }, now)
  }

  /** The request, for a user who arrives in time, or has. */
  async open(id: string, client: Client, now: number): Promise<PushedRequest | undefined> {
    const ticket = await this.#digest.find(id, (digest) => this.#store.findTicket(kind, digest, now))
    if (ticket?.clientId !== client.id) return undefined
    const record = recordOf(ticket)
    if (ticket.state === 'opened') return record
    if (record.expiresAt <= now) return undefined
    const open = { kind, from: ['pushed'], to: 'opened', payload: undefined, now }
    await this.#digest.find(
      id,
      async (altDigest) => (await this.#store.transitionTicket({ ...open, altDigest })) || undefined,
    )
    return record
  }

  /** Takes a request that was opened. */
  async consume(id: string, client: Client, now: number): Promise<PushedRequest | 'reused' | undefined> {
    const consume = (digest: string) => this.#store.consumeTicket({ kind, digest, clientId: client.id, now }, 'opened')
    const ticket = await this.#digest.find(id, consume)
    return typeof ticket === 'object' ? recordOf(ticket) : ticket
  }
}
