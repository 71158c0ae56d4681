import { equalsConstantTime } from '#platform'
import { isRegistrationOver } from '../core/client-metadata.ts'
import type { Client } from '../core/records.ts'
import type { InitialAccess, RegistrationLimit, RegistrationSecrets } from '../core/registration.ts'
import { hashClientSecret } from './client-secret.ts'
import type { GuardedStore } from './guarded-store.ts'
import { endClient } from './end-client.ts'
import { initialAccessTicket } from './initial-access-token.ts'
import type { TicketRow } from './store-rows.ts'
import type { TokenDigest } from './token-digest.ts'

/** The use of a client is noted once in so many seconds: often enough to know that it is in use. */
const noteEvery = 86_400

/** Clients that register themselves, in a store. */
export class StoreRegistrations {
  readonly #store: GuardedStore
  readonly #digest: TokenDigest

  constructor(store: GuardedStore, digest: TokenDigest) {
    this.#store = store
    this.#digest = digest
  }

  /** What an initial access token stands for. */
  async findInitialAccess(token: string, now: number): Promise<InitialAccess | undefined> {
    const ticket = await this.#findTicket(token, now)
    return ticket && { claims: ticket.payload }
  }

  /** Whether the token had a use left; it is taken then. */
  async useInitialAccess(token: string, now: number): Promise<boolean> {
    const ticket = await this.#findTicket(token, now)
    if (ticket === undefined || ticket.state === 'reusable') return ticket !== undefined
    const presented = { kind: ticket.kind, digest: ticket.digest, clientId: ticket.clientId, now }
    return typeof (await this.#store.consumeTicket(presented, ticket.state)) === 'object'
  }

  /** Whether `by` may register another client. */
  async allow(by: string, { most, windowSeconds }: RegistrationLimit, now: number): Promise<boolean> {
    return (await this.#store.countAttempt('registration', this.#digest.of(by), windowSeconds, now)) <= most
  }

  /** Whether the id was free; the client is saved then. */
  async create(client: Client, secrets: RegistrationSecrets): Promise<boolean> {
    return this.#store.createClient(this.#withDigests(client, secrets))
  }

  /** The client whose registration access token this is. */
  async find(clientId: string, token: string, now: number): Promise<Client | undefined> {
    const client = await this.#store.findClient(clientId)
    const stored = client?.registration?.tokenDigest ?? ''
    const isRight = this.#digest.allOf(token).filter((digest) => equalsConstantTime(digest, stored)).length > 0
    return isRight && client !== undefined && !isRegistrationOver(client, now) ? client : undefined
  }

  /** Whether the client was still `previous`; it is replaced then. */
  async replace(previous: Client, next: Client, secrets: RegistrationSecrets): Promise<boolean> {
    return this.#store.replaceClient(previous, this.#withDigests(next, secrets))
  }

  /** Deletes a client with its grants. */
  async delete(client: Client, now: number): Promise<void> {
    await endClient(this.#store, client.id, now)
  }

  /** Notes about once a day that a client gets tokens, so that it is not swept as unused. */
  async noteUse({ id, registration }: Client, now: number): Promise<void> {
    if (registration === undefined || now - (registration.lastUsedAt ?? 0) < noteEvery) return
    const stored = await this.#store.findClient(id) // read again: a validator may have changed the one of the request
    if (stored?.registration === undefined) return
    const noted = { ...stored, registration: { ...stored.registration, lastUsedAt: now } }
    await this.#store.replaceClient(stored, noted) // where another change came before, the next use is noted
  }

  #findTicket(token: string, now: number): Promise<TicketRow | undefined> {
    return this.#digest.find(token, (digest) => this.#store.findTicket(initialAccessTicket, digest, now))
  }

  #withDigests(client: Client, { clientSecret, registrationAccessToken }: RegistrationSecrets): Client {
    const { registration } = client
    const tokenDigest = this.#digest.of(registrationAccessToken)
    return {
      ...client,
      ...(clientSecret !== undefined && { secrets: [hashClientSecret(clientSecret)] }),
      registration: registration && { ...registration, tokenDigest },
    }
  }
}
