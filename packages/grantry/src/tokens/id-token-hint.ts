import { InvalidRequestError } from '../core/errors.ts'
import type { KeySet } from '../keys/key-set.ts'
import { verifyJwt } from '../keys/verify-jwt.ts'

/** What a hint must be from, and for whom. */
export interface HintChecks {
  readonly issuer: string
  readonly keys: KeySet
  /** The client that it was given to; undefined accepts that of any client. */
  readonly clientId: string | undefined
}

/** What an ID token of ours says, however old it is. */
export interface IdTokenHint {
  readonly clientId: string
  readonly subject: string
  readonly sessionId: string | undefined
}

/** A hint may be as old as it likes: it only says who is meant (OpenID Connect Core §3.1.2.1). */
const anyAge = 100 * 365 * 86_400

/** Reads an ID token that we gave to a client; undefined for none. Throws an `InvalidRequestError` for any other token. */
export const readIdTokenHint = async (
  hint: string | undefined,
  { issuer, keys, clientId }: HintChecks,
): Promise<IdTokenHint | undefined> => {
  if (hint === undefined) return undefined
  const checks = { typ: 'JWT', issuer, audience: clientId, requiredClaims: ['sub', 'aud'], clockTolerance: anyAge }
  const claims = await verifyJwt(hint, keys, checks, 0)
  const { sub: subject, aud: audience, sid } = claims ?? {}
  if (typeof subject === 'string' && typeof audience === 'string')
    return { clientId: audience, subject, sessionId: typeof sid === 'string' ? sid : undefined }
  throw new InvalidRequestError('openid_parameter_malformed', {
    description: 'The id_token_hint is not an ID token that this server gave to the client.',
  })
}
