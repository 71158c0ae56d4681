import { kept, leftOut, type ParitySection } from './row.ts'

const servers: ParitySection = {
  title: 'Preconfigured servers',
  prefix: 'oauth2.rfc6749.endpoints.pre_configured',
  rows: [
    kept(
      '.Server',
      'Server',
      'without password and implicit, which have presets of their own (RFC 9700 §2.1.2, §2.4)',
      ['pageGenerators', 'Every preconfigured server takes both generators'],
    ),
    kept('.WebApplicationServer', 'WebApplicationServer', 'PKCE is required', ['askScript', 'code: good']),
    kept('.MobileApplicationServer', 'MobileApplicationServer', 'tokens never in the query', [
      'askScript',
      'implicit: good',
    ]),
    kept('.LegacyApplicationServer', 'LegacyApplicationServer', 'the same', ['tokenScript', 'password: good']),
    kept('.BackendApplicationServer', 'BackendApplicationServer', 'the same', [
      'tokenScript',
      'client credentials: good',
    ]),
    kept(
      ': token_generator',
      'ServerOptions.tokenGenerator',
      'one options object for all servers; an unknown option is refused',
      ['pageGenerators', 'an unbound method of the validator sees the validator as this'],
    ),
    kept(
      ': refresh_token_generator',
      'ServerOptions.refreshTokenGenerator',
      'never the access token generator unless you say so',
      ['pageGenerators', 'Every preconfigured server takes both generators'],
    ),
    kept(': token_expires_in', 'ServerOptions.tokenExpiresIn', 'whole seconds above 0, or a function; 600 by default', [
      'pageGenerators',
      'the lifetime may be a function',
    ]),
    kept(
      ': attributes of grants and choices',
      'AuthorizationServer | Parts',
      'parts are given to the constructor and cannot be changed afterwards',
      ['grants', 'has the grants and response types it was given, and no others'],
    ),
  ],
}

const endpoint = (name: string): string => `AuthorizationServer.${name}`

