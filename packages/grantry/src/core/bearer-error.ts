import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

/** How a token is presented: by itself, or with a proof of the key it is bound to (RFC 6750 §2.1, RFC 9449 §7.1). */
export type TokenScheme = 'Bearer' | 'DPoP'

/** What the challenges of a refusal say beside the error (RFC 6750 §3). */
export interface ChallengeOptions {
  /** Default: `api`. */
  readonly realm?: string | undefined
  /** Scopes the resource needs. */
  readonly scopes?: readonly string[] | undefined
  /** Classes of authentication, of which the login behind the token must be one (RFC 9470 §3). */
  readonly acrValues?: readonly string[] | undefined
  /** How old the login behind the token may be, in seconds (RFC 9470 §3). */
  readonly maxAge?: number | undefined
  /** Where the metadata of the resource is (RFC 9728 §5.1). */
  readonly resourceMetadata?: string | undefined
  /** The schemes that the resource takes; each has a challenge of its own. Default: `Bearer` alone. */
  readonly schemes?: readonly TokenScheme[] | undefined
  /** The scheme that the client used, whose challenge has the error. Default: the first. */
  readonly usedScheme?: TokenScheme | undefined
  /** The `alg`s of proofs that are taken (RFC 9449 §7.1). */
  readonly dpopAlgorithms?: readonly string[] | undefined
  /** The nonce for the next proof (RFC 9449 §8). */
  readonly dpopNonce?: string | undefined
}

const quoted = (value: string): string => `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`

const kinds = {
  invalid_request: [400, 'The token was not sent in one well-formed way.'],
  invalid_token: [401, 'The token is missing, expired, revoked or otherwise invalid.'],
  insufficient_scope: [403, 'The token lacks a required scope.'],
  insufficient_user_authentication: [401, 'The login behind the token is too old or not strong enough.'],
  invalid_dpop_proof: [401, 'The DPoP proof is missing, malformed, too old, used before or not for this request.'],
  use_dpop_nonce: [401, 'The DPoP proof needs the nonce of this answer.'],
} as const

/** The error codes of a protected resource (RFC 6750 §3.1, RFC 9470 §3, RFC 9449 §7.1, §9). */
export type BearerErrorCode = keyof typeof kinds

/** A refusal at a protected resource, with its challenge for each scheme that is taken (RFC 6750 §3). */
export class BearerError extends OAuthError {
  override readonly name = 'BearerError'
  readonly #challenge: ChallengeOptions
  readonly #showsError: boolean

  constructor(code: BearerErrorCode, reason: Reason, options: OAuthErrorOptions & ChallengeOptions = {}) {
    const [status, description] = kinds[code]
    super({ code, status, description }, reason, options)
    this.#challenge = options
    this.#showsError = reason !== 'token_absent'
  }

  /** The challenges. They say nothing of an error when no token was sent (RFC 6750 §3.1). */
  override get headers(): Readonly<Record<string, string>> {
    const { schemes = ['Bearer'], usedScheme = schemes[0], dpopNonce } = this.#challenge
    const challenges = schemes.map((scheme) => `${scheme} ${this.#attributes(scheme, scheme === usedScheme)}`)
    return {
      'WWW-Authenticate': challenges.join(', '),
      ...(dpopNonce === undefined ? {} : { 'DPoP-Nonce': dpopNonce }),
    }
  }

  #attributes(scheme: TokenScheme, isUsed: boolean): string {
    const { realm = 'api', scopes, acrValues, maxAge, resourceMetadata, dpopAlgorithms } = this.#challenge
    const hasError = isUsed && this.#showsError
    const attributes: readonly (readonly [name: string, value: string | undefined])[] = [
      ['realm', realm],
      ['error', hasError ? this.code : undefined],
      ['error_description', hasError ? this.description : undefined],
      ['scope', scopes?.join(' ') || undefined],
      ['acr_values', acrValues?.join(' ') || undefined],
      ['max_age', maxAge?.toString()],
      ['algs', scheme === 'DPoP' ? dpopAlgorithms?.join(' ') : undefined],
      ['resource_metadata', resourceMetadata],
    ]
    return attributes.flatMap(([name, value]) => (value === undefined ? [] : `${name}=${quoted(value)}`)).join(', ')
  }
}
