import assert from 'node:assert/strict'
import { randomBytes, type KeyObject } from 'node:crypto'
import { suite, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { CompactEncrypt, compactDecrypt, jwtDecrypt, type JWK } from 'jose'
import {
  at,
  contextOf,
  decodePart,
  ed25519,
  encode,
  issuer,
  now,
  p256,
  p521,
  pkcs8,
  rsa,
  shortRsa,
  spki,
  x25519,
} from './fixtures.ts'
import {
  ConfigurationError,
  encryptedTokenGenerator,
  encryptedTokenVerifier,
  signedTokenGenerator,
  type EncryptionKeyInput,
} from 'grantry'

const secret = randomBytes(32)
const claims = { iss: issuer, sub: 'user-1', client_id: 'client-1', iat: now, exp: now + 600, jti: 'j' }

suite('encryptedTokenGenerator with a shared secret', () => {
  const formats: [keyManagement: string | undefined, contentEncryption: string | undefined, length: number][] = [
    [undefined, undefined, 32],
    ['dir', 'A128GCM', 16],
    ['dir', 'A256CBC-HS512', 64],
    ['A256KW', undefined, 32],
    ['A256KW', 'A256CBC-HS512', 32],
    ['A256GCMKW', 'A128GCM', 32],
  ]
  for (const [keyManagement, contentEncryption, length] of formats) {
    test(`${keyManagement ?? 'default'} ${contentEncryption ?? ''} -> read by jose, the twin and the verifier`, async () => {
      const key = randomBytes(length)
      const generate = encryptedTokenGenerator({ encryptionKey: key, keyManagement, contentEncryption, issuer })
      const token = await generate(contextOf({ claims: { tenant: 't' } }))
      assert.deepEqual(decodePart(token, 0).typ, 'JWT')
      const { payload } = await jwtDecrypt(token, key, { currentDate: new Date(now * 1000) })
      assert.equal(payload.tenant, 't')
      assert.equal((await generate.verifier?.(token, at(now)))?.user?.id, 'user-1')
      const verify = encryptedTokenVerifier({ decryptionKey: key, keyManagement, contentEncryption, issuer })
      assert.equal((await verify(token, at(now)))?.clientId, 'client-1')
      assert.equal(await verify(token, at(now + 600)), undefined)
      const elsewhere = encryptedTokenVerifier({
        decryptionKey: randomBytes(length),
        keyManagement,
        contentEncryption,
        issuer,
      })
      assert.equal(await elsewhere(token, at(now)), undefined)
      assert.deepEqual(await generate.publicKeys(), [])
    })
  }

  test('a symmetric JWK is a shared secret', async () => {
    const generate = encryptedTokenGenerator({ encryptionKey: { kty: 'oct', k: secret.toString('base64url') } })
    const { payload } = await jwtDecrypt(await generate(contextOf()), secret, { currentDate: new Date(now * 1000) })
    assert.equal(payload.sub, 'user-1')
  })
})

suite('encryptedTokenGenerator with a key pair and a signature inside', () => {
  const pairs: [
    name: string,
    pair: { publicKey: KeyObject; privateKey: KeyObject },
    keyManagement: string | undefined,
    expected: string,
  ][] = [
    ['RSA', rsa, undefined, 'RSA-OAEP-256'],
    ['P-256', p256, undefined, 'ECDH-ES'],
    ['P-521', p521, 'ECDH-ES+A256KW', 'ECDH-ES+A256KW'],
    ['X25519', x25519, undefined, 'ECDH-ES'],
  ]
  for (const [name, { publicKey, privateKey }, keyManagement, expected] of pairs) {
    test(`${name} -> ${expected}, signed then encrypted`, async () => {
      const options = { keyManagement, issuer, signingKey: ed25519.privateKey }
      const generate = encryptedTokenGenerator({ ...options, encryptionKey: spki(publicKey) })
      assert.equal(generate.verifier, undefined)
      assert.equal((await generate.publicKeys())[0]?.crv, 'Ed25519')
      const token = await generate(contextOf())
      assert.deepEqual([decodePart(token, 0).alg, decodePart(token, 0).cty], [expected, 'JWT'])
      const inner = new TextDecoder().decode((await compactDecrypt(token, privateKey)).plaintext)
      assert.equal(decodePart(inner, 1).sub, 'user-1')
      const verify = encryptedTokenVerifier({
        decryptionKey: pkcs8(privateKey),
        keyManagement,
        issuer,
        verificationKeys: ed25519.publicKey,
      })
      assert.equal((await verify(token, at(now)))?.user?.id, 'user-1')
      const twin = encryptedTokenGenerator({ ...options, encryptionKey: privateKey }).verifier
      assert.ok(await twin?.(token, at(now)))
    })
  }

  test('signed by another key, or not signed -> undefined', async () => {
    const verify = encryptedTokenVerifier({ decryptionKey: secret, issuer, verificationKeys: ed25519.publicKey })
    const signedBy = (signingKey: KeyObject) =>
      encryptedTokenGenerator({ encryptionKey: secret, issuer, signingKey })(contextOf())
    assert.ok(await verify(await signedBy(ed25519.privateKey), at(now)))
    assert.equal(await verify(await signedBy(p256.privateKey), at(now)), undefined)
    assert.equal(
      await verify(await encryptedTokenGenerator({ encryptionKey: secret, issuer })(contextOf()), at(now)),
      undefined,
    )
  })

  test('at+jwt -> typ on both layers, checked inside', async () => {
    const profile = 'at+jwt'
    const options = { encryptionKey: secret, issuer, audience: 'https://api.example', signingKey: ed25519.privateKey }
    const generate = encryptedTokenGenerator({ ...options, profile })
    const token = await generate(contextOf())
    assert.ok(await generate.verifier?.(token, at(now)))
    assert.equal(await encryptedTokenGenerator(options).verifier?.(token, at(now)), undefined)
  })
})

suite('forged encrypted tokens', () => {
  const verify = encryptedTokenVerifier({ decryptionKey: secret, issuer })
  const make = (header: Record<string, unknown>, body: object = claims, key: Uint8Array = secret) =>
    new CompactEncrypt(Buffer.from(JSON.stringify(body)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'JWT', ...header })
      .encrypt(key)

  test('good -> accepted', async () => assert.ok(await verify(await make({}), at(now))))

  const tokens: [name: string, token: () => Promise<string> | string][] = [
    ['JWS where a JWE is expected (row 56)', () => signedTokenGenerator(rsa.privateKey, { issuer })(contextOf())],
    ['another alg', () => make({ alg: 'A256KW' })],
    ['another enc', () => make({ alg: 'A256KW', enc: 'A128GCM' })],
    ['typ at+jwt', () => make({ typ: 'at+jwt' })],
    ['typ missing', () => make({ typ: undefined })],
    ['iss of another', () => make({}, { ...claims, iss: 'https://evil.example' })],
    ['exp missing', () => make({}, { ...claims, exp: undefined })],
    ['exp past', () => make({}, { ...claims, exp: now })],
    ['nbf future', () => make({}, { ...claims, nbf: now + 1 })],
    ['zip (row 57)', () => make({ zip: 'DEF' })],
    [
      'crit',
      async () =>
        `${encode({ alg: 'dir', enc: 'A256GCM', typ: 'JWT', crit: ['x'], x: 1 })}.${(await make({})).split('.').slice(1).join('.')}`,
    ],
    [
      'header changed',
      async () =>
        `${encode({ alg: 'dir', enc: 'A256GCM', typ: 'JWT', kid: 'x' })}.${(await make({})).split('.').slice(1).join('.')}`,
    ],
    ['encrypted key where there is none', async () => (await make({})).replace('..', '.AAAA.')],
    ['tag cut', async () => (await make({})).slice(0, -2)],
    [
      'tag of 4 bytes',
      async () => (await make({})).replace(/\.([\w-]{22})$/, (_, tag: string) => `.${tag.slice(0, 5)}A`),
    ],
    ['tag empty', async () => (await make({})).replace(/[\w-]{22}$/, '')],
    [
      'alg RSA1_5',
      async () =>
        `${encode({ alg: 'RSA1_5', enc: 'A256GCM', typ: 'JWT' })}.${encode('x'.repeat(256))}.${(await make({})).split('.').slice(2).join('.')}`,
    ],
    ['four segments', async () => (await make({})).split('.').slice(0, 4).join('.')],
    ['six segments', async () => `${await make({})}.AAAA`],
    ['longer than 16 KiB', () => make({}, { ...claims, pad: 'x'.repeat(16_384) })],
    [
      'PBES2 with p2c of ten million (row 57)',
      () =>
        `${encode({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', typ: 'JWT', p2c: 10_000_000, p2s: 'AAAAAAAAAAA' })}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`,
    ],
    ['empty', () => ''],
    ['dots', () => '....'],
  ]
  for (const [name, token] of tokens) {
    test(`${name} -> undefined`, async () => {
      const started = performance.now()
      assert.equal(await verify(await token(), at(now)), undefined)
      assert.ok(performance.now() - started < 1000)
    })
  }

  test('PBES2 with p2c of 2^31 -> undefined in less than 5 ms: no key is derived', async () => {
    const header = { alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', typ: 'JWT', p2c: 2 ** 31, p2s: 'AAAAAAAAAAA' }
    const token = `${encode(header)}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`
    const times: number[] = []
    for (let round = 0; round < 5; round++) {
      const start = performance.now()
      assert.equal(await verify(token, at(now)), undefined)
      times.push(performance.now() - start)
    }
    assert.ok(Math.min(...times) < 5, `${times.join()} ms`)
  })

  test('another enc under the right alg -> undefined', async () => {
    const wrapped = encryptedTokenVerifier({ decryptionKey: secret, keyManagement: 'A256KW', issuer })
    assert.ok(await wrapped(await make({ alg: 'A256KW' }), at(now)))
    assert.equal(await wrapped(await make({ alg: 'A256KW', enc: 'A128GCM' }), at(now)), undefined)
    assert.equal(await wrapped(await make({ alg: 'A256GCMKW' }), at(now)), undefined)
  })

  test('every flip of a character -> undefined', async () => {
    const good = await make({})
    const flips = Array.from(
      good,
      (character, index) => `${good.slice(0, index)}${character === 'A' ? 'B' : 'A'}${good.slice(index + 1)}`,
    )
    const results = await Promise.all(flips.map(async (flip) => verify(flip, at(now))))
    assert.ok(results.every((record) => record === undefined))
  })

  test('a zip bomb within the length that is read -> undefined, and it is never inflated', async () => {
    const bomb = deflateRawSync(Buffer.alloc(5_000_000))
    assert.ok(bomb.length < 8000)
    const raw = await new CompactEncrypt(bomb)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'JWT' })
      .encrypt(secret)
    const [, ...rest] = raw.split('.')
    assert.equal(
      await verify([encode({ alg: 'dir', enc: 'A256GCM', typ: 'JWT', zip: 'DEF' }), ...rest].join('.'), at(now)),
      undefined,
    )
  })

  const epks: [name: string, epk: unknown][] = [
    ['missing', undefined],
    ['a number', 5],
    ['off the curve', { ...p256.publicKey.export({ format: 'jwk' }), y: 'A'.repeat(43) }],
    ['of another curve', p521.publicKey.export({ format: 'jwk' })],
    ['symmetric', { kty: 'oct', k: 'AAAA' }],
    ['empty', {}],
  ]
  for (const [name, epk] of epks) {
    test(`ECDH-ES with epk ${name} -> undefined`, async () => {
      const nested = encryptedTokenVerifier({
        decryptionKey: p256.privateKey,
        issuer,
        verificationKeys: ed25519.publicKey,
      })
      const header = encode({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'JWT', cty: 'JWT', epk: epk as JWK })
      assert.equal(await nested(`${header}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`, at(now)), undefined)
    })
  }
})

