import { defect, type DefectRow } from './defect-row.ts'

/** What the documentation of oauthlib promises beyond, or against, its code. */
export const promises: readonly DefectRow[] = [
  defect(
    'tokens/bearer',
    'static claims decode as `iss`, `request.claims` are merged; neither happens',
    'both, whatever the grant',
    ['page', 'Signed tokens with static claims'],
    ['page', 'Per-request claims'],
  ),
  defect(
    'tokens/bearer',
    'a generator may be a method of the validator, HS256, JWE or a reference',
    'kept',
    ['pageGenerators', 'Generators of your own'],
    ['pageGenerators', 'Every preconfigured server takes both generators'],
  ),
  defect(
    'preconfigured_servers',
    'the generator is told whether a refresh token is made; it never is',
    'two generators, each with the whole context',
    ['pageGenerators', 'Every preconfigured server takes both generators'],
  ),
  defect('tokens/index', 'other token types are easy to add', 'a generator and its verifier', [
    'pageGenerators',
    'HS256 by hand, asynchronous',
  ]),
  defect(
    'security',
    'http is refused during authorization; it is not',
    'issuer and redirect URIs must be https, or http on loopback',
    ['extension', 'an http issuer'],
    ['requests', '28: a redirect URI that is implied is checked like one that was sent'],
  ),
  defect(
    'authorization, token',
    'repeated parameters are impossible; only five are checked',
    'any that is repeated is refused',
    ['code', 'a repeated parameter → invalid_request'],
    ['askScript', 'code: nonce twice'],
  ),
  defect(
    'endpoints/token',
    'the sample of an error has names and a status that the code does not send',
    'the documentation is run by the tests',
    ['tokenScript', 'token: grant_type unknown'],
  ),
  defect(
    'endpoints/token',
    'no-store headers; `credentials` for extra members',
    'the headers everywhere; members by modifiers',
    ['issuing', 'token response → Cache-Control: no-store'],
    ['grants', 'state reaches modifiers and saveToken, and nothing that is sent (extra_credentials)'],
  ),
  defect(
    'endpoints/device',
    'the documented keyword is swallowed',
    'an unknown option is refused',
    ['extension', 'a misspelt option'],
    ['device', 'a user code generator that repeats itself → another is drawn, and 500 where there is none'],
  ),
  defect('endpoints/resource', '401 and 403 are never told apart', 'told apart, with a challenge', [
    'challenge',
    'The challenge (§3)',
  ]),
  defect(
    'endpoints/metadata',
    'discovery is missing',
    'OAuth metadata, and discovery for OpenID Connect',
    ['routing', 'metadata is at the inserted path and promises only what is there (RFC 8414 §3.1)'],
    ['openid', 'discovery'],
  ),
  defect('grants/custom_grant', 'an error that the sample raises is not turned into a response', 'it is', [
    'extension',
    'an object in the map is a grant, refresh token included',
  ]),
  defect('grants/custom_validators', 'four lists in a documented order', 'kept', [
    'extension',
    'run in their order, see what is known, and can add claims',
  ]),
  defect('grants/jwt', 'RFC 7523 is not implemented', 'client authentication is; the grant can be added as an object', [
    'assertion',
    'An assertion is good (§3)',
  ]),
  defect('oidc', 'iss, sub and exp are left to the implementer', 'the library makes and signs ID tokens', [
    'idToken',
    'the ID token says who, for whom, when, how, and names the access token',
  ]),
  defect('server', 'the sample keeps a live request object in the session', 'what is kept is plain data', [
    'requests',
    'promise “server”: what is kept between two pages is plain data',
  ]),
  defect(
    'feature matrix',
    'JWT client authentication, registration, discovery and sessions are missing',
    'all four are here; SAML 2 is not',
    ['assertion', 'An assertion is good (§3)'],
    ['openid', 'discovery'],
  ),
  defect(
    'call graph',
    'thin for PKCE and OpenID Connect',
    'the order of validator calls is compared with oauthlib, request by request',
    ['differential', 'every intended difference occurs, in every request that it names'],
  ),
]
