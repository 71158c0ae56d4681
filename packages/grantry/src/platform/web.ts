import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as hash256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { base64url } from 'jose'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import { keyMaterial } from '../core/jwk.ts'
import { chooseAlgorithm, kindOfJwk } from '../core/signature-algorithms.ts'
import type { AsymmetricKeyInput, Jwk, Signer, SignerOptions, SigningKeyInput } from '../core/signer.ts'
import { importParameters, toWebForm } from './der.ts'
import { isSigner, kindOfCryptoKey, readKeyInput, type KeyInput } from './key-input.ts'
import type { PemBlock } from './pem.ts'
import { adoptSigner, cryptoKeySigner, describePublicHalf, readHmacSecret, webParameters } from './web-signer.ts'

const utf8 = new TextEncoder()

export { readKeyInput } from './key-input.ts'
export { exchange } from './web-exchange.ts'

const bytesOf = (content: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  typeof content === 'string' ? utf8.encode(content) : new Uint8Array(content)

/** The SHA-256 digest of bytes, or of text in UTF-8. */
export const sha256 = (content: string | Uint8Array): Uint8Array => hash256(bytesOf(content))

/** The SHA-256 digest of bytes, or of text in UTF-8, as base64url without padding. */
export const sha256Base64url = (content: string | Uint8Array): string => base64url.encode(sha256(content))

/** The same digest by the fastest means of the runtime, which for some is a promise: for those who can wait. */
export const digestBase64url = async (content: string | Uint8Array): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(content))))

/** HMAC-SHA-256 of text in UTF-8 under a key in UTF-8, as base64url without padding (RFC 2104). */
export const hmacBase64url = (key: string, text: string): string =>
  base64url.encode(hmac(hash256, utf8.encode(key), utf8.encode(text)))

const hashes: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = { 256: hash256, 384: sha384, 512: sha512 }

/** The left half of the digest that goes with a signature algorithm, as base64url (`at_hash`, OpenID Connect Core §3.1.3.6). */
export const hashLeftHalf = (algorithm: string, text: string): string => {
  const digest = (hashes[algorithm.slice(2)] ?? sha512)(utf8.encode(text)) // EdDSA hashes by SHA-512
  return base64url.encode(digest.subarray(0, digest.length / 2))
}

/** Bytes, or text in UTF-8, as base64url without padding (RFC 7515 §2). */
export const toBase64url = (content: string | Uint8Array): string => base64url.encode(content)

const unreadable = (usedBy: string, half: string, cause?: unknown): ConfigurationError =>
  new ConfigurationError(
    `${usedBy}: the ${half} key cannot be read: it is damaged or of a kind that JWK does not know.`,
    { cause },
  )

/** Keeps an early failure from counting as unhandled; whoever awaits the promise still gets it. */
const observed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined)
  return promise
}

const importPem = (pem: PemBlock, usedBy: string): Promise<Jwk> => {
  const der = toWebForm(pem.label, decodeBase64(pem, usedBy))
  const parameters = importParameters(der)
  if (parameters === undefined) throw unreadable(usedBy, pem.half)
  const isPrivate = pem.half === 'private'
  const usages: ('deriveBits' | 'sign' | 'verify')[] =
    parameters.name === 'X25519' ? (isPrivate ? ['deriveBits'] : []) : [isPrivate ? 'sign' : 'verify']
  const exported = crypto.subtle
    .importKey(isPrivate ? 'pkcs8' : 'spki', der, parameters, true, usages)
    .then((key) => crypto.subtle.exportKey('jwk', key))
    .then(keyMaterial)
  return exported.catch((cause: unknown) => Promise.reject(unreadable(usedBy, pem.half, cause)))
}

const decodeBase64 = (pem: PemBlock, usedBy: string): Uint8Array => {
  try {
    return Uint8Array.from(atob(pem.base64), (character) => character.charCodeAt(0))
  } catch (cause) {
    throw unreadable(usedBy, pem.half, cause)
  }
}

const readJwk = (input: KeyInput, usedBy: string): Awaitable<Jwk> => {
  switch (input.form) {
    case 'pem':
      return observed(importPem(input.pem, usedBy))
    case 'jwk':
      return input.jwk
    case 'keyObject':
      return input.keyObject.export({ format: 'jwk' })
    case 'cryptoKey': {
      const { cryptoKey } = input
      if (!cryptoKey.extractable)
        throw new ConfigurationError(`${usedBy}: the CryptoKey cannot be exported; make it with extractable: true.`)
      const { alg } = kindOfCryptoKey(cryptoKey)
      const exported = crypto.subtle.exportKey('jwk', cryptoKey)
      return observed(exported.then((jwk) => ({ ...keyMaterial(jwk), alg })))
    }
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

const jwkSigner = (jwk: Jwk, options: SignerOptions, usedBy: string): Signer => {
  const algorithm = chooseAlgorithm(kindOfJwk(jwk), options.algorithm, usedBy)
  const parameters = webParameters(algorithm)
  const importKey = () => crypto.subtle.importKey('jwk', keyMaterial(jwk), parameters, false, ['sign'])
  let imported: ReturnType<typeof importKey> | undefined
  const sign = async (bytes: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign(parameters, await (imported ??= importKey()), new Uint8Array(bytes)))
  return { ...describePublicHalf(jwk, algorithm, options.keyId, sha256Base64url), sign }
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
  return jwk instanceof Promise
    ? observed(jwk.then((read) => jwkSigner(read, options, usedBy)))
    : jwkSigner(jwk, options, usedBy)
}

/**
 * Whether two strings are equal, in a time that depends on their lengths only. Compare digests or values of fixed length with it,
 * so that the length says nothing.
 */
export const equalsConstantTime = (left: string, right: string): boolean => {
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index++)
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index % (right.length || 1))
  return difference === 0
}

/** One-step key derivation with SHA-256 (NIST SP 800-56C §4): counter, secret, purpose. */
const sealingKey = (secret: string, purpose: string, usage: 'encrypt' | 'decrypt') => {
  const key = new Uint8Array(sha256(`\0\0\0\u0001${secret}\0${purpose}`))
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [usage])
}

/**
 * Encrypts a text so that only who knows `secret`, which must be of high entropy, can read it (AES-256-GCM, NIST SP 800-38D).
 * `purpose` keeps sealed texts of different uses apart.
 */
export const seal = async (text: string, secret: string, purpose: string): Promise<string> => {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await sealingKey(secret, purpose, 'encrypt')
  const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text))
  return toBase64url(Uint8Array.of(...iv, ...new Uint8Array(bytes)))
}

/** The text that was sealed. Rejects where secret or purpose are others, or the sealed text was changed. */
export const unseal = async (sealed: string, secret: string, purpose: string): Promise<string> => {
  const bytes = new Uint8Array(base64url.decode(sealed))
  const key = await sealingKey(secret, purpose, 'decrypt')
  const iv = bytes.subarray(0, 12)
  return new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, bytes.subarray(12)))
}

/**
 * A signer over a shared secret; text is taken as UTF-8. Throws `ConfigurationError` for a secret shorter than the hash (RFC 7518 §3.2).
 */
export const createHmacSigner = (secret: Uint8Array | string, options: SignerOptions = {}): Signer => {
  const { algorithm = 'HS256', keyId, usedBy = 'secret' } = options
  const key = readHmacSecret(secret, algorithm, usedBy)
  const hash = algorithm === 'HS512' ? sha512 : algorithm === 'HS384' ? sha384 : hash256
  return { algorithm, keyId, publicJwk: undefined, sign: (bytes) => hmac(hash, key, bytes) }
}
