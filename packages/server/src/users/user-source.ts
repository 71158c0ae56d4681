import type { Awaitable, Claims } from 'grantry'

/** Who logged in. */
export interface SourceLogin {
  /**
   * Tells the user from all others, for ever: 1 to 200 printable characters of ASCII. Tokens have it in `sub`, after `users:`. If it is given to
   * someone else later, that one has what the first one had.
   */
  readonly id: string
  /** What the user logs in with, as pages show it. */
  readonly username: string
  /** Changes with the password, and with whatever else is to end the sessions of the user. A digest of it is kept. */
  readonly version: string
}

/** What is known of a user. */
export interface SourceUser extends SourceLogin {
  /** Claims of OpenID Connect: `name`, `email`, … Clients are told those that they are granted. */
  readonly claims: Claims
}

/** Someone at the login page. */
export interface PasswordAttempt {
  /** As it was typed, at most 256 characters. */
  readonly username: string
  /** As it was typed, at most 1024 characters. */
  readonly password: string
  /**
   * Whether the password is that of a hash, which is found out on threads of their own. Call it for unknown users too, with `undefined`: else
   * the time tells who exists. For the same reason `formats` are hashes of other users, one in each format that yours have.
   */
  readonly matches: (hash: string | undefined, formats: readonly string[]) => Promise<boolean>
}

/**
 * Where users come from. A method that throws says that the source does not answer: the browser gets 503, nobody is logged in or out. If it
 * answers `undefined` instead, users lose their sessions and grants.
 */
export interface UserSource {
  /** The user whose name and password these are; undefined where either is wrong, and where the user may not log in. */
  login(attempt: PasswordAttempt): Awaitable<SourceLogin | undefined>
  /** The user with an id; undefined where that one is gone or may not log in any more: sessions and grants end then. */
  find(id: string): Awaitable<SourceUser | undefined>
}
