import { exportJwk, readKeyInput } from '#platform'
import { base64url, type JWK } from 'jose'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import { keyMaterial, publicHalf } from '../core/jwk.ts'
import { kindOfJwk, refuseShortRsaKey } from '../core/signature-algorithms.ts'
import type { AsymmetricKeyInput, Jwk } from '../core/signer.ts'

/** What tokens are encrypted with: a secret as bytes or symmetric JWK, or a key pair as PEM, JWK, extractable `CryptoKey` or `KeyObject`. */
export type EncryptionKeyInput = Uint8Array | AsymmetricKeyInput

/** Which algorithms tokens are encrypted with. Both are pinned: a token that says otherwise is refused. */
export interface EncryptionOptions {
  /** The `alg`: dir, A256KW, A256GCMKW, RSA-OAEP-256, ECDH-ES or ECDH-ES+A256KW. Default: dir, RSA-OAEP-256 or ECDH-ES, by the key. */
  readonly keyManagement?: string | undefined
  /** The `enc`: A256GCM, A128GCM or A256CBC-HS512. Default: A256GCM. */
  readonly contentEncryption?: string | undefined
}

/** An encryption key with the algorithms it is used with. */
export interface EncryptionKey {
  readonly keyManagement: string
  readonly contentEncryption: string
  readonly encrypt: JWK | Uint8Array
  /** Undefined when only the public half is known. */
  readonly decrypt: JWK | Uint8Array | undefined
}

/** The length of a content encryption key in bytes (RFC 7518 §5.1). */
const contentKeyLengths: Readonly<Record<string, number>> = { A256GCM: 32, A128GCM: 16, 'A256CBC-HS512': 64 }
const wrappingKeyLength = 32
const keyManagements = {
  secret: ['dir', 'A256KW', 'A256GCMKW'],
  RSA: ['RSA-OAEP-256'],
  ellipticCurve: ['ECDH-ES', 'ECDH-ES+A256KW'],
}
/** Curves of keys that secrets can be agreed upon with (RFC 7518 §4.6, RFC 8037 §3.2). */
export const agreementCurves: readonly string[] = ['P-256', 'P-384', 'P-521', 'X25519']

const choose = (option: string, offered: readonly string[], wanted: string | undefined, usedBy: string): string => {
  const chosen = wanted ?? offered[0] ?? ''
  if (offered.includes(chosen)) return chosen
  throw new ConfigurationError(
    `${usedBy}: ${option} ${chosen} is not on offer for this key; use ${offered.join(', ')}.`,
  )
}

const symmetricMember = (key: Exclude<EncryptionKeyInput, Uint8Array>): string | undefined => {
  if (typeof key !== 'object' || !('kty' in key)) return undefined
  return key.kty === 'oct' ? key.k : undefined
}

const secretBytes = (key: EncryptionKeyInput, usedBy: string): Uint8Array | undefined => {
  if (key instanceof Uint8Array) return new Uint8Array(key)
  const encoded = symmetricMember(key)
  if (encoded === undefined) return undefined
  try {
    return base64url.decode(encoded)
  } catch (cause) {
    throw new ConfigurationError(`${usedBy}: the member k of the JWK is not base64url.`, { cause })
  }
}

const secretKey = (
  secret: Uint8Array,
  options: EncryptionOptions,
  contentEncryption: string,
  usedBy: string,
): EncryptionKey => {
  const keyManagement = choose('keyManagement', keyManagements.secret, options.keyManagement, usedBy)
  const length = keyManagement === 'dir' ? contentKeyLengths[contentEncryption] : wrappingKeyLength
  if (secret.length === length) return { keyManagement, contentEncryption, encrypt: secret, decrypt: secret }
  const purpose = keyManagement === 'dir' ? contentEncryption : keyManagement
  throw new ConfigurationError(
    `${usedBy}: expected ${String(length)} random bytes for ${purpose}, got ${secret.length} bytes.`,
  )
}

const keyPair = (jwk: Jwk, options: EncryptionOptions, contentEncryption: string, usedBy: string): EncryptionKey => {
  const encrypt = publicHalf(jwk)
  const isRsa = jwk.kty === 'RSA'
  if (encrypt === undefined || (!isRsa && !agreementCurves.includes(jwk.crv ?? '')) || (jwk.use ?? 'enc') !== 'enc')
    throw new ConfigurationError(
      `${usedBy}: a key of kind ${[jwk.kty, jwk.crv, jwk.use].filter(Boolean).join(' ')} cannot encrypt.`,
    )
  refuseShortRsaKey(kindOfJwk(jwk), usedBy)
  const offered = isRsa ? keyManagements.RSA : keyManagements.ellipticCurve
  const keyManagement = choose('keyManagement', offered, options.keyManagement, usedBy)
  return { keyManagement, contentEncryption, encrypt, decrypt: jwk.d === undefined ? undefined : keyMaterial(jwk) } // checked by exportJwk
}

/**
 * Reads an encryption key. On some runtimes a promise. Throws `ConfigurationError` for a secret of the wrong length, for RSA under 2048
 * bits, and for algorithms that are not on offer: RSA1_5, PBES2-* and compression never are (RFC 8725 §3.2).
 */
export const readEncryptionKey = (
  key: EncryptionKeyInput,
  options: EncryptionOptions,
  usedBy: string,
): Awaitable<EncryptionKey> => {
  const contentEncryption = choose(
    'contentEncryption',
    Object.keys(contentKeyLengths),
    options.contentEncryption,
    usedBy,
  )
  const secret = secretBytes(key, usedBy)
  if (secret !== undefined) return secretKey(secret, options, contentEncryption, usedBy)
  const jwk = exportJwk(key as AsymmetricKeyInput, 'either', usedBy) // bytes are secrets and returned above
  if (!(jwk instanceof Promise)) return keyPair(jwk, options, contentEncryption, usedBy)
  const later = jwk.then((loaded) => keyPair(loaded, options, contentEncryption, usedBy))
  later.catch(() => undefined) // does not count as unhandled; whoever awaits it still gets it
  return later
}

/** Whether an encryption key decrypts as well. Throws `ConfigurationError` for what is no such key. */
export const mayDecrypt = (key: EncryptionKeyInput, usedBy: string): boolean =>
  isSharedSecret(key) || readKeyInput(key, 'either', usedBy).half === 'private'

/** Whether whoever can encrypt with the key also knows the secret, so that encryption proves who made a token (RFC 8725 §3.3). */
export const isSharedSecret = (key: EncryptionKeyInput): boolean =>
  key instanceof Uint8Array || symmetricMember(key) !== undefined