const endpoints: ParitySection = {
  title: 'Endpoints',
  prefix: 'oauth2.rfc6749.endpoints.',
  rows: [
    kept(
      'authorization.AuthorizationEndpoint',
      'AuthorizationServer',
      'each endpoint is a method; mount those that you want',
      ['grants', 'has the grants and response types it was given, and no others'],
    ),
    kept(
      'authorization.AuthorizationEndpoint.validate_authorization_request',
      endpoint('validateAuthorizationRequest'),
      'gives plain data to show and keep, or the answer to send; never raises',
      ['requests', 'promise “server”: what is kept between two pages is plain data'],
    ),
    kept(
      'authorization.AuthorizationEndpoint.create_authorization_response',
      endpoint('createAuthorizationResponse'),
      'takes a decision with user and scopes, both required',
      ['requests', '22: a decision names its scopes'],
      ['code', 'a tampered session cannot send the code elsewhere: the answer is checked again'],
    ),
    kept(
      'authorization.AuthorizationEndpoint.response_types',
      'ServerOptions.responseTypes',
      'of one server, never of a class',
      ['defects', 'response types, grants and metadata of one are not those of another, however many are made'],
    ),
    leftOut(
      'authorization.AuthorizationEndpoint.default_response_type | authorization.AuthorizationEndpoint.default_response_type_handler',
      'no default: response_type is required and an unknown one is refused (RFC 6749 §3.1.1)',
    ),
    leftOut(
      'authorization.AuthorizationEndpoint.default_token_type | token.TokenEndpoint.default_token_type | resource.ResourceEndpoint.default_token | resource.ResourceEndpoint.default_token_type_handler | resource.ResourceEndpoint.tokens | resource.ResourceEndpoint.find_token_type',
      'one token type, Bearer; formats are generators and verifiers, chosen by configuration and not by the looks of a token (defect 20)',
    ),
    kept('token.TokenEndpoint', 'AuthorizationServer', 'a method', [
      'grants',
      'has the grants and response types it was given, and no others',
    ]),
    kept(
      'token.TokenEndpoint.create_token_response',
      endpoint('createTokenResponse'),
      'never raises, whatever is sent',
      ['hostile', 'every endpoint answers, refuses and keeps nothing'],
    ),
    kept(
      'token.TokenEndpoint.create_token_response: credentials',
      'OAuthRequest.state | TokenContext.state | ServerOptions.tokenModifiers',
      'extra members come from a modifier or from `saveToken`, which see what your code put into the state of the request',
      ['grants', 'state reaches modifiers and saveToken, and nothing that is sent (extra_credentials)'],
    ),
    kept(
      'token.TokenEndpoint.create_token_response: claims',
      'OAuthRequest.claims',
      'set by hooks and validator methods, whatever the grant',
      ['page', 'Per-request claims'],
    ),
    kept('token.TokenEndpoint.validate_token_request', endpoint('createTokenResponse'), 'a part of it', [
      'messages',
      'Messages that cannot be read (§3.2)',
    ]),
    kept('token.TokenEndpoint.grant_types', 'ServerOptions.grants', 'an object by grant type, for that server only', [
      'extension',
      'an object in the map is a grant, refresh token included',
    ]),
    leftOut(
      'token.TokenEndpoint.default_grant_type | token.TokenEndpoint.default_grant_type_handler',
      'no default: a missing grant_type is invalid_request, an unknown one unsupported_grant_type (RFC 6749 §5.2)',
    ),
    kept(
      'resource.ResourceEndpoint',
      'BearerToken | AuthorizationServer',
      '`BearerToken` alone where there is no server',
      ['pageGenerators', 'creates, validates and estimates'],
    ),
    kept(
      'resource.ResourceEndpoint.verify_request',
      endpoint('verifyRequest'),
      'gives the token, or a 400, 401 or 403 with its challenge',
      ['challenge', 'an unknown token → 401 invalid_token; a scope too few → 403 insufficient_scope with the scope'],
    ),
    kept(
      'revocation.RevocationEndpoint | revocation.RevocationEndpoint.create_revocation_response',
      endpoint('createRevocationResponse'),
      'the library checks whose token it is',
      ['revoking', 'token of another client → stays alive, error response'],
    ),
    kept(
      'revocation.RevocationEndpoint.validate_revocation_request',
      endpoint('createRevocationResponse'),
      'a part of it; JSONP is not offered',
      ['revoking', 'missing token → 400 invalid_request'],
    ),
    kept(
      'introspect.IntrospectEndpoint | introspect.IntrospectEndpoint.create_introspect_response',
      endpoint('createIntrospectionResponse'),
      'who asks is judged',
      ['introspecting', 'token meant for another resource server → {"active":false}'],
    ),
    kept(
      'introspect.IntrospectEndpoint.validate_introspect_request',
      endpoint('createIntrospectionResponse'),
      'a part of it',
      ['introspecting', 'missing or repeated token → 400 invalid_request'],
    ),
    kept(
      'metadata.MetadataEndpoint | metadata.MetadataEndpoint.create_metadata_response',
      `${endpoint('createMetadataResponse')} | ServerOptions.issuer`,
      'made from what the server has, so it cannot promise more',
      ['routing', 'metadata is at the inserted path and promises only what is there (RFC 8414 §3.1)'],
    ),
    kept(
      'metadata.MetadataEndpoint.validate_metadata | metadata.MetadataEndpoint.validate_metadata_token | metadata.MetadataEndpoint.validate_metadata_authorization | metadata.MetadataEndpoint.validate_metadata_revocation | metadata.MetadataEndpoint.validate_metadata_introspection | metadata.MetadataEndpoint.validate_metadata_server',
      'ConfigurationError',
      'nothing to validate but the issuer: the rest is derived',
      ['extension', 'an issuer with a query'],
      [
        'routing',
        'metadata of a server for machines knows no authorization endpoint, that of an implicit one no token endpoint',
      ],
    ),
    kept(
      'base.BaseEndpoint | base.BaseEndpoint.valid_request_methods',
      'MethodNotAllowedError',
      'methods are those of the specification',
      ['messages', 'Messages that cannot be read (§3.2)'],
    ),
    kept(
      'base.BaseEndpoint.available',
      'TemporarilyUnavailableError',
      'thrown by a validator method; 503 with Retry-After from every endpoint',
      ['grants', 'a server that is closed answers 503 everywhere (available = False)'],
    ),
    kept(
      'base.BaseEndpoint.catch_errors | base.catch_errors_and_unavailability',
      'ServerError',
      'always: what your code throws is server_error, told to the event log only',
      ['messages', 'an exception of the validator → 500 that tells nothing'],
    ),
  ],
}

/** Servers and endpoints. */
export const endpointSections: readonly ParitySection[] = [servers, endpoints]
