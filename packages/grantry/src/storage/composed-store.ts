import type { Awaitable } from '../core/awaitable.ts'
import type { Client } from '../core/records.ts'
import type { KeyStore, SigningKeyRow } from '../core/signing-key.ts'
import type {
  AccessTokenRow,
  CodeRow,
  FoundRefreshToken,
  GrantFilter,
  GrantRow,
  NewTokens,
  PolledTicket,
  PresentedTicket,
  Rotation,
  RotationResult,
  TicketRow,
  TicketTransition,
} from './store-rows.ts'
import type { ClientStore, GrantStore, MarkerStore, Store, StoreCapabilities, TicketStore } from './store.ts'

/** What a store is put together from. Each part may be a whole store, of which the methods of the slice are used. */
export interface StoreParts {
  readonly clients: ClientStore
  readonly grants: GrantStore
  readonly tickets: TicketStore
  readonly markers: MarkerStore
  readonly keys: KeyStore
  /** What all of it together can be trusted with. */
  readonly capabilities: StoreCapabilities
  /** As `Store.ping`, of every part. */
  readonly ping: () => Awaitable<void>
  /** As `Store.sweep`, of every part. */
  readonly sweep: (now: number, limit: number) => Awaitable<number>
}

/** A store whose slices live in different places. */
export class ComposedStore implements Store {
  readonly #parts: StoreParts

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  capabilities(): StoreCapabilities {
    return this.#parts.capabilities
  }
  ping(): Awaitable<void> {
    return this.#parts.ping()
  }
  sweep(now: number, limit: number): Awaitable<number> {
    return this.#parts.sweep(now, limit)
  }
  findClient(id: string): Awaitable<Client | undefined> {
    return this.#parts.clients.findClient(id)
  }
  putClient(client: Client): Awaitable<void> {
    return this.#parts.clients.putClient(client)
  }
  createClient(client: Client): Awaitable<boolean> {
    return this.#parts.clients.createClient(client)
  }
  replaceClient(previous: Client, next: Client): Awaitable<boolean> {
    return this.#parts.clients.replaceClient(previous, next)
  }
  deleteClient(id: string): Awaitable<boolean> {
    return this.#parts.clients.deleteClient(id)
  }
  listClients(after: string, limit: number): Awaitable<readonly Client[]> {
    return this.#parts.clients.listClients(after, limit)
  }
  putCode(code: CodeRow, grant: GrantRow): Awaitable<void> {
    return this.#parts.grants.putCode(code, grant)
  }
  consumeCode(digest: string, clientId: string, now: number): Awaitable<CodeRow | 'reused' | undefined> {
    return this.#parts.grants.consumeCode(digest, clientId, now)
  }
  putTokens(tokens: NewTokens): Awaitable<boolean> {
    return this.#parts.grants.putTokens(tokens)
  }
  findAccessToken(digest: string, now: number): Awaitable<AccessTokenRow | undefined> {
    return this.#parts.grants.findAccessToken(digest, now)
  }
  findRefreshToken(digest: string): Awaitable<FoundRefreshToken | undefined> {
    return this.#parts.grants.findRefreshToken(digest)
  }
  rotateRefreshToken(rotation: Rotation): Awaitable<RotationResult> {
    return this.#parts.grants.rotateRefreshToken(rotation)
  }
  revokeAccessToken(digest: string, expiresAt: number, now: number): Awaitable<void> {
    return this.#parts.grants.revokeAccessToken(digest, expiresAt, now)
  }
  isRevoked(digest: string, grantId: string | undefined, now: number): Awaitable<boolean> {
    return this.#parts.grants.isRevoked(digest, grantId, now)
  }
  revokeGrant(grantId: string, now: number): Awaitable<void> {
    return this.#parts.grants.revokeGrant(grantId, now)
  }
  revokeGrants(filter: GrantFilter, now: number): Awaitable<number> {
    return this.#parts.grants.revokeGrants(filter, now)
  }
  putTicket(ticket: TicketRow, now: number): Awaitable<boolean> {
    return this.#parts.tickets.putTicket(ticket, now)
  }
  findTicket(kind: string, altDigest: string, now: number): Awaitable<TicketRow | undefined> {
    return this.#parts.tickets.findTicket(kind, altDigest, now)
  }
  transitionTicket(transition: TicketTransition): Awaitable<boolean> {
    return this.#parts.tickets.transitionTicket(transition)
  }
  pollTicket(ticket: PresentedTicket): Awaitable<PolledTicket | undefined> {
    return this.#parts.tickets.pollTicket(ticket)
  }
  consumeTicket(ticket: PresentedTicket, state: string): Awaitable<TicketRow | 'reused' | undefined> {
    return this.#parts.tickets.consumeTicket(ticket, state)
  }
  markSeen(space: string, digest: string, expiresAt: number, now: number): Awaitable<boolean> {
    return this.#parts.markers.markSeen(space, digest, expiresAt, now)
  }
  countAttempt(space: string, digest: string, windowSeconds: number, now: number): Awaitable<number> {
    return this.#parts.markers.countAttempt(space, digest, windowSeconds, now)
  }
  clearAttempts(space: string, digest: string): Awaitable<void> {
    return this.#parts.markers.clearAttempts(space, digest)
  }
  lease(name: string, owner: string, until: number, now: number): Awaitable<boolean> {
    return this.#parts.markers.lease(name, owner, until, now)
  }
  findSigningKeys(): Awaitable<readonly SigningKeyRow[]> {
    return this.#parts.keys.findSigningKeys()
  }
  putSigningKey(key: SigningKeyRow): Awaitable<void> {
    return this.#parts.keys.putSigningKey(key)
  }
  createSigningKey(key: SigningKeyRow, newest: string | undefined): Awaitable<boolean> {
    return this.#parts.keys.createSigningKey(key, newest)
  }
  deleteSigningKey(keyId: string): Awaitable<boolean> {
    return this.#parts.keys.deleteSigningKey(keyId)
  }
}
