/**
 * What the validator methods of oauthlib are called here, in the comparison of both. A list of two is one call there and two here; an
 * empty one is a question that the record answers here (`redirectUris`, `responseTypes`, `grantTypes`, the members of a code).
 */
export const names: Readonly<Record<string, readonly string[]>> = {
  client_authentication_required: [],
  authenticate_client: ['validateClientId', 'authenticateClient'],
  authenticate_client_id: ['validateClientId'],
  validate_client_id: ['validateClientId'],
  validate_redirect_uri: [],
  get_default_redirect_uri: [],
  validate_response_type: [],
  is_pkce_required: [],
  get_code_challenge: [],
  get_code_challenge_method: [],
  get_default_scopes: ['getDefaultScopes'],
  validate_scopes: ['validateScopes'],
  save_authorization_code: ['saveAuthorizationCode'],
  validate_code: ['consumeAuthorizationCode'],
  confirm_redirect_uri: [],
  invalidate_authorization_code: ['invalidateAuthorizationCode'],
  validate_user: ['validateUser'],
  validate_grant_type: [],
  validate_refresh_token: ['validateRefreshToken'],
  get_original_scopes: [],
  is_within_original_scope: [],
  rotate_refresh_token: [],
  save_token: ['saveToken'],
  validate_bearer_token: ['validateBearerToken'],
  revoke_token: ['revokeToken'],
  introspect_token: ['introspectToken'],
  is_origin_allowed: [],
}
