import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks by URLs that others choose and the server asks (SSRF). */
export const outboundAttacks: AttackSection = {
  title: 'Requests of the server to others',
  rows: [
    attack(
      'SF01',
      [
        'a URL that leads inside: private, loopback, link-local and metadata addresses, mapped, in NAT64 and 6to4, decimal, octal and ' +
          'hexadecimal, by a name, by a name that changes its mind',
        'no connection is made; the address that is looked at is the one that is connected to',
        'RFC 6890',
      ],
      by('guarded', 'addresses in the URL that are not public, however they are written'),
      by('guarded', 'names that lead to addresses that are not public'),
      by(
        'guarded',
        'the name is looked up once for a connection, so that it cannot change its mind → the address that was checked',
      ),
      by('jwksUri', 'a URL that leads inside → 401, and nothing is asked'),
      by('sector', 'sector_identifier_uri'),
      by('documents', '§6.5: a host that leads inside → 503, and no connection'),
      by('tells', 'an address that is not public, and was not allowed -> not asked'),
      by('registrationSettings', 'what clients name inside is not asked, but for hosts that were named'),
    ),
    attack(
      'SF03',
      ['a redirect that leads inside', 'not followed; where one may be, it is checked as the first', 'RFC 9110 §15.4'],
      by('guarded', '/to?next=/good', 'to an address that is not public', 'to http', '/loop'),
      by('tells', 'a redirect, which is not followed'),
      by('documents', 'a redirect'),
    ),
    attack(
      'SF04',
      [
        'an answer without end, by drops, or packed; a client that hangs at a logout',
        'cut at 64 KiB (documents of clients: 5 KiB) and 1.5 seconds in all, nothing is unpacked; users do not wait for clients',
        'RFC 9110 §15.5.14',
      ],
      by('guarded', '/endless', '/announced', '/gzip', 'a resolver that never answers → timeout'),
      by('serverTells', 'the user goes on while a client keeps the server waiting'),
    ),
    attack(
      'SF05',
      [
        'a client id that is a URL with dots, queries or credentials, or a document that names another client, has a secret, or is none',
        'refused, shown to the user alone and not kept; ids and documents are compared as strings',
        'draft-ietf-oauth-client-id-metadata-document-01 §3, §4',
      ],
      by(
        'documents',
        'a dot segment',
        'an encoded dot segment',
        'a query',
        'credentials',
        'another spelling of an address',
      ),
      by('documents', 'another client_id', 'a secret', 'status 404', 'a redirect', 'a member twice'),
    ),
    attack(
      'SF06',
      [
        'a client changes what it is after users let it in',
        'its name, its places and its keys are part of the consent',
        'draft-ietf-oauth-client-id-metadata-document-01 §6',
      ],
      by('serverRegistration', 'it renames itself → the user is asked again; the new name is shown as its own words'),
      by('serverMcp', 'a document that changes is consented to anew, where it was remembered'),
      by('documentCache', 'a document that changed is another client from then on, and one that is gone is none'),
    ),
    attack(
      'SF07',
      [
        'the image of a client tells it who looks at a page, or holds a script',
        'not shown; with `--profile openid` from exactly its origin, without a referrer',
        'OpenID Connect Dynamic Registration §2',
      ],
      by('serverPages', 'an image', 'an image with --profile openid: from exactly its origin'),
      by('attackPages', 'nothing is loaded from elsewhere, and no address goes along; form_post included'),
    ),
    attack(
      'SF09',
      [
        'many requests at the server make it send many to somebody else',
        'one for all who want the same, a pause after a failure, 32 at once; keys that are not there are looked for once a minute',
        'RFC 9700 §4.11',
      ],
      by('outbound', '1,000 who want one document at once → one request', 'a failure is remembered for 10 seconds'),
      by('outbound', 'more than 32 different ones at once → busy'),
      by('documentCache', 'a thousand requests at once → one fetch'),
      by('documentCache', 'documents that do not exist, one after the other → their host is asked 60 times a minute'),
      by(
        'jwksUri',
        'its keys are fetched once; a new kid is looked for, once a minute; a key that is gone is over when the copy is',
      ),
      by('sector', 'many registrations of one sector → one request'),
    ),
  ],
}
