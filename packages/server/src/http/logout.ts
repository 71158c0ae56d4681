import type { Client, HttpResponse, LogoutRequest } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { loggedOutPage, logoutPage } from '../pages/logout.ts'
import { messagePage } from '../pages/message.ts'
import type { UpstreamLogout } from '../upstreams/upstreams.ts'
import { formToken, isCrossSite, isOwnForm } from './forgery.ts'
import { readForm } from './form.ts'
import { frameOf } from './frame.ts'
import { asPage, formTargetOf, page, seeOther, type PageRequest } from './page-response.ts'
import { foreignForm, sessionOf } from './session.ts'
import type { Site } from './site.ts'

const nothing = (): Promise<string> => Promise.resolve('')

const queryOf = ({ parameters }: LogoutRequest): string => new URLSearchParams(parameters).toString()

interface Ended {
  /** What the browser loads to tell clients. */
  readonly frames: readonly string[]
  /** Where the session goes on at which this one began. */
  readonly elsewhere?: UpstreamLogout | undefined
}

/** What the browser gets once it is logged out: a page that tells clients, its way to the client, or a page that says so. */
const loggedOut = (
  site: Site,
  http: PageRequest,
  { redirectTo }: LogoutRequest,
  { frames, elsewhere }: Ended,
): HttpResponse => {
  const cookie = site.cookies.session.clear()
  const frame = frameOf(site, http)
  if (frames.length > 0) {
    const frameSources = [...new Set(frames.map((uri) => new URL(uri).origin))]
    return page(200, loggedOutPage({ ...frame, frames, redirectTo }), { cookie, frameSources })
  }
  if (redirectTo !== undefined) return seeOther(redirectTo, cookie)
  const { doneTitle: title, done: message } = http.messages.logout
  const link = elsewhere && { href: elsewhere.href, text: http.messages.upstreams.logOutAt(elsewhere.label) }
  return page(200, messagePage({ ...frame, title, message, link }), { cookie })
}

/** What the browser loads to tell clients (OpenID Connect Front-Channel Logout §3). */
const framesOf = ({ server }: Site, { sid }: Session, clients: readonly Client[]): readonly string[] =>
  clients.map((client) => server.frontchannelLogoutUri(client, sid)).filter((uri) => uri !== undefined)

const end = async (
  site: Site,
  http: PageRequest,
  session: Session | undefined,
  request: LogoutRequest,
): Promise<HttpResponse> => {
  if (session === undefined) return loggedOut(site, http, request, { frames: [] })
  const clients = await site.links.end(session)
  site.log({ type: 'logout', userId: session.userId, clientId: request.client?.id })
  const frames = framesOf(site, session, clients)
  return loggedOut(site, http, request, { frames, elsewhere: await site.upstreams.logoutAt(session.upstream) })
}

const ask = (site: Site, http: PageRequest, session: Session, request: LogoutRequest): HttpResponse => {
  const { client, redirectTo } = request
  const query = queryOf(request)
  const body = logoutPage({
    ...frameOf(site, http),
    csrf: formToken(session, { form: 'logout', shown: query }),
    query,
    username: session.username,
    clientName: client && (client.name ?? client.id),
  })
  return page(200, body, { formTarget: redirectTo === undefined ? undefined : formTargetOf(redirectTo) })
}

/**
 * The logout endpoint (OpenID Connect RP-Initiated Logout §2). Ends the session at once where the ID token hint names it, so that no other site
 * can log users out; else asks.
 */
export const logout = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const validation = await site.server.validateLogoutRequest(http)
  if (!validation.ok) return asPage(validation.response, frameOf(site, http))
  const { request } = validation
  const session = await sessionOf(site, http)
  if (session === undefined || request.sessionId === session.sid) return end(site, http, session, request)
  return ask(site, http, session, request)
}

/** Takes the answer of our own page, and logout requests of clients that come by POST. */
export const submitLogout = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const { path, origin } = site.issuer
  const fields = (await readForm(http)) ?? new URLSearchParams()
  const query = fields.get('request') ?? ''
  if (!fields.has('csrf')) return seeOther(`${path}/logout?${fields.toString()}`) // with it comes the cookie, which no POST of another site has
  if (isCrossSite(http, origin)) return foreignForm(site, http)
  const session = await sessionOf(site, http)
  if (session !== undefined && !isOwnForm(fields, session, { form: 'logout', shown: query }))
    return foreignForm(site, http)
  const asked = { ...http, method: 'GET', url: `${path}/logout?${query}`, text: nothing }
  const validation = await site.server.validateLogoutRequest(asked)
  return validation.ok ? end(site, http, session, validation.request) : asPage(validation.response, frameOf(site, http))
}
