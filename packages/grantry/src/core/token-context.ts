import type { Awaitable } from './awaitable.ts'
import type { Claims } from './claims.ts'
import type { Confirmation } from './confirmation.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { AccessToken, Authorization, Client, RefreshToken, User } from './records.ts'
import type { RequestState } from './request-state.ts'
import type { PublicJwk } from './signer.ts'

export type { PublicJwk } from './signer.ts'

/** What happens to a refresh token that is presented again after it was rotated. */
export interface RotationPolicy {
  /** Seconds after the rotation in which it gets the same successor again. */
  readonly graceSeconds: number
  /** How often, within the grace. */
  readonly maxReplays: number
  /** Whether the family is revoked when it comes later (RFC 9700 §4.14.2). */
  readonly revokesOnReuse: boolean
}

/** What one token is made from: the argument of generators and of `saveToken`. */
export interface TokenContext {
  readonly client: Client
  /** Undefined when the client acts for itself. */
  readonly user: User | undefined
  /** Scopes granted. */
  readonly scopes: readonly string[]
  /** The grant type, or `implicit`. */
  readonly grantType: string
  /** Protected resources asked for and allowed; the audience of the access token (RFC 8707). */
  readonly resources: readonly string[]
  /** Claims set by your code during this request, and those saved with the code or refresh token. */
  readonly claims: Claims
  /** What the token is bound to: a self-contained one must have it as its claim `cnf`. Undefined for a bearer token. */
  readonly confirmation: Confirmation | undefined
  /** What your code put into `request.state`; empty for a token that you make by `BearerToken` alone. */
  readonly state: RequestState
  /** Seconds since the epoch. */
  readonly issuedAt: number
  /** Lifetime of the access token in seconds. */
  readonly expiresIn: number
  /**
   * The family; undefined where there is none: a client that acts for itself, without a refresh token. It starts with these tokens where
   * `authorization` has none yet.
   */
  readonly grantId: string | undefined
  /** The record of the access token, to be saved by `saveToken`; undefined where a `tokenVerifier` checks it and nothing need be stored. */
  readonly accessToken: AccessToken | undefined
  /** The record of the new refresh token, to be saved with it; undefined where there is none, or the presented one stays. */
  readonly refreshToken: RefreshToken | undefined
  /** The new idle expiry of a presented refresh token that goes on; undefined where there is none. */
  readonly extendedUntil: number | undefined
  /** How a rotation is to be done. */
  readonly rotation: RotationPolicy
  readonly authorization: Authorization
}

/**
 * Makes the string of a token. May be asynchronous, and may be an unbound method of your validator: it is called with the
 * validator as `this`. The result must be non-empty and of the `b64token` alphabet (RFC 6750 §2.1).
 */
export interface TokenGenerator {
  (context: TokenContext): Awaitable<string>
  /** The twin that checks what this generator makes, where the format can be checked without a store. */
  readonly verifier?: TokenVerifier | undefined
  /** The `iss` of its tokens, where they have one. */
  readonly issuer?: string | undefined
  /** Who its tokens are for where no resource is asked for. */
  readonly audience?: readonly string[] | undefined
  /** Public keys for the JWKS endpoint, where the format is signed by an asymmetric key. */
  readonly publicKeys?: (() => Awaitable<readonly PublicJwk[]>) | undefined
  /** Seconds for which its tokens may live at most, where the key that signs them is deleted some day. */
  readonly longestLifetime?: number | undefined
}

/**
 * Checks the string of a token and returns what it stands for; undefined for anything that is not valid now. It must not throw
 * for bad tokens: a throw means "cannot tell" and becomes a 5xx.
 */
export type TokenVerifier = (token: string, request: OAuthRequest) => Awaitable<AccessToken | undefined>
