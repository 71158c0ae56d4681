import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { registerHooks } from 'node:module'
import { suite, test } from 'node:test'
import { MemoryStore } from 'grantry/storage/memory'
import { at, contextOf, ed25519, issuer, now, openssl, p256, pkcs8, rsa, shortRsa, spki } from './fixtures.ts'

// Everything below runs on platform/web.ts, as it does on runtimes that are not Node.
const web = new URL('../../packages/grantry/src/platform/web.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '#platform'
      ? { url: web, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
})
const { signedTokenGenerator } = await import('../../packages/grantry/src/tokens/signed-token-generator.ts')
const { signedTokenVerifier } = await import('../../packages/grantry/src/tokens/signed-token-verifier.ts')
const { hmacTokenGenerator } = await import('../../packages/grantry/src/tokens/hmac-token-generator.ts')
const { encryptedTokenGenerator } = await import('../../packages/grantry/src/tokens/encrypted-token-generator.ts')
const { encryptedTokenVerifier } = await import('../../packages/grantry/src/tokens/encrypted-token-verifier.ts')
const { KeyRing } = await import('../../packages/grantry/src/keys/key-ring.ts')
const { KeyRotation } = await import('../../packages/grantry/src/keys/key-rotation.ts')

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
    const pem = openssl(['rsa', '-pubin', '-RSAPublicKey_out'], spki(rsa.publicKey))
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
    const token = await encryptedTokenGenerator(options)(contextOf())
    const decryptionKey = pkcs8(rsa.privateKey)
    const verify = encryptedTokenVerifier({ decryptionKey, verificationKeys: spki(p256.publicKey), issuer })
    assert.equal((await verify(token, at(now)))?.clientId, 'client-1')
  })
})
