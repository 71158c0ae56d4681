import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { SigningKeyInput } from '../core/signer.ts'
import type { PublicJwk, TokenContext } from '../core/token-context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { jwtWriter } from '../keys/sign-jwt.ts'
import { signingSource } from '../keys/signing-key-set.ts'
import { verifyJwt } from '../keys/verify-jwt.ts'
import {
  refuseUnknownOptions,
  tokenVerifier,
  twinChecks,
  typOf,
  type SelfContainedTokenVerifier,
} from './token-checks.ts'
import {
  describeGenerator,
  tokenClaimOptionNames,
  tokenClaims,
  withinLifetime,
  type TokenClaimOptions,
} from './token-claims.ts'

/** Options of `signedTokenGenerator`. */
export interface SignedTokenOptions extends TokenClaimOptions {
  /** The `alg`. Default: that of the JWK, else RS256 for RSA, ES256/384/512 by curve, EdDSA for Ed25519. Of a `KeyRing`: RS256. */
  readonly algorithm?: string | undefined
  /** The `kid`. Default: that of the JWK, else the thumbprint (RFC 7638). Not with a `KeyRing`, whose keys have names. */
  readonly keyId?: string | undefined
  /**
   * The `typ` of the header, for tokens that are no access tokens (RFC 8725 §3.11): nothing that takes access tokens takes these then. Not with
   * `profile`. Default: as `profile` says.
   */
  readonly typ?: string | undefined
}

/** Makes signed tokens, and knows how they are checked. */
export interface SignedTokenGenerator {
  (context: TokenContext): Promise<string>
  /** Checks issuer, `typ`, `alg`, signature and `exp`. Undefined when the public half of the key is not known. */
  readonly verifier: SelfContainedTokenVerifier | undefined
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  /** For the JWKS; empty when the public half of the key is not known. */
  readonly publicKeys: () => Awaitable<readonly PublicJwk[]>
  /** Seconds for which a token may live at most, so that its key is published as long; undefined for a key that stays. */
  readonly longestLifetime: number | undefined
}

const usedBy = 'signedTokenGenerator'

/**
 * Makes access tokens that are signed JWTs (RFC 7519; RFC 9068 with `profile: 'at+jwt'`). The key: a private key as PEM, JWK, `CryptoKey`
 * or `KeyObject`, a `Signer` for a key in a KMS, or a `KeyRing` whose keys change. Throws `ConfigurationError` for a key or options that
 * cannot work. Such tokens are readable by everyone who holds one.
 */
export const signedTokenGenerator = (
  key: SigningKeyInput | KeyRing,
  options: SignedTokenOptions = {},
): SignedTokenGenerator => {
  refuseUnknownOptions(options, [...tokenClaimOptionNames, 'algorithm', 'keyId', 'typ'], usedBy)
  const claims = tokenClaims(options, usedBy)
  const { algorithm, keyId, profile, typ = typOf(profile) } = options
  if (profile !== undefined && options.typ !== undefined)
    throw new ConfigurationError(`${usedBy}: give typ or profile, not both.`)
  const { signer, keySet, publicKeys, longestLifetime } = signingSource(key, { algorithm, keyId, usedBy })
  const write = jwtWriter(signer, typ)
  const checks = { ...twinChecks(options), typ }
  return Object.assign(async (context: TokenContext) => write(withinLifetime(claims(context), longestLifetime)), {
    ...describeGenerator(options),
    verifier: keySet && tokenVerifier((token, now) => verifyJwt(token, keySet, checks, now)),
    publicKeys,
    longestLifetime,
  })
}
