import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on authorization codes and PKCE. */
export const codeAttacks: AttackSection = {
  title: 'Authorization codes and PKCE',
  rows: [
    attack(
      'CD01',
      [
        'a public client without PKCE',
        '`invalid_request` at the client, whatever its record allows',
        'RFC 9700 §2.1.1',
      ],
      by('pkce', 'no challenge', 'a confidential client may be allowed to do without, a public one never'),
    ),
    attack(
      'CD02',
      [
        'a confidential client without PKCE',
        '`invalid_request`, unless its record or the profile `openid` allows it',
        'RFC 9700 §2.1.1',
      ],
      by('pkce', 'no challenge'),
      by(
        'openid',
        'a confidential client may do without PKCE for an ID token, a public one never; it is said in the log',
      ),
    ),
    attack(
      'CD03',
      [
        'the method `plain`, none or an unknown one; a challenge that is short, long, padded or of another alphabet',
        '`invalid_request`; S256 alone, and an absent method is not `plain`',
        'RFC 7636 §4.2, §4.3',
      ],
      by('pkce', 'no method, which would mean plain', 'plain', 's256 in lower case', 'a method without a challenge'),
      by('pkce', 'one character short', 'one character long', 'padded', 'of the base64 alphabet'),
    ),
    attack(
      'CD04',
      [
        'PKCE is stripped from the request: a verifier for a code without challenge',
        '`invalid_grant`, no token',
        'RFC 9700 §4.8.2',
      ],
      by('pkce', 'sent for a code without challenge → invalid_grant (RFC 9700 §4.8.2)'),
    ),
    attack(
      'CD06',
      [
        'a verifier that is missing, too short, too long or not ASCII',
        '`invalid_grant`, and the code is spent',
        'RFC 7636 §4.1',
      ],
      by('pkce', 'missing', 'empty', '42 characters', '129 characters', 'not ASCII'),
    ),
    attack(
      'CD08',
      ["a victim's code in a session of the attacker", 'the verifier is another: `invalid_grant`', 'RFC 9700 §4.5'],
      by('pkce', 'of another request', 'the challenge itself'),
    ),
    attack(
      'CD09',
      ['a code of another client', '`invalid_grant`, and its owner can still use it', 'RFC 6749 §4.1.3'],
      by('code', 'by another client → invalid_grant, and the owner can still use it'),
      by('device', 'by another client → invalid_grant, and its own still gets tokens'),
    ),
    attack(
      'CD11',
      ['another redirect URI at the token endpoint, or none though one was sent', '`invalid_grant`', 'RFC 6749 §4.1.3'],
      by('code', 'another redirect_uri', 'no redirect_uri though one was sent'),
      by('managing', 'codes of the old redirect URI are not for the new one'),
    ),
    attack(
      'CD12',
      ['a code twice', '`invalid_grant`, and all that was issued from it is over', 'RFC 6749 §4.1.2'],
      by('code', 'twice → invalid_grant, and all that was issued from it is dead (§4.1.2)'),
    ),
    attack(
      'CD14',
      [
        'a code at many nodes at once; a device code, an auth_req_id likewise',
        'one answer has tokens',
        'RFC 6749 §4.1.2',
      ],
      by('code', 'sixteen at once → exactly one token response'),
      by('device', '8 polls at once after approval → one gets tokens'),
      by('ciba', 'is answered once, by one of eight polls at the same time'),
      by('processes', 'two processes that race on one file: each code and each token is won once'),
      by(
        'race',
        '100 codes, 16 requests at once for each -> 100 token responses',
        '20 device codes, 16 polls at once for each -> 20 token responses',
      ),
    ),
    attack(
      'CD15',
      ['a code long after', '`invalid_grant` after 60 seconds; no option makes it an hour', 'RFC 6749 §4.1.2'],
      by('code', 'after its 60 seconds → invalid_grant'),
      by('extension', 'a code lifetime of an hour'),
    ),
    attack(
      'CD16',
      ['a code is guessed', '258 random bits, every character as likely as every other', 'RFC 6749 §10.10'],
      by('attackToken', 'a new code is 43 random characters, and no two of 1,000 are alike'),
      by('parsers', '10,000 tokens are all different and of 43 characters of the alphabet'),
      by('parsers', 'every character is as likely as every other, at every place'),
    ),
    attack(
      'CD18',
      [
        'a request that is refused after its code was spent',
        'what can be judged without the code is judged first; the code still works',
        'RFC 8707 §2.2',
      ],
      by('code', 'a bad resource is refused before the code is spent'),
    ),
  ],
}
