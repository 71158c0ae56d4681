import { by } from '../proofs/files.ts'
import { module } from './row.ts'

/** Modules of the profiles Config and Dynamic that are in no other. */
export const dynamicModules = [
  module(
    'discovery-endpoint-verification',
    'discovery',
    'the discovery document and the published keys',
    by('certifiedLogins', 'the document says what the suite reads, and names addresses of this server alone'),
    by('attackPages', 'the keys that are published have public members only'),
    by('openid', 'one document, at the places where clients look'),
  ),
  module('idtoken-rs256', 'dynamic', 'a client that registers for RS256 gets it', by('idToken', 'RS256')),
  module(
    'userinfo-rs256',
    'dynamic',
    'UserInfo that is signed, for a client that registers for it',
    by('openid', 'a client that wants it signed → application/jwt with iss and aud'),
  ),
  module(
    'ensure-redirect-uri-in-authorization-request',
    'dynamic',
    'no redirect URI: an error page',
    by('certified', 'no redirect URI'),
    by('openid', 'without redirect_uri → shown, not sent, although one alone is registered (§3.1.2.1)'),
  ),
  module(
    'redirect-uri-query-OK',
    'dynamic',
    'a registered query is kept',
    by('certified', 'a query that is registered -> kept, with the answer behind it'),
  ),
  module('redirect-uri-query-mismatch', 'dynamic', 'another query: an error page', by('certified', 'another query')),
  module(
    'redirect-uri-query-added',
    'dynamic',
    'a query where none is registered: an error page',
    by('certified', 'a query where none is registered', 'a query more'),
  ),
  module(
    'redirect-uri-regfrag',
    'dynamic',
    'a redirect URI with a fragment cannot be registered',
    by('metadata', 'redirect_uris (§5, RFC 9700 §2.1, §4.1)', 'https://app.example/cb#'),
  ),
  module(
    'registration-logo-uri',
    'dynamic',
    'the login page shows `logo_uri`',
    by('serverPages', 'an image with --profile openid: from exactly its origin'),
    by('metadata', 'names and pages (§2, §2.2)'),
  ),
  module(
    'registration-policy-uri',
    'dynamic',
    'the login page shows `policy_uri`',
    by('serverPages', 'https pages'),
    by('metadata', 'names and pages (§2, §2.2)'),
  ),
  module(
    'registration-tos-uri',
    'dynamic',
    'the login page shows `tos_uri`',
    by('serverPages', 'https pages', 'http and script'),
    by('metadata', 'names and pages (§2, §2.2)'),
  ),
  module(
    'registration-jwks-uri',
    'dynamic',
    'a client whose keys are at `jwks_uri`',
    by('serverRegistration', 'with a key at its jwks_uri, ID tokens and UserInfo encrypted to another one there'),
    by(
      'jwksUri',
      'its keys are fetched once; a new kid is looked for, once a minute; a key that is gone is over when the copy is',
    ),
  ),
  module(
    'registration-sector-uri',
    'dynamic',
    'a sector that lists the redirect URIs',
    by('sector', 'a list with all redirect URIs → registered in that sector'),
    by('registrationSettings', 'what clients name inside is not asked, but for hosts that were named'),
  ),
  module(
    'registration-sector-bad',
    'dynamic',
    'a sector that does not: refused',
    by('sector', 'a redirect URI that is not listed → invalid_client_metadata, at registration and at an update'),
  ),
  module(
    'server-rotate-keys',
    'dynamic',
    'the server changes its signing keys, and its ID tokens hold',
    by('serverKeys', 'tokens of both keys are good, each in its time'),
    by('keysTurn', 'an access token of the old key -> accepted until it expires'),
  ),
  module(
    'refresh-token-rp-key-rotation',
    'dynamic',
    'a client changes its keys, and its assertions hold',
    by(
      'jwksUri',
      'its keys are fetched once; a new kid is looked for, once a minute; a key that is gone is over when the copy is',
    ),
  ),
  module('request-uri-unsigned', 'dynamic', 'a `request_uri` without signature', by('requestUri', 'an unsigned one')),
  module(
    'request-uri-signed-rs256',
    'dynamic',
    'a signed one',
    by('requestUri', 'the request is what it leads to, which is asked each time: its content may change'),
    by('serverRegistration', 'by a request that it signed, by value and by reference'),
  ),
  module(
    'ensure-client-assertion-with-iss-aud-succeeds',
    'dynamic',
    'an assertion whose audience is the issuer',
    by('assertion', 'An assertion is good (§3)', 'aud as a list of one'),
  ),
]
