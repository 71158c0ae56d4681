import type { Claims } from '../core/claims.ts'
import type { LoginContext } from '../core/login-context.ts'

/** The family of everything that was issued on one decision of a user. Revoking it ends all of it at once. */
export interface GrantRow {
  readonly id: string
  readonly clientId: string
  readonly userId: string | undefined
  /** The session at the server (`sid`) that it ends with; undefined where it outlives the login. */
  readonly sessionId?: string | undefined
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
  /** What ID tokens and UserInfo say of the login (OpenID Connect); undefined without `openid`. */
  readonly openid?: LoginContext | undefined
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
  /** What ID tokens and UserInfo say of the login (OpenID Connect); undefined without `openid`. */
  readonly openid?: LoginContext | undefined
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
  /** What ID tokens and UserInfo say of the login (OpenID Connect); undefined without `openid`. */
  readonly openid?: LoginContext | undefined
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
  /** Until when the family must be remembered for tokens of it that have no row: the expiry of a self-contained access token. */
  readonly liveUntil?: number | undefined
}

/** A rotation to perform. */
export interface Rotation {
  /** Digest of the presented token. */
  readonly digest: string
  readonly successor: RefreshTokenRow
  /** The string of the successor, encrypted so that only who holds the presented token can read it. */
  readonly sealed: string
  readonly access?: AccessTokenRow | undefined
  /** As in `NewTokens`. */
  readonly liveUntil?: number | undefined
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

/** Which grants to end: all that match every member given. */
export interface GrantFilter {
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
  /** Those that end with the login of this `sid`. */
  readonly sessionId?: string | undefined
}

/** Something that waits to be used once: a device code, a pushed request, an interaction. */
export interface TicketRow {
  /** What it is, such as `device_code`; tickets of one kind are not found as another. */
  readonly kind: string
  /** SHA-256 of the handle, base64url. */
  readonly digest: string
  /** SHA-256 of a second handle, such as a user code: unique among the tickets of its kind while it is there. */
  readonly altDigest: string | undefined
  readonly clientId: string
  /** The family that was started by it; undefined until there is one. */
  readonly grantId: string | undefined
  /** Where it is in its life, such as `pending` or `approved`. */
  readonly state: string
  /** Whatever it stands for. */
  readonly payload: Claims
  /** Least time between two polls, in seconds. Grows by 5 with each poll that comes too soon (RFC 8628 §3.5). */
  readonly interval: number
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** A ticket as it is presented. */
export interface PresentedTicket {
  readonly kind: string
  readonly digest: string
  readonly clientId: string
  readonly now: number
}

/** A change of a ticket. */
export interface TicketTransition {
  readonly kind: string
  /** Digest of the second handle. */
  readonly altDigest: string
  /** The states in which the change may happen. */
  readonly from: readonly string[]
  readonly to: string
  /** The new payload; undefined leaves it. */
  readonly payload?: Claims | undefined
  readonly now: number
}

/** What a poll found. */
export interface PolledTicket {
  readonly ticket: TicketRow
  /** Whether it came before the interval was over (`slow_down`). */
  readonly isTooSoon: boolean
}
