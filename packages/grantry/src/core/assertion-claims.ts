import type { Claims, JsonValue } from './claims.ts'

/** Seconds by which the clock of a client may be ahead or behind. */
export const assertionClockTolerance = 10

/** Seconds that an assertion may live. */
const longestLifetime = 600

/** Who an assertion has to be for. */
export interface AssertionAudience {
  readonly issuer: string
  /** Also accepted, and others beside it; undefined takes the issuer and nothing else. */
  readonly tokenEndpoint: string | undefined
}

const isMeantFor = (aud: JsonValue | undefined, { issuer, tokenEndpoint }: AssertionAudience): boolean => {
  const recipients: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (tokenEndpoint !== undefined) return recipients.includes(issuer) || recipients.includes(tokenEndpoint)
  return recipients.length === 1 && recipients[0] === issuer
}

const isDate = (date: JsonValue | undefined): date is number => typeof date === 'number' && Number.isFinite(date)
const isPast = (date: JsonValue | undefined, latest: number): boolean =>
  date === undefined || (isDate(date) && date <= latest)

/**
 * What is wrong with the claims of an assertion at `now`, for the log; undefined where nothing is (RFC 7523 §3). `exp` and `jti` must be there.
 */
export const assertionProblem = (claims: Claims, audience: AssertionAudience, now: number): string | undefined => {
  const { aud, exp, nbf, iat, jti } = claims
  if (!isMeantFor(aud, audience)) return 'aud is not the issuer alone'
  if (!isDate(exp)) return 'exp is missing or not a date'
  if (exp + assertionClockTolerance <= now) return 'exp has passed'
  if (exp > now + longestLifetime + assertionClockTolerance) return 'exp is more than 10 minutes ahead'
  if (!isPast(nbf, now + assertionClockTolerance)) return 'nbf is in the future'
  if (!isPast(iat, now + assertionClockTolerance)) return 'iat is in the future'
  return typeof jti === 'string' && jti !== '' ? undefined : 'jti is missing'
}

/** The same for a client assertion, whose `iss` must be its `sub`: both name the client. */
export const clientAssertionProblem = (claims: Claims, audience: AssertionAudience, now: number): string | undefined =>
  claims['iss'] === claims['sub'] ? assertionProblem(claims, audience, now) : 'iss is not sub'

/**
 * What is wrong with the claims of a JWT that was presented in a token exchange, as in `assertionProblem`; it may be older, be for others as
 * well, and be used again (RFC 8693 §2.1).
 */
export const presentedJwtProblem = (claims: Claims, issuer: string, now: number): string | undefined => {
  const { sub, aud, exp, nbf, iat } = claims
  const recipients: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (typeof sub !== 'string' || sub === '') return 'sub is missing'
  if (!recipients.includes(issuer)) return 'aud does not name the issuer'
  if (!isDate(exp)) return 'exp is missing or not a date'
  if (exp <= now) return 'exp has passed'
  if (!isPast(nbf, now + assertionClockTolerance)) return 'nbf is in the future'
  return isPast(iat, now + assertionClockTolerance) ? undefined : 'iat is in the future'
}
