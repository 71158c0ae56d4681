import type { Claims } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { VerificationKeyInput } from '../core/signer.ts'
import { verificationKeySet } from '../keys/key-set.ts'
import { verifyJwt } from '../keys/verify-jwt.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { logoutEvent, logoutTokenType } from './logout-token.ts'
import { refuseUnknownOptions } from './token-checks.ts'

/** What a client expects of the logout tokens that it is sent. */
export interface LogoutTokenChecks {
  /** The exact `iss`: the provider that the client is registered with. */
  readonly issuer: string
  /** The id of the client, which must be the only `aud`. */
  readonly clientId: string
  /** The `alg` that the client is registered for, as for ID tokens. Default: `RS256`. */
  readonly algorithm?: string | undefined
  /** Seconds by which the clocks may differ, at most 300. Default: 10. */
  readonly clockTolerance?: number | undefined
  /** Default: the clock of the machine. */
  readonly now?: Clock | undefined
}

/** A logout that a provider told of: of a session, or of all sessions of a user where `sessionId` is undefined. */
export interface Logout {
  readonly subject: string | undefined
  readonly sessionId: string | undefined
  /** The `jti`. Keep it until `expiresAt`, and refuse a second token with it. */
  readonly tokenId: string
  /** When the token is over, in seconds since the epoch; its clock may differ by the tolerance. */
  readonly expiresAt: number
}

const usedBy = 'verifyLogoutToken'
const optionNames = ['issuer', 'clientId', 'algorithm', 'clockTolerance', 'now']

const checkOptions = (options: LogoutTokenChecks, clockTolerance: number): void => {
  refuseUnknownOptions(options, optionNames, usedBy)
  const { issuer, clientId } = options as Partial<LogoutTokenChecks> // JavaScript callers leave them out
  if (!issuer || !clientId) throw new ConfigurationError(`${usedBy}: the options issuer and clientId are required.`)
  if (!(clockTolerance >= 0 && clockTolerance <= 300))
    throw new ConfigurationError(`${usedBy}: clockTolerance takes 0 to 300 seconds, got ${clockTolerance}.`)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

const namesLogout = (events: unknown): boolean =>
  isObject(events) && isObject((events as Readonly<Record<string, unknown>>)[logoutEvent]) // an object by isObject

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** What the claims say; undefined for those of no logout token (OpenID Connect Back-Channel Logout §2.6, steps 4 to 7). */
const readLogout = ({ sub, sid, jti, exp, events, ...others }: Claims): Logout | undefined => {
  const subject = isText(sub) ? sub : undefined
  const sessionId = isText(sid) ? sid : undefined
  const isSound = subject === sub && sessionId === sid && (subject ?? sessionId) !== undefined
  if (!isSound || !isText(jti) || !namesLogout(events) || 'nonce' in others) return undefined
  return { subject, sessionId, tokenId: jti, expiresAt: Number(exp) }
}

/**
 * Checks a logout token that a provider posted to this client as `logout_token` (OpenID Connect Back-Channel Logout §2.6). Returns who was
 * logged out, or undefined for every token that is not valid: answer that with 400. Whether a token came before is yours to know, by
 * `tokenId`. Give the keys that the provider publishes. Throws `ConfigurationError` for private or symmetric keys and for options that
 * cannot work.
 */
export const verifyLogoutToken = async (
  token: string,
  keys: VerificationKeyInput | readonly VerificationKeyInput[],
  options: LogoutTokenChecks,
): Promise<Logout | undefined> => {
  const { issuer, clientId, algorithm = 'RS256', clockTolerance = 10, now = systemClock } = options
  checkOptions(options, clockTolerance)
  const keySet = verificationKeySet(keys, { algorithms: [algorithm], usedBy })
  const time = now()
  const requiredClaims = ['iat', 'jti', 'events']
  const checks = { typ: logoutTokenType, issuer, audience: clientId, requiredClaims, clockTolerance }
  const claims = await verifyJwt(token, keySet, checks, time)
  if (claims === undefined || [claims['aud']].flat().length !== 1) return undefined
  return Number(claims['iat']) > time + clockTolerance ? undefined : readLogout(claims)
}
