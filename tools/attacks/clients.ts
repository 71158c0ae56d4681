import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on the token endpoint and the authentication of clients. */
export const clientAttacks: AttackSection = {
  title: 'Token endpoint and authentication of clients',
  rows: [
    attack(
      'CA01',
      [
        'two ways of authentication, or two ids',
        '`invalid_request`, or `invalid_client` with an assertion',
        'RFC 6749 §2.3',
      ],
      by('clientAuth', 'both methods', 'another id in the body'),
      by('assertion', 'Basic as well', 'client_secret as well', 'client_id of another'),
    ),
    attack(
      'CA02',
      ['another method than the registered one', '401 `invalid_client`', 'RFC 7591 §2'],
      by('attackToken', 'a client by another method than the registered one → 401 invalid_client'),
      by('clientAuth', 'a client registered for one method may not use the other'),
      by('assertion', 'a client that has a secret', 'a public client'),
    ),
    attack(
      'CA03',
      ['a confidential client without credentials, or with an empty secret', '401 `invalid_client`', 'RFC 6749 §3.2.1'],
      by('clientAuth', 'a confidential client by its id alone', 'an empty secret', 'nothing'),
    ),
    attack(
      'CA06',
      [
        'GET at the token endpoint; a secret or code in the URL',
        '405 with `Allow: POST`; `invalid_request`',
        'RFC 6749 §2.3.1, §3.2',
      ],
      by('messages', 'GET', 'grant_type in the URL', 'client_secret in the URL', 'code'),
    ),
    attack(
      'CA07',
      [
        'a body of another type: JSON, multipart, text, two types, none, another charset',
        '400, the body is not parsed',
        'RFC 6749 §3.2',
      ],
      by('messages', 'JSON', 'multipart', 'text', 'two content types', 'no content type', 'UTF-16', 'Latin-1'),
      by('messages', 'a type that only begins like it'),
    ),
    attack(
      'CA08',
      ['a parameter twice, of any name', '`invalid_request`', 'RFC 6749 §3.2'],
      by('messages', 'Messages that cannot be read (§3.2)', 'grant_type'),
      by('issuing', 'grant_type twice → invalid_request; unknown parameter → ignored; empty scope → as absent'),
    ),
    attack(
      'CA09',
      [
        'a body of 1 MB, 10,000 parameters, a state of 100 KB, a URI of 1 MB',
        '413 or 400 in milliseconds; bodies and queries up to 64 KiB, 100 parameters',
        'RFC 9110 §15.5.14',
      ],
      by('messages', '1 MB', '65537 bytes', 'a longer Content-Length', '101 parameters', '10,000 parameters'),
      by('code', 'a state of 100 KB', 'a redirect_uri of 1 MB', '10,000 parameters'),
    ),
    attack(
      'CA10',
      [
        'a grant that the client may not use; client credentials of a public client',
        '`unauthorized_client`',
        'RFC 6749 §5.2',
      ],
      by('attackToken', 'a grant that the client may not use → unauthorized_client', 'authorization_code'),
      by('clientAuth', 'a public client may not use client_credentials (§4.4)'),
    ),
    attack(
      'CA11',
      ['a default scope that the client may not have', 'it is not granted', 'RFC 6749 §3.3'],
      by('attackToken', 'a default scope that the client may not have is not granted'),
      by('code', 'a decision that grants more than was asked → invalid_scope, no code'),
    ),
    attack(
      'CA12',
      [
        'the secret of a client is guessed',
        'it is 258 random bits that the server chose, and a slow hash where somebody chose one; wrong guesses do not lock the client out. How ' +
          'many requests an address may send is up to the proxy in front',
        'RFC 6749 §2.3.1, §10.10',
      ],
      by('attackToken', 'secrets of clients cannot be guessed: 43 random characters that the server chose'),
      by('attackToken', 'fifty wrong secrets do not lock the client out'),
      by(
        'clientAuth',
        'generated secrets are stored as SHA-256, chosen ones by the slow hash, which also runs for unknown clients',
      ),
    ),
    attack(
      'CA13',
      [
        'a client assertion that is forged: alg none, HS256 with the public key, a key of another client or of the header',
        '401 `invalid_client`',
        'RFC 8725 §2.1',
      ],
      by('assertion', 'alg none', 'HS256 with the public key as PEM', 'HS256 with the public key as JWK'),
      by('assertion', 'the key of another client', 'another client, with our key', 'the wrong key'),
      by('assertion', 'the key in the header as jwk', 'the key in the header as jku'),
    ),
    attack(
      'CA15',
      [
        'an assertion of another issuer or subject, without jti or exp, that lives for long, or comes from the future',
        '401 `invalid_client`',
        'RFC 7523 §3',
      ],
      by('assertion', 'iss of another', 'client_id of another', 'jti missing', 'jti empty', 'exp missing'),
      by('assertion', 'exp 611 s ahead', 'iat 11 s ahead', 'aud the issuer and another'),
      by('fapi', 'aud a list of the issuer', 'iat 61 seconds ahead', 'nbf 61 seconds ahead'),
    ),
    attack(
      'CA17',
      [
        'an assertion again at the last moment, when its marker may be gone',
        'the marker outlives the assertion and both clocks',
        'RFC 7523 §3',
      ],
      by('assertionUse', 'to the last second in which it would be accepted, and no marker is swept before'),
      by('assertionUse', 'a second time → refused, also at another endpoint'),
    ),
    attack(
      'CA18',
      [
        'a certificate in a header that anybody can send',
        'a header means nothing until an option names it, and then over connections of the proxies that it lists alone',
        'RFC 8705 §6.5',
      ],
      by('mtlsClient', 'from anybody else', 'twice', 'with another one after it'),
      by('attackToken', 'X-SSL-Cert'),
    ),
    attack(
      'CA19',
      [
        'a certificate whose name is like the registered one, or whose key is not registered',
        'names are compared as wholes, by their kind; the chain is trusted or the key is in the `jwks`',
        'RFC 8705 §2.1.2, §2.2, §7',
      ],
      by(
        'mtlsClient',
        'a name that holds all of the subject',
        'its subject as a DNS name',
        'a DNS name that ends alike',
      ),
      by('mtlsClient', 'a wildcard that covers it', 'its DNS name as common name', 'two names in one'),
      by(
        'mtlsClient',
        'a certificate of another key, of the same name → invalid_client',
        'of an authority that is not trusted',
      ),
      by('mtlsBound', 'a certificate of the same name, of an authority with the same name → invalid_client'),
    ),
    attack(
      'CA20',
      ['an answer that is cached or taken for a page', '`no-store`, `nosniff`, JSON, errors included', 'RFC 6749 §5.1'],
      by('attackToken', 'no answer is kept or guessed at: no-store, nosniff, JSON'),
      by('attackToken', 'a revocation has no body, and is not kept either'),
    ),
    attack(
      'CA21',
      [
        'unknown client and wrong secret are told apart, by answer or time',
        'the same answer, and the same work for a client of nobody',
        'RFC 6819 §4.3.5',
      ],
      by('clientAuth', 'an unknown client and a wrong secret get the same answer'),
      by('assertionUse', 'The work tells nothing'),
      by('secretJwt', 'secrets are asked for in any case: the time taken says nothing'),
    ),
    attack(
      'CA22',
      [
        'the text of an exception reaches the client',
        'a general text; the cause is in the event for the operator',
        'RFC 9700 §4.2',
      ],
      by('messages', 'a store that fails → 503 with Retry-After that tells nothing'),
      by('messages', 'an exception of the validator → 500 that tells nothing'),
      by('atRest', 'a lost key-encryption key is told in one line that says what to do'),
      by('assertionUse', 'fetchKeys fails → 401, with the cause in the log'),
    ),
    attack(
      'CA23',
      ['the password grant', '`unsupported_grant_type`, but in the preset that is named after it', 'RFC 9700 §2.4'],
      by('attackToken', 'password'),
      by('legacy', 'the other presets do not offer it'),
    ),
  ],
}
