import { jwtVerify } from 'jose'
import type { Claims } from '../core/claims.ts'
import { acceptedClaims, claimOptions, isBadToken, readHeader, type JwtChecks } from './jwt-checks.ts'
import type { KeySet, VerificationKey } from './key-set.ts'

/**
 * The claims of a signed token (RFC 7519 §7.2); undefined for everything that is not valid at `now`, in seconds since the epoch. The key
 * is chosen from the set by `alg` and `kid`; `jwk`, `jku`, `x5u` and `x5c` of the header are never used (RFC 8725 §3.10). Throws only
 * when keys cannot be loaded.
 */
export const verifyJwt = async (
  token: string,
  keys: KeySet,
  checks: JwtChecks,
  now: number,
): Promise<Claims | undefined> => {
  const header = readHeader(token, 'jws')
  if (header === undefined) return undefined
  for (const key of await keys.find(header.alg, header.kid)) {
    const claims = await verifyWith(token, key, checks, now)
    if (claims !== undefined) return claims
  }
  return undefined
}

const verifyWith = async (
  token: string,
  { key, algorithms }: VerificationKey,
  checks: JwtChecks,
  now: number,
): Promise<Claims | undefined> => {
  try {
    const { payload } = await jwtVerify(token, key, { ...claimOptions(checks, now), algorithms: [...algorithms] })
    return acceptedClaims(payload)
  } catch (error) {
    if (isBadToken(error)) return undefined
    throw error
  }
}
