import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on what OpenID Connect adds. */
export const openidAttacks: AttackSection = {
  title: 'OpenID Connect: tokens, UserInfo, logout',
  rows: [
    attack(
      'OI01',
      [
        'an ID token of another client, or of another login',
        '`aud` is the client; `nonce` comes back as it was, of any length',
        'OpenID Connect Core §3.1.3.7',
      ],
      by('attackAsk', 'nonce', 'none sent → none in the ID token'),
      by('idToken', 'the ID token says who, for whom, when, how, and names the access token'),
    ),
    attack(
      'OI02',
      ['a client asks for ID tokens without signature', '`invalid_client_metadata`; no key, no token', 'RFC 8725 §3.2'],
      by('openidMetadata', 'ID tokens without signature'),
      by('idToken', 'an algorithm that there is no key for → server_error, and the operator is told'),
    ),
    attack(
      'OI03',
      [
        'the parameter `claims` asks for more than the user consents to',
        'what is asked for one by one needs consent as a scope does',
        'OpenID Connect Core §5.5',
      ],
      by('serverOpenid', 'consented, single claims'),
      by('serverOpenid', 'claims that are asked for one by one reach UserInfo, in every format of access tokens'),
      by('openid', 'the claims of the granted scopes, those asked for one by one, and sub; nothing else'),
    ),
    attack(
      'OI04',
      [
        'a sub that is given to somebody else, or that two clients compare',
        'ids are drawn and never used again; pairwise ids by sector',
        'OpenID Connect Core §8',
      ],
      by('attackPages', 'a user id is drawn anew: a name that is given to somebody else has another sub'),
      by('idToken', 'differ from the user id and between sectors, and are the same in ID token and UserInfo'),
      by('idToken', 'a client with redirect URIs of two hosts and no sector → server_error that names the mend'),
    ),
    attack(
      'OI05',
      [
        'a sector that does not list the redirect URIs, or that redirects',
        '`invalid_client_metadata`; a redirect is not followed',
        'OpenID Connect Registration §5',
      ],
      by('sector', 'a redirect URI that is not listed → invalid_client_metadata, at registration and at an update'),
      by('sector', '/redirect'),
    ),
    attack(
      'OI06',
      [
        'a logout token again, with a nonce, without events, of another typ, issuer or client',
        'ours are `logout+jwt`, of 120 seconds, with a jti and no nonce; `verifyLogoutToken` refuses all others and gives the jti back',
        'OpenID Connect Back-Channel Logout §2.4, §2.6',
      ],
      by('logoutToken', 'what our server sends: logout+jwt, at most 120 s, a jti of its own, the event, no nonce'),
      by('logoutToken', 'sent twice → the same tokenId, by which the client refuses the second'),
      by('logoutToken', 'with a nonce', 'without events', 'of typ JWT', 'of another issuer', 'for another client'),
      by('logoutToken', 'for another client as well', 'without jti', 'over', 'with alg none', 'of nobody'),
      by('logout', 'a logout token is no hint and no access token'),
    ),
  ],
}
