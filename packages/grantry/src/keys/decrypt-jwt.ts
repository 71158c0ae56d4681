import { compactDecrypt, jwtDecrypt, type DecryptOptions } from 'jose'
import type { Claims } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { EncryptionKey } from './encryption-key.ts'
import { acceptedClaims, claimOptions, readHeader, type JwtChecks } from './jwt-checks.ts'
import type { KeySet } from './key-set.ts'
import { verifyJwt } from './verify-jwt.ts'

const pinned = (key: EncryptionKey): DecryptOptions => ({
  keyManagementAlgorithms: [key.keyManagement],
  contentEncryptionAlgorithms: [key.contentEncryption],
  maxDecompressedLength: 0,
})

const decryptionKey = ({ decrypt }: EncryptionKey) => {
  if (decrypt === undefined) throw new ConfigurationError('Only the public half of the encryption key is known.')
  return decrypt
}

/** What jose throws here comes from the token: the key was checked when it was read, and `epk` of the token is imported like a key. */
const undefinedIfBad = async <T>(decrypted: Promise<T>): Promise<T | undefined> => {
  try {
    return await decrypted
  } catch {
    return undefined
  }
}

/**
 * The claims of an encrypted token (RFC 7519 §7.2); undefined for everything that is not valid at `now`, in seconds since the epoch.
 * Throws only when the key cannot be used. The key must be a shared secret, or nothing says who made the token.
 */
export const decryptJwt = async (
  token: string,
  key: EncryptionKey,
  checks: JwtChecks,
  now: number,
): Promise<Claims | undefined> => {
  if (readHeader(token, 'jwe') === undefined) return undefined
  const decrypted = await undefinedIfBad(
    jwtDecrypt(token, decryptionKey(key), { ...claimOptions(checks, now), ...pinned(key) }),
  )
  return decrypted && acceptedClaims(decrypted.payload)
}

/** The text inside an encrypted token, whatever it is; undefined for a token that the key does not open. Throws as `decryptJwt`. */
export const decryptText = async (token: string, key: EncryptionKey): Promise<string | undefined> => {
  if (readHeader(token, 'jwe') === undefined) return undefined
  const decrypted = await undefinedIfBad(compactDecrypt(token, decryptionKey(key), pinned(key)))
  return decrypted && new TextDecoder().decode(decrypted.plaintext)
}

/** The keys of a token that was signed, then encrypted. */
export interface NestedKeys {
  readonly encryption: EncryptionKey
  readonly signature: KeySet
}

/**
 * The claims of a signed token inside an encrypted one (RFC 7519 appendix A.2). Undefined and throws as `decryptJwt`; the checks are made
 * on the signed token.
 */
export const decryptNestedJwt = async (
  token: string,
  keys: NestedKeys,
  checks: JwtChecks,
  now: number,
): Promise<Claims | undefined> => {
  if (readHeader(token, 'jwe')?.cty?.toUpperCase() !== 'JWT') return undefined
  const signed = await decryptText(token, keys.encryption)
  return signed === undefined ? undefined : verifyJwt(signed, keys.signature, checks, now)
}
