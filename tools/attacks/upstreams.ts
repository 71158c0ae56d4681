import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on logins at other providers, at which the server is a client. */
export const upstreamAttacks: AttackSection = {
  title: 'Logins at other providers',
  rows: [
    attack(
      'UP01',
      [
        'the answer of a provider is taken to another browser (login CSRF), or used again',
        'the state is for one browser, and taken once by all nodes',
        'RFC 9700 §4.7',
      ],
      by('upstreams', 'the answer in another browser (login CSRF) -> refused, and still good in its own, once'),
    ),
    attack(
      'UP02',
      [
        'a provider among several has users sent to it with what is meant for another one (mix-up)',
        'each has an address of its own to come back to; `iss` must be there where it was announced, and be that of the provider',
        'RFC 9207, RFC 9700 §4.4',
      ],
      by('upstreams', 'no iss, which was announced', 'iss of another provider (mix-up)'),
      by('upstreams', 'at the callback of another provider -> refused (mix-up), and no code is sent to it'),
    ),
    attack(
      'UP03',
      ['a stolen code is put into another login', '`nonce` and PKCE of that login alone', 'RFC 9700 §4.5'],
      by('upstreams', 'another nonce (code injection)', 'no nonce'),
      by('upstreams', 'the code goes out with the verifier of its own login, which no other one has'),
    ),
    attack(
      'UP04',
      [
        'an ID token that is unsigned, forged, over, or for somebody else',
        'all of it is checked, also over TLS from the token endpoint',
        'OpenID Connect Core §3.1.3.7',
      ],
      by('upstreams', 'ID token that nobody signed', 'ID token that another key signed', 'ID token of another issuer'),
      by('upstreams', 'ID token for another client', 'ID token that is over', 'userinfo of somebody else'),
    ),
    attack(
      'UP05',
      [
        'an account is taken over by its e-mail address at another provider, or made before its owner comes',
        'an address connects nothing: issuer and subject do, or a user who is logged in',
        'account pre-hijacking',
      ],
      by('upstreamUsers', 'an e-mail address, verified or not, takes nobody over'),
      by(
        'upstreamUsers',
        'policy link: unknown -> told to connect it; connected by who is logged in -> logs in; nobody else gets it',
      ),
    ),
    attack(
      'UP06',
      [
        "another site connects the attacker's login to the user who is logged in",
        'it takes the token of the page of the account, the same browser and the same session',
        'RFC 9700 §4.7',
      ],
      by(
        'upstreamUsers',
        'a link without the token of the page (CSRF), and an answer after a logout -> nothing is connected',
      ),
    ),
    attack(
      'UP07',
      [
        'a client wants a fresh login, and the provider answers from an old one',
        '`max_age` goes on to the provider, and `auth_time` must say so',
        'OpenID Connect Core §3.1.2.1',
      ],
      by('upstreams', 'a login there that is too old for the client -> refused'),
    ),
    attack(
      'UP08',
      [
        'somebody else ends sessions by a logout token: forged, replayed, or an ID token',
        'its type, key, issuer, audience and event are checked, and it counts once on all nodes',
        'OpenID Connect Back-Channel Logout §2.6',
      ],
      by(
        'upstreamUsers',
        'of a session -> that session of here is over, with what hangs on it; the same token again -> refused',
      ),
      by('upstreamUsers', 'an ID token', 'another key', 'another client', 'a nonce', 'no event'),
    ),
    attack(
      'UP09',
      ['the way back from the login leads to another site', 'to pages of this server only', 'RFC 9700 §4.11'],
      by('upstreams', 'to another site (open redirect)', 'to what browsers take for a host'),
    ),
  ],
}
