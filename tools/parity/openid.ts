import { kept, leftOut, type ParitySection } from './row.ts'

const types = ['idToken', 'implicit and hybrid flows (§3.2, §3.3)'] as const
const steps = ['openid', 'next step'] as const
const code = ['idToken', 'the ID token says who, for whom, when, how, and names the access token'] as const
const userInfo = [
  'openid',
  'the claims of the granted scopes, those asked for one by one, and sub; nothing else',
] as const
const oneIssuer =
  'ID tokens are a token modifier and response types around the OAuth ones, not a second copy of each grant'

const all = (name: string, methods: string): string =>
  [
    name,
    ...methods
      .split(' ')
      .filter(Boolean)
      .map((method) => `${name}.${method}`),
  ].join(' | ')

/** The OpenID Connect layer. */
export const openidSections: readonly ParitySection[] = [
  {
    title: 'OpenID Connect',
    prefix: 'openid.connect.core.',
    rows: [
      kept('endpoints.pre_configured.Server', 'OpenIdServer', 'needs an issuer and keys; signs by itself', code),
      kept(
        all('endpoints.userinfo.UserInfoEndpoint', 'create_userinfo_response validate_userinfo_request'),
        'OpenIdServer | OpenIdOptions.userInfoPath',
        'an answer with its challenge, never an exception',
        userInfo,
        ['openid', 'no token → 401 without an error; without openid → 403 that names it; unknown → 401'],
      ),
      kept(
        all('grant_types.base.GrantTypeBase', 'validate_authorization_request openid_authorization_validator') +
          ' | ' +
          all('grant_types.base.OpenIDConnectBase', 'validate_authorization_request openid_authorization_validator'),
        'OpenIdServer | OpenIdServer.nextStep | readOpenIdRequest',
        `prompts, max_age, hints and acr are judged by nextStep; ${oneIssuer}`,
        steps,
        ['openid', 'claims that are not JSON'],
      ),
      kept(
        'grant_types.base.GrantTypeBase.id_token_hash | grant_types.base.OpenIDConnectBase.id_token_hash',
        'OpenIdServer',
        'by the hash of the algorithm (OpenID Connect Core §3.1.3.6)',
        code,
      ),
      kept(
        'grant_types.base.GrantTypeBase.add_id_token | grant_types.base.OpenIDConnectBase.add_id_token',
        'OpenIdServer',
        oneIssuer,
        code,
      ),
      kept(
        all('grant_types.authorization_code.AuthorizationCodeGrant', 'add_id_token'),
        'OpenIdServer',
        oneIssuer,
        code,
      ),
      kept(
        all('grant_types.implicit.ImplicitGrant', 'add_id_token openid_authorization_validator'),
        'OpenIdServer',
        'nonce required',
        types,
      ),
      kept(
        all('grant_types.hybrid.HybridGrant', 'add_id_token openid_authorization_validator'),
        'OpenIdServer',
        'errors go into the fragment as well',
        types,
        ['idToken', 'errors go where the success would have gone: into the fragment'],
      ),
      kept(all('grant_types.refresh_token.RefreshTokenGrant', 'add_id_token'), 'OpenIdServer', 'without nonce', [
        'idToken',
        'refresh → a new ID token of the same login, without nonce (§12.2)',
      ]),
      leftOut(
        [
          'grant_types.dispatchers.Dispatcher',
          all(
            'grant_types.dispatchers.AuthorizationCodeGrantDispatcher',
            'create_authorization_response validate_authorization_request',
          ),
          all(
            'grant_types.dispatchers.ImplicitTokenGrantDispatcher',
            'create_authorization_response validate_authorization_request',
          ),
          all('grant_types.dispatchers.AuthorizationTokenGrantDispatcher', 'create_token_response'),
        ].join(' | '),
        'nothing to dispatch: there is one grant, and the scope openid of the code decides whether there is an ID token (OpenID Connect Core §3.1.2.1)',
      ),
      kept('request_validator.RequestValidator', 'OpenIdValidator', 'one method more: `getUserClaims`', [
        'openid',
        'a validator without getUserClaims → ConfigurationError that names it',
      ]),
      kept(
        'request_validator.RequestValidator.get_authorization_code_scopes',
        'AuthorizationCode.scopes',
        'a member of the code, read once the client is authenticated',
        code,
      ),
      kept(
        'request_validator.RequestValidator.get_authorization_code_nonce',
        'AuthorizationCode.openid | LoginContext.nonce',
        'a member of the code',
        code,
      ),
      kept(
        'request_validator.RequestValidator.get_id_token | request_validator.RequestValidator.finalize_id_token',
        'OpenIdOptions.keys | UserClaimsValidator.getUserClaims',
        'made and signed here, by an algorithm that the client chose; encrypted where it asks',
        ['idToken', 'claims of scopes are for UserInfo; single ones that were asked for are in it'],
      ),
      kept(
        'request_validator.RequestValidator.refresh_id_token',
        'TokenValidator.saveToken',
        'leave `id_token` out of what it returns',
        ['primitives', 'a refresh may go without a new ID token (refresh_id_token)'],
      ),
      kept(
        'request_validator.RequestValidator.validate_silent_login',
        'OpenIdServer.nextStep | KnownLogin.authentication',
        'your pages say who is logged in',
        ['openid', 'prompt=none, nobody'],
      ),
      kept(
        'request_validator.RequestValidator.validate_silent_authorization',
        'OpenIdServer.nextStep | KnownLogin.hasConsent',
        'your pages say whether there is consent',
        ['openid', 'prompt=none, no consent'],
      ),
      kept(
        'request_validator.RequestValidator.validate_user_match',
        'OpenIdServer.nextStep',
        'id_token_hint and the claims parameter are verified and compared',
        ['openid', 'id_token_hint: an old one is good; of another user → login'],
      ),
      kept(
        'request_validator.RequestValidator.get_userinfo_claims',
        'UserClaimsValidator.getUserClaims',
        'only what was asked for is sent; signed or encrypted where the client wants it',
        userInfo,
      ),
      kept(
        'request_validator.RequestValidator.get_jwt_bearer_token | request_validator.RequestValidator.validate_jwt_bearer_token',
        'ServerOptions.tokenGenerator | ServerOptions.tokenVerifier',
        'a format is a pair of functions',
        ['signed', 'good -> the whole record (row 42)'],
      ),
      kept(
        'request_validator.RequestValidator.validate_id_token',
        'OpenIdServer.nextStep',
        'an ID token of ours is read as a hint; it is never an access token',
        ['idToken', 'an ID token is no access token'],
      ),
      kept(
        all('tokens.JWTToken', 'create_token validate_request estimate_type'),
        'signedTokenGenerator | signedTokenVerifier',
        'chosen by configuration, not by the looks of a token',
        ['defects', '20: what checks a token is configured; its shape decides nothing'],
      ),
      kept('exceptions.OpenIDClientError | exceptions.FatalOpenIDClientError', 'OAuthError', 'one family of errors', [
        'catalogue',
        'every exported class has one row, and every row a class',
      ]),
      kept('exceptions.InteractionRequired', 'InteractionRequiredError', 'thrown by the library', [
        'openid',
        'next step',
      ]),
      kept('exceptions.LoginRequired', 'LoginRequiredError', 'thrown by the library', [
        'openid',
        'prompt=none, nobody',
      ]),
      kept('exceptions.ConsentRequired', 'ConsentRequiredError', 'thrown by the library', [
        'openid',
        'prompt=none, no consent',
      ]),
      kept('exceptions.AccountSelectionRequired', 'AccountSelectionRequiredError', 'thrown by the library', [
        'openid',
        'next step',
      ]),
      kept(
        'exceptions.RequestNotSupported | exceptions.RequestURINotSupported | exceptions.RegistrationNotSupported',
        'RequestNotSupportedError',
        'thrown by the library',
        ['openid', 'parameters'],
      ),
      kept('exceptions.InvalidRequestObject', 'InvalidRequestObjectError', 'request objects by value are an option', [
        'catalogue',
        'every exported class has one row, and every row a class',
      ]),
      leftOut(
        'exceptions.InvalidRequestURI',
        '`request_uri` is answered by request_uri_not_supported: fetching what a client names is a way into the network (OpenID Connect Core §6.2)',
      ),
      kept(
        'exceptions.InvalidTokenError | exceptions.InsufficientScopeError',
        'BearerError',
        'one class for all protected resources',
        ['openid', 'no token → 401 without an error; without openid → 403 that names it; unknown → 401'],
      ),
      leftOut('exceptions.raise_from_error', 'client side'),
    ],
  },
]
