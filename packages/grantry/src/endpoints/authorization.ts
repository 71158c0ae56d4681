import { errorResponse, reportRefusal, toOAuthError, type AnswerContext, type Trace } from '../core/answer.ts'
import type { Claims } from '../core/claims.ts'
import { toClient } from '../core/client-authentication.ts'
import {
  AccessDeniedError,
  FatalClientError,
  InvalidScopeError,
  type OAuthError,
  UnauthorizedClientError,
} from '../core/errors.ts'
import { grantedScopes } from '../core/granted-scopes.ts'
import type { Authentication, LoginContext } from '../core/login-context.ts'
import { runHooks, type Hooks } from '../core/hooks.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import { newRequestContext, type OAuthRequest, type RequestContext } from '../core/oauth-request.ts'
import {
  readAuthorizationForm,
  repeatedParameters,
  requireParameter,
  type RequestLimits,
} from '../core/read-request.ts'
import type { Client, User } from '../core/records.ts'
import { resolveRedirectUri } from '../core/redirect-uri.ts'
import { redirect, trustedRedirectUri, type Target } from '../core/redirection.ts'
import type { ClientValidator, ScopeValidator } from '../core/request-validator.ts'
import { requestedResources } from '../core/resources.ts'
import type {
  ApprovedAuthorization,
  AuthorizationContext,
  AuthorizationRequest,
  ResponseType,
} from '../core/response-type.ts'
import { chooseMode, responseTypeOf } from '../core/response-mode.ts'
import { isWithinScope } from '../core/scope.ts'
import type { Form } from '../util/form.ts'

/** What the authorization endpoint is made of. */
export interface AuthorizationEndpointContext extends AnswerContext {
  readonly validator: ClientValidator & ScopeValidator
  readonly responseTypes: ReadonlyMap<string, ResponseType>
  readonly grantTypes: readonly string[]
  readonly hooks: Hooks
  readonly limits: RequestLimits
  readonly resources: readonly string[]
  /** Sent as `iss` in every answer (RFC 9207 §2). */
  readonly issuer: string | undefined
  /** What OpenID Connect adds; undefined without it. */
  readonly openid?: OpenIdAuthorization | undefined
}

/** What OpenID Connect adds to the authorization endpoint. */
export interface OpenIdAuthorization {
  /** Takes the parameters from a request object; undefined where those are not offered. */
  readonly unpack?: ((form: Form, client: Client, request: OAuthRequest) => Promise<Form>) | undefined
  /** Checks the parameters of a request before the user is asked. */
  check(request: AuthorizationContext): void
  /** What is kept of the login of a request that was approved. */
  loginContext(request: AuthorizationContext, authentication: Authentication | undefined): LoginContext | undefined
}

/** What the user decided. */
export type AuthorizationDecision =
  | {
      readonly approved: true
      readonly user: User
      /** Those of the request, or fewer. */
      readonly scopes: readonly string[]
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

/** An error that the client is told through its redirect URI. */
interface Refusal extends Trace {
  target?: Target
}

/** Checks an authorization request (RFC 6749 §4.1.1) before the user is asked. */
export const validateAuthorization = async (
  http: HttpRequest,
  context: AuthorizationEndpointContext,
): Promise<AuthorizationValidation> => {
  const refusal: Refusal = {}
  try {
    const checked = await check(http, await readAuthorizationForm(http, context.limits), context, refusal)
    return { ok: true, request: checked.authorization, client: checked.client }
  } catch (thrown) {
    return refuse(thrown, context, refusal)
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
    const values = new Map(Object.entries(authorization.parameters))
    const checked = await check(http, { values, repeatable: authorization.resources, duplicates: [] }, context, refusal)
    if (!decision.approved) throw decision.error ?? new AccessDeniedError()
    const { user, scopes, claims } = decision
    if (scopes.length === 0 || !isWithinScope(scopes, checked.authorization.scopes)) {
      throw new InvalidScopeError('scope_not_allowed', {
        description: 'The scope is wider than what was asked for.',
        detail: scopes.join(' '),
      })
    }
    Object.assign(checked.claims, claims)
    const openid = context.openid?.loginContext(checked, decision.authentication)
    return await approve(Object.assign(checked, { user, scopes, openid }), context)
  } catch (thrown) {
    return refuse(thrown, context, refusal).response
  }
}

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
  return redirect(request.authorization, parameters, context.issuer)
}