suite('options that cannot work', () => {
  const signingKey = ed25519.privateKey
  const wrong: [name: string, encryptionKey: unknown, options: object, message: RegExp][] = [
    ['public key without signature', spki(rsa.publicKey), {}, /everyone who knows a public key/],
    ['text secret', 'a passphrase of more than thirty-two characters', {}, /got text that is not PEM/],
    ['31 bytes', randomBytes(31), {}, /expected 32 random bytes for A256GCM, got 31/],
    ['32 bytes for A256CBC-HS512', secret, { contentEncryption: 'A256CBC-HS512' }, /expected 64/],
    ['RSA1_5', rsa.publicKey, { signingKey, keyManagement: 'RSA1_5' }, /RSA1_5 is not on offer.*RSA-OAEP-256/],
    ['RSA-OAEP with SHA-1', rsa.publicKey, { signingKey, keyManagement: 'RSA-OAEP' }, /not on offer/],
    ['PBES2', secret, { keyManagement: 'PBES2-HS256+A128KW' }, /not on offer/],
    ['dir with RSA', rsa.publicKey, { signingKey, keyManagement: 'dir' }, /not on offer/],
    ['A192GCM', secret, { contentEncryption: 'A192GCM' }, /not on offer/],
    ['RSA 1024', spki(shortRsa.publicKey), { signingKey }, /2048/],
    ['Ed25519', ed25519.publicKey, { signingKey }, /cannot encrypt/],
    ['nothing', undefined, {}, /got undefined/],
    [
      'JWK for signatures',
      { ...rsa.publicKey.export({ format: 'jwk' }), use: 'sig' },
      { signingKey },
      /cannot encrypt/,
    ],
    ['broken oct JWK', { kty: 'oct', k: '%%' }, {}, /base64url/],
    ['unknown option', secret, { zip: true }, /unknown option zip/],
  ]
  for (const [name, encryptionKey, options, message] of wrong) {
    test(`${name} -> ConfigurationError`, () => {
      const isTelling = (error: unknown) => error instanceof ConfigurationError && message.test(error.message)
      assert.throws(
        () => encryptedTokenGenerator({ encryptionKey: encryptionKey as EncryptionKeyInput, ...options }),
        isTelling,
      )
    })
  }
  test('a verifier with a public key, or a private one without verificationKeys -> ConfigurationError', () => {
    assert.throws(() => encryptedTokenVerifier({ decryptionKey: rsa.privateKey, issuer }), /verificationKeys/)
    const verificationKeys = ed25519.publicKey
    assert.throws(
      () => encryptedTokenVerifier({ decryptionKey: rsa.publicKey, issuer, verificationKeys }),
      /got a public key/,
    )
  })
})
