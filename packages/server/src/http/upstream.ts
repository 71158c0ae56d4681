import { randomBytes } from 'node:crypto'
import type { HttpResponse } from 'grantry'
import type { KnownUser } from '../accounts/password-login.ts'
import { withDeadline } from '../request-deadline.ts'
import { upstreamErrorPage } from '../pages/upstream-error.ts'
import type { PendingUpstream } from '../upstreams/identity-store.ts'
import {
  ForeignDomainError,
  type AskedLogin,
  isDenied,
  upstreamProblem,
  type Upstream,
  type UpstreamLogin,
} from '../upstreams/upstream.ts'
import { asksForTwo } from './authentication-classes.ts'
import { equalSecrets, formToken } from './forgery.ts'
import { queryOf, readForm } from './form.ts'
import { frameOf } from './frame.ts'
import { loginTo } from './login.ts'
import { foreignTarget, isOwnTarget, purposeOf } from './login-target.ts'
import { page, retryLater, seeOther, type PageRequest } from './page-response.ts'
import { isRecent } from './recent-login.ts'
import { secondFactorPath } from './pending-login.ts'
import { asksForMore } from './second-factor-of.ts'
import { foreignForm, sessionOf } from './session.ts'
import type { Site } from './site.ts'
import { startSession } from './start-session.ts'

interface Refusal {
  readonly status: number
  readonly message: string
  /** Where the login was to lead. */
  readonly to: string
}

const refuse = (site: Site, http: PageRequest, { status, message, to }: Refusal): HttpResponse => {
  const again = loginTo(site.issuer.path, to)
  return page(status, upstreamErrorPage({ ...frameOf(site, http), message, again }))
}

/** What a provider is asked for: what the client asks for that a user has to do anew, or by more than one factor. */
const askedOf = async (site: Site, http: PageRequest, to: string): Promise<AskedLogin> => {
  const asked = (await purposeOf(site, http, to))?.asked
  if (asked === undefined) return { maxAge: undefined, prompt: [], byTwoFactors: false }
  const prompt = asked.prompt.filter((each) => ['login', 'select_account'].includes(each))
  return { maxAge: prompt.includes('login') ? 0 : asked.maxAge, prompt, byTwoFactors: asksForTwo(asked) }
}

/** Sends a browser to a provider, from the login page or, with the token of the page of the account, to connect a login there. */
export const startUpstream = async (site: Site, upstream: Upstream, http: PageRequest): Promise<HttpResponse> => {
  const { path } = site.issuer
  const { id, label } = upstream.settings
  const query = new URLSearchParams(queryOf(http.url))
  const to = query.get('to') ?? `${path}/`
  if (!isOwnTarget(to, path)) return foreignTarget(site, http)
  const link = query.get('link') ?? undefined
  const session = link === undefined ? undefined : await sessionOf(site, http)
  if (link !== undefined) {
    if (session === undefined || !isRecent(site, session)) return seeOther(loginTo(path, to))
    if (!equalSecrets(link, formToken(session, { form: 'account_link', shown: id }))) return foreignForm(site, http)
  }
  const texts = http.messages.upstreams
  if (await site.upstreams.isTooMany(http.address))
    return retryLater(refuse(site, http, { status: 429, message: texts.limited, to }), 300)
  const browser = site.cookies.login.read(http) ?? randomBytes(32).toString('base64url')
  const begun = { browser, target: to, userId: session?.userId, asked: await askedOf(site, http, to) }
  try {
    return seeOther(await site.upstreams.begin(upstream, begun), site.cookies.login.write(browser))
  } catch (cause) {
    site.log({ type: 'upstream.failed', upstream: id, cause: upstreamProblem(cause) })
    return retryLater(refuse(site, http, { status: 503, message: texts.away(label), to }), 10)
  }
}

const loginAt = async (
  site: Site,
  upstream: Upstream,
  http: PageRequest,
  pending: PendingUpstream,
): Promise<UpstreamLogin | HttpResponse> => {
  const { id, label } = upstream.settings
  const { target: to } = pending
  const texts = http.messages.upstreams
  try {
    return await site.upstreams.login(upstream, queryOf(http.url), pending)
  } catch (cause) {
    if (isDenied(cause)) return refuse(site, http, { status: 400, message: texts.denied(label), to })
    const isForeign = cause instanceof ForeignDomainError
    site.log({
      type: 'login.refused',
      reason: isForeign ? 'domain' : 'upstream',
      upstream: id,
      cause: upstreamProblem(cause),
    })
    const message = isForeign ? texts.foreign(label) : texts.failed(label)
    return refuse(site, http, { status: isForeign ? 403 : 400, message, to })
  }
}

