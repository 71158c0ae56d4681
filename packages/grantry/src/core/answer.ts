import type { Clock } from '../util/clock.ts'
import { OAuthError, ServerError } from './errors.ts'
import type { EventListener } from './events.ts'
import { empty, json, type HttpResponse } from './http.ts'
import type { EndpointName, RequestContext } from './oauth-request.ts'

/** What `answer` needs to know. */
export interface AnswerContext {
  readonly now: Clock
  readonly events: EventListener
}

/** Records what became known of a request while it was answered, for the event of a refusal. */
export interface Trace {
  request?: RequestContext
}

/** The refusal as an OAuth error: what was not thrown as one is a server error that tells the client nothing. */
export const toOAuthError = (thrown: unknown): OAuthError =>
  thrown instanceof OAuthError ? thrown : new ServerError('unexpected', { cause: thrown })

/** Tells the operator of a refusal. */
export const reportRefusal = (
  context: AnswerContext,
  endpoint: EndpointName,
  error: OAuthError,
  trace: Trace,
): void => {
  context.events({
    type: 'request.refused',
    time: context.now(),
    endpoint,
    error: error.code,
    description: error.description,
    status: error.status,
    reason: error.reason,
    detail: error.detail,
    clientId: trace.request?.client?.id ?? trace.request?.parameters.get('client_id'),
    grantType: trace.request?.parameters.get('grant_type'),
    cause: error.cause,
  })
}

/** The answer to a refused request (RFC 6749 §5.2). It says nothing of an error where no token was sent (RFC 6750 §3.1). */
export const errorResponse = (error: OAuthError): HttpResponse =>
  error.reason === 'token_absent'
    ? empty(error.status, error.headers)
    : json(error.status, { error: error.code, error_description: error.description }, error.headers)

/** Runs an endpoint; the only place where what it throws becomes a response. */
export const answer = async (
  context: AnswerContext,
  endpoint: EndpointName,
  run: (trace: Trace) => Promise<HttpResponse>,
): Promise<HttpResponse> => {
  const trace: Trace = {}
  try {
    return await run(trace)
  } catch (thrown) {
    const error = toOAuthError(thrown)
    reportRefusal(context, endpoint, error, trace)
    return errorResponse(error)
  }
}
