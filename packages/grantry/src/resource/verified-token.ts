import type { Claims, JsonValue } from '../core/claims.ts'
import type { FailedProof } from '../core/client-authentication.ts'
import type { AccessToken, User } from '../core/records.ts'
import { readAudience } from '../tokens/access-token-from-claims.ts'

/** What a request was let through by. */
export interface VerifiedToken<TokenClaims = Claims> {
  /** Who made the token; undefined where it does not say so. */
  readonly issuer: string | undefined
  /** The client that sends it; undefined where it does not say so. */
  readonly clientId: string | undefined
  /** The user; undefined where the client acts for itself (RFC 9068 §5). */
  readonly user: User | undefined
  readonly scopes: readonly string[]
  /** Recipients the token is meant for (`aud`). */
  readonly audience: readonly string[]
  /** Seconds since the epoch; undefined where it does not say so. */
  readonly issuedAt: number | undefined
  /** Seconds since the epoch; undefined where the authorization server does not say so. */
  readonly expiresAt: number | undefined
  /** The `jti`. */
  readonly tokenId: string | undefined
  /** All claims of the token, or what the schema made of them. */
  readonly claims: TokenClaims
}

const isTextOrAbsent = (value: JsonValue | undefined): value is string | undefined =>
  value === undefined || typeof value === 'string'

const isDateOrAbsent = (value: JsonValue | undefined): value is number | undefined =>
  value === undefined || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER)

/** `scope` as RFC 8693 §4.2 has it, or `scp` as text or list, as others write it. */
const readScopes = ({ scope, scp }: Claims): readonly string[] =>
  [scope ?? scp ?? []].flat().flatMap((text) => (typeof text === 'string' ? text.split(' ').filter(Boolean) : []))

const malformed = (detail: string): FailedProof => ({ reason: 'token_invalid', detail })

/**
 * What live claims stand for, or why they are none of an access token at `now`. `tolerance` is in seconds. Claims that are not there are not
 * missed; `required` names those that must be.
 */
export const readToken = (
  claims: Claims,
  now: number,
  { tolerance, required }: { readonly tolerance: number; readonly required: readonly string[] },
): VerifiedToken | FailedProof => {
  const missing = required.filter((name) => claims[name] === undefined)
  if (missing.length > 0) return malformed(`it has no ${missing.join(', ')}`)
  const { iss, sub, exp, nbf, iat, jti, client_id: id, azp } = claims
  const clientId = id ?? azp
  const audience = readAudience(claims['aud'])
  if (
    audience === undefined ||
    ![iss, sub, jti, clientId].every(isTextOrAbsent) ||
    ![exp, nbf, iat].every(isDateOrAbsent)
  )
    return malformed('a registered claim is of a wrong type')
  const times = { exp: exp as number | undefined, nbf: nbf as number | undefined, iat: iat as number | undefined } // by isDateOrAbsent
  if (times.exp !== undefined && times.exp + tolerance <= now) return malformed('it has expired')
  if (Math.max(times.nbf ?? 0, times.iat ?? 0) > now + tolerance) return malformed('nbf or iat is in the future')
  const texts = { iss, sub, jti, clientId } as Readonly<Record<string, string | undefined>> // by isTextOrAbsent
  return {
    issuer: texts['iss'],
    clientId: texts['clientId'],
    user: texts['sub'] === undefined || sub === clientId ? undefined : { id: texts['sub'] },
    scopes: readScopes(claims),
    audience,
    issuedAt: times.iat,
    expiresAt: times.exp,
    tokenId: texts['jti'],
    claims,
  }
}

/** What a record of a store, or of a verifier, stands for: its claims are put together again. */
export const tokenOfRecord = (record: AccessToken): VerifiedToken => {
  const { clientId, user, scopes, audience, issuedAt, expiresAt, issuer, tokenId, claims } = record
  const registered: Claims = {
    ...{ iss: issuer, sub: user?.id ?? clientId, client_id: clientId, scope: scopes.join(' ') || undefined },
    ...{ aud: audience.length > 1 ? audience : audience[0], iat: issuedAt, exp: expiresAt, jti: tokenId },
  }
  const all = { ...claims, ...registered }
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return { issuer, clientId, user, scopes, audience, issuedAt, expiresAt, tokenId, claims: present }
}
