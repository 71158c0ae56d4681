import { defect, type DefectRow } from './defect-row.ts'

/** Defects that were measured. */
export const defects: readonly DefectRow[] = [
  defect(
    '1',
    'the scope of a JWT is what was asked for',
    'what was granted',
    ['page', 'a user who grants less gets a token that says less'],
    ['defects', '1: implicit: the scope of the JWT is what the user granted, not what was asked for'],
  ),
  defect(
    '2',
    'claims of a request are lost or leak into the next',
    'static < computed < request, fresh each time; protected ones are refused',
    ['page', 'claims of one request do not reach the next'],
    ['claims', 'nothing leaks from one request into the next'],
  ),
  defect(
    '3',
    'no iat, jti, sub, kid; RS256 and PEM only; equal tokens in one second',
    'RFC 9068, many algorithms and key forms',
    ['signed', 'at+jwt (rows 36, 37)'],
    ['signed', 'two tokens of one second differ'],
  ),
  defect('4', 'a refresh token is made by the access generator', 'a separate default; its kind is stored', [
    'refresh',
    'an access token is no refresh token, and the reverse',
  ]),
  defect('5', 'a token with `aud` cannot be verified', 'issuer, audience, typ and times are required', [
    'signed',
    'good -> the whole record (row 42)',
  ]),
  defect('6', 'the device grant ignores the device code', 'RFC 8628 with storage', [
    'device',
    'approved → tokens with what was granted, also where the device asks too soon; then never again',
  ]),
  defect('7', 'introspection forces `active: true`', 'the library decides from the record, and judges who asks', [
    'introspecting',
    'unknown, malformed, expired, revoked, badly signed token → exactly {"active":false}',
  ]),
  defect('8', 'tokens in the query by response_mode=query', 'refused', [
    'legacy',
    'response_mode=query is refused, in the fragment',
  ]),
  defect(
    '9',
    'PKCE: plain by default, downgrade, any verifier, TypeError; a failure does not burn the code',
    'S256 unless a client is excepted, syntax, downgrade check, burnt',
    ['pkce', 'The verifier (RFC 7636 §4.5, §4.6)'],
    ['pkce', 'sent for a code without challenge → invalid_grant (RFC 9700 §4.8.2)'],
  ),
  defect(
    '10',
    'two requests get tokens for one code',
    'consumed first, in one step',
    ['code', 'sixteen at once → exactly one token response'],
    ['code', 'twice → invalid_grant, and all that was issued from it is dead (§4.1.2)'],
  ),
  defect(
    '11',
    'no detection of reuse, no expiry of refresh tokens',
    'families, reuse, idle and absolute expiry, converging grace',
    ['refresh', 'a rotated one used again after the grace → invalid_grant, and the whole family is dead'],
    ['refresh', 'Lifetimes'],
  ),
  defect(
    '12',
    'a refresh token that is sent along is echoed and saved',
    'only the refresh grant looks at it',
    ['code', 'refresh_token=X in a code request is neither echoed nor saved'],
    ['defects', '12: a refresh token that a password request carries along is neither echoed nor saved'],
  ),
  defect('13', 'parameters shadow the state of the server', 'kept apart', [
    'defects',
    '13: parameters never shadow what the server knows',
  ]),
  defect(
    '14',
    'errors of the hybrid flow in the query; state lost',
    'where the success would have gone, with state',
    ['idToken', 'errors go where the success would have gone: into the fragment'],
    ['openid', 'claims that are not JSON'],
  ),
  defect('15', 'response types by exact string or substring', 'sets of words', [
    'defects',
    '15: response types are a set of words, in any order',
  ]),
  defect('16', 'response_type=none stores a usable code', 'stores nothing', [
    'defects',
    '16: response_type=none saves no code',
  ]),
  defect('17', 'redirect URI mismatch is invalid_request at the token endpoint', 'invalid_grant', [
    'askScript',
    'redeem: redirect URI differs',
  ]),
  defect(
    '18',
    'exceptions for what clients send',
    'one kind of result',
    ['defects', '18: every endpoint answers whatever a client sends, by the same kind of result'],
    ['hostile', 'every endpoint answers, refuses and keeps nothing'],
  ),
  defect(
    '19',
    'challenges are always Bearer, 403 has none, verify_request gives a boolean',
    'RFC 6750 §3, RFC 6749 §5.2',
    ['using', 'valid token without the scope → 403 insufficient_scope with scope'],
    ['using', 'no credentials → 401, Bearer challenge with an auth-param and without error'],
  ),
  defect('20', 'the shape of a token decides who checks it', 'configuration does', [
    'defects',
    '20: what checks a token is configured; its shape decides nothing',
  ]),
  defect(
    '21',
    'one server changes others in the same process',
    'they never influence each other',
    ['defects', '21: two servers in one process never influence each other'],
    ['extension', 'another server in the same process does not know it'],
  ),
  defect('22', 'scopes left out: all that was asked for is granted, prompts unchecked', 'a decision names its scopes', [
    'requests',
    '22: a decision names its scopes',
  ]),
  defect(
    '23',
    'empty parameters, doubled spaces, lifetime 0',
    'as the specification says; 0 is refused',
    ['requests', '23: empty parameters and doubled spaces are read as the specification says'],
    ['extension', 'a lifetime of 0'],
  ),
  defect(
    '24',
    'CORS for successes of two grants, no preflight',
    'all endpoints that clients call, errors and preflights',
    ['cors', 'with isOriginAllowed'],
  ),
  defect(
    '25',
    'no client authentication',
    'basic, post, none, private_key_jwt, client_secret_jwt; mutual TLS can be added as a method',
    ['clientAuth', 'Client authentication (§2.3)'],
    ['assertion', 'An assertion is good (§3)'],
  ),
  defect('26', 'synchronous only', 'every method may answer at once or later', [
    'primitives',
    'a validator may answer at once or later',
  ]),
  defect('27', 'https not enforced; an environment variable opens all', 'the environment opens nothing', [
    'requests',
    '27: the environment of the process opens nothing',
  ]),
  defect('28', 'default redirect URIs of any scheme', 'checked like those that are sent', [
    'requests',
    '28: a redirect URI that is implied is checked like one that was sent',
  ]),
  defect(
    '29',
    'positional orders disagree; unknown keywords are swallowed',
    'options objects; unknown ones are refused',
    ['extension', 'a misspelt option'],
  ),
  defect(
    'CVE-2022-36087',
    'a hostile URI is a denial of service (3.1.1 to 3.2.1)',
    'every URI is judged in linear time',
    ['requests', 'CVE-2022-36087: a hostile redirect URI is refused in no time'],
  ),
]
