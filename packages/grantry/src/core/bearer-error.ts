import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

/** Attributes of a `WWW-Authenticate: Bearer` challenge beside those of the error (RFC 6750 §3). */
export interface ChallengeOptions {
  readonly realm?: string | undefined
  /** Scopes the resource needs. */
  readonly scopes?: readonly string[] | undefined
}

const quoted = (value: string): string => `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`

/** A refusal at a protected resource, with its challenge (RFC 6750 §3). */
export class BearerError extends OAuthError {
  override readonly name = 'BearerError'
  readonly #challenge: ChallengeOptions
  readonly #showsError: boolean

  constructor(
    code: 'invalid_request' | 'invalid_token' | 'insufficient_scope',
    reason: Reason,
    options: OAuthErrorOptions & ChallengeOptions = {},
  ) {
    super({ code, status: BearerError.#status[code], description: BearerError.#texts[code] }, reason, options)
    this.#challenge = options
    this.#showsError = reason !== 'token_absent'
  }

  static readonly #status = { invalid_request: 400, invalid_token: 401, insufficient_scope: 403 }
  static readonly #texts = {
    invalid_request: 'The token was not sent in one well-formed way.',
    invalid_token: 'The token is missing, expired, revoked or otherwise invalid.',
    insufficient_scope: 'The token lacks a required scope.',
  }

  /** The challenge. Says nothing of an error when no token was sent (RFC 6750 §3.1). */
  override get headers(): Readonly<Record<string, string>> {
    const { realm = 'api', scopes } = this.#challenge
    const attributes = [`realm=${quoted(realm)}`]
    if (this.#showsError) attributes.push(`error=${quoted(this.code)}`, `error_description=${quoted(this.description)}`)
    if (scopes !== undefined && scopes.length > 0) attributes.push(`scope=${quoted(scopes.join(' '))}`)
    return { 'WWW-Authenticate': `Bearer ${attributes.join(', ')}` }
  }
}
