import { kept, leftOut, type ParitySection } from './row.ts'

const clientSide =
  'client side: oauth4webapi and openid-client do it well in TypeScript, and the interop tests run them against us'

const common: ParitySection = {
  title: 'Shared primitives',
  prefix: 'common.',
  rows: [
    kept(
      'Request',
      'OAuthRequest | HttpRequest',
      'what was sent and what the server knows are apart; a body is read once, and a malformed one is refused',
      ['defects', 'at the authorization and token endpoints'],
      ['messages', 'Messages that cannot be read (§3.2)'],
    ),
    kept(
      'Request: declared parameters',
      'OAuthRequest.parameters | OAuthRequest.resources',
      'all parameters, by the names that were sent; reading an absent one gives undefined',
      ['primitives', 'a request reads headers and parameters without regard to how they are written'],
    ),
    kept(
      'Request.uri_query | Request.uri_query_params',
      'OAuthRequest.url | OAuthRequest.parameters',
      'decoded once, strictly',
      ['parsers', 'reads what URLSearchParams writes, as URLSearchParams reads it'],
    ),
    kept(
      'Request.duplicate_params',
      'InvalidRequestError',
      'a repeated parameter is refused before your code sees the request',
      ['code', 'a repeated parameter → invalid_request'],
    ),
    kept(
      'CaseInsensitiveDict | CaseInsensitiveDict.get | CaseInsensitiveDict.update',
      'HttpHeaders',
      'headers of the web standard; read only',
      ['primitives', 'a request reads headers and parameters without regard to how they are written'],
    ),
    kept('generate_token', 'randomTokenGenerator', '258 random bits of the platform; used for tokens and codes', [
      'parsers',
      '10,000 tokens are all different and of 43 characters of the alphabet',
    ]),
    kept('generate_client_id', 'registerClient', 'a random id where the registration has none', [
      'primitives',
      'a client without an id of its own gets a random one, and a secret unless it is public',
    ]),
    kept('generate_signed_token', 'signedTokenGenerator', 'claims from what was granted; kid, jti and iat always', [
      'signed',
      'the program of the seed page: an RSA PEM of openssl and an issuer',
    ]),
    kept('verify_signed_token', 'signedTokenVerifier', 'checks issuer, audience, typ, algorithm and times as well', [
      'signed',
      'good -> the whole record (row 42)',
    ]),
    leftOut(
      'safe_string_equals',
      'not public: secrets are compared where they are judged, by digests in constant time (decision 0006)',
    ),
    leftOut(
      'add_params_to_uri | add_params_to_qs | urlencode | urldecode | quote | unquote | extract_params | encode_params_utf8 | decode_params_utf8 | to_unicode',
      'the platform has URLSearchParams and encodeURIComponent; forms are decoded strictly inside (RFC 6749 appendix B)',
    ),
    leftOut('generate_nonce | generate_timestamp', 'OAuth 1 and client side'),
  ],
}

const top: ParitySection = {
  title: 'Top level and URIs',
  prefix: '',
  rows: [
    leftOut(
      'get_debug | set_debug',
      'no global state: an event says why a request was refused, and never holds a secret (`events`)',
    ),
    leftOut('signals.scope_changed', 'client side, and a global signal'),
    kept(
      'uri_validate.is_absolute_uri | uri_validate.is_uri | uri_validate.is_uri_reference',
      'registerClient',
      'a redirect URI must be https, loopback or a reversed domain name; fragments, credentials and other schemes are refused (RFC 9700 §2.6, RFC 8252 §7)',
      ['parsers', 'one that passes leads a browser to where it seems to'],
      ['requests', '28: a redirect URI that is implied is checked like one that was sent'],
    ),
  ],
}

