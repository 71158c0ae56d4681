import { createHmacSigner } from '#platform'
import type { TokenContext } from '../core/token-context.ts'
import { secretKeySet } from '../keys/key-set.ts'
import { jwtWriter } from '../keys/sign-jwt.ts'
import { verifyJwt } from '../keys/verify-jwt.ts'
import {
  refuseUnknownOptions,
  tokenCheckOptionNames,
  tokenChecks,
  tokenVerifier,
  twinChecks,
  typOf,
} from './token-checks.ts'
import type { SelfContainedTokenVerifier, TokenCheckOptions } from './token-checks.ts'
import { describeGenerator, tokenClaimOptionNames, tokenClaims, type TokenClaimOptions } from './token-claims.ts'

/** How HMAC is used. */
export interface HmacOptions {
  /** The `alg`: HS256, HS384 or HS512. Default: HS256. */
  readonly algorithm?: string | undefined
  /** The `kid`, to tell secrets apart. Default: none. */
  readonly keyId?: string | undefined
}

const hmacOptionNames = ['algorithm', 'keyId'] as const
const defaultAlgorithm = 'HS256'

/** Makes tokens with an HMAC, and checks them. */
export interface HmacTokenGenerator {
  (context: TokenContext): Promise<string>
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  /** Checks issuer, `typ`, `alg`, HMAC and `exp`. */
  readonly verifier: SelfContainedTokenVerifier
}

/**
 * Makes access tokens that are JWTs with an HMAC. Whoever can check them can make them, so use it where one program does both. The secret:
 * at least as many random bytes as the hash has; text is taken as UTF-8. Throws `ConfigurationError` for a shorter one (RFC 7518 §3.2)
 * and for options that cannot work.
 */
export const hmacTokenGenerator = (
  secret: Uint8Array | string,
  options: TokenClaimOptions & HmacOptions = {},
): HmacTokenGenerator => {
  const usedBy = 'hmacTokenGenerator'
  refuseUnknownOptions(options, [...tokenClaimOptionNames, ...hmacOptionNames], usedBy)
  const { algorithm = defaultAlgorithm, keyId } = options
  const claims = tokenClaims(options, usedBy)
  const write = jwtWriter(createHmacSigner(secret, { algorithm, keyId, usedBy }), typOf(options.profile))
  const keySet = secretKeySet(secret, algorithm, keyId)
  const checks = twinChecks(options)
  return Object.assign(async (context: TokenContext) => write(claims(context)), {
    ...describeGenerator(options),
    verifier: tokenVerifier((token, now) => verifyJwt(token, keySet, checks, now)),
  })
}

/**
 * Checks what an `hmacTokenGenerator` made with the same secret. Throws `ConfigurationError` for a short secret and for options that cannot
 * work. The verifier returns undefined for every token that is not valid.
 */
export const hmacTokenVerifier = (
  secret: Uint8Array | string,
  options: TokenCheckOptions & HmacOptions,
): SelfContainedTokenVerifier => {
  const usedBy = 'hmacTokenVerifier'
  refuseUnknownOptions(options, [...tokenCheckOptionNames, ...hmacOptionNames], usedBy)
  const { algorithm = defaultAlgorithm, keyId } = options
  const checks = tokenChecks(options, usedBy)
  createHmacSigner(secret, { algorithm, usedBy }) // for its checks of the secret
  const keySet = secretKeySet(secret, algorithm, keyId)
  return tokenVerifier((token, now) => verifyJwt(token, keySet, checks, now))
}
