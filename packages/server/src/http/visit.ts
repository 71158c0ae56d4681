import { randomBytes } from 'node:crypto'
import {
  LoginRequiredError,
  OAuthError,
  pushedRequestPrefix,
  readOpenIdRequest,
  UnmetAuthenticationRequirementsError,
  type AuthorizationDecision,
  type AuthorizationRequest,
  type AuthorizationValidation,
  type Client,
  type HttpResponse,
  type NextStep,
} from 'grantry'
import type { Session } from '../accounts/account-tables.ts'
import { isOfConsole, mayRememberConsent } from '../client-record.ts'
import { authenticationOf, canBeMet, isMet, wishesMore, type AskedClass } from './authentication-classes.ts'
import type { Messages } from '../messages/messages.ts'
import { isCovered, termsOf } from './consent-terms.ts'
import { readDone, type DoneFor, type DoneStep } from './done.ts'
import { frameOf } from './frame.ts'
import { messagesOfQuery } from './language.ts'
import { asPage, problem, refusal, retryLater, type PageRequest } from './page-response.ts'
import { hasSecondFactor } from './second-factor-of.ts'
import { sessionOf } from './session.ts'
import type { Site } from './site.ts'

/** A checked authorization request at a browser. */
export interface Visit {
  readonly request: AuthorizationRequest
  readonly client: Client
  /** The request as a query string, however it was sent. */
  readonly query: string
  readonly session: Session | undefined
  /** What the user did for this very request, as a mark and as it was read. */
  readonly mark: string
  readonly done: readonly DoneStep[]
  /** The texts in the language that the request asks for, wherever it says so, or the browser. */
  readonly messages: Messages
}

const toQuery = ({ clientId, parameters, resources, requestUri }: AuthorizationRequest): string => {
  if (requestUri !== undefined) return new URLSearchParams({ client_id: clientId, request_uri: requestUri }).toString()
  const query = new URLSearchParams(parameters)
  for (const resource of resources) query.append('resource', resource)
  return query.toString()
}

/** How long a browser may take to the next page, in seconds. */
const nextPageSeconds = 600

/** The request for the pages that follow. One that a client signed is kept here meanwhile: its parameters alone are signed by nobody. */
const queryFor = async ({ validator, now }: Site, request: AuthorizationRequest): Promise<string> => {
  if (request.isSigned !== true) return toQuery(request)
  const [id, { clientId, parameters, resources }] = [randomBytes(32).toString('base64url'), request]
  await validator.savePushedRequest(id, { clientId, parameters, resources, expiresAt: now() + nextPageSeconds }, now())
  return toQuery({ ...request, requestUri: pushedRequestPrefix + id })
}

const doneFor = ({ pageSecret: secret, now }: Site, sessionId: string, query: string): DoneFor => ({
  ...{ secret, sessionId, query },
  now: now(),
})

/**
 * Whether a browser may be sent to a client with what is wrong. Anyone can have registered one that did so itself, and have the server lead to
 * his site (RFC 9700 §4.11.2): that goes only to users who have let it in before.
 */
const isKnown = async (site: Site, client: Client, session: Session | undefined): Promise<boolean> => {
  const isOfOperator = client.registration === undefined && client.metadataDocument === undefined
  if (isOfOperator || site.sendsErrorsToStrangers) return true
  if (session === undefined) return false
  return (await site.consents.find({ userId: session.userId, clientId: client.id })) !== undefined
}

/** A page that says more than that the request is wrong: what users can do where the client is not there. */
const explain = (site: Site, http: PageRequest, error: OAuthError): HttpResponse | undefined => {
  const { unknownClient, clientDocument } = http.messages.errors
  const isOfDocument = error.reason.startsWith('client_document_') || error.reason === 'client_id_url_invalid'
  if (error.reason !== 'client_unknown' && !isOfDocument) return undefined
  const { code, description: detail } = error
  const frame = { ...frameOf(site, http), code, detail }
  const shown = problem(error.status, isOfDocument ? clientDocument : unknownClient, frame)
  return error.status === 503 ? retryLater(shown, 1) : shown
}

const refuseVisit = async (
  site: Site,
  http: PageRequest,
  { client, error, response }: Extract<AuthorizationValidation, { ok: false }>,
  session: Session | undefined,
): Promise<HttpResponse> => {
  const explained = explain(site, http, error)
  if (explained !== undefined) return explained
  const isToldHere = client !== undefined && response.status < 400 && !(await isKnown(site, client, session))
  return isToldHere ? refusal(400, error, frameOf(site, http)) : asPage(response, frameOf(site, http))
}

