import { authorizationDifferences } from './intended-authorization.ts'
import { consent, found, redeemed, type IntendedDifference } from './intended-difference.ts'
import { tokenDifferences } from './intended-token.ts'
import { usingDifferences } from './intended-tokens.ts'

/** Differences that are the same in many requests. */
const everywhere: readonly IntendedDifference[] = [
  {
    what: 'A redirect is 303, so that a form with a password is never sent on to the client.',
    rule: 'RFC 9700 §4.12',
    differences: ['status: 302 → 303'],
  },
  {
    what: 'No cache may keep any answer, redirects with codes and refusals included.',
    rule: 'RFC 6749 §5.1, RFC 9111 §5.2.2.5',
    differences: ['header cache-control: absent → no-store', 'header pragma: absent → no-cache'],
  },
  {
    what: 'Every refusal says in general words what is wrong, the same for causes that an attacker could tell apart.',
    rule: 'RFC 6749 §5.2',
    differences: ['body error_description: absent → a text', 'redirect error_description: absent → a text'],
  },
  {
    what: 'A failed client authentication is challenged by the scheme that clients use, not by that of protected resources.',
    rule: 'RFC 6749 §5.2, RFC 9110 §11.6.1',
    differences: ['header www-authenticate: Bearer error="invalid_client" → Basic realm="oauth", charset="UTF-8"'],
  },
  {
    what: 'A code is found and spent in one step before anything is issued; oauthlib invalidates it last, so two requests get tokens.',
    rule: 'RFC 6749 §4.1.2, decision 0004',
    differences: [
      `validator methods: ${redeemed}, invalidateAuthorizationCode → ${redeemed}`,
      'validator methods: validateClientId, consumeAuthorizationCode, saveToken, invalidateAuthorizationCode → ' +
        'validateClientId, consumeAuthorizationCode, saveToken',
    ],
  },
  {
    what: 'The library looks at a token before it is revoked: whose it is, and whether it is alive.',
    rule: 'RFC 7009 §2.1',
    differences: [
      `validator methods: ${found}, revokeToken → ${found}, introspectToken, revokeToken`,
      `validator methods: ${found}, revokeToken → ${found}, introspectToken`,
    ],
  },
  {
    what: 'The answer to a revocation is typed: some clients refuse one that is not.',
    rule: 'RFC 7009 §2.2',
    steps: [
      'revoke: access token',
      'revoke: refresh token',
      'revoke: unknown token',
      'revoke: hint right',
      'revoke: hint unknown',
    ],
    differences: ['header content-type: absent → application/json'],
  },
  {
    what: 'Who asks about a token is judged, so that no client can scan for those of others.',
    rule: 'RFC 7662 §4',
    differences: [`validator methods: ${found}, introspectToken → ${found}, introspectToken, isIntrospectionAllowed`],
  },
  {
    what: 'A rotation supersedes the old refresh token and saves the new ones in one atomic call.',
    rule: 'RFC 9700 §4.14.2',
    differences: [
      'validator methods: validateClientId, validateRefreshToken, saveToken → ' +
        'validateClientId, validateRefreshToken, rotateRefreshToken',
    ],
  },
  {
    what: 'When the user has decided, the whole request is checked again, its default scopes included: a session may be old.',
    rule: 'RFC 6749 §3.3, decision 0001',
    differences: [
      ...['saveAuthorizationCode', 'saveToken'].map(
        (saved) =>
          `validator methods: validateClientId, getDefaultScopes, validateScopes, validateClientId, validateScopes, ${saved} → ` +
          `validateClientId, getDefaultScopes, validateScopes, validateClientId, getDefaultScopes, validateScopes, ${saved}`,
      ),
      `validator methods: validateClientId, validateScopes → ${consent}`,
    ],
  },
]

/** All of them. The differential test finds each one, and no other. */
export const intendedDifferences: readonly IntendedDifference[] = [
  ...everywhere,
  ...authorizationDifferences,
  ...tokenDifferences,
  ...usingDifferences,
]
