import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

/** A redirect URI cannot be registered (RFC 7591 §3.2.2). */
export class InvalidRedirectUriError extends OAuthError {
  override readonly name = 'InvalidRedirectUriError'
  constructor(reason: Reason = 'registration_redirect_uri_invalid', options?: OAuthErrorOptions) {
    super(
      { code: 'invalid_redirect_uri', status: 400, description: 'A redirect URI cannot be registered.' },
      reason,
      options,
    )
  }
}

/** A member of the client metadata cannot be accepted (RFC 7591 §3.2.2). */
export class InvalidClientMetadataError extends OAuthError {
  override readonly name = 'InvalidClientMetadataError'
  constructor(reason: Reason = 'client_metadata_invalid', options?: OAuthErrorOptions) {
    super(
      { code: 'invalid_client_metadata', status: 400, description: 'The client metadata cannot be accepted.' },
      reason,
      options,
    )
  }
}

/** The software statement is malformed, expired or forged (RFC 7591 §3.2.2). */
export class InvalidSoftwareStatementError extends OAuthError {
  override readonly name = 'InvalidSoftwareStatementError'
  constructor(reason: Reason = 'software_statement_invalid', options?: OAuthErrorOptions) {
    super(
      { code: 'invalid_software_statement', status: 400, description: 'The software statement is not valid.' },
      reason,
      options,
    )
  }
}

/** The software statement is not one that this server goes by (RFC 7591 §3.2.2). */
export class UnapprovedSoftwareStatementError extends OAuthError {
  override readonly name = 'UnapprovedSoftwareStatementError'
  constructor(reason: Reason = 'software_statement_unapproved', options?: OAuthErrorOptions) {
    super(
      { code: 'unapproved_software_statement', status: 400, description: 'The software statement is not approved.' },
      reason,
      options,
    )
  }
}

/** Too many came in a short time; the client may retry later (RFC 6585 §4). */
export class TooManyRequestsError extends OAuthError {
  override readonly name = 'TooManyRequestsError'
  readonly #retryAfter: number
  constructor(reason: Reason, retryAfter: number, options?: OAuthErrorOptions) {
    super(
      { code: 'temporarily_unavailable', status: 429, description: 'There were too many requests. Try again later.' },
      reason,
      options,
    )
    this.#retryAfter = retryAfter
  }
  override get headers(): Readonly<Record<string, string>> {
    return { 'Retry-After': String(this.#retryAfter) }
  }
}