const check = async (
  http: Omit<HttpRequest, 'text'>,
  sent: Form,
  context: AuthorizationEndpointContext,
  refusal: Refusal,
): Promise<RequestContext & AuthorizationContext> => {
  const known = { endpoint: 'authorization', now: context.now() } as const
  const request = (refusal.request = newRequestContext(http, known, sent.values, sent.repeatable))
  const client = await trustedClient(request, sent, context)
  const form = await unpackForm(sent, client, request, { context, refusal })
  const target = (refusal.target = firstTarget(request, client, context.responseTypes))
  if (form.duplicates.length > 0) throw repeatedParameters(form.duplicates)
  await runHooks(context.hooks.preAuthorize, request)
  requireParameter(request, 'response_type')
  const { responseType } = target
  const type = responseTypeOf(responseType, context.responseTypes)
  if (!(client.responseTypes ?? ['code']).includes(responseType)) {
    const detail = responseType
    throw new UnauthorizedClientError('response_type_not_allowed', {
      description: 'The client may not use this response type.',
      detail,
    })
  }
  const chosen = { ...target, responseMode: chooseMode(form.values.get('response_mode'), type) }
  refusal.target = chosen
  const resources = requestedResources(form.repeatable, context.resources)
  const scopes = await grantedScopes(client, request, context.validator)
  const parameters = Object.fromEntries(form.values)
  const authorization = { ...chosen, clientId: client.id, scopes, resources, parameters }
  const checked = Object.assign(request, { client, authorization, scopes })
  await type.check?.(checked)
  context.openid?.check(checked)
  await runHooks(context.hooks.postAuthorize, request)
  return checked
}

/** The parameters, of a request object where there is one. What is wrong with it goes where the request outside of it says. */
const unpackForm = async (
  sent: Form,
  client: Client,
  request: RequestContext,
  { context, refusal }: { readonly context: AuthorizationEndpointContext; readonly refusal: Refusal },
): Promise<Form> => {
  const unpack = context.openid?.unpack
  const hasObject = sent.values.has('request') || sent.values.has('request_uri')
  if (unpack === undefined || !hasObject || sent.duplicates.length > 0) return sent // what is repeated is refused next
  const isResolved = 'uri' in resolveRedirectUri(sent.values.get('redirect_uri'), client.redirectUris ?? [])
  if (isResolved) refusal.target = firstTarget(request, client, context.responseTypes)
  const form = await unpack(sent, client, request)
  Object.assign(request, { parameters: form.values, resources: form.repeatable })
  return form
}

/** Where errors go before the response mode is checked: by the default mode of the response type. */
const firstTarget = (
  request: RequestContext,
  client: Client,
  responseTypes: ReadonlyMap<string, ResponseType>,
): Target & { readonly responseType: string } => {
  const redirectUri = trustedRedirectUri(request, client)
  const responseType = (request.parameters.get('response_type') ?? '').split(' ').sort().join(' ')
  const responseMode = responseTypes.get(responseType)?.defaultMode ?? 'query'
  return { redirectUri, responseType, responseMode, state: request.parameters.get('state') }
}

/** The client of the request. Without it there is nowhere to send an error to. */
const trustedClient = async (
  request: RequestContext,
  form: Form,
  context: AuthorizationEndpointContext,
): Promise<Client> => {
  const unsafe = form.duplicates.find((name) => name === 'client_id' || name === 'redirect_uri')
  if (unsafe !== undefined)
    throw new FatalClientError('parameter_repeated', { description: 'A parameter is repeated.', detail: unsafe })
  const clientId = form.values.get('client_id')
  if (clientId === undefined)
    throw new FatalClientError('parameter_missing', { description: 'The parameter client_id is missing.' })
  const client = toClient(await context.validator.validateClientId(clientId, request), clientId, context.grantTypes)
  if (client === undefined)
    throw new FatalClientError('client_unknown', { description: 'The client is not known here.', detail: clientId })
  request.client = client
  return client
}

/** The answer to a refused request: through the redirect URI once that is trusted, else to the user's own screen (§4.1.2.1). */
const refuse = (
  thrown: unknown,
  context: AuthorizationEndpointContext,
  refusal: Refusal,
): Extract<AuthorizationValidation, { ok: false }> => {
  const error = toOAuthError(thrown)
  reportRefusal(context, 'authorization', error, refusal)
  const client = refusal.request?.client
  if (refusal.target === undefined || error instanceof FatalClientError)
    return { ok: false, error, client, response: errorResponse(error) }
  const parameters = { error: error.code, error_description: error.description }
  return { ok: false, error, client, response: redirect(refusal.target, parameters, context.issuer) }
}
