import { OAuthError, type OAuthErrorOptions } from './errors.ts'

/** The user has not decided yet; poll again after the interval (RFC 8628 §3.5). */
export class AuthorizationPendingError extends OAuthError {
  override readonly name = 'AuthorizationPendingError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The user has not decided yet.'
    super({ code: 'authorization_pending', status: 400, description }, 'device_code_pending', options)
  }
}

/** The same, and the client polls too fast: the interval grows by 5 seconds (RFC 8628 §3.5). */
export class SlowDownError extends OAuthError {
  override readonly name = 'SlowDownError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The user has not decided yet. Wait 5 seconds longer between requests.'
    super({ code: 'slow_down', status: 400, description }, 'device_code_polled_too_fast', options)
  }
}

/** Nobody decided in time; the device starts again (RFC 8628 §3.5). */
export class ExpiredTokenError extends OAuthError {
  override readonly name = 'ExpiredTokenError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The device code has expired.'
    super({ code: 'expired_token', status: 400, description }, 'device_code_expired', options)
  }
}
