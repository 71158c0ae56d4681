import { type IntendedDifference } from './intended-difference.ts'

const inactive = [
  'client_id: app',
  'exp: a time',
  'iat: a time',
  'scope: read write',
  'sub: alice',
  'token_type: Bearer',
]
const toldNothing = inactive.map((member) => `body ${member} → absent`)

/** Revocation, introspection and protected resources. */
export const usingDifferences: readonly IntendedDifference[] = [
  {
    what: 'A client that asks for the end of a token of another one is told so; the token lives.',
    rule: 'RFC 7009 §2.1, decision 0009',
    steps: ['revoke: token of another'],
    differences: [
      'status: 200 → 400',
      'header content-type: absent → application/json',
      'body error: absent → invalid_grant',
      'validator methods: validateClientId, revokeToken → validateClientId, introspectToken',
    ],
  },
  {
    what: 'A token that is not the business of who asks is as inactive as a forged one.',
    rule: 'RFC 7662 §2.2, §4',
    steps: ['introspect: token of another'],
    differences: [...toldNothing, 'body active: true → false'],
  },
  {
    what: 'Public clients may not introspect: anyone could scan for tokens.',
    rule: 'RFC 7662 §2.1',
    steps: ['introspect: by a public client'],
    differences: [
      ...toldNothing,
      'status: 200 → 401',
      'body active: true → absent',
      'body error: absent → invalid_client',
      'header www-authenticate: absent → Basic realm="oauth", charset="UTF-8"',
      'validator methods: validateClientId, introspectToken → validateClientId',
    ],
  },
  {
    what: 'A refresh token is marked as one, so that no resource takes it for an access token.',
    rule: 'RFC 7662 §2.2',
    steps: ['introspect: refresh token'],
    differences: ['body token_type: Bearer → absent', 'body token_use: absent → refresh_token'],
  },
  {
    what: 'A token that is not valid is 401 with its challenge; oauthlib tells only that the request is not valid.',
    rule: 'RFC 6750 §3.1',
    steps: ['revoke: then used', 'use: unknown token', 'use: a refresh token'],
    differences: [
      'status: 403 → 401',
      'header content-type: absent → application/json',
      'body error: absent → invalid_token',
      'header www-authenticate: absent → Bearer realm="api", error="invalid_token", error_description=…, scope="read"',
    ],
  },
  {
    what: 'A request without a token is challenged without an error, and no validator is asked about nothing.',
    rule: 'RFC 6750 §3.1',
    steps: ['use: no token', 'use: Basic'],
    differences: [
      'status: 403 → 401',
      'header www-authenticate: absent → Bearer realm="api", scope="read"',
      'validator methods: validateBearerToken → none',
    ],
  },
  {
    what: 'Too narrow a token is 403 and names the scope that is missing.',
    rule: 'RFC 6750 §3.1',
    steps: ['use: scope too few'],
    differences: [
      'header content-type: absent → application/json',
      'body error: absent → insufficient_scope',
      'header www-authenticate: absent → Bearer realm="api", error="insufficient_scope", error_description=…, scope="admin"',
    ],
  },
  {
    what: 'A header that is no token at all is a malformed request.',
    rule: 'RFC 6750 §3.1',
    steps: ['use: Bearer with nothing'],
    differences: [
      'status: 403 → 400',
      'header content-type: absent → application/json',
      'body error: absent → invalid_request',
      'header www-authenticate: absent → Bearer realm="api", error="invalid_request", error_description=…, scope="read"',
      'validator methods: validateBearerToken → none',
    ],
  },
  {
    what: 'A token in the query or in a form is not looked at, unless an option says so: it leaks into logs.',
    rule: 'RFC 9700 §4.3.2, RFC 6750 §2.2',
    steps: ['use: in the query', 'use: in a form'],
    differences: [
      'status: 200 → 401',
      'header www-authenticate: absent → Bearer realm="api", scope="read"',
      'validator methods: validateBearerToken → none',
    ],
  },
]
