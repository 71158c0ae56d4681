import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on the authorization endpoint and its redirect URIs. */
export const authorizationAttacks: AttackSection = {
  title: 'Authorization endpoint and redirect URIs',
  rows: [
    attack(
      'AZ01',
      ['a redirect URI of another host', 'an error page here; nothing is sent on', 'RFC 9700 §4.1.1'],
      by('code', 'another host'),
      by('serverJourney', 'a request that cannot be sent back -> an error page, no redirect'),
    ),
    attack(
      'AZ02',
      [
        'a redirect URI that is longer or lies elsewhere on the host: slash at the end, more query, dot segments, subdomain',
        'compared as strings, refused here',
        'RFC 9700 §4.1.3',
      ],
      by('code', 'a slash at the end', 'a query more', 'dot segments', 'dot segments behind it', 'a subdomain'),
    ),
    attack(
      'AZ03',
      [
        'the same address in other letters: capitals in the host, the default port, an encoded letter',
        'nothing is normalised, refused here',
        'RFC 9700 §4.1.3',
      ],
      by('code', 'upper case host', 'the default port', 'an encoded letter'),
    ),
    attack(
      'AZ04',
      [
        'an address that parsers read differently: userinfo, a backslash, an encoded @',
        'no parser is asked to mend it, refused here',
        'RFC 9700 §4.1.3',
      ],
      by('code', 'userinfo', 'userinfo with a port', 'an encoded @', 'a backslash', 'a backslash and a dot'),
      by('code', 'a backslash before @', 'backslashes for slashes', 'a fragment'),
    ),
    attack(
      'AZ07',
      [
        'a dangerous scheme is registered: javascript, data, vbscript, file, in any case or with blanks; http elsewhere than on loopback; a ' +
          'private scheme without a dot',
        '`invalid_redirect_uri`; only https, http on loopback and reversed domain names are taken',
        'RFC 9700 §2.6, RFC 8252 §7',
      ],
      by('metadata', 'redirect_uris (§5, RFC 9700 §2.1, §4.1)', 'javascript:alert(1)', 'vbscript:x'),
      by('metadata', 'http://app.example/cb', 'http://127.0.0.1.evil.example/cb'),
      by('parsers', 'one that passes leads a browser to where it seems to'),
    ),
    attack(
      'AZ08',
      [
        'no redirect URI where several are registered, or in a request of OpenID Connect',
        'refused here, never the first one; a single one is implied for OAuth alone',
        'OpenID Connect Core §3.1.2.1',
      ],
      by('code', 'redirect_uri left out with two registered → 400, with one → that one'),
      by('openid', 'without redirect_uri → shown, not sent, although one alone is registered (§3.1.2.1)'),
    ),
    attack(
      'AZ09',
      [
        'an error that comes before the redirect URI is checked, to send a browser anywhere',
        'client and redirect URI are checked first; a client that registered itself is told only where the user has let it in before',
        'RFC 9700 §4.11',
      ],
      by('code', 'a bad response_type as well', 'a bad scope as well'),
      by('attackAsk', 'an error is no way to a redirect URI that is not registered', 'prompt=none', 'a request_uri'),
      by('attackPages', 'an error is no way to another site'),
      by(
        'attackPages',
        'a client that registered itself, as anyone can, has the server lead to its site (RFC 9700 §4.11.2)',
      ),
    ),
    attack(
      'AZ11',
      [
        'a parameter twice, in query and body, or empty',
        'client_id and redirect_uri: refused here; others: `invalid_request` at the client; empty is absent',
        'RFC 6749 §3.1',
      ],
      by('attackAsk', 'a parameter twice', 'each once in the query and once in the body'),
      by('code', 'the same parameter in query and body → invalid_request'),
      by('pkce', 'a method without a challenge'),
      by('logout', 'a parameter twice → refused'),
    ),
    attack(
      'AZ14',
      [
        'a registered query that an answer overrides',
        'the registered query stays, the answer is appended once',
        'RFC 6749 §3.1.2',
      ],
      by('code', 'a registered query is kept and the parameters are appended'),
    ),
    attack(
      'AZ15',
      [
        'a response type that the client has not: in another order, twice, in capitals, implicit for a client of codes',
        '`unsupported_response_type` or `unauthorized_client`, nothing issued',
        'OAuth 2.0 Multiple Response Types §3',
      ],
      by('code', 'upper case', 'code twice', 'a name that contains code', 'token, which this server does not offer'),
      by('attackAsk', 'response types that the client is not registered for', 'code token', 'code code'),
      by('idToken', 'a client that is registered for code alone → unauthorized_client'),
    ),
    attack(
      'AZ16',
      [
        'a response mode that leaks: tokens in a query, an unknown mode',
        '`invalid_request`, by the mode that the type has',
        'OAuth 2.0 Multiple Response Types §2.1',
      ],
      by('idToken', 'query mode', 'hybrid in the query'),
      by(
        'attackAsk',
        'response modes that leak',
        'query with an ID token or access token → invalid_request in the fragment',
      ),
      by('legacy', 'response_mode=query is refused, in the fragment'),
    ),
    attack(
      'AZ17',
      ['what a browser posted goes along with a 307', '303 after every form', 'RFC 9700 §4.12'],
      by('attackPages', 'login, choice of an account, consent, denial, logout'),
    ),
    attack(
      'AZ18',
      [
        'mix-up: a client takes the answer of one server for that of another',
        '`iss` in every answer and error, byte for byte, and in the metadata',
        'RFC 9207 §2, RFC 9700 §4.4.2',
      ],
      by('attackAsk', 'mix-up: the client can tell who answers (RFC 9207)', 'the metadata promises it'),
      by('code', 'iss is in successes and errors (RFC 9207 §2)'),
    ),
    attack(
      'AZ19',
      [
        'a page of another origin reads answers; the origin `null`',
        'no CORS where users log in; elsewhere origins that are allowed, never with credentials',
        'RFC 9700 §2.6',
      ],
      by('cors', 'another origin', 'an opaque origin', '/authorize', 'without it no page of another origin can call'),
      by('serverCors', 'https://evil.example', 'null', 'pages -> no origin'),
    ),
    attack(
      'AZ20',
      [
        'a code or token stays in a cache or goes along as Referer',
        '`no-store`, `no-referrer`, nothing loaded from elsewhere',
        'RFC 9700 §4.2',
      ],
      by('attackPages', 'nothing is loaded from elsewhere, and no address goes along; form_post included'),
      by('serverJourney', 'every page has its headers; login and consent allow their redirect as a form target'),
    ),
  ],
}
