import { randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import { PasswordPoolBusyError } from '../accounts/password-pool.ts'
import { loginPage, type LoginPage } from '../pages/login.ts'
import { upstreamPath } from '../upstreams/upstreams.ts'
import { withDeadline } from '../request-deadline.ts'
import { byPassword } from './authentication-classes.ts'
import { authorizePath } from './done.ts'
import { queryOf } from './form.ts'
import { readLoginForm } from './login-form.ts'
import { foreignTarget, isOwnTarget, purposeOf } from './login-target.ts'
import { frameOf, shownClient } from './frame.ts'
import { page, retryLater, seeOther, type PageRequest } from './page-response.ts'
import { secondFactorPath } from './pending-login.ts'
import { asksForMore } from './second-factor-of.ts'
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
  readonly passkeyProblem?: string
}

const shownUpstreams = ({ upstreams, issuer: { path } }: Site, to: string) =>
  upstreams.all.map(({ settings: { id, label } }) => {
    const href = `${upstreamPath(path, id)}?to=${encodeURIComponent(to)}`
    return { id, label, href }
  })

const linksOf = ({ issuer: { path }, accountSettings }: Site, to: string): Pick<LoginPage, 'signUpAt' | 'forgotAt'> => {
  const { signUp, passwordResetUri, passwordResetWebhook } = accountSettings
  const goOn = `?to=${encodeURIComponent(to)}`
  return {
    signUpAt: signUp === 'open' ? `${path}/sign-up${goOn}` : undefined,
    forgotAt: passwordResetWebhook === undefined ? passwordResetUri : `${path}/forgot-password${goOn}`,
  }
}

/** Whether someone becomes a user by a login elsewhere. */
const makesUsers = ({ upstreams }: Site): boolean =>
  upstreams.all.some(({ settings }) => settings.unknownUsers === 'create')

/** The login page, with what was wrong. */
export const showLoginForm = async (site: Site, http: PageRequest, state: Shown): Promise<HttpResponse> => {
  const { status, csrf, to, username, problem, passkeyProblem } = state
  const hasScript = site.passkeys.isOffered && site.localLogin
  const options = hasScript ? await site.passkeys.askOptions({ purpose: 'login', browser: csrf }) : undefined
  const purpose = await purposeOf(site, http, to)
  const shown = purpose && shownClient(site, purpose.client)
  const links = linksOf(site, to)
  const body = loginPage({
    ...{ ...frameOf(site, http), csrf, to, problem },
    username: username ?? purpose?.loginHint ?? '',
    client: shown?.client,
    ...{ ...links, lacksAccounts: purpose?.wantsAccount === true && links.signUpAt === undefined && !makesUsers(site) },
    passkey: options && { options, problem: passkeyProblem },
    ...{ hasForm: site.localLogin, upstreams: shownUpstreams(site, to) },
  })
  const allowed = { formTarget: purpose?.formTarget, imageSource: shown?.imageSource, hasScript }
  return page(status, body, { ...allowed, cookie: site.cookies.login.write(csrf) })
}

/** Shows the login page. */
export const showLogin = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const to = new URLSearchParams(queryOf(request.url)).get('to') ?? `${site.issuer.path}/`
  if (!isOwnTarget(to, site.issuer.path)) return foreignTarget(site, request)
  const [first, ...others] = shownUpstreams(site, to)
  if (!site.localLogin && first !== undefined && others.length === 0) return seeOther(first.href) // there is nothing to choose
  const csrf = site.cookies.login.read(request) ?? randomBytes(32).toString('base64url')
  return showLoginForm(site, request, { status: 200, csrf, to })
}

const asBusy = (thrown: unknown): PasswordPoolBusyError => {
  if (thrown instanceof PasswordPoolBusyError) return thrown
  throw thrown
}

/** Logs someone in. The same answer, after the same work, for an unknown user and a wrong password. */
export const submitLogin = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const form = await readLoginForm(site, request)
  if ('status' in form) return form
  const { fields, csrf, to } = form
  const username = fields.get('username') ?? ''
  const attempt = { username, address: request.address, device: site.devices.find(request, username, site.now()) }
  const again = (status: number, problem: string) =>
    showLoginForm(site, request, { status, csrf, to, username, problem })
  const refusal = await site.limits.take(attempt)
  if (refusal !== undefined) {
    site.log({ type: 'login.limited', limit: refusal.limit })
    return retryLater(await again(429, request.messages.login.limits[refusal.limit]), refusal.retryAfter)
  }
  const account = await site.passwords.check(username, fields.get('password') ?? '').catch(asBusy)
  if (account instanceof PasswordPoolBusyError) {
    site.log({ type: 'login.busy' })
    return retryLater(await again(503, request.messages.login.busy), account.retryAfter)
  }
  if (account === undefined) {
    const meant = await withDeadline(() => site.accounts.find(username.slice(0, longestUsername))) // asked for every name, so that time tells nothing
    site.log({
      type: 'login.refused',
      userId: meant?.id,
      ...(meant?.disabledAt !== undefined && { reason: 'disabled' }),
    })
    return again(400, request.messages.login.wrong)
  }
  return withDeadline(async () => {
    await site.limits.clear(attempt)
    if (!(await asksForMore(site, request, account.id, to)))
      return startSession(site, request, { account, amr: byPassword, to })
    return seeOther(secondFactorPath(site.issuer.path, to), site.secondFactor.write(account, csrf))
  }) // hashing took its time, which is not the database's
}
