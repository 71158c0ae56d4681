import { found, redeemed, type IntendedDifference } from './intended-difference.ts'

const noToken = [
  'access_token: random',
  'expires_in: 600',
  'refresh_token: random',
  'scope: read',
  'token_type: Bearer',
]
const refusedToken = noToken.map((member) => `body ${member} → absent`)
const noGrant = [...refusedToken, 'status: 200 → 400', 'body error: absent → invalid_grant']

/** The token endpoint. */
export const tokenDifferences: readonly IntendedDifference[] = [
  {
    what: 'The redirect URI of the authorization request must come again; the registered one does not stand in for it.',
    rule: 'RFC 6749 §4.1.3',
    steps: ['redeem: redirect URI left out'],
    differences: [
      ...noGrant,
      `validator methods: ${redeemed}, invalidateAuthorizationCode → ${found}, consumeAuthorizationCode`,
    ],
  },
  {
    what: 'A wrong verifier spends the code: whoever guesses has one try.',
    rule: 'RFC 9700 §2.1.1, decision 0004',
    steps: ['burnt: verifier right'],
    differences: [
      ...noGrant,
      `validator methods: ${redeemed}, invalidateAuthorizationCode → ${found}, consumeAuthorizationCode`,
    ],
  },
  {
    what: 'A verifier that is missing or a redirect URI that differs is a grant that is not valid.',
    rule: 'RFC 6749 §5.2, RFC 7636 §4.6',
    steps: ['redeem: verifier missing', 'redeem: redirect URI differs'],
    differences: ['body error: invalid_request → invalid_grant'],
  },
  {
    what: 'A client authenticates in one way; two at once are refused.',
    rule: 'RFC 6749 §2.3',
    steps: ['redeem: by Basic and body'],
    differences: [
      ...refusedToken,
      'status: 200 → 400',
      'body error: absent → invalid_request',
      `validator methods: ${redeemed}, invalidateAuthorizationCode → none`,
    ],
  },
  {
    what: 'Parameters are read from a form and from nothing that merely looks like one.',
    rule: 'RFC 6749 §3.2',
    steps: ['redeem: a body of another type'],
    differences: [
      ...refusedToken,
      'status: 200 → 400',
      'body error: absent → invalid_request',
      `validator methods: ${redeemed}, invalidateAuthorizationCode → none`,
    ],
  },
  {
    what: 'A refresh token that a client sends along with another grant is neither echoed nor saved.',
    rule: 'RFC 6749 §6, RFC 9700 §4.14',
    steps: ['redeem: refresh_token sent', 'password: a refresh_token is sent'],
    differences: ['body refresh_token: chosen by the client → random'],
  },
  {
    what: 'Nobody is looked up where no credentials were sent.',
    rule: 'RFC 6749 §2.3',
    steps: ['redeem: nobody authenticates'],
    differences: [`validator methods: ${found} → none`],
  },
  {
    what: 'A missing grant_type is a missing parameter, not an unknown grant.',
    rule: 'RFC 6749 §5.2',
    steps: ['token: no grant_type', 'token: an empty body'],
    differences: ['body error: unsupported_grant_type → invalid_request'],
  },
  {
    what: 'A body that cannot be decoded is told so, not taken for an empty one.',
    rule: 'RFC 6749 appendix B',
    steps: ['token: a body that cannot be decoded'],
    differences: ['body error: unsupported_grant_type → invalid_request'],
  },
  {
    what: 'Every parameter may be sent once.',
    rule: 'RFC 6749 §3.2',
    steps: ['token: code twice'],
    differences: [
      'body error: invalid_grant → invalid_request',
      `validator methods: ${found}, consumeAuthorizationCode → none`,
    ],
  },
  {
    what: 'The client is authenticated before anything is said about the grant or its parameters.',
    rule: 'RFC 6749 §3.2.1',
    steps: ['redeem: no code', 'token: grant_type unknown', 'token: grant_type not offered', 'refresh: missing'],
    differences: [`validator methods: none → ${found}`],
  },
  {
    what: 'A wrong method is an answer with Allow, never an exception.',
    rule: 'RFC 6749 §3.2, RFC 9110 §15.5.6',
    steps: ['token: GET', 'revoke: GET'],
    differences: [
      'raised: InvalidRequestError → absent',
      'status: absent → 405',
      'status: 400 → 405',
      'header allow: absent → POST',
      'header content-type: absent → application/json',
      'body error: absent → invalid_request',
    ],
  },
  {
    what: 'Parameters in the URL are refused by an answer, never by an exception.',
    rule: 'RFC 6749 §3.2',
    steps: ['token: parameters in the URL'],
    differences: [
      'raised: InvalidRequestError → absent',
      'status: absent → 400',
      'header content-type: absent → application/json',
      'body error: absent → invalid_request',
    ],
  },
  {
    what: 'The URL of the endpoint may have a query of its own, which is left alone.',
    rule: 'RFC 6749 §3.2',
    steps: ['token: foreign parameter in the URL'],
    differences: [
      'raised: InvalidRequestError → absent',
      'status: absent → 400',
      'header content-type: absent → application/json',
      'body error: absent → unsupported_grant_type',
      `validator methods: none → ${found}`,
    ],
  },
  {
    what: 'A public client is known, so it may not use client credentials, which is another thing than a wrong secret.',
    rule: 'RFC 6749 §4.4, §5.2',
    steps: ['client credentials: public client'],
    differences: [
      'status: 401 → 400',
      'body error: invalid_client → unauthorized_client',
      'header www-authenticate: Bearer error="invalid_client" → absent',
      `validator methods: ${found} → validateClientId`,
    ],
  },
  {
    what: 'A rotated refresh token gets the same successor for 30 seconds: a lost answer is no theft, and a later use ends the family.',
    rule: 'RFC 9700 §4.14.2, decision 0010',
    steps: ['refresh: public, the old one again'],
    differences: [
      'status: 400 → 200',
      'body error: invalid_grant → absent',
      ...['access_token: absent → random', 'refresh_token: absent → random', 'token_type: absent → Bearer'].map(
        (member) => `body ${member}`,
      ),
      'body expires_in: absent → 600',
      'body scope: absent → read write',
      'validator methods: validateClientId, validateRefreshToken → ' +
        'validateClientId, validateRefreshToken, rotateRefreshToken',
    ],
  },
]
