import { kept, leftOut, type ParitySection } from './row.ts'

const base = 'base.GrantTypeBase'

/** The hooks by which oauthlib lets users check requests, with ours. */
const hook = (theirs: string, ours: string) =>
  kept(`${base}: ${theirs}`, `Hooks.${ours}`, 'of the server, for all grants; `request.parameters` tells which', [
    'extension',
    'run in their order, see what is known, and can add claims',
  ])

/** Grants of OAuth 2. */
export const grantSections: readonly ParitySection[] = [
  {
    title: 'Grants',
    prefix: 'oauth2.rfc6749.grant_types.',
    rows: [
      kept(
        base,
        'Grant | ResponseType',
        'two interfaces: what the token endpoint does, and what the authorization endpoint does',
        ['extension', 'an object in the map is a grant, refresh token included'],
      ),
      kept(
        `${base}.create_token_response`,
        'Grant.authorize | makeGrantRequest',
        'says what the client may have; minting and answering are not its business',
        ['grants', 'says what the client may have, and makes nothing'],
      ),
      kept(
        `${base}.create_authorization_response | ${base}.prepare_authorization_response | ${base}: default_response_mode`,
        'ResponseType.respond | ResponseType.defaultMode',
        'query, fragment or form_post; tokens never in a query',
        ['extension', 'an object in the map is a response type'],
        ['legacy', 'response_mode=query is refused, in the fragment'],
      ),
      kept(
        `${base}.register_response_type | ${base}: response_types`,
        'ServerOptions.responseTypes',
        'of one server; names are sets of words in any order',
        ['defects', '15: response types are a set of words, in any order'],
      ),
      kept(`${base}.register_code_modifier`, 'ServerOptions.codeModifiers | CodeModifier', 'returns what is sent', [
        'extension',
        'token and code modifiers change what is sent',
      ]),
      kept(
        `${base}.register_token_modifier`,
        'ServerOptions.tokenModifiers | TokenModifier',
        'the same arguments for every grant, the grant type among them',
        [
          'grants',
          'a token modifier for one grant looks at the grant type, and gets the same arguments in all of them',
        ],
      ),
      kept(`${base}.add_token`, 'OpenIdServer | TokenResponseType', 'a response type that is made of others', [
        'idToken',
        'implicit and hybrid flows (§3.2, §3.3)',
      ]),
      kept(`${base}.validate_grant_type`, 'Client.grantTypes', 'decided from the record', [
        'extension',
        'a client that may not use it → unauthorized_client',
      ]),
      kept(`${base}.validate_scopes`, 'ScopeValidator.validateScopes', 'returns what is granted', [
        'page',
        'a user who grants less gets a token that says less',
      ]),
      kept(
        `${base}: refresh_token`,
        'Grant.issuesRefreshToken | Client.grantTypes',
        'also by the record of the client',
        ['grants', 'a refresh token is for clients that may use one (refresh_token=False of a grant)'],
      ),
      leftOut(
        `${base}: error_uri`,
        'optional (RFC 6749 §5.2); reasons are in the event log and in `docs/reference/errors.md`',
      ),
      kept(
        `${base}: custom_validators | base.ValidatorsContainer | base.ValidatorsContainer.all_pre | base.ValidatorsContainer.all_post`,
        'Hooks | Hook',
        'four lists',
        ['extension', 'run in their order, see what is known, and can add claims'],
      ),
      hook('pre_auth', 'preAuthorize'),
      hook('post_auth', 'postAuthorize'),
      hook('pre_token', 'preToken'),
      hook('post_token', 'postToken'),
      kept(
        'authorization_code.AuthorizationCodeGrant',
        'AuthorizationCodeGrant | CodeResponseType',
        'one for each of its two endpoints',
        ['askScript', 'redeem: good'],
      ),
      kept(
        'authorization_code.AuthorizationCodeGrant.create_authorization_code',
        'CodeResponseType.respond',
        '258 random bits, for 60 seconds',
        ['code', 'after its 60 seconds → invalid_grant'],
      ),
      kept(
        'authorization_code.AuthorizationCodeGrant.create_authorization_response',
        'CodeResponseType.respond',
        'the same',
        ['code', 'a registered query is kept and the parameters are appended'],
      ),
      kept(
        'authorization_code.AuthorizationCodeGrant.validate_authorization_request',
        'CodeResponseType.check',
        'the same',
        ['pkce', 'The challenge (RFC 7636 §4.2 to §4.4)'],
      ),
      kept(
        'authorization_code.AuthorizationCodeGrant.create_token_response | authorization_code.AuthorizationCodeGrant.validate_token_request',
        'AuthorizationCodeGrant.authorize',
        'the code is spent first',
        ['code', 'sixteen at once → exactly one token response'],
      ),
      kept(
        'authorization_code.AuthorizationCodeGrant.validate_code_challenge | authorization_code.code_challenge_method_s256',
        'AuthorizationCodeGrant',
        'the syntax of the verifier is checked as well (RFC 7636 §4.1)',
        ['pkce', 'The verifier (RFC 7636 §4.5, §4.6)'],
      ),
      kept(
        'authorization_code.code_challenge_method_plain',
        'Client.legacyPlainPkce',
        'by the record of a client only (RFC 9700 §2.1.1)',
        ['pkce', 'plain, by name of the client only'],
      ),
      kept(
        'implicit.ImplicitGrant | implicit.ImplicitGrant.create_authorization_response | implicit.ImplicitGrant.create_token_response',
        'TokenResponseType',
        'a response type',
        ['legacy', 'a token in the fragment, without refresh token'],
      ),
      kept(
        'implicit.ImplicitGrant.validate_authorization_request | implicit.ImplicitGrant.validate_token_request',
        'AuthorizationServer.validateAuthorizationRequest',
        'as for every response type',
        ['legacy', 'a client that is not registered for it → unauthorized_client'],
      ),
      kept(
        'resource_owner_password_credentials.ResourceOwnerPasswordCredentialsGrant | resource_owner_password_credentials.ResourceOwnerPasswordCredentialsGrant.create_token_response | resource_owner_password_credentials.ResourceOwnerPasswordCredentialsGrant.validate_token_request',
        'PasswordGrant',
        'in `LegacyApplicationServer` only (RFC 9700 §2.4)',
        ['legacy', 'The password grant (§4.3)'],
        ['grants', 'refuses by an OAuthError'],
      ),
      kept(
        'client_credentials.ClientCredentialsGrant | client_credentials.ClientCredentialsGrant.create_token_response | client_credentials.ClientCredentialsGrant.validate_token_request',
        'ClientCredentialsGrant',
        'the same',
        ['grants', 'says what the client may have, and makes nothing'],
      ),
      kept(
        'refresh_token.RefreshTokenGrant | refresh_token.RefreshTokenGrant.create_token_response | refresh_token.RefreshTokenGrant.validate_token_request',
        'RefreshTokenGrant',
        'with families, detection of reuse and a converging grace',
        ['refresh', 'a rotated one used again after the grace → invalid_grant, and the whole family is dead'],
      ),
      kept(
        'refresh_token.RefreshTokenGrant: issue_new_refresh_tokens',
        'ServerOptions.refreshTokenRotation',
        '`auto`, `always` or `never`, also for one client',
        [
          'refresh',
          'a confidential client keeps its refresh token; `always` rotates it, `never` spares the public one',
        ],
      ),
    ],
  },
]
