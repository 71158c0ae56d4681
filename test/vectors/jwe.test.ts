/** Encrypted examples of the specifications: what is on offer opens, the rest is refused although the key is right. */
import assert from 'node:assert/strict'
import { constants, createDecipheriv, createHmac, createPrivateKey, privateDecrypt } from 'node:crypto'
import { describe, test } from 'node:test'
import { compactDecrypt, importJWK, type JWK } from 'jose'
import { ConfigurationError } from 'grantry'
import { decryptText } from '#grantry/keys/decrypt-jwt'
import { readEncryptionKey } from '#grantry/keys/encryption-key'
import { a128kw, rsa15, rsaOaep } from './rfc7516.ts'
import { direct, notOffered, type Encrypted } from './rfc7520.ts'
import { turned } from './turned.ts'

const read = (vector: Encrypted, keyManagement?: string, contentEncryption?: string) =>
  readEncryptionKey(vector.key, { keyManagement, contentEncryption }, 'the test')

const headerOf = ({ token }: Encrypted): { readonly alg: string; readonly enc: string } =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { alg: string; enc: string }

describe(direct.source, () => {
  test('opens', async () =>
    assert.equal(await decryptText(direct.token, await read(direct, 'dir', 'A128GCM')), direct.plaintext))

  const parts = [
    [0, 'header'],
    [2, 'initialization vector'],
    [3, 'ciphertext'],
    [4, 'tag'],
  ] as const
  for (const [part, name] of parts) {
    test(`no bit of its ${name} can be turned`, async () => {
      const key = await read(direct, 'dir', 'A128GCM')
      const bits = Buffer.from(direct.token.split('.')[part] ?? '', 'base64url').length * 8
      for (let bit = 0; bit < bits; bit++)
        assert.equal(await decryptText(turned(direct.token, part, bit), key), undefined, `bit ${bit}`)
    })
  }

  test('no tag that is shorter, no other key', async () => {
    const key = await read(direct, 'dir', 'A128GCM')
    const [head, ...rest] = direct.token.split('.').reverse()
    for (let length = 0; length < 16; length++) {
      const tag = Buffer.from(head ?? '', 'base64url')
        .subarray(0, length)
        .toString('base64url')
      assert.equal(await decryptText([...rest.reverse(), tag].join('.'), key), undefined, `${length} bytes`)
      rest.reverse()
    }
    for (let bit = 0; bit < 128; bit++) {
      const secret = Buffer.from(direct.key.k ?? '', 'base64url')
      secret[bit >> 3] = (secret[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const other = await readEncryptionKey(new Uint8Array(secret), { contentEncryption: 'A128GCM' }, 'the test')
      assert.equal(await decryptText(direct.token, other), undefined, `bit ${bit} of the key`)
    }
  })
})

/** Opens RSA1_5 with A128CBC-HS256 (RFC 7518 §4.2, §5.2.3), which no part of ours does. */
const openRsa15 = ({ key, token }: Encrypted): string => {
  const [header = '', ...parts] = token.split('.')
  const [wrapped, iv, ciphertext, tag] = parts.map((part) => Buffer.from(part, 'base64url'))
  assert.ok(wrapped && iv && ciphertext && tag)
  const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' })
  const secret = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, wrapped)
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(header.length * 8))
  const hmac = createHmac('sha256', secret.subarray(0, 16)).update(header).update(iv).update(ciphertext).update(length)
  assert.deepEqual(hmac.digest().subarray(0, 16), tag)
  const cipher = createDecipheriv('aes-128-cbc', secret.subarray(16), iv)
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]).toString()
}

const open = async (vector: Encrypted): Promise<string> => {
  if (vector === rsa15) return openRsa15(vector)
  const key = await importJWK(vector.key as JWK, headerOf(vector).alg) // no vector has key_ops, which alone differs
  return new TextDecoder().decode((await compactDecrypt(vector.token, key)).plaintext)
}

/** The algorithms that are on offer for the key of a vector; none where its length fits none of them. */
const offered = ({ key: { kty, k = '' } }: Encrypted): readonly string[] => {
  if (kty === 'RSA') return ['RSA-OAEP-256']
  if (kty === 'EC') return ['ECDH-ES', 'ECDH-ES+A256KW']
  return Buffer.from(k, 'base64url').length === 32 ? ['dir', 'A256KW', 'A256GCMKW'] : []
}

for (const vector of [rsaOaep, rsa15, a128kw, ...notOffered]) {
  describe(vector.source, () => {
    test('is as published: whoever does these algorithms opens it', async () =>
      assert.equal(await open(vector), vector.plaintext))

    test('is not on offer → ConfigurationError that says what is', () => {
      const { alg, enc } = headerOf(vector)
      assert.throws(
        () => read(vector, alg, enc),
        (error) => error instanceof ConfigurationError && /is not on offer for this key; use /.test(error.message),
      )
    })

    test('does not open by any algorithm that is', async () => {
      for (const keyManagement of offered(vector))
        assert.equal(await decryptText(vector.token, await read(vector, keyManagement)), undefined, keyManagement)
    })
  })
}
