import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on login, consent, sessions and the other pages of the server. */
export const pageAttacks: AttackSection = {
  title: 'Login, consent, sessions, pages',
  rows: [
    attack(
      'UI01',
      [
        'clickjacking: another site shows a page in a frame and has the user click in it',
        "`frame-ancestors 'none'` and `X-Frame-Options: DENY` on every page",
        'RFC 9700 §4.16',
      ],
      by('accessibility', 'the pages'),
      by('serverJourney', 'every page has its headers; login and consent allow their redirect as a form target'),
    ),
    attack(
      'UI02',
      [
        'CSRF: another site posts a login, a consent, a decision about a device, a change of the account',
        '403, nothing happens; forms carry a token for the login and for what they show, `Sec-Fetch-Site` and `Origin` are looked at, and the login ' +
          'page has a token before there is a session',
        'RFC 9700 §4.7',
      ],
      by('serverJourney', 'csrf missing', 'csrf wrong', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-site'),
      by('serverJourney', 'Origin of another site', 'body that is no form'),
      by('serverDevice', 'forms of another site, or without a session -> 403, the login page'),
      by('account', 'without csrf', 'of another site'),
      by('secondFactorPages', 'the form of another login, or of another site -> 403'),
    ),
    attack(
      'UI03',
      [
        'the form of one authorization request or session for another',
        '403; the token of the form is bound to both, and the request is checked anew',
        'RFC 9700 §4.7.1',
      ],
      by('serverJourney', 'consent form of another session, or with another request -> 403'),
      by('serverOpenid', 'form of another session, or with another request -> 403'),
      by('serverOpenid', 'counts for one request, one login and ten minutes'),
      by('account', 'of another user, with the token of that one -> 403'),
    ),
    attack(
      'UI04',
      ['session fixation', 'a new session id at each login; the old one is over', 'RFC 6265 §8.4'],
      by('serverJourney', 'a session id that was planted before the login is worth nothing'),
      by('account', 'is changed: this browser goes on under a new id, with its apps; the others are out with theirs'),
    ),
    attack(
      'UI05',
      [
        'a cookie that goes over http, is read by a script, or is set by a neighbouring host',
        '`__Host-`, Secure, HttpOnly, SameSite=Lax, no Domain; only the name with the prefix is read',
        'RFC 6265bis §4.1.3',
      ],
      by(
        'serverJourney',
        'cookies: HttpOnly and SameSite; on https also __Host- and Secure, and only that name is read',
      ),
    ),
    attack(
      'UI06',
      [
        'XSS by what clients and strangers say: names, links, scopes, hints, languages, codes, errors, state in a form',
        'every value is escaped by the one template; no script and no style inline; links are https only',
        'CSP Level 3',
      ],
      by(
        'hostileText',
        'login_hint',
        'ui_locales',
        'state',
        'an unknown client',
        'the code of a device',
        'an answer by form_post',
      ),
      by('hostileText', 'what a client says of itself: login, consent, account, logout', 'a user name that is wrong'),
      by('serverJourney', 'names and scopes of clients are shown as text'),
      by('metadata', 'names and pages (§2, §2.2)'),
    ),
    attack(
      'UI09',
      [
        'a program that poses as a public client is let in by an earlier consent',
        'public clients are asked for each time, unless they are first party and hold the https address',
        'RFC 8252 §8.6',
      ],
      by('serverOpenid', 'spa', 'tool', 'own'),
      by('serverRegistration', 'a public client is asked for each time'),
    ),
    attack(
      'UI10',
      [
        'consent to little is taken for consent to more: scopes, claims, resources, another place for the answer, another name',
        'asked again for whatever is not covered',
        'OpenID Connect Core §3.1.2.4',
      ],
      by('serverOpenid', 'consented, more scopes', 'consented, another host', 'consented, single claims'),
      by('consents', 'more scopes', 'a resource more', 'a claim more', 'another receiver'),
      by('serverRegistration', 'it renames itself → the user is asked again; the new name is shown as its own words'),
    ),
    attack(
      'UI11',
      [
        'the consent to one client, or a login elsewhere that is still good, is used for another client',
        'each client has a consent of its own, asked for here after a login elsewhere',
        'RFC 9700 §4.4',
      ],
      by('serverOpenid', 'consented for a client, another public one'),
      by('upstreams', 'the client gets a code; the user is made once, has the name from there and a sub of here'),
    ),
    attack(
      'UI12',
      [
        'a client that looks like another one: name, text that is turned around, an address on the own computer',
        'hosts and id are shown, with a warning where others could take the answer or where nobody looked at the client; names have no invisible ' +
          'characters',
        'RFC 8252 §8.6',
      ],
      by('serverOpenid', 'shows who asks, for what, and where the answer goes'),
      by('serverJourney', 'com.example.app:/cb', 'http://[::1]:9/cb'),
      by('serverPages', 'what clients say of themselves'),
      by(
        'serverMcp',
        'the consent page says which host vouches for the app and where it leads',
        'a document whose redirect URIs are all on this machine -> any program can say that it is the app',
      ),
      by('metadata', 'names and pages (§2, §2.2)'),
    ),
    attack(
      'UI13',
      [
        'prompt or max_age is taken off a request, or a login of before is used for it',
        'a login for this very request, bound by a signed mark; auth_time is in the ID token',
        'OpenID Connect Core §3.1.2.1',
      ],
      by('serverOpenid', 'max_age over -> login, once', 'counts for one request, one login and ten minutes'),
      by('certifiedLogins', 'max_age=1 after more than a second -> the login page, and a later auth_time'),
    ),
    attack(
      'UI15',
      [
        'prompt=none gets a page, or the code of another user than the one that is hinted at',
        '`login_required`, no page',
        'OpenID Connect Core §3.1.2.1',
      ],
      by('serverOpenid', 'a login as another user than the expected one -> login_required, no second try'),
      by('openid', 'id_token_hint: an old one is good; of another user → login'),
      by('serverOpenid', 'nobody, prompt=none'),
    ),
    attack(
      'UI16',
      [
        'the login page tells who has an account, by its text or its time',
        'the same answer after the same work; see OP01',
        'RFC 6819 §4.4.3.6',
      ],
      by('serverJourney', 'unknown user and wrong password -> the same answer, no session'),
      by('passwords', 'a scrypt hash is replaced at the login, sessions stay; until then it is compared for everybody'),
    ),
    attack(
      'UI18',
      [
        'another site logs users out, or sends them on by a logout',
        'a question, unless the hint is of this login; only to registered places of this client',
        'RP-Initiated Logout §2, §3',
      ],
      by('serverLogout', 'no hint', 'hint of another session of the user', 'place of nobody', 'place that is longer'),
      by(
        'serverLogout',
        'place of another client',
        'hint changed, or of another client than client_id says -> an error page',
      ),
    ),
  ],
}
