import { errorResponse, reportRefusal, toOAuthError, type AnswerContext, type Trace } from '../core/answer.ts'
import { toClient } from '../core/client-authentication.ts'
import { InvalidRequestError, type OAuthError } from '../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import { newRequestContext, type OAuthRequest } from '../core/oauth-request.ts'
import { readAuthorizationForm, repeatedParameters, type RequestLimits } from '../core/read-request.ts'
import type { Client } from '../core/records.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import type { KeySet } from '../keys/key-set.ts'
import { readIdTokenHint, type IdTokenHint } from '../tokens/id-token-hint.ts'

/** A checked logout request (OpenID Connect RP-Initiated Logout §2). */
export interface LogoutRequest {
  /** The client that asks; undefined where it does not say who it is. */
  readonly client: Client | undefined
  /** The `sub` and session that the ID token hint names; undefined without one. Ask the user before you end any other session. */
  readonly subject: string | undefined
  readonly sessionId: string | undefined
  /** Where to send the browser afterwards, with `state`; undefined where it stays. */
  readonly redirectTo: string | undefined
  readonly uiLocales: readonly string[]
  /** All parameters as sent, for the form of your confirmation page. */
  readonly parameters: Readonly<Record<string, string>>
}

/** A request to act on, or the answer to send at once. */
export type LogoutValidation =
  | { readonly ok: true; readonly request: LogoutRequest }
  | { readonly ok: false; readonly error: OAuthError; readonly response: HttpResponse }

/** What the check of logout requests is made of. */
export interface LogoutContext extends AnswerContext {
  readonly validator: ClientValidator
  readonly limits: RequestLimits
  readonly issuer: string
  /** What its ID tokens were signed with. */
  readonly keys: KeySet
  readonly grantTypes: readonly string[]
}

/** Checks a logout request. What is wrong is shown where the browser is, never sent to an address of the request. */
export const validateLogout = async (http: HttpRequest, context: LogoutContext): Promise<LogoutValidation> => {
  const trace: Trace = {}
  try {
    const form = await readAuthorizationForm(http, context.limits)
    const request = newRequestContext(http, { endpoint: 'logout', now: context.now() }, form.values)
    trace.request = request
    if (form.duplicates.length > 0) throw repeatedParameters(form.duplicates)
    return { ok: true, request: await check(request, context) }
  } catch (thrown) {
    const error = toOAuthError(thrown)
    reportRefusal(context, 'logout', error, trace)
    return { ok: false, error, response: errorResponse(error) }
  }
}

const check = async (request: OAuthRequest, context: LogoutContext): Promise<LogoutRequest> => {
  const { parameters } = request
  const hint = await readIdTokenHint(parameters.get('id_token_hint'), {
    issuer: context.issuer,
    keys: context.keys,
    clientId: parameters.get('client_id'),
  })
  const client = await clientOf(request, hint, context)
  return {
    client,
    subject: hint?.subject,
    sessionId: hint?.sessionId,
    redirectTo: redirectOf(request, client),
    uiLocales: parameters.get('ui_locales')?.split(' ') ?? [],
    parameters: Object.fromEntries(parameters),
  }
}

const clientOf = async (
  request: OAuthRequest,
  hint: IdTokenHint | undefined,
  { validator, grantTypes }: LogoutContext,
): Promise<Client | undefined> => {
  const clientId = hint?.clientId ?? request.parameters.get('client_id')
  if (clientId === undefined) return undefined
  const client = toClient(await validator.validateClientId(clientId, request), clientId, grantTypes)
  if (client !== undefined) return client
  throw new InvalidRequestError('client_unknown', { description: 'The client is not known here.', detail: clientId })
}

/** Exactly one of those that are registered (OpenID Connect RP-Initiated Logout §3). */
const redirectOf = ({ parameters }: OAuthRequest, client: Client | undefined): string | undefined => {
  const uri = parameters.get('post_logout_redirect_uri')
  if (uri === undefined) return undefined
  if (client?.postLogoutRedirectUris?.includes(uri) !== true) {
    throw new InvalidRequestError('redirect_uri_unregistered', {
      description: 'The post_logout_redirect_uri is not registered for this client.',
      detail: uri,
    })
  }
  const state = parameters.get('state')
  if (state === undefined) return uri
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state }).toString()}`
}
