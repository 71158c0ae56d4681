import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks by signed and encrypted tokens. */
export const joseAttacks: AttackSection = {
  title: 'Signed and encrypted tokens',
  rows: [
    attack(
      'JO02',
      ['the public key as the secret of HS256', 'refused: a key is for its own algorithms', 'RFC 8725 §2.1'],
      by('forged', 'HS256 with our public PEM (row 49)', 'HS256 with our public DER', 'HS256 with our public JWK'),
    ),
    attack(
      'JO03',
      [
        'a key or an algorithm that the token brings along: jwk, jku, x5u, x5c, an unprotected header',
        'refused, and nothing is fetched',
        'RFC 8725 §3.10',
      ],
      by('forged', 'header jwk (row 51)', 'header x5c (row 51)'),
      by('forged', 'jku and x5u -> undefined, and nothing is fetched (row 51)'),
      by('forged', 'JSON serialisation, alg and crit unprotected'),
    ),
    attack(
      'JO04',
      [
        'a kid that is a path, SQL, a prototype, 10 KiB or no text',
        'refused: it is compared, and nothing else',
        'RFC 8725 §3.10',
      ],
      by('forged', 'kid a path', 'kid with SQL', 'kid of the prototype', 'kid of 10 KiB', 'kid a number'),
      by('forged', 'kid a list', 'kid null', 'kid empty', 'kid an object', 'kid unknown (row 52)'),
    ),
    attack(
      'JO05',
      [
        'crit that is unknown, empty, no list, of a registered header, or unprotected; b64 false',
        'refused: no extension is understood',
        'RFC 7515 §4.1.11, RFC 7797 §6',
      ],
      by(
        'forged',
        'crit unknown (row 53)',
        'crit empty',
        'crit that is no list',
        'crit with a header that is registered',
      ),
      by('forged', 'JSON serialisation, alg and crit unprotected', 'crit b64', 'b64 false', 'b64 false without crit'),
    ),
    attack(
      'JO07',
      [
        'two, four or five segments, no signature, padding, another alphabet, blanks',
        'refused: one token has one form',
        'RFC 7515 §2, §7.1',
      ],
      by('forged', 'two segments', 'another segment (row 54)', 'another full segment', 'five segments'),
      by('forged', 'signature empty', 'padding (row 54)', 'base64 instead of base64url'),
      by('forged', 'newline at the end (row 54)', 'newline inside (row 54)', 'space before'),
      by('forged', 'spare bits of the signature set'),
    ),
    attack(
      'JO08',
      ['megabytes of dots', 'refused unread above 16 KiB, in less than 5 ms', 'RFC 8725 §3.11'],
      by('forged', '10 MB of dots are refused unread, in less than 5 ms', '16 MiB', 'longer than 16 KiB'),
    ),
    attack(
      'JO10',
      [
        'exp that is absent, infinite, text, negative, a list, too large to count',
        'refused; a fraction of a second is a date, as RFC 7519 says',
        'RFC 7519 §2, §4.1.4',
      ],
      by('forged', 'exp missing (row 47)', 'exp infinite', 'exp a string (row 47)', 'exp null', 'exp true'),
      by('forged', 'exp a list', 'exp negative', 'exp a fraction of a second ago', 'exp too large to count'),
      by('forged', 'exp with a fraction of a second that is not over -> accepted (RFC 7519 §2)'),
    ),
    attack(
      'JO11',
      [
        'a JWT for the purpose of another',
        'each reader takes its own `typ` alone. `JWT` and none are older than that: there the claims decide',
        'RFC 8725 §3.11, §3.12',
      ],
      by('typ', 'a JWT of any typ in place of', 'every kind at once: anything but typ would let it pass'),
      by('logoutToken', 'an ID token and an access token of the same user → undefined'),
      by('idToken', 'an ID token is no access token'),
      by('forged', 'ID token (row 44)'),
    ),
    attack(
      'JO12',
      [
        'a key of another issuer under the same kid; an issuer that is nearly the right one',
        'refused: exact text',
        'RFC 8725 §3.8',
      ],
      by('forged', 'signed by another key', 'iss of another (row 45)', 'iss with a slash (row 45)', 'iss in capitals'),
      by('forged', 'iss cut', 'iss longer', 'iss with the default port', 'iss a list', 'iss an object'),
      by('statement', 'signed by the key of another issuer'),
    ),
    attack(
      'JO13',
      ['a key that is too short', '`ConfigurationError` that names the limit', 'RFC 7518 §3.2, §3.3'],
      by('hmac', '16 bytes (row 58)', 'a password (row 58)', 'no bytes', 'one byte', 'an empty text'),
      by('hmac', '32 bytes for HS512', 'the message names the limit'),
      by('platform', 'RSA 1024'),
      by('assertion', 'an RSA key of 1024 bits'),
      by('encrypted', '31 bytes'),
    ),
    attack(
      'JO14',
      [
        'ECDSA with r = s = 0, as DER, of another length or curve; a point off the curve',
        'refused',
        'RFC 8725 §2.5, CVE-2022-21449',
      ],
      by('forged', 'ES256 with r = s = 0, r = s = order, r = 0, s = 0, DER, short, long and of another curve (row 55)'),
      by('assertion', 'a key that is no point', 'a signature as DER'),
      by('encrypted', 'off the curve', 'of another curve'),
    ),
    attack(
      'JO15',
      ['PBES2 with rounds without end', 'not on offer; refused in less than 5 ms', 'RFC 8725bis §2.10'],
      by('encrypted', 'PBES2 with p2c of ten million (row 57)', 'PBES2'),
      by('encrypted', 'PBES2 with p2c of 2^31 -> undefined in less than 5 ms: no key is derived'),
    ),
    attack(
      'JO16',
      ['a small token that inflates', 'no compression is understood', 'RFC 8725bis §3.15'],
      by(
        'encrypted',
        'zip (row 57)',
        'a zip bomb within the length that is read -> undefined, and it is never inflated',
      ),
    ),
    attack(
      'JO17',
      ['RSA1_5 and its oracle; a tag that is cut', 'not on offer; refused', 'RFC 8725 §3.2, RFC 7518 §5.3'],
      by('encrypted', 'RSA1_5', 'alg RSA1_5', 'RSA-OAEP with SHA-1', 'tag cut', 'tag of 4 bytes', 'tag empty'),
      by('jwe', 'is not on offer → ConfigurationError that says what is', 'does not open by any algorithm that is'),
      by('jwe', 'no tag that is shorter, no other key'),
    ),
    attack(
      'JO18',
      ['a JWE where a signature is expected, and the reverse', 'refused: the form is set', 'RFC 8725bis'],
      by('forged', 'a JWE where a JWS is expected -> undefined (row 56)'),
      by('encrypted', 'JWS where a JWE is expected (row 56)', 'signed by another key, or not signed -> undefined'),
      by('encrypted', 'a verifier with a public key, or a private one without verificationKeys -> ConfigurationError'),
    ),
    attack(
      'JO19',
      ['private members or secrets among the published keys', 'members by name, of the public half', 'RFC 7518 §6'],
      by('jwks', 'RSA from a JWK with every private member', 'a JWK with members of its own'),
      by('jwks', 'every key of an OpenID provider → public members only'),
      by('jwks', 'secrets that tokens are made with are no keys to publish'),
      by('attackPages', 'the keys that are published have public members only'),
      by('metadata', 'a private key', 'a symmetric key'),
    ),
    attack(
      'JO20',
      [
        'digests of codes and tokens for an algorithm that nobody knows',
        'a key of such an algorithm is refused; the digest is that of the algorithm',
        'OpenID Connect Core §3.1.3.6',
      ],
      by('platform', 'Signer with another alg', 'name of a member of Object'),
      by('idToken', 'RS256', 'EdDSA'),
    ),
    attack(
      'JO22',
      [
        'a key that goes before its tokens, or signs before others know it',
        'old and new keys are taken while keys are rotated',
        'OpenID Connect Core §10.1.1',
      ],
      by('signed', 'JWK Set while keys are rotated'),
      by(
        'jwksUri',
        'its keys are fetched once; a new kid is looked for, once a minute; a key that is gone is over when the copy is',
      ),
      by('rotations', '3 rotations under load -> no good token is refused, none is signed by a key that caches lack'),
      by(
        'serverKeys',
        'retire the key that signs -> its tokens are refused, those of the next one are good, also for jose',
      ),
    ),
  ],
}
