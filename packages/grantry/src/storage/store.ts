import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { Client } from '../core/records.ts'

/** The family of everything that was issued on one decision of a user. Revoking it ends all of it at once. */
export interface GrantRow {
  readonly id: string
  readonly clientId: string
  readonly userId: string | undefined
  /** Seconds since the epoch. */
  readonly createdAt: number
}

/** An authorization code at rest. */
export interface CodeRow {
  /** SHA-256 of the code, base64url. */
  readonly digest: string
  readonly clientId: string
  readonly userId: string
  readonly grantId: string
  readonly scopes: readonly string[]
  readonly redirectUri: string | undefined
  readonly codeChallenge: string | undefined
  readonly codeChallengeMethod: string | undefined
  readonly resources: readonly string[]
  readonly claims: Claims
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** An access token at rest. */
export interface AccessTokenRow {
  /** SHA-256 of the token, base64url. */
  readonly digest: string
  readonly clientId: string
  readonly userId: string | undefined
  /** The family; undefined for tokens that a client got for itself. */
  readonly grantId: string | undefined
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly claims: Claims
  readonly issuedAt: number
  readonly expiresAt: number
}

/** A refresh token at rest. */
export interface RefreshTokenRow {
  /** SHA-256 of the token, base64url. */
  readonly digest: string
  readonly clientId: string
  readonly userId: string | undefined
  readonly grantId: string
  /** Scopes of the grant, not those of the last access token. */
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly claims: Claims
  readonly issuedAt: number
  /** When it expires unless it is used before: idle expiry. */
  readonly expiresAt: number
  /** When the whole family expires, however often it is used: absolute expiry. */
  readonly familyExpiresAt: number
}

/** A refresh token as it was found. */
export interface FoundRefreshToken extends RefreshTokenRow {
  /** When it was rotated; undefined while it is the newest of its family. */
  readonly supersededAt: number | undefined
}

/** Tokens to save together. */
export interface NewTokens {
  /** A family to start with these tokens. */
  readonly grant?: GrantRow | undefined
  /** The family they belong to, where it is there already. */
  readonly grantId?: string | undefined
  readonly access?: AccessTokenRow | undefined
  readonly refresh?: RefreshTokenRow | undefined
  /** A refresh token that was used and goes on, with its new idle expiry. */
  readonly extended?: { readonly digest: string; readonly expiresAt: number } | undefined
}

/** A rotation to perform. */
export interface Rotation {
  /** Digest of the presented token. */
  readonly digest: string
  readonly successor: RefreshTokenRow
  /** The string of the successor, encrypted so that only who holds the presented token can read it. */
  readonly sealed: string
  readonly access?: AccessTokenRow | undefined
  readonly now: number
  /** Seconds after a rotation in which the same token may be presented again. */
  readonly graceSeconds: number
  /** How often it may be, within the grace. */
  readonly maxReplays: number
  /** Whether presenting it later revokes the family. */
  readonly revokesOnReuse: boolean
}

/**
 * What became of a rotation.
 * `rotated`: the successor and the access token are saved.
 * `replayed`: presented again within the grace, and the successor is unused. The access token is saved, the new successor is not; `sealed`
 * is that of the first rotation, so that every presenter gets the same successor.
 * `raced`: superseded less than two seconds ago without a grace. Nothing changed.
 * `reused`: presented again after that; the family is revoked if the rotation says so.
 * `unknown`: gone, expired or revoked. Nothing changed.
 */
export type RotationResult =
  | { readonly outcome: 'rotated' | 'raced' | 'reused' | 'unknown' }
  | { readonly outcome: 'replayed'; readonly sealed: string }

/** A signing key at rest. */
export interface SigningKeyRow {
  readonly keyId: string
  readonly algorithm: string
  /** PKCS#8 PEM, or that sealed by a key-encryption key. */
  readonly privateKey: string
  readonly createdAt: number
}

/**
 * Where a server keeps its state. Every method is one atomic step: it happens wholly or not at all, and two calls never interleave.
 * Tokens, codes and secrets reach it as digests only. Times are seconds since the epoch and come from the caller.
 */
export interface Store {
  /** The client with this id. */
  findClient(id: string): Awaitable<Client | undefined>
  /** Saves a client, replacing the one with its id. */
  putClient(client: Client): Awaitable<void>
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
  /** Ends one access token. */
  revokeAccessToken(digest: string): Awaitable<void>
  /** Ends a family: from the next read on, nothing of it is live. */
  revokeGrant(grantId: string, now: number): Awaitable<void>
  /** All signing keys, the oldest first. */
  findSigningKeys(): Awaitable<readonly SigningKeyRow[]>
  /** Saves a signing key, replacing the one with its id. */
  putSigningKey(key: SigningKeyRow): Awaitable<void>
  /** Deletes at most `limit` rows that expired before `now`, and says how many they were. */
  sweep(now: number, limit: number): Awaitable<number>
}
