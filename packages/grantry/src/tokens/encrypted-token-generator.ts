import type { Awaitable } from '../core/awaitable.ts'
import type { SigningKeyInput } from '../core/signer.ts'
import type { PublicJwk, TokenContext } from '../core/token-context.ts'
import { tokenEncrypter } from '../keys/encrypt-jwt.ts'
import {
  mayDecrypt,
  readEncryptionKey,
  type EncryptionKeyInput,
  type EncryptionOptions,
} from '../keys/encryption-key.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { jwtWriter } from '../keys/sign-jwt.ts'
import { signingSource } from '../keys/signing-key-set.ts'
import { decryptingVerifier, encryptionOptionNames, requireAuthenticity } from './encrypted-token-verifier.ts'
import { refuseUnknownOptions, twinChecks, typOf, type SelfContainedTokenVerifier } from './token-checks.ts'
import {
  describeGenerator,
  tokenClaimOptionNames,
  tokenClaims,
  withinLifetime,
  type TokenClaimOptions,
} from './token-claims.ts'

/** Options of `encryptedTokenGenerator`. */
export interface EncryptedTokenOptions extends TokenClaimOptions, EncryptionOptions {
  /** A shared secret as bytes or symmetric JWK; or the public key of the protected resource, or a key pair. */
  readonly encryptionKey: EncryptionKeyInput
  /** Signs the token before it is encrypted (RFC 7519 §11.2). Required unless `encryptionKey` is a shared secret. */
  readonly signingKey?: SigningKeyInput | KeyRing | undefined
  /** The `alg` of the signature. Default: by the key; RS256 of a `KeyRing`. */
  readonly algorithm?: string | undefined
  /** The `kid` of the signature. Default: that of the JWK, else the thumbprint (RFC 7638). */
  readonly keyId?: string | undefined
}

/** Makes encrypted tokens, and knows how they are checked. */
export interface EncryptedTokenGenerator {
  (context: TokenContext): Promise<string>
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  /** Undefined when the private half of the encryption key or the public half of the signing key is not known. */
  readonly verifier: SelfContainedTokenVerifier | undefined
  /** The public half of the signing key, for the JWKS; empty when there is none. */
  readonly publicKeys: () => Awaitable<readonly PublicJwk[]>
  /** As of `SignedTokenGenerator`. */
  readonly longestLifetime: number | undefined
}

const usedBy = 'encryptedTokenGenerator'
const optionNames = [
  ...tokenClaimOptionNames,
  ...encryptionOptionNames,
  'encryptionKey',
  'signingKey',
  'algorithm',
  'keyId',
]

/**
 * Makes access tokens that only the holder of the key can read (RFC 7516); with `signingKey`, signed tokens inside encrypted ones.
 * Throws `ConfigurationError` for keys and options that cannot work.
 */
export const encryptedTokenGenerator = (options: EncryptedTokenOptions): EncryptedTokenGenerator => {
  refuseUnknownOptions(options, optionNames, usedBy)
  const { encryptionKey, signingKey, algorithm, keyId, profile } = options
  const claims = tokenClaims(options, usedBy)
  const encryption = readEncryptionKey(encryptionKey, options, usedBy)
  requireAuthenticity(encryptionKey, signingKey !== undefined, { option: 'signingKey', usedBy })
  const typ = typOf(profile)
  const source = signingKey === undefined ? undefined : signingSource(signingKey, { algorithm, keyId, usedBy })
  const sign = source === undefined ? JSON.stringify : jwtWriter(source.signer, typ)
  const encrypt = tokenEncrypter(encryption, source === undefined ? { typ } : { typ, cty: 'JWT' })
  const { keySet, longestLifetime } = source ?? {}
  const isVerifiable = mayDecrypt(encryptionKey, usedBy) && (source === undefined || keySet !== undefined)
  const generate = async (context: TokenContext): Promise<string> =>
    encrypt(await sign(withinLifetime(claims(context), longestLifetime)))
  return Object.assign(generate, {
    ...describeGenerator(options),
    verifier: isVerifiable ? decryptingVerifier(encryption, keySet, twinChecks(options)) : undefined,
    publicKeys: source?.publicKeys ?? (() => []),
    longestLifetime,
  })
}
