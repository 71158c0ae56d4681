import type { PublicJwk } from '../core/token-context.ts'
import { InvalidRequestError } from '../core/errors.ts'
import { verificationKeySet } from '../keys/key-set.ts'
import { verifyJwt } from '../keys/verify-jwt.ts'

/** What a hint must be from and for. */
export interface HintChecks {
  readonly issuer: string
  readonly keys: readonly PublicJwk[]
  readonly clientId: string
}

/** A hint may be as old as it likes: it only says who is meant (OpenID Connect Core §3.1.2.1). */
const anyAge = 100 * 365 * 86_400

/** The `sub` of an ID token that we gave to this client; undefined for no hint. Throws an `InvalidRequestError` for any other token. */
export const readIdTokenHint = async (hint: string | undefined, checks: HintChecks): Promise<string | undefined> => {
  if (hint === undefined) return undefined
  const keys = verificationKeySet({ keys: checks.keys }, { usedBy: 'id_token_hint' })
  const rules = {
    typ: 'JWT',
    issuer: checks.issuer,
    audience: checks.clientId,
    requiredClaims: ['sub'],
    clockTolerance: anyAge,
  }
  const claims = await verifyJwt(hint, keys, rules, 0)
  if (typeof claims?.sub === 'string') return claims.sub
  throw new InvalidRequestError('openid_parameter_malformed', {
    description: 'The id_token_hint is not an ID token that this server gave to the client.',
  })
}
