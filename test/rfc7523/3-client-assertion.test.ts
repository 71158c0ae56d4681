/** RFC 7523 §3: client assertions, good and bad. */
import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Jwk } from 'grantry'
import { pem, writeJwt } from '../support/assertions.ts'
import { basic } from '../support/requests.ts'
import { ed25519, issuer, now, p256, p384, rsa, shortRsa, spki } from '../tokens/fixtures.ts'
import { type Change, attacker, claims, header, jwkOf, makeRow } from './assertion-fixture.ts'

const tokenEndpoint = `${issuer}/token`

const attackerJwk = jwkOf(attacker)

/** An assertion whose claims are a text, signed as a good one. */
const raw = (good: string, text: string): string => {
  const input = `${good.split('.')[0] ?? ''}.${Buffer.from(text).toString('base64url')}`
  const signature = sign('sha256', Buffer.from(input), { key: pem(p256.privateKey), dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** Other claims under the signature of a good one. */
const changed = (good: string): string => {
  const [head = '', , signature = ''] = good.split('.')
  return `${head}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.${signature}`
}

const accepted: readonly [name: string, change: Change][] = [
  ['a good assertion', {}],
  ['client_id sent as well', { parameters: { client_id: 'app' } }],
  ['aud as a list of one', { claims: { aud: [issuer] } }],
  ['no typ', { header: { typ: undefined } }],
  ['typ client-authentication+jwt (rfc7523bis)', { header: { typ: 'client-authentication+jwt' } }],
  ['typ application/jwt', { header: { typ: 'application/jwt' } }],
  ['no kid', { header: { kid: undefined } }],
  ['no iat', { claims: { iat: undefined } }],
  ['nbf now', { claims: { nbf: now } }],
  ['iat and nbf 10 s ahead', { claims: { iat: now + 10, nbf: now + 10 } }],
  ['exp 9 s ago', { claims: { exp: now - 9 } }],
  ['exp 10 minutes ahead', { claims: { exp: now + 600 } }],
  ['exp with a fraction', { claims: { exp: now + 59.5 } }],
  ['RS256 by the RSA key', { header: { alg: 'RS256', kid: 'k2' }, key: rsa.privateKey }],
  ['PS256 by the RSA key', { header: { alg: 'PS256', kid: 'k2' }, key: rsa.privateKey }],
  ['a claim that means nothing here', { claims: { scope: 'all', nested: { a: 1 } } }],
  ['the alg that is registered', { client: { assertionSigningAlgorithm: 'ES256' } }],
  [
    'EdDSA registered, Ed25519 sent: one algorithm of two names',
    {
      header: { alg: 'Ed25519', kid: 'e' },
      key: ed25519.privateKey,
      client: { assertionSigningAlgorithm: 'EdDSA', jwks: { keys: [jwkOf(ed25519, { kid: 'e', alg: 'EdDSA' })] } },
    },
  ],
  [
    'two keys, none with kid',
    { client: { jwks: { keys: [jwkOf(p384), jwkOf(shortRsa), jwkOf(rsa), jwkOf(p256)] } }, header: { kid: undefined } },
  ],
  [
    'keys of other uses and kinds in the set',
    { client: { jwks: { keys: [jwkOf(p256, { use: 'enc' }), { kty: 'future' }, jwkOf(p256)] } } },
  ],
  [
    'legacyAssertionAudience, aud the token endpoint',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: tokenEndpoint } },
  ],
  [
    'legacyAssertionAudience, several aud',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: ['https://x.example', tokenEndpoint] } },
  ],
  [
    'legacyAssertionAudience, aud the issuer',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: issuer } },
  ],
]

const malformed = '401 invalid_client client_assertion_malformed'

const ofClaims = '401 invalid_client client_assertion_claims_wrong app: '

const noKey = '401 invalid_client client_assertion_key_unknown app: none fits alg and kid'

const badSignature = '401 invalid_client client_assertion_signature_wrong app: client_assertion_signature_wrong'

const notJwt = `${malformed} it is no signed JWT, too long, or of another typ`

const broken = (jwk: Jwk) => ({ jwks: { keys: [jwk] } })

