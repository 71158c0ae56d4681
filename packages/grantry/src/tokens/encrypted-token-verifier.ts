import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { VerificationKeyInput } from '../core/signer.ts'
import { decryptJwt, decryptNestedJwt } from '../keys/decrypt-jwt.ts'
import { isSharedSecret, readEncryptionKey } from '../keys/encryption-key.ts'
import type { EncryptionKey, EncryptionKeyInput, EncryptionOptions } from '../keys/encryption-key.ts'
import type { JwtChecks } from '../keys/jwt-checks.ts'
import { verificationKeySet, type KeySet } from '../keys/key-set.ts'
import { refuseUnknownOptions, tokenCheckOptionNames, tokenChecks, tokenVerifier } from './token-checks.ts'
import type { SelfContainedTokenVerifier, TokenCheckOptions } from './token-checks.ts'

/** Options of `encryptedTokenVerifier`. */
export interface EncryptedTokenVerifierOptions extends TokenCheckOptions, EncryptionOptions {
  /** The shared secret, or the private key whose public half tokens are encrypted with. */
  readonly decryptionKey: EncryptionKeyInput
  /** Public keys of the signature inside. Required unless `decryptionKey` is a shared secret; given, every token must be signed. */
  readonly verificationKeys?: VerificationKeyInput | readonly VerificationKeyInput[] | undefined
  /** The `alg`s of the signature to accept. Default: as for `signedTokenVerifier`. */
  readonly algorithms?: readonly string[] | undefined
}

/** The names of the options that every encrypted format takes. */
export const encryptionOptionNames = ['keyManagement', 'contentEncryption'] as const

const optionNames = [
  ...tokenCheckOptionNames,
  ...encryptionOptionNames,
  'decryptionKey',
  'verificationKeys',
  'algorithms',
]

/** A verifier over keys that were read: of signed tokens inside encrypted ones when there is a key set for signatures. */
export const decryptingVerifier = (
  encryption: Awaitable<EncryptionKey>,
  signature: KeySet | undefined,
  checks: JwtChecks,
): SelfContainedTokenVerifier =>
  tokenVerifier(async (token, now) => {
    const key = await encryption
    if (signature === undefined) return decryptJwt(token, key, checks, now)
    return decryptNestedJwt(token, { encryption: key, signature }, checks, now)
  })

/** Throws `ConfigurationError` when neither a shared secret nor a signature would prove who made a token (RFC 8725 §3.3). */
export const requireAuthenticity = (
  key: EncryptionKeyInput,
  isSigned: boolean,
  needed: { readonly option: string; readonly usedBy: string },
): void => {
  if (isSigned || isSharedSecret(key)) return
  throw new ConfigurationError(
    `${needed.usedBy}: everyone who knows a public key can encrypt with it. Give ${needed.option} as well, or a shared secret as Uint8Array.`,
  )
}

/**
 * Checks what an `encryptedTokenGenerator` made. Throws `ConfigurationError` for keys and options that cannot work. The verifier returns
 * undefined for every token that is not valid and throws only when keys cannot be loaded.
 */
export const encryptedTokenVerifier = (options: EncryptedTokenVerifierOptions): SelfContainedTokenVerifier => {
  const usedBy = 'encryptedTokenVerifier'
  refuseUnknownOptions(options, optionNames, usedBy)
  const { decryptionKey, verificationKeys, algorithms } = options
  const checks = tokenChecks(options, usedBy)
  const encryption = readEncryptionKey(decryptionKey, options, usedBy)
  requireAuthenticity(decryptionKey, verificationKeys !== undefined, { option: 'verificationKeys', usedBy })
  if (!(encryption instanceof Promise) && encryption.decrypt === undefined)
    throw new ConfigurationError(`${usedBy}: expected the private key as decryptionKey, got a public key.`)
  const signature =
    verificationKeys === undefined ? undefined : verificationKeySet(verificationKeys, { algorithms, usedBy })
  return decryptingVerifier(encryption, signature, checks)
}