/** Tells a client why there is nothing for it, or the user where the client is a stranger. */
export const refuseClient = async (
  site: Site,
  http: PageRequest,
  visit: Visit,
  error: OAuthError,
): Promise<HttpResponse> => {
  if (await isKnown(site, visit.client, visit.session))
    return answerClient(site, http, visit, { approved: false, error })
  return refusal(400, error, frameOf(site, visit))
}

/** Checks an authorization request, and finds out who is at the browser; or gives the answer to send at once. */
export const readVisit = async (site: Site, http: PageRequest, mark: string): Promise<Visit | HttpResponse> => {
  const validation = await site.server.validateAuthorizationRequest(http)
  const session = await sessionOf(site, http)
  if (!validation.ok) return refuseVisit(site, http, validation, session)
  const { request, client } = validation
  const query = await queryFor(site, request)
  const done = session === undefined ? [] : readDone(mark, doneFor(site, session.id, query))
  const messages = messagesOfQuery(query) ?? http.messages
  return { request, client, query, session, done, messages, mark: done.length > 0 ? mark : '' }
}

const hasConsent = async (site: Site, { request, client, session }: Visit): Promise<boolean> => {
  if (session !== undefined && isOfConsole(client)) return true // it learns who administers, and nothing else
  if (session === undefined || !mayRememberConsent(client, request.redirectUri)) return false
  if (request.authorizationDetails !== undefined) return false // the same payment again is another one
  const given = await site.consents.find({ userId: session.userId, clientId: client.id })
  return isCovered(termsOf(request, client), given)
}

const unmet = (): NextStep => ({ step: 'refuse', error: new UnmetAuthenticationRequirementsError() })

/** Whether the client would like a second factor, which the user has and did not give. */
const canDoMore = async (site: Site, { session, done }: Visit, asked: AskedClass): Promise<boolean> => {
  if (session === undefined || done.includes('login') || !wishesMore(session, asked)) return false
  return hasSecondFactor(site, session.userId)
}

/** What comes next, after what the user did: `consent` where that was given just now. */
export const nextStepOf = async (site: Site, visit: Visit, now: readonly 'consent'[] = []): Promise<NextStep> => {
  const { request, client, session, done } = visit
  const asked = readOpenIdRequest(request.parameters)
  if (!canBeMet(asked)) return unmet()
  const authentication = session && authenticationOf(session, asked)
  if (authentication !== undefined && done.includes('login') && !isMet(authentication, asked)) return unmet() // the user has no second factor
  if (!asked.prompt.includes('none') && (await canDoMore(site, visit, asked))) return { step: 'login' }
  try {
    const next = await site.server.nextStep(request, client, {
      userId: session?.userId,
      authentication,
      hasConsent: await hasConsent(site, visit),
      done: [...done, ...now],
    })
    const isWrongUser = next.step === 'login' && done.includes('login') // logged in for this request, and not as who is expected
    return isWrongUser ? { step: 'refuse', error: new LoginRequiredError() } : next
  } catch (thrown) {
    if (thrown instanceof OAuthError && thrown.status < 500) return { step: 'refuse', error: thrown }
    throw thrown
  }
}

/** Sends an answer to the client. */
export const answerClient = async (
  site: Site,
  http: PageRequest,
  visit: Visit,
  decision: AuthorizationDecision,
): Promise<HttpResponse> =>
  asPage(await site.server.createAuthorizationResponse(http, visit.request, decision), frameOf(site, visit))

/** What a user lets a client have. */
type Granted = Pick<Extract<AuthorizationDecision, { approved: true }>, 'scopes' | 'authorizationDetails'>

/** Lets the client have something of the request. */
export const approve = async (
  site: Site,
  http: PageRequest,
  visit: Visit & { readonly session: Session },
  granted: Granted,
): Promise<HttpResponse> => {
  const { userId } = visit.session
  if (granted.scopes.includes('openid')) await site.links.add(visit.session, visit.client)
  const authentication = authenticationOf(visit.session, readOpenIdRequest(visit.request.parameters))
  await site.noteUse(visit.client)
  return answerClient(site, http, visit, { approved: true, user: { id: userId }, ...granted, authentication })
}

/** Whether the user is known. */
export const hasSession = (visit: Visit): visit is Visit & { readonly session: Session } => visit.session !== undefined
