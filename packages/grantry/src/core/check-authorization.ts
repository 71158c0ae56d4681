import type { AnswerContext, Trace } from './answer.ts'
import { toClient } from './client-authentication.ts'
import { FatalClientError, InvalidRequestError, UnauthorizedClientError } from './errors.ts'
import { requireFapiRequest, type FapiProfile } from './fapi.ts'
import type { DetailRules } from './detail-rules.ts'
import { grantedScopes } from './granted-scopes.ts'
import { runHooks, type Hooks } from './hooks.ts'
import type { HttpRequest } from './http.ts'
import type { Authentication, LoginContext } from './login-context.ts'
import { newRequestContext, type OAuthRequest, type RequestContext } from './oauth-request.ts'
import { InvalidRequestUriError } from './openid-errors.ts'
import { pushedRequestPrefix, type PushedRequestValidator } from './pushed-request.ts'
import { repeatedParameters, requireParameter, type RequestLimits } from './read-request.ts'
import type { Client } from './records.ts'
import { resolveRedirectUri } from './redirect-uri.ts'
import { trustedRedirectUri, type Target } from './redirection.ts'
import type { ClientValidator, ScopeValidator } from './request-validator.ts'
import type { ResourceScopes } from './resource-policies.ts'
import { grantableResources, type ServedResources } from './resources.ts'
import { modeOf, responseTypeOf, unsupportedMode } from './response-mode.ts'
import type { AuthorizationContext, ResponseType } from './response-type.ts'
import type { Form } from '../util/form.ts'

/** What authorization requests are checked by. */
export interface AuthorizationChecks extends AnswerContext {
  readonly validator: ClientValidator & ScopeValidator
  readonly responseTypes: ReadonlyMap<string, ResponseType>
  readonly grantTypes: readonly string[]
  readonly hooks: Hooks
  readonly limits: RequestLimits
  readonly resources: ServedResources
  /** Whether a grant may be for several of them. */
  readonly severalResources?: 'refuse' | 'split' | undefined
  /** Which scopes go with which resource; undefined where all do. */
  readonly resourceScopes?: ResourceScopes | undefined
  /** What OpenID Connect adds; undefined without it. */
  readonly openid?: OpenIdAuthorization | undefined
  /** Requests in JWTs that clients signed; undefined where those are not taken. */
  readonly requestObjects?: RequestObjects | undefined
  /** Requests that clients left here; undefined where they cannot. */
  readonly pushed?: PushedRequests | undefined
  /** How authorization details are judged; undefined where they are not looked at. */
  readonly details?: DetailRules | undefined
  /** The profile that requests are held to. */
  readonly profile?: FapiProfile | undefined
  /** Whether answers may be signed (JARM). */
  readonly hasSignedResponses: boolean
}

/** How requests in JWTs are taken (RFC 9101). */
export interface RequestObjects {
  /** Takes the parameters from the object. */
  readonly unpack: (form: Form, client: Client, request: OAuthRequest) => Promise<Form>
  /** Whether requests come in no other way. */
  readonly isRequired: boolean
}

/** How requests that clients left here are taken (RFC 9126). */
export interface PushedRequests {
  readonly validator: PushedRequestValidator
  /** Seconds. */
  readonly expiresIn: number
  /** Whether requests come in no other way. */
  readonly isRequired: boolean
}

/** What OpenID Connect adds to the authorization endpoint. */
export interface OpenIdAuthorization {
  /** Checks the parameters of a request before the user is asked. */
  check(request: AuthorizationContext): void
  /** What is kept of the login of a request that was approved. */
  loginContext(request: AuthorizationContext, authentication: Authentication | undefined): LoginContext | undefined
}

/** An error that the client is told through its redirect URI. */
export interface Refusal extends Trace {
  target?: Target
}

/** Where a request is in its life: the client leaves it here, a user arrives with it, or has decided. */
export type AuthorizationStage = 'push' | 'show' | 'answer'

interface Check {
  readonly context: AuthorizationChecks
  readonly stage: AuthorizationStage
  readonly refusal: Refusal
}

/** A request that may be shown to the user. */
export type CheckedAuthorization = RequestContext & AuthorizationContext

/** Checks an authorization request (RFC 6749 §4.1.1). `refusal` is told what becomes known, whatever is thrown. */
export const checkAuthorization = async (
  http: Omit<HttpRequest, 'text'>,
  sent: Form,
  check: Check,
): Promise<CheckedAuthorization> => {
  const { context, stage, refusal } = check
  const endpoint = stage === 'push' ? 'pushed_authorization' : 'authorization'
  const request = newRequestContext(http, { endpoint, now: context.now() }, sent.values, sent.repeatable)
  refusal.request = request
  const client = await trustedClient(request, sent, context)
  const form = await resolveForm(sent, client, request, check)
  const target = (refusal.target = firstTarget(request, client, context))
  if (form.duplicates.length > 0) throw repeatedParameters(form.duplicates)
  const requestUri = pushedUri(sent)
  requirePushed(client, requestUri, check)
  await runHooks(context.hooks.preAuthorize, request)
  requireParameter(request, 'response_type')
  if (context.profile !== undefined) requireFapiRequest(form.values, context.profile)
  const { responseType } = target
  const type = responseTypeOf(responseType, context.responseTypes)
  requireAllowed(responseType, client)
  if (modeOf(form.values.get('response_mode'), type, context) === undefined) throw unsupportedMode()
  const resources = grantableResources(form.repeatable, context.resources, context.severalResources)
  const authorizationDetails = (request.authorizationDetails = await askedDetails(request, client, context))
  const granted = await grantedScopes(client, request, context.validator)
  const scopes = context.resourceScopes?.within(granted, resources) ?? granted
  const parameters = Object.fromEntries(form.values)
  const isSigned = requestUri === undefined && hasObject(sent)
  const asked = { scopes, resources, authorizationDetails }
  const authorization = { ...target, clientId: client.id, ...asked, parameters, requestUri, isSigned }
  const checked = Object.assign(request, { client, authorization, scopes })
  await type.check?.(checked)
  context.openid?.check(checked)
  await runHooks(context.hooks.postAuthorize, request)
  return checked
}

