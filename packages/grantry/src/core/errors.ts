import type { Reason } from './reasons.ts'

/** What an error carries beyond its reason. */
export interface OAuthErrorOptions {
  /** Sent as `error_description`. ASCII without `"` and `\` (RFC 6749 §5.2). Default: the text of the class. */
  readonly description?: string | undefined
  /** For the log only: what exactly was wrong. Never put a secret here. */
  readonly detail?: string | undefined
  readonly cause?: unknown
}

/**
 * A refusal with an OAuth error code. Thrown inside the library and by hooks and validator methods of yours; one place turns it into
 * a response, so that no method of a server ever throws it at you.
 */
export class OAuthError extends Error {
  override readonly name: string = 'OAuthError'
  /** The registered error code. */
  readonly code: string
  /** HTTP status where the error is a direct answer. */
  readonly status: number
  /** Sent to the client; the same for all causes that an attacker could tell apart. */
  readonly description: string
  /** Stable slug for the log. */
  readonly reason: Reason
  /** For the log only. */
  readonly detail: string | undefined

  constructor(
    code: string,
    status: number,
    reason: Reason,
    options: OAuthErrorOptions & { readonly description: string },
  ) {
    super(`${code}: ${options.description}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = status
    this.reason = reason
    this.description = options.description
    this.detail = options.detail
  }

  /** Headers that the answer needs beside those of every answer. */
  get headers(): Readonly<Record<string, string>> {
    return {}
  }
}

/** The request lacks or repeats a parameter, or is malformed (RFC 6749 §4.1.2.1, §5.2). */
export class InvalidRequestError extends OAuthError {
  override readonly name = 'InvalidRequestError'
  constructor(reason: Reason, description: string, options?: OAuthErrorOptions & { readonly status?: 400 | 413 }) {
    super('invalid_request', options?.status ?? 400, reason, { ...options, description })
  }
}

/** The endpoint does not take this method (RFC 9110 §15.5.6). */
export class MethodNotAllowedError extends OAuthError {
  override readonly name = 'MethodNotAllowedError'
  readonly #allow: string
  constructor(allow: string) {
    super('invalid_request', 405, 'method_not_allowed', { description: `Use ${allow}.` })
    this.#allow = allow
  }
  override get headers(): Readonly<Record<string, string>> {
    return { Allow: this.#allow }
  }
}

/** Client authentication failed (RFC 6749 §5.2). The same answer for an unknown client and a wrong secret. */
export class InvalidClientError extends OAuthError {
  override readonly name = 'InvalidClientError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    super('invalid_client', 401, reason, { description: 'Client authentication failed.', ...options })
  }
  override get headers(): Readonly<Record<string, string>> {
    return { 'WWW-Authenticate': 'Basic realm="oauth", charset="UTF-8"' }
  }
}

/** The code, refresh token or user credentials are not valid for this client (RFC 6749 §5.2). */
export class InvalidGrantError extends OAuthError {
  override readonly name = 'InvalidGrantError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    const description = 'The grant is invalid, expired, revoked, or was issued to another client.'
    super('invalid_grant', 400, reason, { description, ...options })
  }
}

/** The client may not use this grant or response type (RFC 6749 §4.1.2.1, §5.2). */
export class UnauthorizedClientError extends OAuthError {
  override readonly name = 'UnauthorizedClientError'
  constructor(reason: Reason, description: string, options?: OAuthErrorOptions) {
    super('unauthorized_client', 400, reason, { ...options, description })
  }
}

/** The server does not offer this grant type (RFC 6749 §5.2). */
export class UnsupportedGrantTypeError extends OAuthError {
  override readonly name = 'UnsupportedGrantTypeError'
  constructor(options?: OAuthErrorOptions) {
    super('unsupported_grant_type', 400, 'grant_type_unsupported', {
      description: 'This grant type is not offered.',
      ...options,
    })
  }
}

/** The server does not offer this response type (RFC 6749 §4.1.2.1). */
export class UnsupportedResponseTypeError extends OAuthError {
  override readonly name = 'UnsupportedResponseTypeError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'This response type is not offered.'
    super('unsupported_response_type', 400, 'response_type_unsupported', { description, ...options })
  }
}

/** The scope is unknown, malformed or wider than allowed (RFC 6749 §5.2). */
export class InvalidScopeError extends OAuthError {
  override readonly name = 'InvalidScopeError'
  constructor(reason: Reason, description: string, options?: OAuthErrorOptions) {
    super('invalid_scope', 400, reason, { ...options, description })
  }
}

/** The resource is malformed or not one that tokens are issued for (RFC 8707 §2). */
export class InvalidTargetError extends OAuthError {
  override readonly name = 'InvalidTargetError'
  constructor(reason: Reason, description: string, options?: OAuthErrorOptions) {
    super('invalid_target', 400, reason, { ...options, description })
  }
}

/** The user or the server said no (RFC 6749 §4.1.2.1). */
export class AccessDeniedError extends OAuthError {
  override readonly name = 'AccessDeniedError'
  constructor(options?: OAuthErrorOptions) {
    super('access_denied', 400, 'access_denied', { description: 'The request was denied.', ...options })
  }
}

/** The server cannot revoke this kind of token (RFC 7009 §2.2.1). */
export class UnsupportedTokenTypeError extends OAuthError {
  override readonly name = 'UnsupportedTokenTypeError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'Tokens of this type cannot be revoked.'
    super('unsupported_token_type', 400, 'token_type_unsupported', { description, ...options })
  }
}

/** Something failed that is not the client's fault (RFC 6749 §4.1.2.1). Says nothing of the cause. */
export class ServerError extends OAuthError {
  override readonly name = 'ServerError'
  constructor(options?: OAuthErrorOptions) {
    super('server_error', 500, 'unexpected', { description: 'The server could not complete the request.', ...options })
  }
}

/** The server cannot answer now, for example because its store is out of reach; the client may retry (RFC 9110 §15.6.4). */
export class TemporarilyUnavailableError extends OAuthError {
  override readonly name = 'TemporarilyUnavailableError'
  constructor(options?: OAuthErrorOptions) {
    super('temporarily_unavailable', 503, 'unexpected', { description: 'Try again in a moment.', ...options })
  }
  override get headers(): Readonly<Record<string, string>> {
    return { 'Retry-After': '1' }
  }
}

/**
 * An authorization request whose client or redirect URI cannot be trusted. It is shown to the user and never sent to a redirect URI
 * (RFC 6749 §4.1.2.1).
 */
export class FatalClientError extends OAuthError {
  override readonly name = 'FatalClientError'
  constructor(reason: Reason, description: string, options?: OAuthErrorOptions) {
    super('invalid_request', 400, reason, { ...options, description })
  }
}

/** The integrator configured something that cannot work. Thrown by constructors only; names the option and the mend. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
