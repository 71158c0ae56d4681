import { errorResponse, reportRefusal, toOAuthError } from '../core/answer.ts'
import { detailsAsClaim, type AuthorizationDetail } from '../core/authorization-details.ts'
import type { Claims } from '../core/claims.ts'
import { AccessDeniedError, FatalClientError, InvalidScopeError, type OAuthError } from '../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import type { Authentication } from '../core/login-context.ts'
import { readAuthorizationForm } from '../core/read-request.ts'
import type { Client, User } from '../core/records.ts'
import { sendToClient, type Responder } from '../core/redirection.ts'
import { responseTypeOf } from '../core/response-mode.ts'
import type { ApprovedAuthorization, AuthorizationRequest } from '../core/response-type.ts'
import { isWithinScope } from '../core/scope.ts'
import type { Form } from '../util/form.ts'
import { checkAuthorization, type AuthorizationChecks, type Refusal } from '../core/check-authorization.ts'

/** What the authorization endpoint is made of. */
export type AuthorizationEndpointContext = AuthorizationChecks & Responder

/** What the user decided. */
export type AuthorizationDecision =
  | {
      readonly approved: true
      readonly user: User
      /** Those of the request, or fewer. */
      readonly scopes: readonly string[]
      /** Those of the request, or less (RFC 9396). Default: none, as a page that does not know of them has not shown them. */
      readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
      /** Claims for the tokens of this authorization, for example what your login page knows. */
      readonly claims?: Claims | undefined
      /** How and when the user logged in. OpenID Connect needs it. */
      readonly authentication?: Authentication | undefined
    }
  | { readonly approved: false; readonly error?: OAuthError }

/** A request to show to the user, or the answer to send at once. */
export type AuthorizationValidation =
  | { readonly ok: true; readonly request: AuthorizationRequest; readonly client: Client }
  | {
      readonly ok: false
      readonly error: OAuthError
      readonly response: HttpResponse
      /** Whom the answer goes to where it is a redirect. */
      readonly client: Client | undefined
    }

/** Checks an authorization request (RFC 6749 §4.1.1) before the user is asked. */
export const validateAuthorization = async (
  http: HttpRequest,
  context: AuthorizationEndpointContext,
): Promise<AuthorizationValidation> => {
  const refusal: Refusal = {}
  try {
    const sent = await readAuthorizationForm(http, context.limits)
    const checked = await checkAuthorization(http, sent, { context, stage: 'show', refusal })
    return { ok: true, request: checked.authorization, client: checked.client }
  } catch (thrown) {
    return await refuse(thrown, context, refusal)
  }
}

/** Answers a checked request with the user's decision (RFC 6749 §4.1.2). Everything is checked again: a session may be old. */
export const respondToAuthorization = async (
  { headers }: Pick<HttpRequest, 'headers'>,
  authorization: AuthorizationRequest,
  decision: AuthorizationDecision,
  context: AuthorizationEndpointContext,
): Promise<HttpResponse> => {
  const refusal: Refusal = {}
  try {
    const http = { method: 'POST', url: '', headers }
    const checked = await checkAuthorization(http, sentWith(authorization), { context, stage: 'answer', refusal })
    if (!decision.approved) throw decision.error ?? new AccessDeniedError()
    const { user, scopes, claims } = decision
    const grantedDetails = detailsWithin(decision.authorizationDetails, checked.authorization, context)
    const isNothing = scopes.length === 0 && grantedDetails === undefined
    if (isNothing || !isWithinScope(scopes, checked.authorization.scopes)) {
      throw new InvalidScopeError('scope_not_allowed', {
        description: 'The scope is wider than what was asked for.',
        detail: scopes.join(' '),
      })
    }
    Object.assign(checked.claims, claims, grantedDetails && detailsAsClaim(grantedDetails))
    const openid = context.openid?.loginContext(checked, decision.authentication)
    return await approve(Object.assign(checked, { user, scopes, openid, grantedDetails }), context)
  } catch (thrown) {
    return (await refuse(thrown, context, refusal)).response
  }
}

/** The details that a user granted, within those of the request; undefined for none. */
const detailsWithin = (
  granted: readonly AuthorizationDetail[] = [],
  { authorizationDetails: asked = [] }: AuthorizationRequest,
  { details }: AuthorizationEndpointContext,
): readonly AuthorizationDetail[] | undefined => {
  if (granted.length === 0 || details === undefined) return undefined
  details.requireWithin(granted, asked)
  return granted
}

/** A pushed request is what it was when it was pushed. */
const sentWith = ({ clientId, requestUri, parameters, resources }: AuthorizationRequest): Form => ({
  values: new Map(
    Object.entries(requestUri === undefined ? parameters : { client_id: clientId, request_uri: requestUri }),
  ),
  repeatable: resources,
  duplicates: [],
})

const approve = async (
  request: ApprovedAuthorization,
  context: AuthorizationEndpointContext,
): Promise<HttpResponse> => {
  const { responseType } = request.authorization
  const parameters = await responseTypeOf(responseType, context.responseTypes).respond(request)
  context.events({
    type: 'authorization.granted',
    time: request.now,
    clientId: request.client.id,
    userId: request.user.id,
    responseType,
    scopes: request.scopes,
  })
  return sendToClient(request.authorization, parameters, request.client, context)
}

/** The answer to a refused request: through the redirect URI once that is trusted, else to the user's own screen (§4.1.2.1). */
const refuse = async (
  thrown: unknown,
  context: AuthorizationEndpointContext,
  refusal: Refusal,
): Promise<Extract<AuthorizationValidation, { ok: false }>> => {
  const error = toOAuthError(thrown)
  reportRefusal(context, 'authorization', error, refusal)
  const client = refusal.request?.client
  if (refusal.target === undefined || client === undefined || error instanceof FatalClientError)
    return { ok: false, error, client, response: errorResponse(error) }
  const parameters = { error: error.code, error_description: error.description }
  return { ok: false, error, client, response: await sendToClient(refusal.target, parameters, client, context) }
}