/** Takes the answer of a provider, which the browser brings. */
export const finishUpstream = async (site: Site, upstream: Upstream, http: PageRequest): Promise<HttpResponse> => {
  const { path } = site.issuer
  const state = new URLSearchParams(queryOf(http.url)).get('state') ?? ''
  const browser = site.cookies.login.read(http)
  const pending = browser && (await site.upstreams.finish(upstream, state, browser))
  if (!pending) {
    const message = http.messages.upstreams.stale(upstream.settings.label)
    return refuse(site, http, { status: 400, message, to: `${path}/` })
  }
  const login = await loginAt(site, upstream, http, pending)
  if ('status' in login) return login
  const arrival: Arrival = { upstream, login, pending, browser }
  return withDeadline(() => (pending.userId === undefined ? enter : connect)(site, http, arrival)) // the time of others is not the database's
}

interface Arrival {
  readonly upstream: Upstream
  readonly login: UpstreamLogin
  readonly pending: PendingUpstream
  readonly browser: string
}

const isLetIn = async ({ users }: Site, { id }: KnownUser): Promise<boolean> =>
  (await users.isActive(id)) && (await users.stateOf(id)) !== 'gone'

/** Starts the session of the user that a login belongs to. */
const enter = async (site: Site, http: PageRequest, { upstream, login, pending, browser }: Arrival) => {
  const { id, label, unknownUsers } = upstream.settings
  const { target: to } = pending
  const texts = http.messages.upstreams
  const account = await site.upstreams.userOf(upstream, login)
  if (account === undefined) {
    site.log({ type: 'login.refused', reason: 'unknown_user', upstream: id })
    const message = (unknownUsers === 'link' ? texts.unconnected : texts.unknown)(label, login.shownName)
    return refuse(site, http, { status: 403, message, to })
  }
  if (!(await isLetIn(site, account))) {
    site.log({ type: 'login.refused', reason: 'disabled', userId: account.id, upstream: id })
    return refuse(site, http, { status: 403, message: texts.notAllowed, to })
  }
  const { amr, authTime, issuer, sid } = login
  const began = { id, issuer, sid }
  if (amr.includes('mfa') || !(await asksForMore(site, http, account.id, to)))
    return startSession(site, http, { account, amr, to, authTime, upstream: began })
  return seeOther(
    secondFactorPath(site.issuer.path, to),
    site.secondFactor.write({ ...account, upstream: began }, browser),
  )
}

/** Gives the login to the user who set out to connect it, and still is at this browser. */
const connect = async (site: Site, http: PageRequest, { upstream, login, pending }: Arrival) => {
  const { id, label } = upstream.settings
  const { target: to, userId } = pending
  const texts = http.messages.upstreams
  const session = await sessionOf(site, http)
  if (session === undefined || session.userId !== userId)
    return refuse(site, http, { status: 400, message: texts.stale(label), to })
  if (!(await site.upstreams.connect(login, session.userId)))
    return refuse(site, http, { status: 403, message: texts.taken(label, login.shownName), to })
  site.log({ type: 'identity.connected', userId, upstream: id })
  return seeOther(`${site.issuer.path}/account?done=connected`)
}

/** Ends the sessions that a provider says are over there (OpenID Connect Back-Channel Logout §2.5). The server of it posts this, no browser. */
export const endUpstream = async (site: Site, upstream: Upstream, http: PageRequest): Promise<HttpResponse> => {
  const { id, issuer } = upstream.settings
  const token = (await readForm(http))?.get('logout_token') ?? ''
  const headers = { 'Cache-Control': 'no-store' }
  const logout = await site.upstreams.readLogout(upstream, token).catch((cause: unknown) => {
    site.log({ type: 'upstream.failed', upstream: id, cause: upstreamProblem(cause) })
    return undefined
  })
  if (logout === undefined) return { status: 400, headers, body: '' }
  const ended = await withDeadline(() =>
    site.links.endUpstream({ issuer, sid: logout.sessionId, subject: logout.subject }),
  )
  site.log({ type: 'upstream.logout', upstream: id, ended })
  return { status: 200, headers, body: '' }
}
