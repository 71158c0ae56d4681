import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { EventListener } from '../core/events.ts'
import type { AccessToken, Authorization, RefreshTokenRotation, TokenResponse } from '../core/records.ts'
import type { FapiProfile } from '../core/fapi.ts'
import type { ResourcePolicyOptions } from '../core/resource-policies.ts'
import type { TokenContext, TokenGenerator, TokenVerifier } from '../core/token-context.ts'
import type { Clock } from '../util/clock.ts'
import type { BearerLocations } from './bearer-credentials.ts'
import type { DpopProofOptions } from './dpop-options.ts'
import type { MutualTlsOptions } from './mutual-tls-options.ts'
import type { VerifiedRequest } from './verify-request.ts'

/** Changes a token response before it is saved and sent. Return the response to use. */
export type TokenModifier = (token: TokenResponse, context: TokenContext) => Awaitable<TokenResponse>

/** How tokens are made and checked. Every preconfigured server takes the same options. */
export interface BearerTokenOptions extends BearerLocations {
  /** Makes access tokens. Default: `randomTokenGenerator`. */
  readonly tokenGenerator?: TokenGenerator | undefined
  /** Makes refresh tokens. Default: `randomTokenGenerator`, whatever makes the access tokens. */
  readonly refreshTokenGenerator?: TokenGenerator | undefined
  /** Lifetime of access tokens in seconds, or a function that tells it. Default: 600. */
  readonly tokenExpiresIn?: number | ((authorization: Authorization) => number) | undefined
  /** Time in seconds after which an unused refresh token expires; each use starts it anew. Default: 1209600 (14 days). */
  readonly refreshTokenExpiresIn?: number | undefined
  /** Time in seconds after which the user must log in again, however often refresh tokens are used. Default: 7776000 (90 days). */
  readonly refreshTokenFamilyExpiresIn?: number | undefined
  /** Whether refresh tokens are replaced as they are used. Default: `auto`. */
  readonly refreshTokenRotation?: RefreshTokenRotation | undefined
  /**
   * Seconds in which a rotated refresh token gets the same successor again, so that a lost answer or a second tab does not log the user
   * out. At most 300, or 86400 with `refreshTokenMaxReplays`. Default: 30.
   */
  readonly refreshTokenGrace?: number | undefined
  /** How often within the grace. Default: no limit. */
  readonly refreshTokenMaxReplays?: number | undefined
  /**
   * Checks access tokens by themselves: `signedTokenVerifier(…)`, or the `verifier` of your generator. Such tokens have no row in the
   * store. With `isTokenRevoked` of your validator (`StoreValidator` has it) they can be revoked all the same, alone or with their
   * family; without it they live until they expire. Default: `validateBearerToken` of your validator.
   */
  readonly tokenVerifier?: TokenVerifier | undefined
  /** What is different for the tokens of single resources, by their URIs (RFC 8707). Default: nothing. */
  readonly resourcePolicies?: ResourcePolicyOptions | undefined
  /**
   * Holds a server to FAPI 2.0, the Security Profile alone or with Message Signing: what it needs is turned on, what breaks it is refused by a
   * `ConfigurationError`, and clients are held to it whatever their records say. Of a `BearerToken` alone: its tokens are bound to their senders.
   * Default: RFC 9700, and the options as they are.
   */
  readonly profile?: FapiProfile | undefined
  /** Who this protected resource is: tokens must name it in their audience (RFC 9700 §2.3). Default: not checked. */
  readonly audience?: string | undefined
  /**
   * Binds the tokens of clients that send DPoP proofs to their keys, and takes bound tokens with a proof alone (RFC 9449). The validator needs
   * `markSeen` then, and proofs name URLs below the origin of `issuer`. Default: off; proofs are not looked at.
   */
  readonly dpop?: boolean | DpopProofOptions | undefined
  /**
   * Knows clients by the certificates that they show (RFC 8705), at the token endpoint by `tls_client_auth` and `self_signed_tls_client_auth`, and
   * at resources where tokens are bound to them. Default: off; certificates are not looked at.
   */
  readonly mutualTls?: MutualTlsOptions | undefined
  /** The URL of the server that issues the tokens. Default: none, and `dpop` needs a `requestUrl`. */
  readonly issuer?: string | undefined
  /** The `realm` of challenges (RFC 6750 §3). Default: `api`. */
  readonly realm?: string | undefined
  /** Change the token response before it is saved. */
  readonly tokenModifiers?: readonly TokenModifier[] | undefined
  /** Receives what happens. Default: nobody. */
  readonly events?: EventListener | undefined
  /** Tells the time in seconds. Default: the machine's clock. */
  readonly now?: Clock | undefined
}

/** What checking a request gave: the token, or the answer to send. */
export type BearerResult = VerifiedRequest<AccessToken>

/** Whether a number can be a lifetime: whole seconds above 0. */
export const isLifetime = (seconds: number): boolean => Number.isSafeInteger(seconds) && seconds > 0

/** Refuses a lifetime for which the key of the tokens does not stay published. A lifetime that a function tells is checked for each token. */
export const requirePublishedKey = (option: string, seconds: unknown, longest: number | undefined): void => {
  if (typeof seconds !== 'number' || longest === undefined || seconds <= longest) return
  throw new ConfigurationError(
    `${option} is ${seconds}, and the KeyRing publishes keys for tokens of at most ${longest} seconds. Give it a retainSeconds of ${seconds + 300} at least.`,
  )
}

/** Refuses lifetimes that no token can have, and a grace in which theft would go unnoticed. */
export const requireLifetimes = (options: BearerTokenOptions): void => {
  const { tokenExpiresIn, refreshTokenExpiresIn, refreshTokenFamilyExpiresIn } = options
  const lifetimes = { tokenExpiresIn, refreshTokenExpiresIn, refreshTokenFamilyExpiresIn }
  for (const [option, seconds] of Object.entries(lifetimes)) {
    if (seconds === undefined || typeof seconds === 'function' || isLifetime(seconds)) continue
    throw new ConfigurationError(`${option} must be a whole number of seconds above 0, not ${String(seconds)}.`)
  }
  requirePublishedKey('tokenExpiresIn', tokenExpiresIn ?? 600, options.tokenGenerator?.longestLifetime)
  const { refreshTokenGrace = 0, refreshTokenMaxReplays } = options
  const longest = refreshTokenMaxReplays === undefined ? 300 : 86_400
  if (!Number.isSafeInteger(refreshTokenGrace) || refreshTokenGrace < 0 || refreshTokenGrace > longest) {
    const limit = `0 to ${longest} whole seconds${longest === 300 ? ' (86400 with refreshTokenMaxReplays)' : ''}`
    throw new ConfigurationError(`refreshTokenGrace must be ${limit}, not ${String(refreshTokenGrace)}.`)
  }
  if (refreshTokenMaxReplays === undefined || isLifetime(refreshTokenMaxReplays)) return
  throw new ConfigurationError(
    `refreshTokenMaxReplays must be a whole number above 0, not ${String(refreshTokenMaxReplays)}.`,
  )
}
