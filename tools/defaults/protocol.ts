import type { Claim } from '../proofs/claim.ts'
import { by } from '../proofs/files.ts'
import { byDefault } from './row.ts'

/** Defaults of requests, grants and tokens. */
export const protocolDefaults: readonly Claim[] = [
  byDefault(
    'D01',
    [
      'PKCE for every client',
      '`allowMissingPkce` of a confidential client; `--profile openid` for requests with `openid`',
      'The record of one client is changed by whoever knows what it is, with a nonce or not; it is logged (`server.relaxed`).',
    ],
    by('pkce', 'no challenge', 'a confidential client may be allowed to do without, a public one never'),
  ),
  byDefault('D02', ['`S256` alone; no method is not `plain`', '`legacyPlainPkce` of a client'], by('pkce', 'no method, which would mean plain', 'plain')), // prettier-ignore
  byDefault('D03', ['a verifier for a code without challenge is refused', 'none'], by('pkce', 'sent for a code without challenge → invalid_grant (RFC 9700 §4.8.2)')), // prettier-ignore
  byDefault(
    'D04',
    [
      'redirect URIs are compared as strings, but for the port on 127.0.0.1 and [::1]',
      'none',
      '`http://localhost` can be registered, with its port: it is compared as it is, so that another program gains nothing by the name.',
    ],
    by('code', 'a slash at the end', 'the default port'),
    by('parsers', 'one that was sent is used only where it equals a registered one, but for a loopback port'),
  ),
  byDefault('D05', ['https, http on loopback, and reversed domain names', 'none'], by('metadata', 'redirect_uris (§5, RFC 9700 §2.1, §4.1)')), // prettier-ignore
  byDefault('D06', ['a redirect URI in every request, where more than one is registered', 'none'], by('code', 'redirect_uri left out with two registered → 400, with one → that one')), // prettier-ignore
  byDefault('D07', ['`code` and `none` alone; others for clients that have them, at servers that do', '`MobileApplicationServer`, `OpenIdServer`; the response types of a client'], by('code', 'token, which this server does not offer'), by('idToken', 'a client that is registered for code alone → unauthorized_client')), // prettier-ignore
  byDefault('D08', ['no passwords at the token endpoint', '`LegacyApplicationServer`, and the grant types of a client'], by('attackToken', 'a grant that there is not → unsupported_grant_type')), // prettier-ignore
  byDefault('D09', ['no token in a query; the response modes of each type are fixed', 'none'], by('attackAsk', 'query with an ID token or access token → invalid_request in the fragment')), // prettier-ignore
  byDefault('D10', ['`iss` in every answer to an authorization request', 'none', 'No client breaks at a parameter that it does not know (RFC 6749 §4.1.2).'], by('attackAsk', 'mix-up: the client can tell who answers (RFC 9207)')), // prettier-ignore
  byDefault(
    'D11',
    [
      'codes of 258 bits live for 60 seconds, and are spent at the first try, whatever is wrong with it',
      '`codeExpiresIn`, at most 600',
      'One try, not several: a code is in few places, and a new login costs less than a rule about counting.',
    ],
    by('code', 'after its 60 seconds → invalid_grant', 'sixteen at once → exactly one token response'),
    by('extension', 'a code lifetime of an hour'),
    by('attackToken', 'a new code is 43 random characters, and no two of 1,000 are alike'),
  ),
  byDefault('D12', ['a code that is used again ends what was issued for it', 'none'], by('code', 'twice → invalid_grant, and all that was issued from it is dead (§4.1.2)')), // prettier-ignore
  byDefault(
    'D13',
    [
      'stores take a code or token in one step',
      'none',
      "A store of one's own proves it by `grantry/testing`, races included, before it runs; a test at the start of a server would race with its requests.",
    ],
    by('processes', 'two processes that race on one file: each code and each token is won once'),
    by('storeContract', 'A store that checks, then writes'),
  ),
  byDefault(
    'D14',
    [
      'refresh tokens of public clients rotate; reuse ends the family; 14 days without use, 90 in all',
      '`refreshTokenRotation`, `refreshTokenGrace`; `onRefreshTokenReuse` of a client',
      'Within 30 seconds the same successor is given again, and no second one: a thief gains nothing that the client does not notice at its next refresh.',
    ],
    by('refresh', 'a rotated one used again after the grace → invalid_grant, and the whole family is dead'),
    by('refresh', 'a thief inside the grace is noticed as soon as both have refreshed, whoever comes first'),
    by('refresh', 'unused for longer than its lifetime → invalid_grant'),
  ),
  byDefault('D15', ['refresh tokens of confidential clients are bound to the client, and rotate on request', '`refreshTokenRotation`'], by('refresh', 'by another client → invalid_grant, and the owner keeps it'), by('refresh', 'a confidential client keeps its refresh token; `always` rotates it, `never` spares the public one')), // prettier-ignore
  byDefault(
    'D16',
    [
      "refresh tokens for clients that have the grant; none for a client's own tokens",
      'the grant types of a client',
      'Per client, as OAuth has it; those without `offline_access` end with the login (`--revoke-at-logout online`).',
    ],
    by('serverTells', 'grants of OpenID Connect end, those with offline_access and those without openid live on'),
  ),
  byDefault('D17', ['access and ID tokens live for 10 minutes', '`tokenExpiresIn`'], by('idToken', 'the ID token says who, for whom, when, how, and names the access token')), // prettier-ignore
  byDefault(
    'D18',
    [
      'the server issues `at+jwt` with an audience: the resource that was asked for, or the issuer',
      "none at the server; generators of one's own",
      "In the toolkit, `profile: 'at+jwt'` cannot be made without an audience; tokens without the profile are for one's own services.",
    ],
    by('claims', 'at+jwt without audience', 'at+jwt without issuer'),
  ),
  byDefault('D19', ['digests of tokens, codes and generated secrets; a slow hash for chosen ones', 'a validator of one\'s own'], by('atRest', 'no value of the database works as a token, code, secret, password or session'), by('clientAuth', 'generated secrets are stored as SHA-256, chosen ones by the slow hash, which also runs for unknown clients')), // prettier-ignore
  byDefault('D20', ['random tokens of 258 bits', 'a generator of one\'s own'], by('parsers', '10,000 tokens are all different and of 43 characters of the alphabet')), // prettier-ignore
  byDefault('D21', ['what a generator makes must be a bearer token (RFC 6750 §2.1)', 'none'], by('pageGenerators', 'nothing', 'a space')), // prettier-ignore
  byDefault('D22', ['claims of a request cannot replace those of the protocol', '`allowClaimOverride`, by name'], by('claims', 'exp later, allowed', 'scope, allowed')), // prettier-ignore
  byDefault('D23', ['HMAC keys as long as their hash, RSA of 2048 bits', 'none'], by('platform', 'RSA 1024'), by('hmac', '32 bytes for HS512', 'a password (row 58)')), // prettier-ignore
  byDefault('D24', ['algorithms are named; no `none`, no key out of a token', 'none'], by('forged', 'header jwk (row 51)', 'jku and x5u -> undefined, and nothing is fetched (row 51)')), // prettier-ignore
  byDefault('D25', ['each kind of token has its `typ`', 'none'], by('typ', 'a JWT of any typ in place of')), // prettier-ignore
  byDefault('D26', ['a client authenticates by what it is registered for, and by one method', '`authMethods` of a client'], by('attackToken', 'a client by another method than the registered one → 401 invalid_client'), by('clientAuth', 'both methods')), // prettier-ignore
  byDefault('D27', ['the audience of an assertion is the issuer, alone', '`legacyAssertionAudience` of a client'], by('assertion', 'aud the issuer and another')), // prettier-ignore
  byDefault('D28', ['used assertions are marked in the store, for all nodes', 'none'], by('assertionUse', 'a second time → refused, also at another endpoint')), // prettier-ignore
  byDefault('D29', ['a parameter twice is refused', 'none'], by('attackAsk', 'a parameter twice'), by('messages', 'grant_type')), // prettier-ignore
  byDefault('D30', ['forms alone at the token endpoint, nothing secret in a URL', 'none'], by('messages', 'JSON', 'client_secret in the URL')), // prettier-ignore
  byDefault('D31', ['bearer tokens from the header; at UserInfo also from a form (OpenID Connect Core §5.3.1)', '`allowFormBodyToken`, `legacyQueryToken`'], by('certifiedLogins', 'UserInfo by GET, by POST with the token in the header, and in the body')), // prettier-ignore
  byDefault('D32', ['no CORS at pages; elsewhere the https origins of redirect URIs, without credentials', '`--cors-origin` of a client'], by('serverCors', 'https://evil.example', 'null', 'pages -> no origin')), // prettier-ignore
  byDefault('D33', ['303 after a form', 'none'], by('attackPages', 'login, choice of an account, consent, denial, logout')), // prettier-ignore
  byDefault('D57', ['proofs of at most 60 seconds, each once; bearer tokens for clients that send none', '`dpop: { required: true }`; `dpopBoundAccessTokens` of a client'], by('dpopToken', 'iat 60 seconds ago', 'without a proof → invalid_dpop_proof, and its code is still good')), // prettier-ignore
]
