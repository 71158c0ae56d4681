import { Buffer } from 'node:buffer'
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  KeyObject,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import { keyMaterial } from '../core/jwk.ts'
import { chooseAlgorithm, kindOfJwk } from '../core/signature-algorithms.ts'
import type { AsymmetricKeyInput, Jwk, Signer, SignerOptions, SigningKeyInput } from '../core/signer.ts'
import { randomBytes } from '../util/random.ts'
import { isSigner, kindOfCryptoKey, readKeyInput, type KeyInput } from './key-input.ts'
import { adoptSigner, cryptoKeySigner, describePublicHalf, readHmacSecret } from './web-signer.ts'

export { readKeyInput } from './key-input.ts'
export { exchange } from './node-exchange.ts'

/** The SHA-256 digest of bytes, or of text in UTF-8. */
export const sha256 = (content: string | Uint8Array): Uint8Array => new Uint8Array(hash('sha256', content, 'buffer'))

/** The SHA-256 digest of bytes, or of text in UTF-8, as base64url without padding. */
export const sha256Base64url = (content: string | Uint8Array): string => hash('sha256', content, 'base64url')

/** The same digest by the fastest means of the runtime, which for some is a promise: for those who can wait. */
export const digestBase64url = (content: string | Uint8Array): Awaitable<string> => sha256Base64url(content)

/** HMAC-SHA-256 of text in UTF-8 under a key in UTF-8, as base64url without padding (RFC 2104). */
export const hmacBase64url = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url')

/** The left half of the digest that goes with a signature algorithm, as base64url (`at_hash`, OpenID Connect Core §3.1.3.6). */
export const hashLeftHalf = (algorithm: string, text: string): string => {
  const digest = hash(algorithm.startsWith('Ed') ? 'sha512' : `sha${algorithm.slice(2)}`, text, 'buffer')
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

/** Bytes, or text in UTF-8, as base64url without padding (RFC 7515 §2). */
export const toBase64url = (content: string | Uint8Array): string =>
  typeof content === 'string'
    ? Buffer.from(content).toString('base64url')
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64url')

/**
 * Whether two strings are equal, in a time that depends on their lengths only. Compare digests or values of fixed length with it,
 * so that the length says nothing.
 */
export const equalsConstantTime = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left, 'utf16le'), Buffer.from(right, 'utf16le'))

/** One-step key derivation with SHA-256 (NIST SP 800-56C §4): counter, secret, purpose. */
const sealingKey = (secret: string, purpose: string): Uint8Array => sha256(`\0\0\0\u0001${secret}\0${purpose}`)

/**
 * Encrypts a text so that only who knows `secret`, which must be of high entropy, can read it (AES-256-GCM, NIST SP 800-38D).
 * `purpose` keeps sealed texts of different uses apart.
 */
export const seal = (text: string, secret: string, purpose: string): Awaitable<string> => {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(secret, purpose), iv)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** The text that was sealed. Throws where secret or purpose are others, or the sealed text was changed. */
export const unseal = (sealed: string, secret: string, purpose: string): Awaitable<string> => {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(secret, purpose), bytes.subarray(0, 12), {
    authTagLength: 16,
  })
  decipher.setAuthTag(bytes.subarray(-16))
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}

const jwkOf = (input: KeyInput): object => {
  const isPrivate = input.half === 'private'
  const parse = isPrivate ? createPrivateKey : createPublicKey
  switch (input.form) {
    case 'pem':
      return parse(input.pem.text).export({ format: 'jwk' })
    case 'jwk': {
      const { kid, alg, use, key_ops } = input.jwk
      const checked = parse({ key: keyMaterial(input.jwk), format: 'jwk' })
      return { ...checked.export({ format: 'jwk' }), kid, alg, use, key_ops }
    }
    case 'cryptoKey': {
      const exported = KeyObject.from(input.cryptoKey).export({ format: 'jwk' })
      return { ...exported, alg: kindOfCryptoKey(input.cryptoKey).alg }
    }
    case 'keyObject':
      return input.keyObject.export({ format: 'jwk' })
  }
}

/**
 * A key as JWK, whatever form it came in. On some runtimes a promise. Throws `ConfigurationError` for anything but the half that is
 * wanted, and for keys that cannot be read or exported.
 */
export const exportJwk = (
  key: AsymmetricKeyInput,
  wanted: 'private' | 'public' | 'either',
  usedBy: string,
): Awaitable<Jwk> => readJwk(readKeyInput(key, wanted, usedBy), usedBy)

const readJwk = (input: KeyInput, usedBy: string): Jwk => {
  if (input.form === 'cryptoKey' && !input.cryptoKey.extractable)
    throw new ConfigurationError(`${usedBy}: the CryptoKey cannot be exported; make it with extractable: true.`)
  try {
    return jwkOf(input)
  } catch (cause) {
    throw new ConfigurationError(
      `${usedBy}: the ${input.half} key cannot be read: it is damaged or of a kind that JWK does not know.`,
      { cause },
    )
  }
}

const signParameters = (key: KeyObject, algorithm: string): Parameters<typeof sign>[2] => {
  if (algorithm.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' }
  if (!algorithm.startsWith('PS')) return key
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

/**
 * A signer over a private key, which is read once, here. Throws `ConfigurationError` for a key that cannot sign with the algorithm: a public
 * or encrypted one, RSA under 2048 bits, another curve. On some runtimes it is a promise, and then its public half is known.
 */
export const createSigner = (key: SigningKeyInput, options: SignerOptions = {}): Awaitable<Signer> => {
  const usedBy = options.usedBy ?? 'signing key'
  if (isSigner(key)) return adoptSigner(key, options, sha256Base64url)
  const input = readKeyInput(key, 'private', usedBy)
  if (input.form === 'cryptoKey' && !input.cryptoKey.extractable) return cryptoKeySigner(input.cryptoKey, options)
  const jwk = readJwk(input, usedBy)
  const algorithm = chooseAlgorithm(kindOfJwk(jwk), options.algorithm, usedBy)
  const digest = algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(2)}`
  const keyObject = createPrivateKey({ key: keyMaterial(jwk), format: 'jwk' })
  const parameters = signParameters(keyObject, algorithm)
  return {
    ...describePublicHalf(jwk, algorithm, options.keyId, sha256Base64url),
    sign: (bytes) => sign(digest, bytes, parameters),
  }
}

/**
 * A signer over a shared secret; text is taken as UTF-8. Throws `ConfigurationError` for a secret shorter than the hash (RFC 7518 §3.2).
 */
export const createHmacSigner = (secret: Uint8Array | string, options: SignerOptions = {}): Signer => {
  const { algorithm = 'HS256', keyId, usedBy = 'secret' } = options
  const key = createSecretKey(readHmacSecret(secret, algorithm, usedBy))
  const digest = `sha${algorithm.slice(2)}`
  return { algorithm, keyId, publicJwk: undefined, sign: (bytes) => createHmac(digest, key).update(bytes).digest() }
}
