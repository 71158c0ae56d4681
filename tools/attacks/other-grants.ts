import { by } from '../proofs/files.ts'
import { absent, attack, type AttackSection } from './row.ts'

/** Attacks on devices, registration, and what is not here. */
export const otherAttacks: AttackSection = {
  title: 'Devices, registration and other grants',
  rows: [
    attack(
      'GX01',
      [
        'user codes are guessed; polls come without end',
        '20^8 codes, five tries in ten minutes for each user, ten minutes to live; `slow_down`',
        'RFC 8628 §3.5, §5.1',
      ],
      by('device', 'more than five tries in ten minutes by one → limited, others are not'),
      by('device', 'before the decision → authorization_pending; too fast → slow_down, and 5 seconds more'),
      by('serverDevice', 'five tries in ten minutes for a user, in all sessions -> 429, even for the right code'),
    ),
    attack(
      'GX03',
      [
        'a link with the code of a device of somebody else',
        'the link approves nothing: the code and the client are shown, to be compared',
        'RFC 8628 §5.4',
      ],
      by(
        'attackPages',
        'a link with the code of a device approves nothing: the code is shown, to be compared (RFC 8628 §5.4)',
      ),
      by('serverDevice', 'log in, enter the code, compare, allow -> the device gets tokens with an ID token'),
    ),
    attack(
      'CIBA §14',
      [
        'telephones of strangers ring; the client is called at an inner address, or sent on; a signed request again',
        'codes that users know, where a client is registered for them; public addresses, once, without redirects; `jti` once',
        'OpenID Connect CIBA Core §7.1.1, §10.2, §14',
      ],
      by('ciba', 'a client that is registered for codes of users sends them; five tries in ten minutes (§7.1)'),
      by('ciba', 'says all of it, and is taken once', 'with a parameter beside it'),
      by('cibaNotices', '/moved', 'an address that is not public is not asked'),
    ),
    attack(
      'GX04',
      [
        'an exchanged token: from one of somebody else, forged or expired; wider, longer or for others than that; behind a forged chain of actors; past who may',
        'off unless a server has the grant, and refused unless it says so; `invalid_request`, `invalid_target` or `invalid_scope`; it ends with the subject token and its grant',
        'RFC 8693 §2.2.2, §5',
      ],
      by('attackToken', 'a grant that there is not → unsupported_grant_type'),
      by('exchange', 'that has expired, was revoked, or is meant for others → invalid_request (§2.2.2)'),
      by('exchange', 'a signed access token is no ID token, nor is an ID token an access token'),
      by('exchange', 'a scope beyond that of the subject token', 'a resource of nobody', 'an audience of nobody'),
      by('exchange', 'of a user, for the next service: of its scopes, its user, its end, and its own client (§2.2.1)'),
      by('exchange', 'nobody, unless a judge says so: impersonation and delegation are two questions (§1.1)'),
      by('exchange', 'ends with the grant of the subject token, and no longer is one then'),
      by('actors', '10 before', 'one behind which is a text', 'by which somebody else acts', 'another sub'),
      by('boundExchange', 'a bound token is exchanged with its key alone, unless the judge takes it from others'),
    ),
    attack(
      'GX05',
      [
        'a JWT as a grant: of somebody else, for another server or client, used again, with limits that are passed over',
        'off unless a server has the grant; issuers by name and key, `aud` this server alone, ten minutes, taken once; `findUser` judges who may speak for whom',
        'RFC 7523 §2.1, §3',
      ],
      by('attackToken', 'a grant that there is not → unsupported_grant_type'),
      by('jwtBearer', 'of an issuer, by the key of another'),
      by('jwtBearer', 'for more than this server', 'with limits that are not understood'),
      by('jwtBearer', 'bound to a key that the client does not prove to have'),
      by('idJag', 'for another client', 'for no client', 'of the typ of all JWTs', 'for less scope than is asked'),
      by('jwtBearer', 'of a trusted issuer about a user of another'),
      by('jwtBearer', 'is taken once, by one of eight at the same time'),
    ),
    attack(
      'GX06',
      [
        'a flood of registrations',
        'off unless an option says so; by initial access token, or with a limit; clients that nobody uses are deleted',
        'RFC 7591 §5',
      ],
      by('registering', 'the metadata document names the endpoint, below the path of the issuer, where it is on'),
      by(
        'registrationLimits',
        'more than the limit in a time → 429 with Retry-After, then again',
        '1,000 at once → 60 clients',
      ),
      by(
        'registrationLimits',
        'totalLimit: all without a token, from wherever they come; those with one are not counted',
      ),
      by('registrationLimits', 'deletes clients that nobody used, with their grants, and no client of the operator'),
    ),
    attack(
      'GX08',
      [
        'a client registers what only an operator may say: its id, no consent, first party, scopes, no PKCE',
        'ignored, and not echoed',
        'RFC 7591 §2, §5',
      ],
      by('metadata', 'privileged members, unknown ones, and those of prototypes'),
      by('metadata', 'client credentials, which nobody gave out'),
      by('openidMetadata', 'more than on offer → those that are'),
      by('registering', 'narrows what is registered, and the answer says so (§3.2.1)'),
    ),
    attack(
      'GX09',
      [
        'metadata of another type: text for lists, holes, lists without end, null, secret keys',
        '`invalid_client_metadata`',
        'RFC 7591 §3.2.2',
      ],
      by('metadata', 'text in place of a list', 'an object in place of a list', 'a hole in the list', '51 of them'),
      by('metadata', 'grants as text', 'a method as a list', 'a name that is a number', 'contacts as text'),
      by('metadata', 'a symmetric key', 'a key that is null', 'a kid that is a number', '21 keys'),
      by('registering', '60,000 brackets', 'no JSON'),
    ),
    attack(
      'GX10',
      [
        'the admin API without a token, with one for something else, or with the scope to read where something is changed',
        '401 or 403; it is at a port of its own, and its scopes are granted by a member of the record alone',
        'OWASP ASVS 13.2',
      ],
      by('adminApi', 'no token', 'a token of nobody', 'an ordinary scope', 'another audience', 'the scope to read'),
      by('adminApi', 'a token that was revoked, and those of a client that is disabled -> 401'),
      by('attackPages', 'there is no admin API to reach: its paths are not there'),
    ),
    attack(
      'GX11',
      [
        'a cursor of a list that is forged',
        'it says where a page begins and nothing else; nonsense is refused',
        'CVE-2026-33504',
      ],
      by('adminApi', 'a cursor of nothing'),
      by('attackPages', 'no address takes a cursor: a page of a list is not there to forge'),
    ),
    absent(
      'RFC 7797',
      ['a payload that is not encoded', 'refused, whatever crit says', 'RFC 7797 §6'],
      'payloads that are not encoded',
      by('forged', 'crit b64', 'b64 false', 'b64 false without crit'),
    ),
  ],
}