const tokens: ParitySection = {
  title: 'Tokens',
  prefix: 'oauth2.rfc6749.tokens.',
  rows: [
    kept('BearerToken', 'BearerToken', 'a refresh token generator of its own by default; lifetimes are checked', [
      'pageGenerators',
      'creates, validates and estimates',
    ]),
    kept(
      'BearerToken.create_token',
      'BearerToken.createToken',
      'makes and saves; takes what was granted, not a request',
      ['pageGenerators', 'creates, validates and estimates'],
    ),
    kept(
      'BearerToken.validate_request',
      'BearerToken.validateRequest',
      'gives the token, or the answer with its challenge',
      ['challenge', 'an unknown token → 401 invalid_token; a scope too few → 403 insufficient_scope with the scope'],
    ),
    kept(
      'BearerToken.estimate_type',
      'BearerToken.estimateType',
      'the same numbers; the query counts only where it is read',
      ['pageGenerators', 'creates, validates and estimates'],
    ),
    kept(
      'random_token_generator',
      'randomTokenGenerator',
      'the default, for refresh tokens whatever makes the access tokens',
      ['page', 'new Server(validator) issues 43 random characters, another string for the refresh token'],
    ),
    kept(
      'signed_token_generator',
      'signedTokenGenerator',
      '`issuer` becomes `iss`; request claims win over static ones',
      ['page', 'issuer becomes iss; scope is what was granted; the rest is computed'],
    ),
    kept('get_token_from_header', 'BearerToken.validateRequest', 'a token in two places is refused (RFC 6750 §2)', [
      'challenge',
      'a form body, by option only; twice or beside the header → 400',
    ]),
    kept('prepare_bearer_headers', 'prepareBearerHeaders', 'the headers are copied', [
      'primitives',
      'in headers, which are copied',
    ]),
    kept('prepare_bearer_body', 'prepareBearerBody', 'the same', ['primitives', 'in a body, behind what is there']),
    kept('prepare_bearer_uri', 'prepareBearerUri', 'a fragment stays behind the query', [
      'primitives',
      'what is prepared is what validateRequest reads',
    ]),
    kept(
      'OAuth2Token | OAuth2Token.scope | OAuth2Token.scopes',
      'TokenResponse',
      'plain data; `scope` is always what was granted (RFC 6749 §3.3)',
      ['issuing', 'granted scope smaller than asked → the response says so'],
    ),
    leftOut(
      'OAuth2Token.scope_changed | OAuth2Token.old_scope | OAuth2Token.old_scopes | OAuth2Token.missing_scopes | OAuth2Token.additional_scopes',
      'client side: a client compares what it got with what it asked for (RFC 6749 §5.1)',
    ),
    kept(
      'TokenBase | TokenBase.validate_request | TokenBase.estimate_type',
      'TokenGenerator | TokenVerifier',
      'a format is a pair of functions, chosen in one place; requests carry bearer tokens only',
      ['pageGenerators', 'HS256 by hand, asynchronous'],
      ['defects', '20: what checks a token is configured; its shape decides nothing'],
    ),
    leftOut('prepare_mac_header', 'MAC tokens: the draft was given up; DPoP (RFC 9449) took its place'),
  ],
}

const utils: ParitySection = {
  title: 'Utilities',
  prefix: 'oauth2.rfc6749.',
  rows: [
    kept(
      'utils.scope_to_list | utils.list_to_scope',
      'OAuthRequest.scopes',
      'scopes are lists everywhere; doubled spaces make no empty scope (RFC 6749 §3.3)',
      ['requests', 'two spaces in scope'],
    ),
    kept(
      'utils.is_secure_transport',
      'ServerOptions.issuer',
      'checked where it is known: issuer and redirect URIs, http on localhost only',
      ['extension', 'an http issuer'],
    ),
    leftOut(
      'utils: OAUTHLIB_INSECURE_TRANSPORT',
      'no escape by the environment: http is allowed on the loopback interface, and nowhere else (RFC 8252 §8.3)',
    ),
    leftOut(
      'utils.escape | utils.host_from_uri | utils.params_from_uri',
      'the platform has URL and encodeURIComponent',
    ),
    leftOut('utils.generate_age', 'MAC tokens: the draft was given up'),
    leftOut(
      'parameters.prepare_grant_uri | parameters.prepare_token_request | parameters.prepare_token_revocation_request | parameters.parse_authorization_code_response | parameters.parse_implicit_response | parameters.parse_token_response | parameters.validate_token_parameters',
      clientSide,
    ),
    leftOut(
      'clients.base.Client | clients.web_application.WebApplicationClient | clients.mobile_application.MobileApplicationClient | clients.legacy_application.LegacyApplicationClient | clients.backend_application.BackendApplicationClient | clients.service_application.ServiceApplicationClient',
      clientSide,
    ),
  ],
}

/** Primitives, tokens and utilities. */
export const primitiveSections: readonly ParitySection[] = [top, common, tokens, utils]
