import { kept, leftOut, type ParitySection } from './row.ts'

const codes = ['catalogue', 'every exported class has one row, and every row a class'] as const
const fatal = [
  'code',
  'Requests whose client or redirect URI cannot be trusted are never redirected (§4.1.2.1)',
] as const

/** Error classes of OAuth 2. */
export const errorSections: readonly ParitySection[] = [
  {
    title: 'Errors',
    prefix: 'oauth2.rfc6749.errors.',
    rows: [
      kept('OAuth2Error', 'OAuthError', 'thrown by your code or ours; one place makes the answer', codes),
      kept(
        'OAuth2Error.in_uri | OAuth2Error.urlencoded | OAuth2Error.twotuples',
        'AuthorizationServer.createAuthorizationResponse',
        'errors go to the client by the mode of the response, with state and iss',
        ['code', 'Other errors go to the client with its state (§4.1.2.1)'],
        ['code', 'iss is in successes and errors (RFC 9207 §2)'],
      ),
      kept(
        'OAuth2Error.json',
        'OAuthError.code | OAuthError.description',
        'the server writes them; never a state or a URI',
        ['issuing', 'any error → JSON, no-store, error_description in its alphabet'],
      ),
      kept(
        'OAuth2Error.headers',
        'OAuthError.headers',
        'Basic for clients, Bearer for resources',
        ['challenge', 'The challenge (§3)'],
        ['issuing', 'wrong secret → invalid_client, with a Basic challenge where Basic was used'],
      ),
      kept(
        'FatalClientError | InvalidRequestFatalError | MissingClientIdError | InvalidClientIdError',
        'FatalClientError',
        'one class; the reason tells which',
        fatal,
      ),
      kept(
        'InvalidRedirectURIError | MissingRedirectURIError | MismatchingRedirectURIError',
        'FatalClientError | InvalidGrantError',
        'shown to the user at the authorization endpoint, invalid_grant at the token endpoint (RFC 6749 §5.2)',
        fatal,
        ['askScript', 'redeem: redirect URI differs'],
      ),
      kept(
        'InvalidRequestError | MissingResponseTypeError | MissingCodeChallengeError | UnsupportedCodeChallengeMethodError',
        'InvalidRequestError',
        'one class; the reason tells which',
        ['code', 'Other errors go to the client with its state (§4.1.2.1)'],
        ['pkce', 'The challenge (RFC 7636 §4.2 to §4.4)'],
      ),
      kept('MissingCodeVerifierError', 'InvalidGrantError', 'invalid_grant (RFC 7636 §4.6)', [
        'askScript',
        'redeem: verifier missing',
      ]),
      kept('InvalidClientError', 'InvalidClientError', '401 with a Basic challenge, also at the device endpoint', [
        'clientAuth',
        'an unknown client and a wrong secret get the same answer',
      ]),
      kept('InvalidGrantError', 'InvalidGrantError', 'the same', ['code', 'Redeeming (§4.1.3)']),
      kept('InvalidScopeError', 'InvalidScopeError', 'the same', ['tokenScript', 'refresh: wider']),
      kept('UnauthorizedClientError', 'UnauthorizedClientError', 'the same', [
        'extension',
        'a client that may not use it → unauthorized_client',
      ]),
      kept('UnsupportedResponseTypeError', 'UnsupportedResponseTypeError', 'the same', [
        'askScript',
        'code: response_type unknown',
      ]),
      kept('UnsupportedGrantTypeError', 'UnsupportedGrantTypeError', 'the same', [
        'tokenScript',
        'token: grant_type unknown',
      ]),
      kept(
        'UnsupportedTokenTypeError',
        'UnsupportedTokenTypeError',
        'for tokens that cannot be revoked, never for a hint',
        ['revoking', 'type that cannot be revoked → 400 unsupported_token_type'],
      ),
      kept('AccessDeniedError', 'AccessDeniedError', 'from the decision of the user, or of a hook', [
        'code',
        'the user denies → access_denied',
      ]),
      kept(
        'ServerError',
        'ServerError',
        '500; a client id that differs is invalid_request',
        ['messages', 'an exception of the validator → 500 that tells nothing'],
        ['clientAuth', 'Client authentication (§2.3)'],
      ),
      kept('TemporarilyUnavailableError', 'TemporarilyUnavailableError', '503 with Retry-After', [
        'messages',
        'a store that fails → 503 with Retry-After that tells nothing',
      ]),
      kept(
        'InvalidTokenError | InsufficientScopeError',
        'BearerError',
        'with a challenge; none of its errors where no token was sent',
        ['challenge', 'without a token it says no error (§3.1)'],
      ),
      kept('LoginRequired', 'LoginRequiredError', 'from `nextStep`', ['openid', 'prompt=none, nobody']),
      kept('ConsentRequired', 'ConsentRequiredError', 'from `nextStep`', ['openid', 'prompt=none, no consent']),
      kept('CustomOAuth2Error', 'OAuthError', 'extend it for a code of your own', [
        'primitives',
        'an error of your own reaches the client with its code, status and headers (CustomOAuth2Error)',
      ]),
      leftOut(
        'TokenExpiredError | MismatchingStateError | MissingCodeError | MissingTokenError | MissingTokenTypeError | raise_from_error',
        'client side',
      ),
      leftOut(
        'InsecureTransportError',
        'client side; here an issuer or redirect URI that is not https is refused when it is configured (RFC 8414 §2)',
      ),
    ],
  },
]
