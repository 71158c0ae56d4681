import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { suite, test } from 'node:test'
import { MemoryStore } from 'grantry/storage/memory'
import { at, contextOf, ed25519, issuer, now, p256, pkcs1, pkcs8, rsa, shortRsa, spki } from './fixtures.ts'
import '../support/web-platform.ts'

const { signedTokenGenerator } = await import('#grantry/tokens/signed-token-generator')
const { signedTokenVerifier } = await import('#grantry/tokens/signed-token-verifier')
const { hmacTokenGenerator } = await import('#grantry/tokens/hmac-token-generator')
const { encryptedTokenGenerator } = await import('#grantry/tokens/encrypted-token-generator')
const { encryptedTokenVerifier } = await import('#grantry/tokens/encrypted-token-verifier')
const { KeyRing } = await import('#grantry/keys/key-ring')
const { KeyRotation } = await import('#grantry/keys/key-rotation')

suite('generators and verifiers on platform/web.ts', () => {
  for (const [name, pair] of Object.entries({ rsa, p256, ed25519 })) {
    test(`${name}: signed, published and verified`, async () => {
      const generate = signedTokenGenerator(pkcs8(pair.privateKey), { issuer })
      const token = await generate(contextOf())
      assert.ok(await generate.verifier?.(token, at(now)))
      assert.ok(await signedTokenVerifier(spki(pair.publicKey), { issuer })(token, at(now)))
      assert.ok(await signedTokenVerifier({ keys: await generate.publicKeys() }, { issuer })(token, at(now)))
      assert.equal(await generate.verifier?.(`${token.slice(0, -4)}AAAA`, at(now)), undefined)
    })
  }

  test('a KeyRing: made, published and verified, before and after a rotation', async () => {
    const store = new MemoryStore()
    const clock = { now }
    const options = { now: () => clock.now }
    const rotation = new KeyRotation(store, { algorithms: ['ES256'], ...options })
    const ring = new KeyRing(store, options)
    await rotation.keepUp()
    const generate = signedTokenGenerator(ring, { issuer, algorithm: 'ES256' })
    const old = await generate(contextOf())
    await rotation.rotate('ES256')
    clock.now += 3601
    await ring.reload()
    const young = await generate(contextOf())
    assert.notEqual(old.split('.')[0], young.split('.')[0])
    for (const token of [old, young]) assert.ok(await generate.verifier?.(token, at(now)))
    assert.equal((await generate.publicKeys()).length, 2)
  })

  test('PKCS#1 public PEM', async () => {
    const pem = pkcs1(rsa.publicKey)
    const token = await signedTokenGenerator(rsa.privateKey, { issuer })(contextOf())
    assert.ok(await signedTokenVerifier(pem, { issuer })(token, at(now)))
  })

  test('a PEM that WebCrypto refuses is told when it is first used, and leaves no unhandled rejection', async () => {
    const generate = signedTokenGenerator(pkcs8(shortRsa.privateKey))
    const verify = signedTokenVerifier(spki(shortRsa.publicKey), { issuer })
    const token = await signedTokenGenerator(rsa.privateKey, { issuer })(contextOf())
    await new Promise((resolve) => setImmediate(resolve))
    await assert.rejects(async () => generate(contextOf()), /2048/)
    await assert.rejects(async () => verify(token, at(now)), /2048/)
  })

  test('HMAC', async () => {
    const generate = hmacTokenGenerator(randomBytes(32), { issuer })
    assert.ok(await generate.verifier(await generate(contextOf()), at(now)))
  })

  test('encrypted, by secret and by key pair', async () => {
    const bySecret = encryptedTokenGenerator({ encryptionKey: randomBytes(32), issuer })
    assert.ok(await bySecret.verifier?.(await bySecret(contextOf()), at(now)))
    const options = { encryptionKey: spki(rsa.publicKey), signingKey: pkcs8(p256.privateKey), issuer }
    const generate = encryptedTokenGenerator(options)
    const token = await generate(contextOf())
    assert.equal(generate.verifier, undefined)
    const pair = encryptedTokenGenerator({ ...options, encryptionKey: pkcs8(rsa.privateKey) })
    assert.ok(await pair.verifier?.(token, at(now)))
    const decryptionKey = pkcs8(rsa.privateKey)
    const verify = encryptedTokenVerifier({ decryptionKey, verificationKeys: spki(p256.publicKey), issuer })
    assert.equal((await verify(token, at(now)))?.clientId, 'client-1')
  })
})
