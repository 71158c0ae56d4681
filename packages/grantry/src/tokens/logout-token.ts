import type { Claims } from '../core/claims.ts'
import type { Client } from '../core/records.ts'
import { randomString } from '../util/random.ts'

/** Who was logged out: at least one of both (OpenID Connect Back-Channel Logout §2.4). */
export interface LoggedOut {
  readonly userId?: string | undefined
  /** The `sid` of the ID tokens of the session. */
  readonly sessionId?: string | undefined
}

/** Seconds that a logout token is good for: long enough for the clocks of both sides. */
const lifetime = 120

/** The member of `events` that says what happened (OpenID Connect Back-Channel Logout §2.4). */
export const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** The `typ` of the header, so that no other token passes for one (OpenID Connect Back-Channel Logout §2.4). */
export const logoutTokenType = 'logout+jwt'

/** The claims of a logout token: never a `nonce`, so that it cannot pass for an ID token (OpenID Connect Back-Channel Logout §2.4). */
export const logoutClaims = (
  { id }: Client,
  { subject, sessionId }: { readonly subject: string | undefined; readonly sessionId: string | undefined },
  { issuer, now }: { readonly issuer: string; readonly now: number },
): Claims => ({
  iss: issuer,
  sub: subject,
  aud: id,
  iat: now,
  exp: now + lifetime,
  jti: randomString(22),
  sid: sessionId,
  events: { [logoutEvent]: {} },
})

/** What the browser loads to tell a client of a logout; undefined for a client that does not want it (Front-Channel Logout §2). */
export const frontchannelUri = (
  { frontchannelLogoutUri: uri }: Client,
  issuer: string,
  sessionId: string | undefined,
): string | undefined => {
  if (uri === undefined || sessionId === undefined) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ iss: issuer, sid: sessionId }).toString()}`
}
