import type { Reason } from './reasons.ts'

/** What an error carries beyond its reason. */
export interface OAuthErrorOptions {
  /**
   * Sent as `error_description`. Default: the text of the class. Characters that RFC 6749 §5.2 does not allow are replaced. Say nothing by
   * which an attacker could tell causes apart.
   */
  readonly description?: string | undefined
  /** For the log only: what exactly was wrong. Never put a secret here. */
  readonly detail?: string | undefined
  readonly cause?: unknown
}

/** What all errors of one class have in common. */
export interface ErrorKind {
  /** The registered error code. */
  readonly code: string
  /** HTTP status where the error is a direct answer. */
  readonly status: number
  /** Sent unless the error has a text of its own. */
  readonly description: string
}

const sendable = (text: string): string => text.replaceAll('"', "'").replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')

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
    kind: ErrorKind,
    reason: Reason,
    { description = kind.description, detail, cause }: OAuthErrorOptions = {},
  ) {
    super(`${kind.code}: ${description}`, cause === undefined ? undefined : { cause })
    this.code = kind.code
    this.status = kind.status
    this.reason = reason
    this.description = sendable(description)
    this.detail = detail
  }

  /** Headers that the answer needs beside those of every answer. */
  get headers(): Readonly<Record<string, string>> {
    return {}
  }
}

/** The request lacks or repeats a parameter, or is malformed (RFC 6749 §4.1.2.1, §5.2). */
export class InvalidRequestError extends OAuthError {
  override readonly name = 'InvalidRequestError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    super({ code: 'invalid_request', status: 400, description: 'The request is malformed.' }, reason, options)
  }
}

/** The body is larger than the limit (RFC 9110 §15.5.14). */
export class PayloadTooLargeError extends OAuthError {
  override readonly name = 'PayloadTooLargeError'
  constructor(limit: number) {
    super(
      { code: 'invalid_request', status: 413, description: `The request is larger than ${limit} bytes.` },
      'body_too_large',
    )
  }
}

/** The endpoint does not take this method (RFC 9110 §15.5.6). */
export class MethodNotAllowedError extends OAuthError {
  override readonly name = 'MethodNotAllowedError'
  readonly #allow: string
  constructor(allow: string) {
    super({ code: 'invalid_request', status: 405, description: `Use ${allow}.` }, 'method_not_allowed')
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
    super({ code: 'invalid_client', status: 401, description: 'Client authentication failed.' }, reason, options)
  }
  override get headers(): Readonly<Record<string, string>> {
    return { 'WWW-Authenticate': 'Basic realm="oauth", charset="UTF-8"' }
  }
}

/** The code, refresh token or user credentials are not valid for this client (RFC 6749 §5.2). */
export class InvalidGrantError extends OAuthError {
  override readonly name = 'InvalidGrantError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    super(
      {
        code: 'invalid_grant',
        status: 400,
        description: 'The grant is invalid, expired, revoked, or was issued to another client.',
      },
      reason,
      options,
    )
  }
}

/** The client may not use this grant or response type (RFC 6749 §4.1.2.1, §5.2). */
export class UnauthorizedClientError extends OAuthError {
  override readonly name = 'UnauthorizedClientError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    super({ code: 'unauthorized_client', status: 400, description: 'The client may not do this.' }, reason, options)
  }
}

/** The server does not offer this grant type (RFC 6749 §5.2). */
export class UnsupportedGrantTypeError extends OAuthError {
  override readonly name = 'UnsupportedGrantTypeError'
  constructor(reason: Reason = 'grant_type_unsupported', options?: OAuthErrorOptions) {
    super(
      { code: 'unsupported_grant_type', status: 400, description: 'This grant type is not offered.' },
      reason,
      options,
    )
  }
}

/** The server does not offer this response type (RFC 6749 §4.1.2.1). */
export class UnsupportedResponseTypeError extends OAuthError {
  override readonly name = 'UnsupportedResponseTypeError'
  constructor(reason: Reason = 'response_type_unsupported', options?: OAuthErrorOptions) {
    super(
      { code: 'unsupported_response_type', status: 400, description: 'This response type is not offered.' },
      reason,
      options,
    )
  }
}

/** The scope is unknown, malformed or wider than allowed (RFC 6749 §5.2). */
export class InvalidScopeError extends OAuthError {
  override readonly name = 'InvalidScopeError'
  constructor(reason: Reason = 'scope_not_allowed', options?: OAuthErrorOptions) {
    super({ code: 'invalid_scope', status: 400, description: 'The scope is unknown or not allowed.' }, reason, options)
  }
}

/** The resource is malformed or not one that tokens are issued for (RFC 8707 §2). */
export class InvalidTargetError extends OAuthError {
  override readonly name = 'InvalidTargetError'
  constructor(reason: Reason = 'resource_not_allowed', options?: OAuthErrorOptions) {
    super(
      { code: 'invalid_target', status: 400, description: 'No token can be issued for this resource.' },
      reason,
      options,
    )
  }
}

/** The user or the server said no (RFC 6749 §4.1.2.1). */
export class AccessDeniedError extends OAuthError {
  override readonly name = 'AccessDeniedError'
  constructor(reason: Reason = 'access_denied', options?: OAuthErrorOptions) {
    super({ code: 'access_denied', status: 400, description: 'The request was denied.' }, reason, options)
  }
}

/** The server cannot revoke this kind of token (RFC 7009 §2.2.1). */
export class UnsupportedTokenTypeError extends OAuthError {
  override readonly name = 'UnsupportedTokenTypeError'
  constructor(reason: Reason = 'token_type_unsupported', options?: OAuthErrorOptions) {
    super(
      { code: 'unsupported_token_type', status: 400, description: 'Tokens of this type cannot be revoked.' },
      reason,
      options,
    )
  }
}

/** Something failed that is not the fault of the client (RFC 6749 §4.1.2.1). Says nothing of the cause. */
export class ServerError extends OAuthError {
  override readonly name = 'ServerError'
  constructor(reason: Reason = 'unexpected', options?: OAuthErrorOptions) {
    super(
      { code: 'server_error', status: 500, description: 'The server could not complete the request.' },
      reason,
      options,
    )
  }
}

/** The server cannot answer now, for example because its store is out of reach; the client may retry (RFC 9110 §15.6.4). */
export class TemporarilyUnavailableError extends OAuthError {
  override readonly name = 'TemporarilyUnavailableError'
  constructor(reason: Reason = 'unexpected', options?: OAuthErrorOptions) {
    super({ code: 'temporarily_unavailable', status: 503, description: 'Try again in a moment.' }, reason, options)
  }
  override get headers(): Readonly<Record<string, string>> {
    return { 'Retry-After': '1' }
  }
}

/**
 * An authorization request whose client or redirect URI cannot be trusted. It is shown to the user and never sent to a redirect URI (RFC 6749
 * §4.1.2.1).
 */
export class FatalClientError extends OAuthError {
  override readonly name = 'FatalClientError'
  constructor(reason: Reason, options?: OAuthErrorOptions) {
    super(
      { code: 'invalid_request', status: 400, description: 'The client or its redirect URI cannot be trusted.' },
      reason,
      options,
    )
  }
}

/**
 * The integrator configured something that cannot work. Thrown while things are set up, never for what a client sends; names the option and
 * the mend.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
