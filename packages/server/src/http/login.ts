import { randomBytes } from 'node:crypto'
import { readOpenIdRequest, type Client, type HttpResponse } from 'grantry'
import { foldUsername } from '../accounts/account-store.ts'
import type { Account } from '../accounts/account-tables.ts'
import { addressBlock } from '../accounts/login-limiter.ts'
import { checkLogin } from '../accounts/password.ts'
import { loginPage } from '../pages/login.ts'
import { withDeadline } from '../request-deadline.ts'
import { authorizePath, markDone } from './done.ts'
import { equalSecrets, isCrossSite } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { frameOf, shownClient } from './frame.ts'
import { formTargetOf, page, problem, seeOther, type PageRequest } from './page-response.ts'
import { foreignForm, sessionOf } from './session.ts'
import type { Site } from './site.ts'

const longestTarget = 8192

/** Whether a browser may be sent there after the login: to a page of this server only. */
const isOwnTarget = (to: string, path: string): boolean => {
  if (to.length > longestTarget || !/^[\x21-\x7e]+$/.test(to) || /[\\#]/.test(to)) return false
  const isPage = [`${path}/`, `${path}/device`, `${path}/account`].includes(to)
  return isPage || to.startsWith(`${path}/authorize?`) || to.startsWith(`${path}/device?`)
}

/** The path of the login page that goes on to a page. */
export const loginTo = (path: string, to: string): string => `${path}/login?to=${encodeURIComponent(to)}`

/** The path of the login page that comes back to an authorization request. */
export const loginPath = (path: string, query: string): string => loginTo(path, authorizePath(path, query))

/** The authorization request that a target leads to, as a query string. */
const requestIn = (to: string, path: string): string | undefined => {
  const start = `${path}/authorize?`
  return to.startsWith(start) ? to.slice(start.length) : undefined
}

/** What the login page shows of the authorization request that it is for. */
const purposeOf = async (site: Site, http: PageRequest, to: string): Promise<Purpose | undefined> => {
  if (requestIn(to, site.issuer.path) === undefined) return undefined
  const text = (): Promise<string> => Promise.resolve('')
  const validation = await site.server.validateAuthorizationRequest({ ...http, method: 'GET', url: to, text })
  if (!validation.ok) return undefined
  const { request, client } = validation
  const { loginHint = '', prompt } = readOpenIdRequest(request.parameters)
  return {
    client,
    loginHint: loginHint.slice(0, 256),
    wantsAccount: prompt.includes('create'),
    formTarget: formTargetOf(request.redirectUri),
  }
}

interface Purpose {
  readonly client: Client
  readonly loginHint: string
  readonly wantsAccount: boolean
  /** The form may end at the client: where the user has consented before, nothing comes between. */
  readonly formTarget: string
}

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

const foreignTarget = (site: Site, request: PageRequest): HttpResponse =>
  problem(400, request.messages.errors.foreignTarget, frameOf(site, request))

/** Shows the login page. */
export const showLogin = async (site: Site, request: PageRequest): Promise<HttpResponse> => {
  const to = new URLSearchParams(queryOf(request.url)).get('to') ?? `${site.issuer.path}/`
  if (!isOwnTarget(to, site.issuer.path)) return foreignTarget(site, request)
  const csrf = site.cookies.login.read(request) ?? randomBytes(32).toString('base64url')
  return form(site, request, { status: 200, csrf, to })
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
  const key = `${addressBlock(request.address)} ${foldUsername(username.slice(0, 256))}`
  if (!site.limiter.take(key, site.now())) {
    site.log({ type: 'login.limited' })
    const problem = request.messages.login.limited
    return form(site, request, { status: 429, csrf, to, username, problem })
  }
  const account = await checkLogin(site.accounts, username, fields?.get('password') ?? '')
  if (account === undefined) {
    site.log({ type: 'login.refused' })
    const problem = request.messages.login.wrong
    return form(site, request, { status: 400, csrf, to, username, problem })
  }
  site.limiter.clear(key)
  return withDeadline(() => startSession(site, request, { account, to })) // hashing took its time, which is not the database's
}

/**
 * A new session id at every login, so that one planted before is worth nothing; the old session ends. Where it was of the same user, clients
 * that know it by its `sid` go on knowing it.
 */
const startSession = async (
  site: Site,
  request: PageRequest,
  { account, to }: { account: Account; to: string },
): Promise<HttpResponse> => {
  const now = site.now()
  const old = await sessionOf(site, request)
  const sid = old?.userId === account.id ? old.sid : undefined
  if (old !== undefined) await (sid === undefined ? site.links.end(old) : site.links.carryOn(old))
  const session = await site.accounts.startSession(account, now, sid)
  site.log({ type: 'login.accepted', userId: account.id })
  return seeOther(afterLogin(site, session, to), site.cookies.session.write(session))
}

/** Where the browser goes: back to its authorization request with a mark that the user logged in for it. */
const afterLogin = ({ issuer: { path }, pageSecret: secret, now }: Site, sessionId: string, to: string): string => {
  const query = requestIn(to, path)
  return query === undefined
    ? to
    : authorizePath(path, query, markDone('login', { secret, sessionId, query, now: now() }))
}
