import type { Claims, JsonValue } from '../core/claims.ts'
import type { AccessToken } from '../core/records.ts'

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string'
const isTextOrAbsent = (value: JsonValue | undefined): value is string | undefined =>
  value === undefined || isText(value)

/** The recipients of an `aud`, none where it is absent. Undefined for what is no `aud`. */
export const readAudience = (aud: JsonValue | undefined): readonly string[] | undefined => {
  const values: readonly JsonValue[] = Array.isArray(aud)
    ? (aud as readonly JsonValue[])
    : aud === undefined
      ? []
      : [aud]
  return values.every(isText) ? values : undefined
}

/**
 * What verified claims stand for. There is no user when `sub` is absent or the client itself (RFC 9068 §5). Undefined for claims that no
 * access token has: without `client_id` (an ID token, for example), `iat` or `exp`, or with members of the wrong type.
 */
export const accessTokenFromClaims = (verified: Claims): AccessToken | undefined => {
  const { iss, sub, aud, exp, iat, jti, client_id: clientId, scope, grant_id: grantId, ...claims } = verified
  const audience = readAudience(aud)
  if (!isText(clientId) || typeof iat !== 'number' || typeof exp !== 'number' || audience === undefined)
    return undefined
  if (!isTextOrAbsent(grantId)) return undefined
  if (!isTextOrAbsent(iss) || !isTextOrAbsent(sub) || !isTextOrAbsent(jti) || !isTextOrAbsent(scope)) return undefined
  return {
    kind: 'access_token',
    clientId,
    user: sub === undefined || sub === clientId ? undefined : { id: sub },
    scopes: scope?.split(' ').filter((token) => token !== '') ?? [],
    audience,
    issuedAt: iat,
    expiresAt: exp,
    issuer: iss,
    tokenId: jti,
    grantId,
    claims,
  }
}
