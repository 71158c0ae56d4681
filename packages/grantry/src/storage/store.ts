import type { Awaitable } from '../core/awaitable.ts'
import type { Client } from '../core/records.ts'
import type { KeyStore } from '../core/signing-key.ts'
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

/** Clients. */
export interface ClientStore {
  /** The client with this id. */
  findClient(id: string): Awaitable<Client | undefined>
  /** Saves a client, replacing the one with its id. */
  putClient(client: Client): Awaitable<void>
  /** Saves a client whose id is free, and says whether it is. If two callers can both be told so, one secret is lost. */
  createClient(client: Client): Awaitable<boolean>
  /**
   * Saves `next` in place of `previous`, and says whether the client still was `previous`, as it was read. If that is not asked in the
   * same step, two changes at once lose one of them, a withdrawn secret for example.
   */
  replaceClient(previous: Client, next: Client): Awaitable<boolean>
  /** Deletes a client and says whether there was one. Its grants stay: end them with `revokeGrants`. */
  deleteClient(id: string): Awaitable<boolean>
  /** At most `limit` clients in the order of their ids, compared by code unit, from the first after `after`. */
  listClients(after: string, limit: number): Awaitable<readonly Client[]>
}

/** Codes and tokens, and the families (grants) they belong to. */
export interface GrantStore {
  /** Saves a code and starts its family. */
  putCode(code: CodeRow, grant: GrantRow): Awaitable<void>
  /**
   * Marks the code of this client used and returns it. Check and mark are one step: if two callers get the row, tokens are issued twice.
   * The row is kept until it expires, so that a second use is seen; then the family is revoked in the same step if tokens were issued
   * from it. (A second use that comes before that, such as a double click, is refused and does not take the first one's tokens.) A code
   * of another client, an unknown or an expired one changes nothing.
   */
  consumeCode(digest: string, clientId: string, now: number): Awaitable<CodeRow | 'reused' | undefined>
  /** Saves tokens if their family is live, and says whether it is. Check and save are one step: else revocation can be outrun. */
  putTokens(tokens: NewTokens): Awaitable<boolean>
  /** An access token that is live at `now`: not expired, not revoked, its family not revoked. */
  findAccessToken(digest: string, now: number): Awaitable<AccessTokenRow | undefined>
  /** A refresh token whose family is live, superseded or not. */
  findRefreshToken(digest: string): Awaitable<FoundRefreshToken | undefined>
  /**
   * Supersedes a refresh token and saves its successor, in one step; `RotationResult` says what else can be, each of it in the same step. A
   * superseded token is a replay while `now - supersededAt <= graceSeconds`, fewer than `maxReplays` came before, and its successor was
   * not superseded itself; else it is reuse. If two callers can rotate one token, a thief gets a family of his own and is never noticed.
   */
  rotateRefreshToken(rotation: Rotation): Awaitable<RotationResult>
  /**
   * Ends one access token. One that has no row is remembered as revoked until `expiresAt`: a self-contained token stays readable, and
   * this is all that says that it is over.
   */
  revokeAccessToken(digest: string, expiresAt: number, now: number): Awaitable<void>
  /**
   * Whether an access token without a row is over: ended by itself, or with its family, if it has one. An unknown family is over. If a
   * revocation that was answered is not seen here, a stolen token works until it expires.
   */
  isRevoked(digest: string, grantId: string | undefined, now: number): Awaitable<boolean>
  /** Ends a family: from the next read on, nothing of it is live. */
  revokeGrant(grantId: string, now: number): Awaitable<void>
  /** Ends every live family that matches, and says how many they were. */
  revokeGrants(filter: GrantFilter, now: number): Awaitable<number>
}

/** Handles that are used once, by a person at one end and a client at the other. */
export interface TicketStore {
  /** Saves a ticket, and says whether its handles are free. An expired ticket holds none. */
  putTicket(ticket: TicketRow, now: number): Awaitable<boolean>
  /** A ticket that has not expired and was not consumed, by its second handle. */
  findTicket(kind: string, altDigest: string, now: number): Awaitable<TicketRow | undefined>
  /**
   * Moves a ticket that is live and in one of the states `from` on, and says whether it did. If two callers can both be told so, what one
   * user denied another one approves.
   */
  transitionTicket(transition: TicketTransition): Awaitable<boolean>
  /**
   * Looks at a live ticket of this client and notes the time, in one step. If polls that come at once are all in time, a client guesses
   * as fast as it likes.
   */
  pollTicket(ticket: PresentedTicket): Awaitable<PolledTicket | undefined>
  /**
   * Marks a ticket of this client that is in the state `state` used and returns it; check and mark are one step, or two callers get it.
   * The row is kept until it expires, so that a second use is seen. `reused`: it was used before, and its family, where it has one,
   * is revoked in the same step. A ticket of another client or state, an unknown or an expired one changes nothing.
   */
  consumeTicket(ticket: PresentedTicket, state: string): Awaitable<TicketRow | 'reused' | undefined>
}

/** Small facts that must be the same for all nodes. */
export interface MarkerStore {
  /**
   * Notes that something was seen (the `jti` of an assertion, a proof) and says whether it is the first time until `expiresAt`. If two
   * callers are both told so, what may be used once is used twice.
   */
  markSeen(space: string, digest: string, expiresAt: number, now: number): Awaitable<boolean>
  /**
   * Counts an attempt and says how many there were in this window, which starts with the first one and lasts `windowSeconds`. The count
   * is taken with the answer: else many at once all are the first.
   */
  countAttempt(space: string, digest: string, windowSeconds: number, now: number): Awaitable<number>
  /** Forgets the attempts. */
  clearAttempts(space: string, digest: string): Awaitable<void>
  /** Takes or keeps a lease until `until`, and says whether `owner` has it now. If two owners have it, a job runs twice. */
  lease(name: string, owner: string, until: number, now: number): Awaitable<boolean>
}

/**
 * A group of methods that a store offers; a server refuses to start where it needs one that is missing. `refresh_tokens`: families
 * outlive a restart, so that `GrantStore` may be the only home of refresh tokens.
 */
export type StoreFeature =
  'clients' | 'grants' | 'refresh_tokens' | 'tickets' | 'seen' | 'attempts' | 'leases' | 'signing_keys'

/** What a store can be trusted with. */
export interface StoreCapabilities {
  /** How the store is called in messages. */
  readonly name: string
  readonly features: readonly StoreFeature[]
  /** Why something is not among the features, and how to mend it. */
  readonly reasons?: Readonly<Partial<Record<StoreFeature, string>>> | undefined
  /** Whether what was answered outlives a loss of power. */
  readonly isDurable: boolean
  /** Whether the nodes of a cluster see one state. */
  readonly isShared: boolean
}

/**
 * Where a server keeps its state. Every method is one atomic step: it happens wholly or not at all, and two calls never interleave.
 * Tokens, codes and secrets reach it as digests only. Times are seconds since the epoch and come from the caller. One store is one realm:
 * nothing of another one is seen. A method whose feature is not among the `capabilities` throws.
 */
export interface Store extends ClientStore, GrantStore, TicketStore, MarkerStore, KeyStore {
  /** What it offers. The same answer at every call. */
  capabilities(): StoreCapabilities
  /** Resolves where the store answers, and throws where it does not. */
  ping(): Awaitable<void>
  /** Deletes at most `limit` rows that expired before `now`, and says how many they were. */
  sweep(now: number, limit: number): Awaitable<number>
}
