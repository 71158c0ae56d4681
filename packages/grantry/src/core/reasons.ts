/**
 * Why a request was refused: stable slugs for logs, metrics and tests. They are never sent to a client.
 * `docs/reference/errors.md` lists the same, and a test compares the two.
 */
export const reasons = {
  // The message itself
  method_not_allowed: 'The endpoint does not take this HTTP method.',
  body_too_large: 'The body is larger than the limit.',
  content_type_wrong: 'The body is not application/x-www-form-urlencoded in UTF-8.',
  form_malformed:
    'The form cannot be decoded: broken percent-encoding, bytes that are not UTF-8, or too many parameters.',
  parameter_repeated: 'A parameter was sent more than once.',
  parameter_invalid: 'A parameter has characters or a length that its syntax does not allow.',
  parameter_missing: 'A required parameter was not sent.',
  parameter_in_url: 'A parameter that belongs in the body was sent in the URL.',
  // Client authentication
  client_unknown: 'No client has this client_id.',
  client_secret_wrong: 'The client secret does not match.',
  client_credentials_missing: 'The client did not authenticate.',
  client_credentials_malformed: 'The Authorization header cannot be decoded or has a scheme that is not offered.',
  client_credentials_repeated: 'The client used more than one authentication method.',
  client_id_mismatch: 'The client_id parameter differs from the authenticated client.',
  client_method_not_allowed: 'The client authenticated by a method it is not registered for.',
  client_assertion_unsupported: 'The server takes no client assertions, or none with this alg.',
  client_assertion_malformed: 'The client assertion is not a signed JWT of the right type and typ, or it is too long.',
  client_assertion_key_unknown: 'The client has no key that fits the alg and kid of its assertion.',
  client_assertion_signature_wrong: 'The signature of the client assertion is not of a key of the client.',
  client_assertion_claims_wrong: 'A claim of the client assertion is missing or not acceptable.',
  client_assertion_replayed: 'The client assertion was used before.',
  client_keys_unavailable: 'The keys of the client are not registered, cannot be fetched or cannot be read.',
  client_public: 'A public client asked for what only confidential clients may have.',
  // What the client may do
  grant_type_unsupported: 'The server does not offer this grant type.',
  grant_type_not_allowed: 'The client may not use this grant type.',
  response_type_unsupported: 'The server does not offer this response type.',
  response_type_not_allowed: 'The client may not use this response type.',
  response_mode_unsupported: 'The response mode is unknown, or would put tokens into a query string.',
  scope_malformed: 'The scope parameter does not follow the syntax of scopes.',
  scope_not_allowed: 'The scope is unknown, or wider than what the client or the grant allows.',
  scope_missing: 'No scope was asked for and there is no default.',
  resource_malformed: 'A resource is not an absolute URI without fragment.',
  resource_not_allowed: 'The server does not issue tokens for this resource, or the grant does not cover it.',
  resources_ambiguous: 'More than one resource was asked for in one access token.',
  // OpenID Connect
  openid_parameter_malformed: 'A parameter of OpenID Connect cannot be understood.',
  openid_scope_missing: 'An ID token was asked for without the scope openid.',
  nonce_missing: 'An ID token was asked for at the authorization endpoint without a nonce.',
  request_object_unsupported: 'A request object, or a client that registers itself in the request, is not offered.',
  interaction_required: 'No page may be shown, and one is needed.',
  login_required: 'No page may be shown, and the user must log in.',
  consent_required: 'No page may be shown, and the user must consent.',
  account_selection_required: 'No page may be shown, and the user must choose an account.',
  authentication_unmet: 'The authentication that the client insists on is not possible.',
  // Redirection
  redirect_uri_missing: 'No redirect_uri was sent and not exactly one is registered.',
  redirect_uri_unregistered: 'The redirect_uri is not one of the registered ones.',
  redirect_uri_unsafe: 'The redirect_uri has a scheme or form to which nothing may be sent.',
  redirect_uri_mismatch: 'The redirect_uri differs from the one of the authorization request.',
  // PKCE
  code_challenge_missing: 'The client must use PKCE and sent no code_challenge.',
  code_challenge_malformed: 'The code_challenge does not follow its syntax.',
  code_challenge_method_unsupported: 'The code_challenge_method is not S256.',
  code_verifier_missing: 'The code was bound to a challenge and no code_verifier was sent.',
  code_verifier_wrong: 'The code_verifier does not match the challenge.',
  code_verifier_unexpected: 'A code_verifier was sent for a code without challenge (RFC 9700 §4.8.2).',
  // Grants
  code_unknown: 'The code is unknown, expired or was issued to another client.',
  code_reused: 'The code was used before; what was issued from it is revoked.',
  device_code_pending: 'The user has not decided about the device yet.',
  device_code_polled_too_fast: 'The user has not decided yet, and the device asks more often than it was told.',
  device_code_expired: 'Nobody decided about the device in time.',
  device_code_unknown: 'The device code is unknown or was issued to another client.',
  device_code_reused: 'The device code was used before; what was issued from it is revoked.',
  refresh_token_unknown: 'The refresh token is unknown, revoked or was issued to another client.',
  refresh_token_expired: 'The refresh token has expired.',
  refresh_token_reused: 'The refresh token was rotated before; its family is revoked unless the client is spared.',
  refresh_token_raced: 'The refresh token was rotated a moment ago by another request.',
  user_credentials_wrong: 'The user name or password is wrong.',
  grant_revoked: 'The grant was revoked while the token was being made.',
  subject_is_client: 'The user has the same id as the client, so a token could not tell them apart (RFC 9068 §5).',
  access_denied: 'The user or the server denied the request.',
  // Bearer tokens
  token_absent: 'No token was sent.',
  token_malformed: 'The token or its header does not follow the syntax.',
  token_repeated: 'A token was sent in more than one way.',
  token_invalid: 'The token is unknown, expired, revoked or forged.',
  token_audience_wrong: 'The token is meant for another recipient.',
  token_scope_insufficient: 'The token lacks a required scope.',
  token_type_unsupported: 'Tokens of this kind cannot be revoked here.',
  token_not_owned: 'The token was issued to another client.',
  // The server
  hook_refused: 'A hook or a validator method of the application refused the request.',
  store_failed: 'The store could not answer.',
  unexpected: 'Something failed that is not the fault of the client.',
} as const

/** A stable slug for why a request was refused. */
export type Reason = keyof typeof reasons
