import type { HttpResponse } from 'grantry'
import type { PasskeyAccount, PasskeyRefusal } from '../accounts/passkeys.ts'
import { byPasskey, byPassword } from './authentication-classes.ts'
import { readLoginForm, type LoginForm } from './login-form.ts'
import { loginTo, showLoginForm } from './login.ts'
import { retryLater, seeOther, type PageRequest } from './page-response.ts'
import type { PendingAccount } from './pending-login.ts'
import { refusePasskey } from './refuse-passkey.ts'
import { showSecondFactorForm } from './second-factor.ts'
import type { Site } from './site.ts'
import { startSession } from './start-session.ts'

/** Shows the page again where the passkey came from. */
type ShowAgain = (status: number, problem: string) => Promise<HttpResponse>

interface PasskeyLogin extends LoginForm {
  /** Whose password was right before; undefined for a login by passkey alone. */
  readonly pending: PendingAccount | undefined
}

/** Why a user may not log in whose passkey is right. */
const refusedOf = async (site: Site, { id: userId }: PasskeyAccount): Promise<PasskeyRefusal | undefined> => {
  const state = await site.users.stateOf(userId)
  if (state === 'changed') return { refused: 'late', userId } // a session for the password before would be over
  if (state === 'same' && (await site.users.isActive(userId))) return undefined
  return { refused: 'wrong', detail: 'the user is disabled, or gone', userId }
}

const logIn = async (site: Site, http: PageRequest, login: PasskeyLogin, again: ShowAgain): Promise<HttpResponse> => {
  const { fields, csrf: browser, to, pending } = login
  const refusal = await site.limits.takePasskey(http.address)
  if (refusal !== undefined) {
    site.log({ type: 'login.limited', limit: refusal.limit, userId: pending?.id })
    return retryLater(await again(429, http.messages.passkeys.limited), refusal.retryAfter)
  }
  const purpose = pending === undefined ? 'login' : 'second'
  const checked = await site.passkeys.check(fields.get('credential') ?? '', { purpose, browser, userId: pending?.id })
  if ('refused' in checked) return again(400, refusePasskey(site, http, 'login.refused', checked))
  const refused = await refusedOf(site, checked)
  if (refused !== undefined) return again(400, refusePasskey(site, http, 'login.refused', refused))
  if (pending === undefined) return startSession(site, http, { account: checked, amr: byPasskey, to })
  return startSession(site, http, {
    account: pending,
    amr: pending.upstream === undefined ? [...byPassword, ...byPasskey] : byPasskey,
    upstream: pending.upstream,
    to,
  })
}

/** Logs someone in by a passkey, without a password. */
export const submitPasskey = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readLoginForm(site, http)
  if ('status' in form) return form
  const { csrf, to } = form
  return logIn(site, http, { ...form, pending: undefined }, (status, passkeyProblem) =>
    showLoginForm(site, http, { status, csrf, to, passkeyProblem }),
  )
}

/** The same as the second factor after a password: it must be of that user. */
export const submitSecondPasskey = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const form = await readLoginForm(site, http)
  if ('status' in form) return form
  const { csrf, to } = form
  const pending = site.secondFactor.read(http, csrf)
  if (pending === undefined) return seeOther(loginTo(site.issuer.path, to))
  return logIn(site, http, { ...form, pending }, (status, passkeyProblem) =>
    showSecondFactorForm(site, http, { status, csrf, to, pending, passkeyProblem }),
  )
}