const refused: readonly [name: string, change: Change, expected: string][] = [
  // how it is sent
  [
    'client_assertion_type of SAML',
    { parameters: { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' } },
    `${malformed} client_assertion_type is another`,
  ],
  [
    'client_assertion_type with a capital',
    { parameters: { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:JWT-bearer' } },
    `${malformed} client_assertion_type is another`,
  ],
  [
    'client_assertion_type missing',
    { parameters: { client_assertion_type: undefined } },
    `${malformed} client_assertion_type is another`,
  ],
  [
    'client_assertion missing',
    { parameters: { client_assertion: undefined } },
    '401 invalid_client client_credentials_missing',
  ],
  [
    'Basic as well',
    { headers: basic('app', 'x') },
    '400 invalid_request client_credentials_repeated client_secret_basic, private_key_jwt',
  ],
  [
    'client_secret as well',
    { parameters: { client_id: 'app', client_secret: 'x' } },
    '400 invalid_request client_credentials_repeated client_secret_post, private_key_jwt',
  ],
  ['client_id of another', { parameters: { client_id: 'other' } }, '400 invalid_request client_id_mismatch'],
  // who it is from
  ['an unknown client', { claims: { iss: 'nobody', sub: 'nobody' } }, '401 invalid_client client_unknown nobody'],
  [
    'a client that has a secret',
    { claims: { iss: 'by-secret', sub: 'by-secret' } },
    '401 invalid_client client_method_not_allowed by-secret used private_key_jwt',
  ],
  [
    'a public client',
    { claims: { iss: 'spa', sub: 'spa' } },
    '401 invalid_client client_method_not_allowed spa used private_key_jwt',
  ],
  ['the key of another client', { header: { alg: 'EdDSA', kid: undefined }, key: ed25519.privateKey }, noKey],
  ['another client, with our key', { claims: { iss: 'other', sub: 'other' } }, noKey.replace('app', 'other')],
  ['iss of another', { claims: { iss: 'other' } }, `${ofClaims}iss is not sub`],
  ['iss missing', { claims: { iss: undefined } }, `${ofClaims}iss is not sub`],
  ['sub missing', { claims: { sub: undefined } }, `${malformed} sub is missing`],
  ['sub empty', { claims: { sub: '' } }, `${malformed} sub is missing`],
  ['sub with NUL', { claims: { sub: 'app\0' } }, `${malformed} sub is missing`],
  ['sub as a list', { claims: { sub: ['app'] } }, `${malformed} sub is missing`],
  // whom it is for
  ['aud missing', { claims: { aud: undefined } }, `${ofClaims}aud is not the issuer alone`],
  ['aud empty', { claims: { aud: [] } }, `${ofClaims}aud is not the issuer alone`],
  ['aud with a slash', { claims: { aud: `${issuer}/` } }, `${ofClaims}aud is not the issuer alone`],
  ['aud of another server', { claims: { aud: 'https://evil.example' } }, `${ofClaims}aud is not the issuer alone`],
  ['aud the token endpoint (rfc7523bis)', { claims: { aud: tokenEndpoint } }, `${ofClaims}aud is not the issuer alone`],
  [
    'aud the issuer and another',
    { claims: { aud: [issuer, tokenEndpoint] } },
    `${ofClaims}aud is not the issuer alone`,
  ],
  ['aud the issuer twice', { claims: { aud: [issuer, issuer] } }, `${ofClaims}aud is not the issuer alone`],
  ['aud nested', { claims: { aud: [[issuer]] } }, `${ofClaims}aud is not the issuer alone`],
  [
    'legacyAssertionAudience, aud of another server',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: `${issuer}/introspect` } },
    `${ofClaims}aud is not the issuer alone`,
  ],
  // when
  ['exp missing', { claims: { exp: undefined } }, `${ofClaims}exp is missing or not a date`],
  ['exp as text', { claims: { exp: String(now + 60) } }, `${ofClaims}exp is missing or not a date`],
  [
    'exp 1e999',
    { assertion: (good) => raw(good, `{"iss":"app","sub":"app","aud":"${issuer}","exp":1e999,"jti":"j"}`) },
    `${ofClaims}exp is missing or not a date`,
  ],
  ['exp 10 s ago', { claims: { exp: now - 10 } }, `${ofClaims}exp has passed`],
  ['exp 611 s ahead', { claims: { exp: now + 611 } }, `${ofClaims}exp is more than 10 minutes ahead`],
  ['nbf 11 s ahead', { claims: { nbf: now + 11 } }, `${ofClaims}nbf is in the future`],
  ['nbf as text', { claims: { nbf: '0' } }, `${ofClaims}nbf is in the future`],
  ['iat 11 s ahead', { claims: { iat: now + 11 } }, `${ofClaims}iat is in the future`],
  ['iat null', { claims: { iat: null } }, `${ofClaims}iat is in the future`],
  ['jti missing', { claims: { jti: undefined } }, `${ofClaims}jti is missing`],
  ['jti empty', { claims: { jti: '' } }, `${ofClaims}jti is missing`],
  ['jti a number', { claims: { jti: 7 } }, `${ofClaims}jti is missing`],
  // how it is signed
  ['alg none', { header: { alg: 'none' } }, noKey],
  ['alg None', { header: { alg: 'None' } }, noKey],
  ['alg missing', { header: { alg: undefined } }, notJwt],
  ['alg a list', { header: { alg: ['ES256'] } }, noKey],
  ['alg of the prototype', { header: { alg: 'constructor' } }, noKey],
  [
    'HS256 with the public key as PEM',
    { header: { alg: 'HS256', kid: 'k2' }, key: spki(rsa.publicKey) },
    '401 invalid_client client_assertion_unsupported',
  ],
  [
    'HS256 with the public key as JWK',
    { header: { alg: 'HS256' }, key: JSON.stringify(jwkOf(p256)) },
    '401 invalid_client client_assertion_unsupported',
  ],
  [
    'RS256 where ES256 is registered',
    { client: { assertionSigningAlgorithm: 'ES256' }, header: { alg: 'RS256', kid: 'k2' }, key: rsa.privateKey },
    '401 invalid_client client_assertion_key_unknown app: it is registered for ES256',
  ],
  [
    'RS256 where the key is for PS256',
    { client: broken(jwkOf(rsa, { alg: 'PS256' })), header: { alg: 'RS256', kid: undefined }, key: rsa.privateKey },
    noKey,
  ],
  ['a key for encryption', { client: broken(jwkOf(p256, { use: 'enc' })) }, noKey],
  ['a key that may not verify', { client: broken(jwkOf(p256, { key_ops: ['deriveBits'] })) }, noKey],
  [
    'an RSA key of 1024 bits',
    { client: broken(jwkOf(shortRsa)), header: { alg: 'RS256' }, key: shortRsa.privateKey },
    noKey,
  ],
  [
    'a key that is no point',
    { client: broken({ ...jwkOf(p256), x: 'AAAA' }) },
    '401 invalid_client client_keys_unavailable app: a key is broken',
  ],
  ['the kid of another key', { header: { kid: 'k2' } }, noKey],
  ['an unknown kid', { header: { kid: '../../etc/passwd' } }, noKey],
  ['a kid that is a number', { header: { kid: 1 } }, noKey],
  ['the wrong key', { key: attacker.privateKey }, badSignature],
  ['the key in the header as jwk', { header: { jwk: attackerJwk }, key: attacker.privateKey }, badSignature],
  [
    'the key in the header as jku',
    { header: { jku: 'https://evil.example/jwks' }, key: attacker.privateKey },
    badSignature,
  ],
  [
    'the key in the header as x5u',
    { header: { x5u: 'https://evil.example/cert' }, key: attacker.privateKey },
    badSignature,
  ],
  [
    'a signature as DER',
    { assertion: (good) => `${good.split('.').slice(0, 2).join('.')}.${Buffer.alloc(70, 0x30).toString('base64url')}` },
    badSignature,
  ],
  ['no signature', { assertion: (good) => good.replace(/[^.]*$/, '') }, badSignature],
  ['a claim changed', { assertion: (good) => changed(good) }, badSignature],
  // its form
  ['crit', { header: { crit: ['exp'], exp: now } }, notJwt],
  ['crit empty', { header: { crit: [] } }, notJwt],
  ['b64 false', { header: { crit: ['b64'], b64: false } }, notJwt],
  ['typ at+jwt', { header: { typ: 'at+jwt' } }, notJwt],
  ['typ dpop+jwt', { header: { typ: 'dpop+jwt' } }, notJwt],
  ['typ logout+jwt', { header: { typ: 'logout+jwt' } }, notJwt],
  ['two parts', { assertion: 'a.b' }, notJwt],
  ['five parts', { assertion: 'a.b.c.d.e' }, notJwt],
  ['padded', { assertion: (good) => `${good}=` }, notJwt],
  ['longer than 16 KiB', { claims: { filler: 'x'.repeat(16_384) } }, notJwt],
  [
    'claims that are no object',
    { assertion: () => writeJwt(header, ['app'], p256.privateKey) },
    `${malformed} the claims are no JSON object`,
  ],
  ['claims that are no JSON', { assertion: (good) => raw(good, '{') }, `${malformed} the claims are no JSON object`],
  // what is known of the client
  [
    'a client with jwksUri, no fetchKeys',
    { client: { jwks: undefined, jwksUri: 'https://app.example/jwks' } },
    '401 invalid_client client_keys_unavailable app: it has a jwksUri, and the server no option fetchKeys',
  ],
]

describe('An assertion is good (§3)', () => {
  for (const [name, change] of accepted) {
    test(`${name} → a token`, async () => {
      const { send, told } = await makeRow(change.client)
      const response = await send(change)
      assert.equal(response.status, 200, told())
    })
  }
})

describe('An assertion is refused (§3)', () => {
  for (const [name, change, expected] of refused) {
    test(`${name} → ${expected}`, async () => {
      const { send, told } = await makeRow(change.client)
      const response = await send(change)
      assert.equal(told(), expected)
      assert.ok(!response.body.includes('access_token'))
      if (response.status !== 401) return
      const unknown = await send({ claims: { iss: 'nobody', sub: 'nobody' } })
      assert.deepEqual(response, unknown, 'the answer is that of an unknown client')
    })
  }
})
