import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import type { Confirmation } from '../pages/confirm.ts'
import { hasPassword } from './account-logins.ts'
import { confirmPassword } from './confirm-password.ts'
import { loginTo } from './login.ts'
import type { OwnForm } from './own-form.ts'
import { page, retryLater, type PageRequest } from './page-response.ts'
import { isRecent } from './recent-login.ts'
import { refusePasskey } from './refuse-passkey.ts'
import { hasSecondFactor } from './second-factor-of.ts'
import type { Site } from './site.ts'

/** Why what was given does not count. */
export interface Problem {
  readonly status: number
  readonly text: string
  readonly retryAfter?: number
}

/** A page again, with what was wrong. */
export const problemPage = (
  body: string,
  problem: Problem | undefined,
  { hasScript }: { readonly hasScript: boolean },
): HttpResponse => {
  const shown = page(problem?.status ?? 200, body, { hasScript })
  return problem?.retryAfter === undefined ? shown : retryLater(shown, problem.retryAfter)
}

const useOf = ({ id: browser, userId }: Session) => ({ purpose: 'confirm', browser, userId }) as const

/** Whether a login without a second factor is not enough, as the user has one: else who knows the password could make one of his own. */
const isWeak = async (site: Site, { amr, userId }: Session): Promise<boolean> =>
  !amr.includes('mfa') && (await hasSecondFactor(site, userId))

/** How a page asks whether the user of a session is there: for the password or, where there is none, for a login a moment ago. */
const askedFor = async (site: Site, session: Session, page: string): Promise<Confirmation['by']> => {
  if (await hasPassword(site, session.userId)) return 'password'
  return isRecent(site, session) && !(await isWeak(site, session))
    ? 'login'
    : { loginAt: loginTo(site.issuer.path, page) }
}

/** The same with a passkey, where there is one. `page` is where a login leads back to. */
export const confirmationFor = async (
  site: Site,
  session: Session,
  page: string,
  problem: Problem | undefined,
): Promise<Confirmation> => {
  const hasPasskey = await site.passkeys.has(session.userId)
  const passkey = hasPasskey ? { options: await site.passkeys.askOptions(useOf(session)) } : undefined
  return { passkey, by: await askedFor(site, session, page), problem: problem?.text }
}

const passkeyProblem = async (
  site: Site,
  http: PageRequest,
  session: Session,
  text: string,
): Promise<Problem | undefined> => {
  const { messages } = http
  const refusal = await site.limits.takePasskey(http.address)
  if (refusal !== undefined) return { status: 429, text: messages.passkeys.limited, retryAfter: refusal.retryAfter }
  const checked = await site.passkeys.check(text, useOf(session))
  if (!('refused' in checked)) return undefined
  const { userId } = session
  return { status: 400, text: refusePasskey(site, http, 'passkey.refused', { ...checked, userId }) }
}

/** What is wrong with what a form gave to show that the user is there. */
export const confirmUser = async (
  site: Site,
  http: PageRequest,
  { session, fields }: OwnForm,
): Promise<Problem | undefined> => {
  const credential = fields.get('credential') ?? ''
  if (credential !== '') return passkeyProblem(site, http, session, credential)
  const { unconfirmed } = http.messages.account
  if (await isWeak(site, session)) return { status: 400, text: unconfirmed.weak }
  if (!(await hasPassword(site, session.userId)))
    return isRecent(site, session) ? undefined : { status: 400, text: unconfirmed.late }
  const confirmed = await confirmPassword(site, http, session, fields.get('password') ?? '')
  if (!('reason' in confirmed)) return undefined
  const { status, reason, retryAfter } = confirmed
  return { status, text: unconfirmed[reason], ...(retryAfter !== undefined && { retryAfter }) }
}
