import type { Authentication, OpenIdRequest } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'

/** The classes of authentication that the server tells clients of (`acr`), the strongest first: two factors, and one. */
export const acrValues = ['urn:grantry:acr:2fa', 'urn:grantry:acr:1fa'] as const

/** What a login by password alone is (`amr`, RFC 8176). */
export const byPassword: readonly string[] = ['pwd']
/** What a code is after a login elsewhere. */
export const byCode: readonly string[] = ['otp', 'mfa']
/** What it is with a code. */
export const byPasswordAndCode: readonly string[] = ['pwd', 'otp', 'mfa']
/** What a login by passkey is: possession of a key (OpenID EAP ACR Values), and who unlocked it. */
export const byPasskey: readonly string[] = ['pop', 'user', 'mfa']

/** What a client asks of the class. */
export type AskedClass = Pick<OpenIdRequest, 'acrValues' | 'essentialAcr'>

/** The classes that a session is of: two factors are more than one. */
const classesOf = ({ amr }: Pick<Session, 'amr'>): readonly string[] =>
  amr.includes('mfa') ? acrValues : acrValues.slice(1)

/** How a session began, as a client is told of it: of the classes that it is of, the one that is asked for. */
export const authenticationOf = (
  session: Pick<Session, 'authTime' | 'sid' | 'amr'>,
  { essentialAcr, acrValues: wished }: AskedClass,
): Authentication => {
  const classes = classesOf(session)
  const acr = [...essentialAcr, ...wished].find((each) => classes.includes(each)) ?? classes[0]
  const amr = session.amr.length > 0 ? session.amr : undefined // of a login elsewhere, nobody knows
  return { authTime: session.authTime, acr, amr, sessionId: session.sid }
}

/** Whether one of the classes that must be met is known here. */
export const canBeMet = ({ essentialAcr }: AskedClass): boolean =>
  essentialAcr.length === 0 || essentialAcr.some((each) => acrValues.some((known) => known === each))

/** Whether a login is of a class that must be met. */
export const isMet = ({ acr }: Pick<Authentication, 'acr'>, { essentialAcr }: AskedClass): boolean =>
  essentialAcr.length === 0 || essentialAcr.includes(acr ?? '')

/** Whether a login by password alone is less than must be met. */
export const needsMore = (asked: AskedClass): boolean =>
  !isMet(authenticationOf({ authTime: 0, sid: '', amr: byPassword }, asked), asked)

/** Whether a client wants two factors, by whatever it may ask for them. */
export const asksForTwo = (asked: AskedClass): boolean => needsMore(asked) || wishesMore({ amr: byPassword }, asked)

/** Whether two factors are what the client would like best, and there was one. */
export const wishesMore = (session: Pick<Session, 'amr'>, { acrValues: wished }: AskedClass): boolean =>
  wished.find((each) => acrValues.some((known) => known === each)) === acrValues[0] && !session.amr.includes('mfa')
