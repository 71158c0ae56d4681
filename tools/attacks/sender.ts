import { by } from '../proofs/files.ts'
import { attack, type AttackSection } from './row.ts'

/** Attacks on tokens that are bound to a key or a certificate. */
export const senderAttacks: AttackSection = {
  title: 'Tokens that are bound to their sender',
  rows: [
    attack(
      'DP01',
      [
        'a proof that is sent again, to this node or another',
        'a marker in the store is set in one step for all nodes, and outlives the proof; 16 at once, one works',
        'RFC 9449 §11.1',
      ],
      by('dpopToken', 'works once at all nodes, also when it comes to both at the same time'),
      by(
        'bound',
        'works once, also when it comes twice at the same time',
        'works once at all processes that share a store',
      ),
    ),
    attack(
      'DP03',
      ['a proof with another token than it was made for', '`ath` is the digest of the token', 'RFC 9449 §7.1'],
      by('bound', 'ath missing', 'ath of another token'),
    ),
    attack(
      'DP04',
      [
        'a bound token as a bearer token',
        'refused at every resource: `verifyRequest`, `protect`, UserInfo, and introspection as the token of its caller',
        'RFC 9449 §7.2',
      ],
      by('bound', 'under the scheme Bearer → 401, with a challenge for DPoP (RFC 9449 §7.2)'),
      by('bound', 'is refused by verifyRequest of a server as well: it is no bearer token'),
      by('dpopToken', 'UserInfo takes it with a proof, and not without (RFC 9449 §7)'),
      by('dpopToken', 'introspection does not take it from its caller as a bearer token'),
    ),
    attack(
      'DP05',
      [
        'a proof with `alg` none or HS256, a private key in it, or two proofs',
        'refused, and never taken for a request without a proof',
        'RFC 9449 §4.3',
      ],
      by('dpopToken', 'alg none', 'alg HS256', 'jwk with a private member', 'two proofs', 'an empty header'),
      by('bound', 'alg none', 'HS256', 'jwk with its private half', 'signed by another key than jwk'),
    ),
    attack(
      'DP06',
      [
        'proofs that were made ahead of time, or are old',
        '`iat` at most 60 seconds ago and 10 ahead; with `nonceSecret`, a nonce of the last 5 minutes',
        'RFC 9449 §11.2',
      ],
      by('dpopToken', 'iat 60 seconds ago', 'iat 11 seconds ahead'),
      by('dpopNonce', 'is good for 5 minutes; a proof made ahead of time is not (RFC 9449 §11.2)'),
      by('dpopNonce', 'of another server, changed or empty → use_dpop_nonce'),
    ),
    attack(
      'DP07',
      [
        'a code or refresh token that is bound to a key, with another key or none',
        '`invalid_grant`, also where the option was turned off since',
        'RFC 9449 §5, §10',
      ],
      by('dpopBinding', 'with a proof of another key', 'with no proof'),
      by('dpopBinding', 'is bound to the key of its first proof, from then on'),
      by('dpopBinding', 'is refused by a server that has no option dpop any more'),
    ),
    attack(
      'DP08',
      [
        'a token that is bound to a certificate, with another one or none',
        'refused wherever the certificate cannot be compared',
        'RFC 8705 §3',
      ],
      by('bound', 'another', 'not at all', 'a certificate, and nothing finds it'),
      by('mtlsBound', 'client credentials by tls_client_auth: a token that the certificate alone can use'),
      by('mtlsBound', 'a public client: its refresh token is bound to the certificate as well (RFC 8705 §4)'),
    ),
    attack(
      'downgrade',
      [
        'a client whose tokens must be bound is made to take a bearer token',
        'refused at the token endpoint and at the authorization endpoint, also where the server looks at no proofs',
        'RFC 9449 §5.2',
      ],
      by('dpopToken', 'without a proof → invalid_dpop_proof, and its code is still good'),
      by(
        'dpopToken',
        'gets no token from the authorization endpoint',
        'gets none from a server that looks at no proofs',
      ),
      by('dpopBinding', 'gives no bearer token where those of the client must be bound'),
    ),
  ],
}
