import type { Proof } from '../proofs/files.ts'
import { kept, type ParityRow, type ParitySection } from './row.ts'

/** A question that the record of a client or code answers. */
const inRecord = (name: string, member: string, note: string, ...proofs: readonly [Proof, ...Proof[]]): ParityRow =>
  kept(name, member, `decided from the record: ${note}`, ...proofs)

/** The methods by which users of oauthlib connect it with their data. */
export const validatorSections: readonly ParitySection[] = [
  {
    title: 'RequestValidator',
    prefix: 'oauth2.rfc6749.request_validator.RequestValidator',
    rows: [
      kept(
        '',
        'RequestValidator | StoreValidator',
        'in slices: a server asks for what its grants use, and a missing method is a compile error',
        ['missing', 'in the error text of the compiler'],
      ),
      inRecord('.client_authentication_required', 'Client.authMethods', '`[none]` is a public client', [
        'clientAuth',
        'a client registered for one method may not use the other',
      ]),
      kept(
        '.authenticate_client',
        'ClientValidator.authenticateClient',
        'only judges the secret; the methods are built in',
        ['clientAuth', 'by Basic and by the body → a token'],
      ),
      kept('.authenticate_client_id', 'ClientValidator.validateClientId', 'the record says that the client is public', [
        'revoking',
        'public client with its own token and client_id → 200, revoked',
      ]),
      kept('.validate_client_id', 'ClientValidator.validateClientId', 'returns the record; runs in every request', [
        'page',
        'Per-request claims',
      ]),
      inRecord('.validate_redirect_uri', 'Client.redirectUris', 'exact strings, loopback ports apart', [
        'parsers',
        'one that was sent is used only where it equals a registered one, but for a loopback port',
      ]),
      inRecord('.get_default_redirect_uri', 'Client.redirectUris', 'the only one there is', [
        'code',
        'redirect_uri left out with two registered → 400, with one → that one',
      ]),
      inRecord('.confirm_redirect_uri', 'AuthorizationCode.redirectUri', 'the parameter as it was sent', [
        'code',
        'Redeeming (§4.1.3)',
      ]),
      inRecord('.validate_response_type', 'Client.responseTypes', '`code` by default', [
        'legacy',
        'a client that is not registered for it → unauthorized_client',
      ]),
      inRecord('.validate_grant_type', 'Client.grantTypes', '`authorization_code` by default', [
        'extension',
        'a client that may not use it → unauthorized_client',
      ]),
      inRecord(
        '.is_pkce_required',
        'Client.allowMissingPkce',
        'always, but for confidential clients that are allowed to do without',
        ['grants', 'PKCE can be waived for a confidential client only (is_pkce_required)'],
      ),
      inRecord(
        '.get_code_challenge | .get_code_challenge_method',
        'AuthorizationCode.codeChallenge | AuthorizationCode.codeChallengeMethod',
        'members of the code',
        ['pkce', 'right → a token'],
      ),
      kept('.get_default_scopes', 'ScopeValidator.getDefaultScopes', 'an empty list refuses', [
        'tokenScript',
        'client credentials: default scope',
      ]),
      kept('.validate_scopes', 'ScopeValidator.validateScopes', 'returns what is granted', [
        'issuing',
        'granted scope smaller than asked → the response says so',
      ]),
      kept('.save_authorization_code', 'CodeValidator.saveAuthorizationCode', 'gets one record with everything in it', [
        'page',
        'claims set while the user authorizes come back at the token endpoint, and at each refresh',
      ]),
      kept(
        '.validate_code | .invalidate_authorization_code',
        'CodeValidator.consumeAuthorizationCode',
        'one atomic step, before anything is issued',
        ['code', 'sixteen at once → exactly one token response'],
      ),
      kept('.validate_user', 'UserValidator.validateUser', 'returns the user', ['legacy', 'The password grant (§4.3)']),
      kept(
        '.validate_refresh_token',
        'RefreshTokenValidator.validateRefreshToken',
        'returns the record, also of a superseded token',
        ['refresh', 'unknown → invalid_grant; missing → invalid_request'],
      ),
      inRecord('.get_original_scopes', 'RefreshToken.scopes', 'one narrowed refresh does not shrink them', [
        'refresh',
        'Scope (§6)',
      ]),
      inRecord(
        '.is_within_original_scope',
        'RefreshToken.scopes',
        'scope names only; put implied ones into the record',
        ['refresh', 'Scope (§6)'],
      ),
      kept(
        '.rotate_refresh_token',
        'ServerOptions.refreshTokenRotation | Client.refreshTokenRotation | RefreshTokenValidator.rotateRefreshToken',
        'whether is an option; that it happens is one atomic step',
        ['refresh', 'the policy of a client goes before that of the server'],
      ),
      kept('.save_token | .save_bearer_token', 'TokenValidator.saveToken', 'return a response to change it', [
        'extension',
        'what saveToken returns is sent instead',
      ]),
      kept(
        '.validate_bearer_token',
        'TokenValidator.validateBearerToken',
        'returns the record; the library checks expiry and scopes',
        ['challenge', 'an unknown token → 401 invalid_token; a scope too few → 403 insufficient_scope with the scope'],
      ),
      kept('.revoke_token', 'RevocationValidator.revokeToken', 'called for tokens of the client that asks', [
        'revoking',
        'refresh token → 200; refresh fails; its access tokens are inactive',
      ]),
      kept(
        '.introspect_token',
        'TokenFinder.introspectToken | IntrospectionValidator.isIntrospectionAllowed',
        'returns the record',
        [
          'introspecting',
          'live token, authorised resource server → active with scope client_id exp iat sub aud iss token_type',
        ],
      ),
      kept(
        '.is_origin_allowed',
        'ServerOptions.isOriginAllowed',
        'by the origin alone: a preflight names no client (Fetch §3.2)',
        ['cors', 'with isOriginAllowed'],
      ),
    ],
  },
]
