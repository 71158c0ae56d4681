import type { HttpResponse, NextStep } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { mayRememberConsent } from '../client-record.ts'
import { consentPage } from '../pages/consent.ts'
import { selectAccountPage } from '../pages/select-account.ts'
import { scopesGivenBefore, termsOf } from './consent-terms.ts'
import { authorizePath, splitMark } from './done.ts'
import { formToken } from './forgery.ts'
import { frameOf, shownClient } from './frame.ts'
import { loginPath } from './login.ts'
import { formTargetOf, page, seeOther, type PageRequest } from './page-response.ts'
import { shownDetails } from './shown-details.ts'
import type { Site } from './site.ts'
import { approve, hasSession, nextStepOf, readVisit, refuseClient, type Visit } from './visit.ts'

type LoggedIn = Visit & { readonly session: Session }

/** Shows the consent page, with what was wrong with the last answer. */
export const showConsent = async (site: Site, visit: LoggedIn, problem?: string): Promise<HttpResponse> => {
  const { request, query, session, mark } = visit
  const { client, imageSource } = shownClient(site, visit.client)
  const terms = termsOf(request, visit.client)
  const given = await site.consents.find({ userId: session.userId, clientId: client.id })
  const body = consentPage({
    ...frameOf(site, visit),
    csrf: formToken(session, { form: 'consent', shown: query }),
    ...{ query, mark, client, problem },
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    allowedBefore: scopesGivenBefore(terms, given),
    claims: terms.claims,
    resources: request.resources,
    details: shownDetails(request.authorizationDetails, site.detailTypes, visit.messages.lang),
    isRemembered: mayRememberConsent(visit.client, request.redirectUri),
    username: session.username,
  })
  const formTarget = formTargetOf(request.redirectUri)
  return page(problem === undefined ? 200 : 400, body, { formTarget, imageSource })
}

const showAccounts = (site: Site, visit: LoggedIn): HttpResponse => {
  const { request, client, query, session } = visit
  const csrf = formToken(session, { form: 'select_account', shown: query })
  const { username } = session
  const other = loginPath(site.issuer.path, query)
  const body = selectAccountPage({ ...frameOf(site, visit), csrf, query, username, other, client })
  return page(200, body, { formTarget: formTargetOf(request.redirectUri) })
}

const signUpPath = ({ issuer: { path } }: Site, query: string): string =>
  `${path}/sign-up?to=${encodeURIComponent(authorizePath(path, query))}`

/** Shows the page that comes next, or answers the client. */
export const proceed = async (site: Site, http: PageRequest, visit: Visit, next: NextStep): Promise<HttpResponse> => {
  if (next.step === 'refuse') return refuseClient(site, http, visit, next.error)
  if (next.step === 'create' && site.accountSettings.signUp === 'open') return seeOther(signUpPath(site, visit.query))
  if (!hasSession(visit) || next.step === 'login' || next.step === 'create')
    return seeOther(loginPath(site.issuer.path, visit.query))
  if (next.step === 'select_account') return showAccounts(site, visit)
  if (next.step === 'consent') return showConsent(site, visit)
  return approve(site, http, visit, { scopes: visit.request.scopes })
}

/** The authorization endpoint (RFC 6749 §3.1): checks the request, and shows the page that it needs or answers the client. */
export const authorize = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const { url, mark } = splitMark(http.url)
  const visit = await readVisit(site, { ...http, url }, mark)
  if ('status' in visit) return visit
  return proceed(site, http, visit, await nextStepOf(site, visit))
}
