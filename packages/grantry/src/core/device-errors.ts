import { OAuthError, type OAuthErrorOptions } from './errors.ts'
import type { Reason } from './reasons.ts'

/** The user has not decided yet; poll again after the interval (RFC 8628 §3.5). */
export class AuthorizationPendingError extends OAuthError {
  override readonly name = 'AuthorizationPendingError'
  constructor(reason: Reason = 'device_code_pending', options?: OAuthErrorOptions) {
    const description = 'The user has not decided yet.'
    super({ code: 'authorization_pending', status: 400, description }, reason, options)
  }
}

/** The same, and the client polls too fast: the interval grows by 5 seconds (RFC 8628 §3.5). */
export class SlowDownError extends OAuthError {
  override readonly name = 'SlowDownError'
  constructor(reason: Reason = 'device_code_polled_too_fast', options?: OAuthErrorOptions) {
    const description = 'The user has not decided yet. Wait 5 seconds longer between requests.'
    super({ code: 'slow_down', status: 400, description }, reason, options)
  }
}

/** Nobody decided in time; the device starts again (RFC 8628 §3.5). */
export class ExpiredTokenError extends OAuthError {
  override readonly name = 'ExpiredTokenError'
  constructor(reason: Reason = 'device_code_expired', options?: OAuthErrorOptions) {
    const description = 'Nobody decided in time.'
    super({ code: 'expired_token', status: 400, description }, reason, options)
  }
}
