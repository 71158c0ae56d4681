import assert from 'node:assert/strict'
import { createHash, randomBytes, sign as nodeSign, webcrypto } from 'node:crypto'
import { suite, test } from 'node:test'
import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose'
import { ConfigurationError, type SigningKeyInput } from 'grantry'
import * as node from '#grantry/platform/node'
import * as web from '#grantry/platform/web'
import { ed25519, encode, p256, p384, p521, pkcs1, pkcs8, rsa, shortRsa, spki, x25519 } from './fixtures.ts'

const traditionalRsa = pkcs1(rsa.privateKey)
/** Of `openssl ecparam -name prime256v1 -genkey -noout`. */
const sec1 = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEILZJKiVOzGLLGmnorPiC5/1+ByAY3r5og7bZWoFyvNy2oAoGCCqGSM49
AwEHoUQDQgAEYHRGpsWj/FP7sAfq0XIyeHz54OvsoOA6WA6kp2HLWyX6xqw1RZZb
HTMaGFDJgHKrX07zucPAT82/MkOwi2q6rQ==
-----END EC PRIVATE KEY-----
`
/** Of `openssl ecparam -name secp384r1 -genkey`. */
const sec1WithParameters = `-----BEGIN EC PARAMETERS-----
BgUrgQQAIg==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDC194PpWXX91ygV4jFL2mXK6HeSLP4ScTRK+yr3IOQNXcEhVj+Q/1dZ
SPs101rsA/ugBwYFK4EEACKhZANiAAQFztoW1TzuhdbjP83Z3EN5RWdj7HNopXkD
7OMBOnt8POAJwIQqfSWry/DOj0sL3Z5HHJyxqADyYor5ARarGBUtvDdFM5YAcbMh
2yzYTqMwR/K9M8YdveoRr4MnmefgFgM=
-----END EC PRIVATE KEY-----
`
const locked = { format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' } as const
const encrypted = rsa.privateKey.export({ type: 'pkcs8', ...locked }).toString()
const encryptedTraditional = rsa.privateKey.export({ type: 'pkcs1', ...locked }).toString()
const jwk = rsa.privateKey.export({ format: 'jwk' })
const edwards = ed25519.privateKey.export({ format: 'jwk' })
const secp256k1 = {
  kty: 'EC',
  crv: 'secp256k1',
  x: 'BpNzfrO1D9cTVSh3AN3Ghg2WFOTAJ8bpEjb05GNObao',
  y: 'USril1mXFiE7c6HS5Wn-79sSpY2wh2fMRneNj2gXN4o',
  d: 'GnE-awVpU_EiG7-rcfHZmWT0axMt2d9Am81wC2FbgSM',
}
const cryptoKey = (extractable: boolean, hash = 'SHA-256', name = 'RSA-PSS') =>
  rsa.privateKey.toCryptoKey({ name, hash }, extractable, ['sign'])

const keys: [name: string, key: SigningKeyInput, algorithm: string | undefined, expected: string][] = [
  ['RSA, PKCS#8 PEM', pkcs8(rsa.privateKey), undefined, 'RS256'],
  ['RSA, PKCS#1 PEM', traditionalRsa, undefined, 'RS256'],
  ['RSA, PEM with CRLF and text around', `Bag\r\n${traditionalRsa.replaceAll('\n', '\r\n')}`, undefined, 'RS256'],
  ['RSA, JWK', jwk, 'RS384', 'RS384'],
  ['RSA, JWK that names its alg', { ...jwk, alg: 'PS512' }, undefined, 'PS512'],
  ['RSA, KeyObject', rsa.privateKey, 'RS512', 'RS512'],
  ['RSA, PS256', pkcs8(rsa.privateKey), 'PS256', 'PS256'],
  ['RSA, PS384', pkcs8(rsa.privateKey), 'PS384', 'PS384'],
  ['RSA, extractable CryptoKey is bound to PS256', cryptoKey(true), undefined, 'PS256'],
  ['P-256, PKCS#8 PEM', pkcs8(p256.privateKey), undefined, 'ES256'],
  ['P-256, SEC1 PEM', sec1, undefined, 'ES256'],
  ['P-384, SEC1 PEM with parameters before it', sec1WithParameters, undefined, 'ES384'],
  ['P-384, KeyObject', p384.privateKey, undefined, 'ES384'],
  ['P-521, PKCS#8 PEM', pkcs8(p521.privateKey), undefined, 'ES512'],
  ['Ed25519, PKCS#8 PEM', pkcs8(ed25519.privateKey), undefined, 'EdDSA'],
  ['Ed25519, JWK, fully specified', edwards, 'Ed25519', 'Ed25519'],
  ['Ed25519, JWK that names it', { ...edwards, alg: 'Ed25519' }, undefined, 'Ed25519'],
  ['Ed25519, JWK that gives it the other name', { ...edwards, alg: 'EdDSA' }, 'Ed25519', 'Ed25519'],
]

const refused: [name: string, key: unknown, algorithm: string | undefined, message: RegExp][] = [
  [
    'public PEM',
    spki(rsa.publicKey),
    undefined,
    /x: expected a private key as PEM \(PKCS#8 or PKCS#1\).*got a public key/,
  ],
  ['public JWK', rsa.publicKey.export({ format: 'jwk' }), undefined, /got a public key/],
  ['public KeyObject', rsa.publicKey, undefined, /got a public key/],
  ['encrypted PKCS#8', encrypted, undefined, /got an encrypted PEM/],
  ['encrypted PKCS#1', encryptedTraditional, undefined, /got an encrypted PEM/],
  ['certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', undefined, /got a certificate/],
  ['cut PEM', pkcs8(rsa.privateKey).slice(0, 300), undefined, /got a PEM that is damaged/],
  [
    'PEM of nothing',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    undefined,
    /private key cannot be read/,
  ],
  ['text', 'secret', undefined, /got text that is not PEM/],
  ['true', true, undefined, /got a boolean/],
  ['undefined', undefined, undefined, /got undefined/],
  ['null', null, undefined, /got null/],
  ['number', 5, undefined, /got a number/],
  ['empty object', {}, undefined, /got an object that is no key/],
  ['bytes', randomBytes(32), undefined, /got bytes/],
  ['symmetric JWK', { kty: 'oct', k: 'AAAA' }, undefined, /got a secret key/],
  ['RSA 1024', shortRsa.privateKey.export({ format: 'jwk' }), undefined, /1024 bits.*at least 2048/],
  ['ES256 with RSA', jwk, 'ES256', /ES256 does not fit the key \(RSA\): use RS256/],
  ['RS256 with P-256', p256.privateKey, 'RS256', /RS256 does not fit the key \(EC P-256\): use ES256/],
  ['ES256 with P-384', p384.privateKey, 'ES256', /use ES384/],
  ['HS256', jwk, 'HS256', /HS256 does not fit/],
  ['none', jwk, 'none', /none does not fit/],
  ['name of a member of Object', jwk, 'constructor', /constructor does not fit/],
  ['X25519', x25519.privateKey, undefined, /OKP X25519/],
  ['secp256k1', secp256k1, undefined, /EC secp256k1|cannot be read/],
  ['JWK for encryption', { ...jwk, alg: 'RSA-OAEP-256' }, undefined, /RSA-OAEP-256 does not fit/],
  ['Signer with another alg', { algorithm: 'HS256', sign: () => new Uint8Array() }, undefined, /HS256 of the Signer/],
  [
    'Signer with half a public key',
    { algorithm: 'RS256', publicJwk: { kty: 'RSA', e: 'AQAB' }, sign: () => new Uint8Array() },
    undefined,
    /publicJwk of the Signer/,
  ],
  ['JWK of a kty that is a member of Object', { kty: 'constructor', d: 'x' }, undefined, /cannot be read|does not fit/],
  ['Signer beside another option', { algorithm: 'RS256', sign: () => new Uint8Array() }, 'ES256', /signs with RS256/],
]

for (const [runtime, platform] of [
  ['node', node],
  ['web', web],
] as const) {
  suite(`platform/${runtime}.ts`, () => {
    test('digests and base64url are those of node:crypto', async () => {
      for (const content of ['', 'abc', 'ü€😀', randomBytes(1000)]) {
        const expected = createHash('sha256').update(content)
        assert.equal(platform.sha256Base64url(content), expected.copy().digest('base64url'))
        assert.equal(await platform.digestBase64url(content), expected.copy().digest('base64url'))
        assert.deepEqual(platform.sha256(content), new Uint8Array(expected.digest()))
        assert.equal(platform.toBase64url(content), Buffer.from(content).toString('base64url'))
      }
    })

    for (const [name, key, algorithm, expected] of keys) {
      test(`${name} -> signs with ${expected}`, async () => {
        const signer = await platform.createSigner(key, { algorithm })
        assert.equal(signer.algorithm, expected)
        const { publicJwk } = signer
        assert.ok(publicJwk)
        assert.deepEqual(
          Object.keys(publicJwk).filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(member)),
          [],
        )
        assert.equal(publicJwk.use, 'sig')
        assert.equal(publicJwk.alg, expected)
        assert.equal(publicJwk.kid, await calculateJwkThumbprint(publicJwk))
        assert.equal(signer.keyId, publicJwk.kid)
        const input = `${encode({ alg: expected })}.${encode('hello')}`
        const jws = `${input}.${platform.toBase64url(await signer.sign(new TextEncoder().encode(input)))}`
        const verified = await compactVerify(jws, await importJWK(publicJwk, expected), { algorithms: [expected] })
        assert.equal(new TextDecoder().decode(verified.payload), 'hello')
      })
    }

    for (const [name, key, algorithm, message] of refused) {
      test(`${name} -> ConfigurationError`, async () => {
        const create = async () => platform.createSigner(key as SigningKeyInput, { algorithm, usedBy: 'x' })
        await assert.rejects(create, (error) => error instanceof ConfigurationError && message.test(error.message))
      })
    }

    test('a wrong key is refused before anything is awaited', () => {
      assert.throws(() => platform.createSigner(spki(rsa.publicKey)), ConfigurationError)
      assert.throws(() => platform.createSigner(encrypted), ConfigurationError)
    })

    test('a CryptoKey that cannot be exported signs, and its public half is not known', async () => {
      const signer = await platform.createSigner(cryptoKey(false), { keyId: 'k' })
      assert.deepEqual([signer.algorithm, signer.keyId, signer.publicJwk], ['PS256', 'k', undefined])
      const bytes = new Uint8Array([1, 2, 3])
      const publicKey = rsa.publicKey.toCryptoKey({ name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify'])
      const signature = new Uint8Array(await signer.sign(bytes))
      assert.ok(await webcrypto.subtle.verify({ name: 'RSA-PSS', saltLength: 32 }, publicKey, signature, bytes))
    })

    test('a CryptoKey made for encryption -> ConfigurationError', async () => {
      const pair = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
      const create = async () => platform.createSigner(pair.privateKey)
      await assert.rejects(create, /not made for signing/)
    })

    test('a Signer of the application is named by its thumbprint', async () => {
      const publicJwk = { ...p256.publicKey.export({ format: 'jwk' }), kty: 'EC', d: 'never published' }
      const sign = (bytes: Uint8Array) =>
        nodeSign('sha256', bytes, { key: pkcs8(p256.privateKey), dsaEncoding: 'ieee-p1363' })
      const signer = await platform.createSigner({ algorithm: 'ES256', keyId: undefined, publicJwk, sign })
      assert.equal(signer.keyId, await calculateJwkThumbprint(publicJwk))
      assert.equal(signer.publicJwk?.d, undefined)
      assert.equal((await signer.sign(new Uint8Array(3))).length, 64)
    })

    for (const [algorithm, length] of [
      ['HS256', 32],
      ['HS384', 48],
      ['HS512', 64],
    ] as const) {
      test(`${algorithm}: same as node:crypto; ${length - 1} bytes -> ConfigurationError`, async () => {
        const secret = randomBytes(length)
        const expected = webcrypto.subtle
          .importKey('raw', secret, { name: 'HMAC', hash: `SHA-${algorithm.slice(2)}` }, false, ['sign'])
          .then((key) => webcrypto.subtle.sign('HMAC', key, new Uint8Array([1, 2])))
        const signature = await platform.createHmacSigner(secret, { algorithm }).sign(new Uint8Array([1, 2]))
        assert.deepEqual(new Uint8Array(signature), new Uint8Array(await expected))
        assert.throws(() => platform.createHmacSigner(secret.subarray(1), { algorithm }), /RFC 7518 §3.2/)
      })
    }
  })
}

test('both platforms export the same names', () => assert.deepEqual(Object.keys(web), Object.keys(node)))

for (const [name, { equalsConstantTime }] of Object.entries({ node, web })) {
  test(`${name}: equalsConstantTime → true for the same text only`, () => {
    const pairs: [left: string, right: string, equal: boolean][] = [
      ['', '', true],
      ['abc', 'abc', true],
      ['abc', 'abd', false],
      ['abc', 'abcd', false],
      ['', 'a', false],
      ['a', '', false],
      ['é', 'e', false],
    ]
    for (const [left, right, equal] of pairs) assert.equal(equalsConstantTime(left, right), equal, `${left} ${right}`)
  })
}

test('what one platform seals the other reads; another secret, another purpose or a changed text is refused', async () => {
  for (const [sealer, reader] of [
    [node, web],
    [web, node],
    [node, node],
    [web, web],
  ] as const) {
    // prettier-ignore
    const sealed = await sealer.seal('the successor, ü', 'the presented token', 'test')
    assert.ok(!sealed.includes('successor'))
    assert.equal(await reader.unseal(sealed, 'the presented token', 'test'), 'the successor, ü')
    await assert.rejects(async () => reader.unseal(sealed, 'another token', 'test'))
    await assert.rejects(async () => reader.unseal(sealed, 'the presented token', 'other'))
    const changed = `${sealed.slice(0, -2)}${sealed.endsWith('A') ? 'BB' : 'AA'}`
    await assert.rejects(async () => reader.unseal(changed, 'the presented token', 'test'))
    await assert.rejects(async () => reader.unseal('AAAA', 'the presented token', 'test'))
    assert.notEqual(await sealer.seal('the successor, ü', 'the presented token', 'test'), sealed)
  }
})
