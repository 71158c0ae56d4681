import type { Awaitable } from './awaitable.ts'
import type { Client } from './records.ts'

/** How every `request_uri` begins that stands for a pushed request (RFC 9126 §2.2). */
export const pushedRequestPrefix = 'urn:ietf:params:oauth:request_uri:'

/** An authorization request that a client left with the server (RFC 9126 §2). */
export interface PushedRequest {
  readonly clientId: string
  /** All parameters as sent, without those that authenticated the client. */
  readonly parameters: Readonly<Record<string, string>>
  /** The `resource` parameters. */
  readonly resources: readonly string[]
  /** Until when a user may arrive with it, in seconds since the epoch. Whoever did may take longer to answer. */
  readonly expiresAt: number
}

/** Keeps pushed authorization requests (RFC 9126). `StoreValidator` implements it over the tickets of a store. */
export interface PushedRequestValidator {
  /** Stores a request under its id. Store a digest: whoever reads the table must not be able to use it. */
  savePushedRequest(id: string, record: PushedRequest, now: number): Awaitable<void>
  /**
   * The request of this client for a user who arrives with it: again and again, for login takes several pages. Undefined where there is none,
   * where it was answered, and where nobody arrived before `expiresAt`.
   */
  openPushedRequest(id: string, client: Client, now: number): Awaitable<PushedRequest | undefined>
  /**
   * Returns a request that was opened and marks it answered, in one atomic step. If two answers can both get it, one request gives two
   * codes. `'reused'`: it was answered before.
   */
  consumePushedRequest(id: string, client: Client, now: number): Awaitable<PushedRequest | 'reused' | undefined>
}
