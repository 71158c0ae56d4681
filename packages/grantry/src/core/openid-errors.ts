import { OAuthError, type OAuthErrorOptions } from './errors.ts'

/** The request says that no page may be shown, and one is needed (OpenID Connect Core §3.1.2.6). */
export class InteractionRequiredError extends OAuthError {
  override readonly name = 'InteractionRequiredError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The user must be asked something.'
    super({ code: 'interaction_required', status: 400, description }, 'interaction_required', options)
  }
}

/** The request says that no page may be shown, and the user must log in (OpenID Connect Core §3.1.2.6). */
export class LoginRequiredError extends OAuthError {
  override readonly name = 'LoginRequiredError'
  constructor(options?: OAuthErrorOptions) {
    super({ code: 'login_required', status: 400, description: 'The user must log in.' }, 'login_required', options)
  }
}

/** The request says that no page may be shown, and the user must consent (OpenID Connect Core §3.1.2.6). */
export class ConsentRequiredError extends OAuthError {
  override readonly name = 'ConsentRequiredError'
  constructor(options?: OAuthErrorOptions) {
    super({ code: 'consent_required', status: 400, description: 'The user must consent.' }, 'consent_required', options)
  }
}

/** The request says that no page may be shown, and the user must choose an account (OpenID Connect Core §3.1.2.6). */
export class AccountSelectionRequiredError extends OAuthError {
  override readonly name = 'AccountSelectionRequiredError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The user must choose an account.'
    super({ code: 'account_selection_required', status: 400, description }, 'account_selection_required', options)
  }
}

/** The login that the client insists on is not possible (OpenID Connect Core Unmet Authentication Requirements). */
export class UnmetAuthenticationRequirementsError extends OAuthError {
  override readonly name = 'UnmetAuthenticationRequirementsError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The authentication that was asked for is not possible.'
    super({ code: 'unmet_authentication_requirements', status: 400, description }, 'authentication_unmet', options)
  }
}

/** The request object is not one that the client signed for this server (OpenID Connect Core §3.1.2.6). */
export class InvalidRequestObjectError extends OAuthError {
  override readonly name = 'InvalidRequestObjectError'
  constructor(options?: OAuthErrorOptions) {
    const description = 'The request object is not valid.'
    super({ code: 'invalid_request_object', status: 400, description }, 'request_object_invalid', options)
  }
}

/** The `request_uri` is not one of the client's, or does not lead to a request (OpenID Connect Core §3.1.2.6, RFC 9101 §7). */
export class InvalidRequestUriError extends OAuthError {
  override readonly name = 'InvalidRequestUriError'
  constructor(
    reason: `request_uri_${'unregistered' | 'unusable'}` | `pushed_request_${'unknown' | 'used'}`,
    options?: OAuthErrorOptions,
  ) {
    const description = 'The request_uri is unknown, expired or used, or it cannot be fetched.'
    super({ code: 'invalid_request_uri', status: 400, description }, reason, options)
  }
}

/** Request objects are not offered (OpenID Connect Core §3.1.2.6). */
export class RequestNotSupportedError extends OAuthError {
  override readonly name = 'RequestNotSupportedError'
  constructor(parameter: 'request' | 'request_uri' | 'registration') {
    const description = `The parameter ${parameter} is not offered.`
    super({ code: `${parameter}_not_supported`, status: 400, description }, 'request_object_unsupported')
  }
}
