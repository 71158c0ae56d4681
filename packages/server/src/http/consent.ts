import type { AuthorizationDecision, AuthorizationRequest, Client, HttpResponse } from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { clientName } from '../client-record.ts'
import { consentPage } from '../pages/consent.ts'
import { consentToken, equalSecrets, isCrossSite } from './forgery.ts'
import { readForm } from './form.ts'
import { loginPath } from './login.ts'
import { asPage, formTargetOf, page, problem, seeOther, type PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

/** An authorization request that is ready to be shown. */
interface Shown {
  readonly request: AuthorizationRequest
  readonly client: Client
}

/** A shown request with the form that decides about it. */
interface Decided extends Shown {
  readonly session: Session
  readonly fields: URLSearchParams
}

const sessionOf = async (site: Site, request: PageRequest): Promise<Session | undefined> => {
  const id = site.cookies.session.read(request)
  return id === undefined ? undefined : site.accounts.findSession(id, site.now())
}

/** The request as a query string, however it was sent. */
const toQuery = ({ parameters, resources }: AuthorizationRequest): string => {
  const query = new URLSearchParams(parameters)
  for (const resource of resources) query.append('resource', resource)
  return query.toString()
}

const showConsent = (site: Site, session: Session, { request, client }: Shown, problem?: string): HttpResponse => {
  const query = toQuery(request)
  const body = consentPage({
    path: site.issuer.path,
    csrf: consentToken(session.id, query),
    query,
    clientId: client.id,
    clientName: clientName(client),
    redirectUri: request.redirectUri,
    scopes: request.scopes,
    resources: request.resources,
    username: session.username,
    problem,
  })
  return page(problem === undefined ? 200 : 400, body, { formTarget: formTargetOf(request.redirectUri) })
}

/** The authorization endpoint (RFC 6749 §3.1): checks the request, then sends to the login page or asks for consent. */
export const authorize = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const validation = await site.server.validateAuthorizationRequest(http)
  if (!validation.ok) return asPage(validation.response, site.issuer.path)
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginPath(site.issuer.path, toQuery(validation.request)))
  return showConsent(site, session, validation)
}

/** Takes the decision of the consent page. The request in the form is checked as if it had just arrived. */
export const submitConsent = async (site: Site, http: PageRequest): Promise<HttpResponse> => {
  const { path, origin, url } = site.issuer
  const fields = (await readForm(http)) ?? new URLSearchParams()
  const query = fields.get('request') ?? ''
  const notOurs = `This form was not sent by the consent page of ${url}, or it is too old. Go back to the client and start again.`
  if (isCrossSite(http, origin)) return problem(403, notOurs, { path })
  const session = await sessionOf(site, http)
  if (session === undefined) return seeOther(loginPath(path, query))
  if (!equalSecrets(fields.get('csrf') ?? '', consentToken(session.id, query))) return problem(403, notOurs, { path })
  const { headers } = http
  const validation = await site.server.validateAuthorizationRequest({
    method: 'GET',
    url: `${path}/authorize?${query}`,
    headers,
    text: nothing,
  })
  if (!validation.ok) return asPage(validation.response, path)
  return decide(site, http, { ...validation, session, fields })
}

const nothing = (): Promise<string> => Promise.resolve('')

const decide = async (site: Site, http: PageRequest, { session, fields, ...shown }: Decided): Promise<HttpResponse> => {
  const answer = async (decision: AuthorizationDecision): Promise<HttpResponse> =>
    asPage(await site.server.createAuthorizationResponse(http, shown.request, decision), site.issuer.path)
  const decision = fields.get('decision')
  if (decision === 'deny') return answer({ approved: false })
  if (decision !== 'approve') return showConsent(site, session, shown, 'Choose one of the two buttons.')
  const scopes = [...new Set(fields.getAll('scope'))]
  if (scopes.length === 0) return showConsent(site, session, shown, 'Leave at least one box checked, or deny.')
  return answer({ approved: true, user: { id: session.userId }, scopes })
}
