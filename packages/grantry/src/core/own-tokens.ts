import { carriedClaims, type Claims } from './claims.ts'
import type { GrantRequest } from './grant.ts'
import type { AccessToken, RefreshToken } from './records.ts'
import type {
  IntrospectionValidator,
  RefreshTokenValidator,
  SelfContainedTokenValidator,
  TokenValidator,
} from './request-validator.ts'
import type { TokenVerifier } from './token-context.ts'
import type { PresentedToken, PresentedTokenVerifier } from './token-exchange.ts'

/** What knows the tokens of this server. */
export type OwnTokenValidator = Pick<TokenValidator, 'validateBearerToken'> &
  Pick<IntrospectionValidator, 'isIntrospectionAllowed'> &
  Partial<Pick<RefreshTokenValidator, 'validateRefreshToken'> & SelfContainedTokenValidator>

/** What holds for the old token alone, or is told by members of the record. */
const notCarried = new Set(['act', 'may_act', 'aud', 'iss', 'scope', 'client_id', 'grant_id'])

const carried = (claims: Claims): Claims =>
  Object.fromEntries(Object.entries(carriedClaims(claims)).filter(([name]) => !notCarried.has(name)))

const present = (record: AccessToken | RefreshToken, issuer: string): PresentedToken => ({
  claims: { ...record.claims, iss: issuer, sub: record.user?.id ?? record.clientId, client_id: record.clientId },
  user: record.user,
  clientId: record.clientId,
  scopes: record.scopes,
  resources: record.kind === 'access_token' ? record.audience : record.resources,
  carried: carried(record.claims),
  expiresAt: record.expiresAt,
  grantId: record.grantId,
})

/** Access tokens of this server: those that the client may introspect, so its own and those that are meant for it (RFC 7662 §4). */
export const ownAccessTokens = (
  issuer: string,
  validator: OwnTokenValidator,
  tokenVerifier: TokenVerifier | undefined,
): PresentedTokenVerifier => {
  const verify = tokenVerifier?.bind(validator)
  const find = async (token: string, request: GrantRequest): Promise<AccessToken | undefined> => {
    if (verify === undefined) return validator.validateBearerToken(token, request)
    const record = await verify(token, request)
    const isOver = record === undefined || (await validator.isTokenRevoked?.(token, record, request)) === true
    return isOver ? undefined : record
  }
  return async (token, request) => {
    const record = await find(token, request)
    if (record === undefined) return undefined
    if (!(await validator.isIntrospectionAllowed(request.client, record, request)))
      return { reason: 'token_audience_wrong', detail: `it is of ${record.clientId}, for ${String(record.audience)}` }
    return present(record, issuer)
  }
}

/** Refresh tokens of this server: the newest of a family, of the client itself. It stays as it is: an exchange is no use of it. */
export const ownRefreshTokens =
  (issuer: string, validator: OwnTokenValidator): PresentedTokenVerifier =>
  async (token, request) => {
    const record = await validator.validateRefreshToken?.(token, request)
    if (record === undefined || record.supersededAt !== undefined) return undefined
    if (record.clientId !== request.client.id) return { reason: 'token_not_owned' }
    return present(record, issuer)
  }
