import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPublicKey, sign as nodeSign } from 'node:crypto'
import { suite, test } from 'node:test'
import { createVerifier } from 'fast-jwt'
import { createLocalJWKSet, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import {
  at,
  contextOf,
  decodePart,
  ed25519,
  issuer,
  now,
  p256,
  p384,
  p521,
  pkcs1,
  pkcs8,
  rsa,
  shortRsa,
  spki,
} from './fixtures.ts'
import {
  ConfigurationError,
  signedTokenGenerator,
  signedTokenVerifier,
  type SigningKeyInput,
  type TokenGenerator,
  type TokenVerifier,
  type VerificationKeyInput,
} from 'grantry'

const openssl = (args: readonly string[], input = ''): string =>
  execFileSync('openssl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })

const audience = 'https://api.example'
const profile = 'at+jwt'

suite('signedTokenGenerator', () => {
  test('the program of the seed page: an RSA PEM of openssl and an issuer', async () => {
    const pem = openssl(['genrsa', '2048'])
    const generate: TokenGenerator = signedTokenGenerator(pem, { issuer: 'foobar' })
    const token = await generate(contextOf({ claims: { aud: 'client-1' } }))
    const publicPem = openssl(['pkey', '-pubout'], pem)
    const claims = jsonwebtoken.verify(token, publicPem, {
      algorithms: ['RS256'],
      issuer: 'foobar',
      clockTimestamp: now,
    })
    const { jti, ...rest } = claims as Record<string, unknown>
    assert.deepEqual(rest, {
      iss: 'foobar',
      aud: 'client-1',
      sub: 'user-1',
      client_id: 'client-1',
      scope: 'profile calendar',
      iat: now,
      exp: now + 600,
    })
    assert.match(String(jti), /^[\w-]{22}$/)
    assert.deepEqual(Object.keys(decodePart(token, 0)), ['alg', 'typ', 'kid'])
    assert.equal(decodePart(token, 0).typ, 'JWT')
  })

  test('at+jwt (rows 36, 37)', async () => {
    const generate = signedTokenGenerator(pkcs8(rsa.privateKey), { issuer, audience, profile })
    const token = await generate(contextOf())
    const [jwk] = await generate.publicKeys()
    assert.deepEqual(decodePart(token, 0), { alg: 'RS256', typ: 'at+jwt', kid: jwk?.kid })
    assert.deepEqual(Object.keys(decodePart(token, 1)).sort(), [
      'aud',
      'client_id',
      'exp',
      'iat',
      'iss',
      'jti',
      'scope',
      'sub',
    ])
  })

  const algorithms: [algorithm: string, key: typeof rsa][] = [
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((algorithm): [string, typeof rsa] => [
      algorithm,
      rsa,
    ]),
    ['ES256', p256],
    ['ES384', p384],
    ['ES512', p521],
    ['EdDSA', ed25519],
  ]
  for (const [algorithm, { privateKey, publicKey }] of algorithms) {
    test(`${algorithm} -> accepted by jsonwebtoken, fast-jwt, jose and the twin`, async () => {
      const generate = signedTokenGenerator(privateKey, { issuer, algorithm })
      const token = await generate(contextOf())
      if (algorithm !== 'EdDSA')
        jsonwebtoken.verify(token, publicKey, { algorithms: [algorithm as 'RS256'], clockTimestamp: now })
      const verify = createVerifier({
        key: spki(publicKey),
        algorithms: [algorithm as 'RS256'],
        clockTimestamp: now * 1000,
      })
      assert.equal((verify(token) as { sub: string }).sub, 'user-1')
      const keys = createLocalJWKSet({ keys: [...(await generate.publicKeys())] as never })
      await jwtVerify(token, keys, { issuer, algorithms: [algorithm], currentDate: new Date(now * 1000) })
      assert.equal((await generate.verifier?.(token, at(now)))?.user?.id, 'user-1')
      const elsewhere = signedTokenVerifier(spki(publicKey), { issuer, algorithms: [algorithm] })
      assert.equal((await elsewhere(token, at(now)))?.clientId, 'client-1')
    })
  }

  test('two tokens of one second differ', async () => {
    const generate = signedTokenGenerator(ed25519.privateKey)
    assert.notEqual(await generate(contextOf()), await generate(contextOf()))
  })

  test('a Signer whose key stays elsewhere; without its public half there is no twin', async () => {
    const sign = async (bytes: Uint8Array) =>
      nodeSign('sha256', bytes, { key: pkcs8(p256.privateKey), dsaEncoding: 'ieee-p1363' })
    const blind = signedTokenGenerator({ algorithm: 'ES256', keyId: 'kms-1', publicJwk: undefined, sign }, { issuer })
    assert.equal(blind.verifier, undefined)
    assert.deepEqual(await blind.publicKeys(), [])
    const publicJwk = { ...p256.publicKey.export({ format: 'jwk' }), kty: 'EC' }
    const known = signedTokenGenerator({ algorithm: 'ES256', keyId: 'kms-1', publicJwk, sign }, { issuer })
    assert.ok(await known.verifier?.(await blind(contextOf()), at(now)))
  })

  test('a Signer that keeps state behind this', async () => {
    class Kms {
      readonly algorithm = 'EdDSA'
      readonly keyId = 'kms'
      readonly publicJwk = undefined
      readonly #key = ed25519.privateKey
      sign(bytes: Uint8Array) {
        return nodeSign(null, bytes, this.#key)
      }
    }
    const token = await signedTokenGenerator(new Kms(), { issuer })(contextOf())
    assert.ok(await signedTokenVerifier(ed25519.publicKey, { issuer })(token, at(now)))
  })

  test('what is published is only the public half', async () => {
    const generate = signedTokenGenerator({ ...rsa.privateKey.export({ format: 'jwk' }), kid: 'k1' })
    const [jwk, ...others] = await generate.publicKeys()
    assert.deepEqual(others, [])
    assert.deepEqual(Object.keys(jwk ?? {}).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
    assert.equal(jwk?.kid, 'k1')
    assert.ok(jwk)
    assert.ok(createPublicKey({ key: jwk, format: 'jwk' }).equals(rsa.publicKey))
  })

  const wrong: [name: string, key: unknown, options: object, message: RegExp][] = [
    ['key true', true, {}, /signedTokenGenerator: expected a private key.*got a boolean/],
    ['public key', spki(rsa.publicKey), {}, /signedTokenGenerator: expected a private key.*got a public key/],
    ['RSA 1024', pkcs8(shortRsa.privateKey), {}, /signedTokenGenerator: .*2048/],
    [
      'misspelt options',
      pkcs8(rsa.privateKey),
      { isuer: 'x', tpy: 'y' },
      /signedTokenGenerator: unknown option isuer, tpy/,
    ],
    ['at+jwt alone', pkcs8(rsa.privateKey), { profile }, /issuer and audience/],
    ['algorithm of another key', pkcs8(rsa.privateKey), { algorithm: 'ES256' }, /ES256 does not fit/],
  ]
  for (const [name, key, options, message] of wrong) {
    test(`${name} -> ConfigurationError`, () => {
      const isTelling = (error: unknown) => error instanceof ConfigurationError && message.test(error.message)
      assert.throws(() => signedTokenGenerator(key as SigningKeyInput, options), isTelling)
    })
  }
})

suite('signedTokenVerifier', () => {
  const generate = signedTokenGenerator(rsa.privateKey, { issuer, audience, profile, keyId: 'new' })
  const good: TokenVerifier = signedTokenVerifier(spki(rsa.publicKey), { issuer, audience, profile })

  test('good -> the whole record (row 42)', async () => {
    const token = await generate(contextOf({ claims: { tenant: 't' } }))
    const record = await signedTokenVerifier(rsa.publicKey, { issuer, audience, profile })(token, at(now))
    assert.deepEqual(
      { ...record, tokenId: undefined },
      {
        kind: 'access_token',
        clientId: 'client-1',
        user: { id: 'user-1' },
        scopes: ['profile', 'calendar'],
        audience: [audience],
        issuedAt: now,
        expiresAt: now + 600,
        issuer,
        tokenId: undefined,
        grantId: undefined,
        claims: { tenant: 't' },
      },
    )
    assert.equal(typeof good, 'function')
  })

  const jwk = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'new' }
  const old = { ...p256.publicKey.export({ format: 'jwk' }), kid: 'old' }
  const accepting: [name: string, keys: VerificationKeyInput | VerificationKeyInput[]][] = [
    ['SPKI PEM', spki(rsa.publicKey)],
    ['PKCS#1 PEM', pkcs1(rsa.publicKey)],
    ['KeyObject', rsa.publicKey],
    ['CryptoKey', rsa.publicKey.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify'])],
    ['JWK with the kid', jwk],
    ['JWK without kid', { ...jwk, kid: undefined }],
    ['JWK Set while keys are rotated', { keys: [old, jwk] }],
    ['several keys, the wrong one first', [p256.publicKey, spki(rsa.publicKey)]],
    ['JWK Set with keys of no use here', { keys: [{ kty: 'EC', crv: 'secp256k1' }, { ...jwk, use: 'enc' }, jwk] }],
  ]
  test('JWK Set with keys of other algorithms than those to accept -> accepted', async () => {
    const keys: VerificationKeyInput = { keys: [old, jwk] }
    const verify = signedTokenVerifier(keys, { issuer, audience, profile, algorithms: ['RS256'] })
    assert.ok(await verify(await generate(contextOf()), at(now)))
  })

  for (const [name, keys] of accepting) {
    test(`${name} -> accepted`, async () => {
      assert.ok(await signedTokenVerifier(keys, { issuer, audience, profile })(await generate(contextOf()), at(now)))
    })
  }

  const refusing: [
    name: string,
    keys: VerificationKeyInput | VerificationKeyInput[],
    algorithms: string[] | undefined,
  ][] = [
    ['same key under another kid', { ...jwk, kid: 'old' }, undefined],
    ['only the old key', { keys: [old] }, undefined],
    ['PS256 only (row 50)', spki(rsa.publicKey), ['PS256']],
    ['JWK for PS256 (row 50)', { ...jwk, alg: 'PS256' }, undefined],
  ]
  for (const [name, keys, algorithms] of refusing) {
    test(`${name} -> undefined`, async () => {
      const verify = signedTokenVerifier(keys, { issuer, audience, profile, algorithms })
      assert.equal(await verify(await generate(contextOf()), at(now)), undefined)
    })
  }

  const wrong: [name: string, keys: unknown, options: object, message: RegExp][] = [
    ['private PEM', pkcs8(rsa.privateKey), {}, /signedTokenVerifier: expected a public key.*got a private key/],
    ['private KeyObject', rsa.privateKey, {}, /got a private key/],
    ['private JWK in a set', { keys: [rsa.privateKey.export({ format: 'jwk' })] }, {}, /only public keys/],
    ['symmetric JWK', { kty: 'oct', k: 'AAAA' }, {}, /got a secret key/],
    ['symmetric JWK in a set', { keys: [{ kty: 'oct', k: 'AAAA' }] }, {}, /only public keys/],
    ['text', 'secret', {}, /got text that is not PEM/],
    ['no keys', [], {}, /no key/],
    ['empty set', { keys: [] }, {}, /no key/],
    ['RSA 1024', spki(shortRsa.publicKey), {}, /2048/],
    ['HS256', spki(rsa.publicKey), { algorithms: ['HS256'] }, /got HS256/],
    ['none', spki(rsa.publicKey), { algorithms: ['none'] }, /got none/],
    ['no algorithm', spki(rsa.publicKey), { algorithms: [] }, /got none/],
    ['ES256 for RSA', spki(rsa.publicKey), { algorithms: ['ES256'] }, /ES256 does not fit/],
    ['no issuer', spki(rsa.publicKey), { issuer: undefined }, /issuer is required/],
    ['leeway of an hour', spki(rsa.publicKey), { clockTolerance: 3600 }, /0 to 300/],
    ['misspelt option', spki(rsa.publicKey), { leeway: 5 }, /unknown option leeway/],
    ['JWK for encryption', { ...jwk, use: 'enc' }, {}, /not one that verifies/],
  ]
  for (const [name, keys, options, message] of wrong) {
    test(`${name} -> ConfigurationError`, () => {
      const isTelling = (error: unknown) => error instanceof ConfigurationError && message.test(error.message)
      assert.throws(() => signedTokenVerifier(keys as VerificationKeyInput, { issuer, ...options }), isTelling)
    })
  }
})
