import type { VerificationKeyInput } from '../core/signer.ts'
import { KeyRing } from '../keys/key-ring.ts'
import { verificationKeySet, type KeySet } from '../keys/key-set.ts'
import { verifyJwt } from '../keys/verify-jwt.ts'
import { refuseUnknownOptions, tokenCheckOptionNames, tokenChecks, tokenVerifier } from './token-checks.ts'
import type { SelfContainedTokenVerifier, TokenCheckOptions } from './token-checks.ts'

/** Options of `signedTokenVerifier`. */
export interface SignedTokenVerifierOptions extends TokenCheckOptions {
  /** The `alg`s to accept. Default: those the keys name, else RS256 for RSA and the one of the curve for others (RFC 8725 §3.1). */
  readonly algorithms?: readonly string[] | undefined
}

const usedBy = 'signedTokenVerifier'

/** The keys of a ring, for some algorithms. */
const pinned = (ring: KeyRing, algorithms: readonly string[] | undefined): KeySet => ({
  find: async (alg = '', kid) => (algorithms?.includes(alg) === false ? [] : ring.find(alg, kid)),
})

/**
 * Checks what a `signedTokenGenerator` made, here or elsewhere (RFC 9068 §4). Keys that are
 * rotated: the `KeyRing` of the server, or several keys or its JWK Set elsewhere.
 * Throws `ConfigurationError` for private or symmetric keys and for options that cannot work. The verifier returns undefined for every
 * token that is not valid and throws only when keys cannot be loaded.
 */
export const signedTokenVerifier = (
  keys: KeyRing | VerificationKeyInput | readonly VerificationKeyInput[],
  options: SignedTokenVerifierOptions,
): SelfContainedTokenVerifier => {
  refuseUnknownOptions(options, [...tokenCheckOptionNames, 'algorithms'], usedBy)
  const checks = tokenChecks(options, usedBy)
  const { algorithms } = options
  const keySet = keys instanceof KeyRing ? pinned(keys, algorithms) : verificationKeySet(keys, { algorithms, usedBy })
  return tokenVerifier((token, now) => verifyJwt(token, keySet, checks, now))
}
