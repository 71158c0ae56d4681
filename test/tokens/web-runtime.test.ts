import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { registerHooks } from 'node:module'
import { suite, test } from 'node:test'
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
