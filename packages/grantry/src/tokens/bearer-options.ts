import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError, type OAuthError } from '../core/errors.ts'
import type { EventListener } from '../core/events.ts'
import type { HttpResponse } from '../core/http.ts'
import type { AccessToken, Authorization, TokenResponse } from '../core/records.ts'
import type { TokenContext, TokenGenerator, TokenVerifier } from '../core/token-context.ts'
import type { Clock } from '../util/clock.ts'
import type { BearerLocations } from './bearer-credentials.ts'

/** Changes a token response before it is saved and sent. Return the response to use. */
export type TokenModifier = (token: TokenResponse, context: TokenContext) => Awaitable<TokenResponse>

/** When a refresh token is replaced as it is used. `auto`: for public clients (RFC 9700 §4.14.2). */
export type RefreshTokenRotation = 'auto' | 'always' | 'never'

/** How tokens are made and checked. Every preconfigured server takes the same options. */
export interface BearerTokenOptions extends BearerLocations {
  /** Makes access tokens. Default: `randomTokenGenerator`. */
  readonly tokenGenerator?: TokenGenerator | undefined
  /** Makes refresh tokens. Default: `randomTokenGenerator`, whatever makes the access tokens. */
  readonly refreshTokenGenerator?: TokenGenerator | undefined
  /** Lifetime of access tokens in seconds, or a function that tells it. Default: 600. */
  readonly tokenExpiresIn?: number | ((authorization: Authorization) => number) | undefined
  /** Time in seconds after which an unused refresh token expires. Default: 1209600 (14 days). */
  readonly refreshTokenExpiresIn?: number | undefined
  /** Whether refresh tokens are replaced as they are used. Default: `auto`. */
  readonly refreshTokenRotation?: RefreshTokenRotation | undefined
  /**
   * Checks access tokens by themselves, without your validator: `signedTokenVerifier(…)`, or the `verifier` of your generator. Such
   * tokens cannot be revoked one by one. Default: `validateBearerToken` of your validator, which sees revocations at once.
   */
  readonly tokenVerifier?: TokenVerifier | undefined
  /** Who this protected resource is: tokens must name it in their audience (RFC 9700 §2.3). Default: not checked. */
  readonly audience?: string | undefined
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
export type BearerResult =
  | { readonly ok: true; readonly token: AccessToken }
  | { readonly ok: false; readonly error: OAuthError; readonly response: HttpResponse }

/** Whether a number can be a lifetime: whole seconds above 0. */
export const isLifetime = (seconds: number): boolean => Number.isSafeInteger(seconds) && seconds > 0

/** Refuses lifetimes that no token can have. */
export const requireLifetimes = ({ tokenExpiresIn, refreshTokenExpiresIn }: BearerTokenOptions): void => {
  for (const [option, seconds] of Object.entries({ tokenExpiresIn, refreshTokenExpiresIn })) {
    if (seconds === undefined || typeof seconds === 'function' || isLifetime(seconds)) continue
    throw new ConfigurationError(`${option} must be a whole number of seconds above 0, not ${String(seconds)}.`)
  }
}
