import { randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import { foldUsername } from '../accounts/account-store.ts'
import type { Account } from '../accounts/account-tables.ts'
import { addressBlock } from '../accounts/login-limiter.ts'
import { checkLogin } from '../accounts/password.ts'
import { loginPage } from '../pages/login.ts'
import { equalSecrets, isCrossSite } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { page, problem, seeOther, type PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

const longestTarget = 8192

/** Whether a browser may be sent there after the login: to the authorization endpoint or to the home page of this server only. */
const isOwnTarget = (to: string, path: string): boolean => {
  if (to === `${path}/`) return true
  return (
    to.length <= longestTarget && to.startsWith(`${path}/authorize?`) && /^[\x21-\x7e]+$/.test(to) && !/[\\#]/.test(to)
  )
}

/** The path of the login page that comes back to an authorization request. */
export const loginPath = (path: string, query: string): string =>
  `${path}/login?to=${encodeURIComponent(`${path}/authorize?${query}`)}`

const form = (
  site: Site,
  status: number,
  csrf: string,
  shown: { to: string; username: string; problem?: string },
): HttpResponse => {
  const body = loginPage({ path: site.issuer.path, csrf, problem: undefined, ...shown })
  return page(status, body, { cookie: site.cookies.login.write(csrf) })
}

const foreignTarget = (site: Site): HttpResponse =>
  problem(400, 'The login page was opened with an address to go on to that is not of this server.', {
    path: site.issuer.path,
  })

/** Shows the login page. */
export const showLogin = (site: Site, request: PageRequest): HttpResponse => {
  const to = new URLSearchParams(queryOf(request.url)).get('to') ?? `${site.issuer.path}/`
  if (!isOwnTarget(to, site.issuer.path)) return foreignTarget(site)
  return form(site, 200, site.cookies.login.read(request) ?? randomBytes(32).toString('base64url'), {
    to,
    username: '',
  })
}

/** Logs someone in. The same answer, after the same work, for an unknown user and a wrong password. */
export const submitLogin = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const { path, origin, url } = site.issuer
  const fields = await readForm(request)
  const csrf = site.cookies.login.read(request)
  if (isCrossSite(request, origin) || csrf === undefined || !equalSecrets(fields?.get('csrf') ?? '', csrf)) {
    return problem(
      403,
      `This form was not sent by the login page of ${url}, or it is too old. Go back, reload and try again.`,
      { path },
    )
  }
  const to = fields?.get('to') ?? ''
  if (!isOwnTarget(to, path)) return foreignTarget(site)
  const username = fields?.get('username') ?? ''
  const key = `${addressBlock(request.address)} ${foldUsername(username.slice(0, 256))}`
  if (!site.limiter.take(key, site.now())) {
    site.log({ type: 'login.limited' })
    const text = 'Too many failed logins. Wait five minutes and try again.'
    return form(site, 429, csrf, { to, username, problem: text })
  }
  const account = await checkLogin(site.accounts, username, fields?.get('password') ?? '')
  if (account === undefined) {
    site.log({ type: 'login.refused' })
    return form(site, 400, csrf, { to, username, problem: 'The user name or the password is wrong.' })
  }
  site.limiter.clear(key)
  return startSession(site, request, { account, to })
}

/** A new session id at every login, so that one planted before is worth nothing; the old session ends. */
const startSession = async (
  site: Site,
  request: PageRequest,
  { account, to }: { account: Account; to: string },
): Promise<HttpResponse> => {
  const old = site.cookies.session.read(request)
  if (old !== undefined) await site.accounts.endSession(old)
  const session = await site.accounts.startSession(account, site.now())
  site.log({ type: 'login.accepted', userId: account.id })
  return seeOther(to, site.cookies.session.write(session))
}
