import type { HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { proceed, showConsent } from './authorize.ts'
import { mergeConsent, termsOf } from './consent-terms.ts'
import { authorizePath, markDone } from './done.ts'
import { readOwnForm } from './own-form.ts'
import { seeOther, type PageRequest } from './page-response.ts'
import { chosenDetails } from './shown-details.ts'
import type { Site } from './site.ts'
import { answerClient, approve, nextStepOf, readVisit, type Visit } from './visit.ts'

const nothing = (): Promise<string> => Promise.resolve('')

/** The request in a form, checked as if it had just arrived. */
const visitOf = (site: Site, http: PageRequest, query: string, mark: string): ReturnType<typeof readVisit> => {
  const url = authorizePath(site.issuer.path, query)
  return readVisit(site, { ...http, method: 'GET', url, text: nothing }, mark)
}

/** The authorization request that a form is about, as a query string. */
const requestIn = (fields: URLSearchParams): string => fields.get('request') ?? ''

const readRequestForm = (site: Site, http: PageRequest, form: 'consent' | 'select_account') =>
  readOwnForm(site, http, {
    form,
    shown: requestIn,
    page: (fields) => authorizePath(site.issuer.path, requestIn(fields)),
  })

/** Takes the decision of the consent page. */
export const submitConsent = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readRequestForm(site, http, 'consent')
  if ('status' in read) return read
  const { session, fields } = read
  const visit = await visitOf(site, http, requestIn(fields), fields.get('done') ?? '')
  if ('status' in visit) return visit
  return decide(site, http, { ...visit, session }, fields)
}

const decide = async (
  site: Site,
  http: PageRequest,
  visit: Visit & { readonly session: Session },
  fields: URLSearchParams,
): Promise<HttpResponse> => {
  const decision = fields.get('decision')
  if (decision === 'deny') {
    site.log({ type: 'consent.denied', userId: visit.session.userId, clientId: visit.client.id })
    return answerClient(site, http, visit, { approved: false })
  }
  if (decision !== 'approve') return showConsent(site, visit, visit.messages.common.chooseButton)
  const scopes = grantedOf(fields, visit.request.scopes)
  const authorizationDetails = chosenDetails(fields, visit.request.authorizationDetails)
  if (scopes.length + authorizationDetails.length === 0) return showConsent(site, visit, visit.messages.common.checkOne)
  const next = await nextStepOf(site, visit, ['consent'])
  if (next.step !== 'approve') return proceed(site, http, visit, next)
  await remember(site, visit, scopes)
  return approve(site, http, visit, { scopes, authorizationDetails })
}

/** The boxes that were left checked. Without `openid` the answer would be none of OpenID Connect, so it is no choice. */
const grantedOf = (fields: URLSearchParams, asked: readonly string[]): readonly string[] => {
  const always = asked.filter((scope) => scope === 'openid')
  return [...new Set([...always, ...fields.getAll('scope')])]
}

/** Of every client, for the page of the account; whether it counts for the next request is asked there. */
const remember = async (
  site: Site,
  { request, client, session }: Visit & { readonly session: Session },
  scopes: readonly string[],
): Promise<void> => {
  if (!scopes.every((scope) => request.scopes.includes(scope))) return // it is refused in a moment
  const key = { userId: session.userId, clientId: client.id }
  const previous = await site.consents.find(key)
  await site.consents.remember(key, previous, mergeConsent(previous, termsOf(request, client), scopes), site.now())
  site.log({ type: 'consent.given', ...key, scopes })
}

/** Goes on with the account that the user is logged in with. */
export const submitAccount = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const read = await readRequestForm(site, http, 'select_account')
  if ('status' in read) return read
  const query = requestIn(read.fields)
  const done = { secret: site.pageSecret, sessionId: read.session.id, query, now: site.now() }
  return seeOther(authorizePath(site.issuer.path, query, markDone('select_account', done)))
}
