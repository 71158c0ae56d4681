import { consent, type IntendedDifference } from './intended-difference.ts'

const toClient = [
  'redirect to: absent → https://app.example/cb',
  'redirect by: absent → ?',
  'redirect state: absent → xyz',
]
const notShown = [...toClient, 'shown to the user: invalid_request → absent', 'status: 400 → 303']

/** The authorization endpoint. */
export const authorizationDifferences: readonly IntendedDifference[] = [
  {
    what: 'An empty parameter counts as not sent.',
    rule: 'RFC 6749 §3.1',
    steps: ['code: redirect URI empty'],
    differences: [
      ...notShown,
      'redirect code: absent → random',
      `validator methods: validateClientId → ${consent}, saveAuthorizationCode`,
    ],
  },
  {
    what: 'A query that ends with & is read all the same.',
    rule: 'RFC 6749 appendix B',
    steps: ['code: a & at the end'],
    differences: [
      ...notShown,
      'redirect code: absent → random',
      `validator methods: none → ${consent}, saveAuthorizationCode`,
    ],
  },
  {
    what: 'A repeated parameter is told to the client, unless it is the client_id or redirect_uri itself that cannot be trusted.',
    rule: 'RFC 6749 §3.1, §4.1.2.1',
    steps: ['code: scope twice', 'code: state twice'],
    differences: [
      ...notShown,
      'redirect state: absent → abc',
      'redirect error: absent → invalid_request',
      'validator methods: none → validateClientId',
    ],
  },
  {
    what: 'Every parameter may be sent once, not only five of them.',
    rule: 'RFC 6749 §3.1',
    steps: ['code: nonce twice', 'code: code_challenge twice'],
    differences: [
      'redirect code: random → absent',
      'redirect error: absent → invalid_request',
      `validator methods: ${consent}, saveAuthorizationCode → validateClientId`,
    ],
  },
  {
    what: 'A response type is a set of known words; one that merely contains “code” is unknown.',
    rule: 'RFC 6749 §3.1.1',
    steps: ['code: response_type notcodeatall'],
    differences: ['redirect error: unauthorized_client → unsupported_response_type'],
  },
  {
    what: 'Two spaces between scopes make no empty one, and an empty scope is as none.',
    rule: 'RFC 6749 §3.1, §3.3',
    steps: ['code: two spaces in scope', 'code: scope empty'],
    differences: [
      'redirect code: absent → random',
      'redirect error: invalid_scope → absent',
      `validator methods: validateClientId, validateScopes → ${consent}, saveAuthorizationCode`,
      'validator methods: validateClientId, validateScopes → validateClientId, getDefaultScopes, validateScopes, ' +
        'validateClientId, getDefaultScopes, validateScopes, saveAuthorizationCode',
    ],
  },
  {
    what: 'PKCE is S256 alone unless the record of a client says otherwise, and the challenge must have its syntax.',
    rule: 'RFC 7636 §4.2, RFC 9700 §2.1.1',
    steps: ['code: PKCE plain', 'code: PKCE without method', 'code: PKCE challenge of 8 characters'],
    differences: [
      'redirect code: random → absent',
      'redirect error: absent → invalid_request',
      `validator methods: ${consent}, saveAuthorizationCode → validateClientId, validateScopes`,
    ],
  },
  {
    what: 'Scopes are judged before what only one response type looks at; the error is the same.',
    rule: 'RFC 6749 §4.1.2.1',
    steps: ['code: no PKCE', 'code: PKCE method unknown'],
    differences: ['validator methods: validateClientId → validateClientId, validateScopes'],
  },
  {
    what: 'form_post is offered; oauthlib silently uses the query in its place.',
    rule: 'OAuth 2.0 Form Post Response Mode §2',
    steps: ['code: response_mode=form_post'],
    differences: [
      'status: 302 → 200',
      'header content-type: absent → text/html; charset=utf-8',
      'body: absent → a page',
      'redirect to: https://app.example/cb → absent',
      'redirect by: ? → absent',
      'redirect code: random → absent',
      'redirect state: xyz → absent',
    ],
  },
  {
    what: 'An unknown response mode is refused.',
    rule: 'OAuth 2.0 Multiple Response Type Encoding Practices §2.1',
    steps: ['code: response_mode unknown'],
    differences: [
      'redirect code: random → absent',
      'redirect error: absent → invalid_request',
      `validator methods: ${consent}, saveAuthorizationCode → validateClientId`,
    ],
  },
  {
    what: 'Errors of the implicit grant go where its tokens would go: behind the #.',
    rule: 'RFC 6749 §4.2.2.1',
    steps: ['implicit: scope unknown', 'implicit: not for this client'],
    differences: ['redirect by: ? → #'],
  },
  {
    what: 'No token is ever put into a query.',
    rule: 'OAuth 2.0 Multiple Response Type Encoding Practices §5, RFC 9700 §4.3.2',
    steps: ['implicit: response_mode=query'],
    differences: [
      'redirect by: ? → #',
      ...['access_token: random', 'expires_in: 600', 'scope: read', 'token_type: Bearer'].map(
        (member) => `redirect ${member} → absent`,
      ),
      'redirect error: absent → invalid_request',
      `validator methods: ${consent}, saveToken → validateClientId`,
    ],
  },
  {
    what: 'A parameter never poses as state of the server, so there is nothing to fail on.',
    rule: 'RFC 6749 §3.1 (unknown parameters are ignored)',
    steps: ['implicit: extra_credentials sent'],
    differences: [
      'raised: ValueError → absent',
      'status: absent → 303',
      'redirect by: absent → #',
      ...toClient.filter((difference) => !difference.startsWith('redirect by')),
      ...['access_token: absent → random', 'expires_in: absent → 600', 'scope: absent → read'].map(
        (member) => `redirect ${member}`,
      ),
      'redirect token_type: absent → Bearer',
      `validator methods: ${consent} → ${consent}, saveToken`,
    ],
  },
]
