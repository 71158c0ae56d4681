import type { Awaitable } from './awaitable.ts'
import type { Claims } from './claims.ts'
import type { HttpHeaders } from './http.ts'
import type { Client } from './records.ts'

/** What an initial access token stands for (RFC 7591 §1.2). */
export interface InitialAccess {
  /** Whatever was said when it was made, for the policy. */
  readonly claims: Claims
}

/** The secrets of a registration, in the clear: they are sent once and stored as digests. */
export interface RegistrationSecrets {
  /** A new client secret; undefined where there is none, or the one there is stays. */
  readonly clientSecret: string | undefined
  readonly registrationAccessToken: string
}

/** How many may register. */
export interface RegistrationLimit {
  readonly most: number
  readonly windowSeconds: number
}

/** Keeps clients that register themselves (RFC 7591, RFC 7592). `StoreValidator` implements it over a store. */
export interface RegistrationValidator {
  /** What a live initial access token stands for; undefined where it is unknown, expired or used up. */
  findInitialAccess(token: string, now: number): Awaitable<InitialAccess | undefined>
  /**
   * Takes a use of an initial access token and says whether there was one left, in one step. If two requests can both be told so, a token
   * that is good for one client makes many.
   */
  useInitialAccess(token: string, now: number): Awaitable<boolean>
  /** Counts a try to register by someone, and says whether it is within the limit. If tries are free, strangers fill the store. */
  allowRegistration(by: string, limit: RegistrationLimit, now: number): Awaitable<boolean>
  /**
   * Saves a new client with digests of its secrets, and says whether its id was free. Whoever reads the store must not be able to use
   * them.
   */
  createRegistration(client: Client, secrets: RegistrationSecrets): Awaitable<boolean>
  /**
   * The live client with this id, if it registered itself and this is its registration access token. Take the same time for an unknown
   * client and a wrong token.
   */
  findRegistration(clientId: string, registrationAccessToken: string, now: number): Awaitable<Client | undefined>
  /**
   * Saves `next` in place of `previous` with digests of new secrets, if the client still is `previous`, in one step, and says whether it
   * was. Else two updates at once lose one of them.
   */
  replaceRegistration(previous: Client, next: Client, secrets: RegistrationSecrets): Awaitable<boolean>
  /** Deletes a client and ends its grants. If grants are left, their tokens outlive the client (RFC 7592 §2.3). */
  deleteRegistration(client: Client, now: number): Awaitable<void>
}

/** What a client asks to be registered with, checked and with defaults filled in. */
export type ClientDraft = Omit<Client, 'id' | 'secrets' | 'registration' | 'metadataDocument'>

/** What is known of who registers. */
export interface RegistrationContext {
  /** Headers of the request. */
  readonly headers: HttpHeaders
  /** Undefined where none was sent, and for an update. */
  readonly initialAccess: InitialAccess | undefined
  /** The claims of a software statement that was verified. */
  readonly softwareStatement: Claims | undefined
  /** The client as it is, for an update. */
  readonly previous: Client | undefined
}

/**
 * Your own judgement of a client that registers: gives what is registered, `false` to refuse, or throws an `OAuthError`. What it gives is
 * saved as it is: it may narrow what was asked for, and grant what no client can ask for.
 */
export type RegistrationPolicy = (draft: ClientDraft, context: RegistrationContext) => Awaitable<ClientDraft | false>