const askedDetails = async (request: OAuthRequest, client: Client, { details }: AuthorizationChecks) => {
  const asked = (await details?.read(request, client)) ?? []
  return asked.length === 0 ? undefined : asked
}

const requireAllowed = (responseType: string, client: Client): void => {
  if ((client.responseTypes ?? ['code']).includes(responseType)) return
  throw new UnauthorizedClientError('response_type_not_allowed', {
    description: 'The client may not use this response type.',
    detail: responseType,
  })
}

/** The `request_uri` of a form where it stands for a pushed request. */
const pushedUri = ({ values }: Form): string | undefined => {
  const uri = values.get('request_uri')
  return uri?.startsWith(pushedRequestPrefix) === true ? uri : undefined
}

const requirePushed = (client: Client, requestUri: string | undefined, { context, stage }: Check): void => {
  const { pushed } = context
  const isRequired = pushed?.isRequired === true || client.requirePushedAuthorizationRequests === true
  if (stage === 'push' || requestUri !== undefined || !isRequired) return
  throw new InvalidRequestError('pushed_request_required', {
    description: 'Push the authorization request first, and send its request_uri.',
  })
}

/** The parameters: as the client left them here, of a request object, or as they were sent. */
const resolveForm = async (sent: Form, client: Client, request: RequestContext, check: Check): Promise<Form> => {
  if (sent.duplicates.length > 0) return sent // what is repeated is refused next
  const uri = pushedUri(sent)
  const form =
    uri === undefined || check.context.pushed === undefined || check.stage === 'push'
      ? await unpackForm(sent, client, request, check)
      : await pushedForm(uri, client, request.now, { stage: check.stage, validator: check.context.pushed.validator })
  Object.assign(request, { parameters: form.values, resources: form.repeatable })
  return form
}

const pushedForm = async (
  uri: string,
  client: Client,
  now: number,
  { stage, validator }: { readonly stage: 'show' | 'answer'; readonly validator: PushedRequestValidator },
): Promise<Form> => {
  const id = uri.slice(pushedRequestPrefix.length)
  const found =
    stage === 'show'
      ? await validator.openPushedRequest(id, client, now)
      : await validator.consumePushedRequest(id, client, now)
  if (found === 'reused') throw new InvalidRequestUriError('pushed_request_used')
  if (found === undefined) throw new InvalidRequestUriError('pushed_request_unknown')
  return { values: new Map(Object.entries(found.parameters)), repeatable: found.resources, duplicates: [] }
}

const hasObject = ({ values }: Form): boolean => values.has('request') || values.has('request_uri')

/** The parameters of a request object where there is one. What is wrong with it goes where the request outside of it says. */
const unpackForm = async (sent: Form, client: Client, request: RequestContext, check: Check): Promise<Form> => {
  const { context, refusal, stage } = check
  const { requestObjects } = context
  const isResolved = 'uri' in resolveRedirectUri(sent.values.get('redirect_uri'), client.redirectUris ?? [])
  if (isResolved) refusal.target = firstTarget(request, client, context)
  if (hasObject(sent)) return requestObjects?.unpack(sent, client, request) ?? sent
  const isRequired = requestObjects?.isRequired === true || client.requireSignedRequestObject === true
  if (stage === 'answer' || !isRequired) return sent
  throw new InvalidRequestError('request_object_required', {
    description: 'Send the authorization request as a signed request object.',
  })
}

/** Where errors go: as was asked, or by the default mode of the response type where that is not possible. */
const firstTarget = (
  request: RequestContext,
  client: Client,
  context: AuthorizationChecks,
): Target & { readonly responseType: string } => {
  const redirectUri = trustedRedirectUri(request, client)
  const { parameters } = request
  const responseType = (parameters.get('response_type') ?? '').split(' ').sort().join(' ')
  const type = context.responseTypes.get(responseType)
  const asked = type && modeOf(parameters.get('response_mode'), type, context)
  return {
    redirectUri,
    responseType,
    responseMode: asked ?? type?.defaultMode ?? 'query',
    state: parameters.get('state'),
  }
}

/** The client of the request. Without it there is nowhere to send an error to. */
const trustedClient = async (request: RequestContext, form: Form, context: AuthorizationChecks): Promise<Client> => {
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
