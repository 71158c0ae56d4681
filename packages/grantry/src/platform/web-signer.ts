import type { CryptoKey } from 'jose'
import { ConfigurationError } from '../core/errors.ts'
import { publicHalf, thumbprintInput } from '../core/jwk.ts'
import { chooseAlgorithm, hmacAlgorithms, kindOfJwk, signatureAlgorithms } from '../core/signature-algorithms.ts'
import type { Jwk, Signer, SignerOptions } from '../core/signer.ts'
import type { PublicJwk } from '../core/token-context.ts'
import { kindOfCryptoKey } from './key-input.ts'

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/** The WebCrypto parameters to import a key for an algorithm and to sign with it. */
export const webParameters = (algorithm: string) => {
  const bits = algorithm.slice(2)
  const hash = `SHA-${bits}`
  switch (algorithm.slice(0, 2)) {
    case 'RS':
      return { name: 'RSASSA-PKCS1-v1_5', hash }
    case 'PS':
      return { name: 'RSA-PSS', hash, saltLength: Number(bits) / 8 }
    case 'ES':
      return { name: 'ECDSA', hash, namedCurve: curves[algorithm] ?? '' }
    default:
      return { name: 'Ed25519' }
  }
}

/** What a `Signer` says of its key: its name and its public half, ready to be published. */
export const describePublicHalf = (
  jwk: Jwk,
  algorithm: string,
  keyId: string | undefined,
  hash: (text: string) => string,
): Pick<Signer, 'algorithm' | 'keyId' | 'publicJwk'> => {
  const bare = publicHalf(jwk)
  const name = keyId ?? jwk.kid ?? (bare && hash(thumbprintInput(bare)))
  const named = name === undefined ? {} : { kid: name }
  const publicJwk: PublicJwk | undefined = bare && { ...bare, ...named, alg: algorithm, use: 'sig' }
  return { algorithm, keyId: name, publicJwk }
}

/** A signer over a `CryptoKey` that cannot be exported: its public half is not known. */
export const cryptoKeySigner = (
  key: CryptoKey,
  { algorithm: wanted, keyId, usedBy = 'signing key' }: SignerOptions,
): Signer => {
  const algorithm = chooseAlgorithm(kindOfCryptoKey(key), wanted, usedBy)
  if (!key.usages.includes('sign'))
    throw new ConfigurationError(`${usedBy}: the CryptoKey was not made for signing; give it the usage "sign".`)
  const parameters = webParameters(algorithm)
  const sign = async (bytes: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign(parameters, key, new Uint8Array(bytes)))
  return { algorithm, keyId, publicJwk: undefined, sign }
}

/** A signer of the application's own, checked and named. */
export const adoptSigner = (
  signer: Signer,
  { algorithm: wanted, keyId, usedBy = 'signing key' }: SignerOptions,
  hash: (text: string) => string,
): Signer => {
  const { algorithm, publicJwk } = signer
  if (wanted !== undefined && wanted !== algorithm)
    throw new ConfigurationError(
      `${usedBy}: the Signer signs with ${algorithm}, and the option algorithm says ${wanted}.`,
    )
  if (!signatureAlgorithms.includes(algorithm))
    throw new ConfigurationError(
      `${usedBy}: the algorithm ${algorithm} of the Signer is none of ${signatureAlgorithms.join(', ')}.`,
    )
  if (publicJwk !== undefined) chooseAlgorithm(kindOfJwk(publicJwk), algorithm, usedBy)
  const described = describePublicHalf(publicJwk ?? {}, algorithm, keyId ?? signer.keyId, hash)
  if (publicJwk !== undefined && described.publicJwk === undefined)
    throw new ConfigurationError(`${usedBy}: the publicJwk of the Signer lacks a member of a public key (RFC 7518 §6).`)
  return { ...described, sign: (bytes) => signer.sign(bytes) }
}

/**
 * The bytes of an HMAC secret. Text is taken as UTF-8. Throws `ConfigurationError` for an unknown algorithm and for a secret shorter than
 * the hash (RFC 7518 §3.2).
 */
export const readHmacSecret = (
  secret: Uint8Array | string,
  algorithm: string,
  usedBy: string,
): Uint8Array<ArrayBuffer> => {
  if (!hmacAlgorithms.includes(algorithm))
    throw new ConfigurationError(`${usedBy}: the algorithm ${algorithm} is none of ${hmacAlgorithms.join(', ')}.`)
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const minimum = Number(algorithm.slice(2)) / 8
  const got = (bytes as unknown) instanceof Uint8Array ? `${bytes.length} bytes` : `a value of another type` // JavaScript callers
  if ((bytes as unknown) instanceof Uint8Array && bytes.length >= minimum) return new Uint8Array(bytes)
  throw new ConfigurationError(
    `${usedBy}: expected a secret of at least ${minimum} random bytes for ${algorithm} (RFC 7518 §3.2), got ${got}. Make one: openssl rand -base64 64`,
  )
}
