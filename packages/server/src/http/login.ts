import { randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import { PasswordPoolBusyError } from '../accounts/password-pool.ts'
import { loginPage } from '../pages/login.ts'
import { withDeadline } from '../request-deadline.ts'
import { byPassword } from './authentication-classes.ts'
import { authorizePath } from './done.ts'
import { equalSecrets, isCrossSite } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { foreignTarget, isOwnTarget, purposeOf } from './login-target.ts'
import { frameOf, shownClient } from './frame.ts'
import { page, retryLater, seeOther, type PageRequest } from './page-response.ts'
import { secondFactorPath } from './pending-login.ts'
import { foreignForm } from './session.ts'
import type { Site } from './site.ts'
import { startSession } from './start-session.ts'

/** The path of the login page that goes on to a page. */
export const loginTo = (path: string, to: string): string => `${path}/login?to=${encodeURIComponent(to)}`

/** The path of the login page that comes back to an authorization request. */
export const loginPath = (path: string, query: string): string => loginTo(path, authorizePath(path, query))

const longestUsername = 256

interface Shown {
  readonly status: number
  readonly csrf: string
  readonly to: string
  /** What was typed before. */
  readonly username?: string
  readonly problem?: string
}

const form = async (site: Site, http: PageRequest, state: Shown): Promise<HttpResponse> => {
  const { status, csrf, to, username, problem } = state
  const purpose = await purposeOf(site, http, to)
  const shown = purpose && shownClient(site, purpose.client)
  const body = loginPage({
    ...{ ...frameOf(site, http), csrf, to, problem },
    username: username ?? purpose?.loginHint ?? '',
    client: shown?.client,
    wantsAccount: purpose?.wantsAccount ?? false,
  })
  const options = { formTarget: purpose?.formTarget, imageSource: shown?.imageSource }
  return page(status, body, { ...options, cookie: site.cookies.login.write(csrf) })
}

/** Shows the login page. */
export const showLogin = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const to = new URLSearchParams(queryOf(request.url)).get('to') ?? `${site.issuer.path}/`
  if (!isOwnTarget(to, site.issuer.path)) return foreignTarget(site, request)
  const csrf = site.cookies.login.read(request) ?? randomBytes(32).toString('base64url')
  return form(site, request, { status: 200, csrf, to })
}

const asBusy = (thrown: unknown): PasswordPoolBusyError => {
  if (thrown instanceof PasswordPoolBusyError) return thrown
  throw thrown
}

/** Logs someone in. The same answer, after the same work, for an unknown user and a wrong password. */
export const submitLogin = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const { path, origin } = site.issuer
  const fields = await readForm(request)
  const csrf = site.cookies.login.read(request)
  if (isCrossSite(request, origin) || csrf === undefined || !equalSecrets(fields?.get('csrf') ?? '', csrf))
    return foreignForm(site, request)
  const to = fields?.get('to') ?? ''
  if (!isOwnTarget(to, path)) return foreignTarget(site, request)
  const username = fields?.get('username') ?? ''
  const attempt = { username, address: request.address, device: site.devices.find(request, username, site.now()) }
  const refusal = await site.limits.take(attempt)
  if (refusal !== undefined) {
    site.log({ type: 'login.limited', limit: refusal.limit })
    const problem = request.messages.login.limits[refusal.limit]
    return retryLater(await form(site, request, { status: 429, csrf, to, username, problem }), refusal.retryAfter)
  }
  const account = await site.passwords.check(username, fields?.get('password') ?? '').catch(asBusy)
  if (account instanceof PasswordPoolBusyError) {
    site.log({ type: 'login.busy' })
    const problem = request.messages.login.busy
    return retryLater(await form(site, request, { status: 503, csrf, to, username, problem }), account.retryAfter)
  }
  if (account === undefined) {
    const meant = await withDeadline(() => site.accounts.find(username.slice(0, longestUsername))) // asked for every name, so that time tells nothing
    site.log({
      type: 'login.refused',
      userId: meant?.id,
      ...(meant?.disabledAt !== undefined && { reason: 'disabled' }),
    })
    const problem = request.messages.login.wrong
    return form(site, request, { status: 400, csrf, to, username, problem })
  }
  return withDeadline(async () => {
    await site.limits.clear(attempt)
    if (!(await site.factors.has(account.id))) return startSession(site, request, { account, amr: byPassword, to })
    return seeOther(secondFactorPath(path, to), site.secondFactor.write(account, csrf))
  }) // hashing took its time, which is not the database's
}
