import { answer, type AnswerContext } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import { BackchannelRequestError } from '../core/backchannel-errors.ts'
import {
  cibaGrantType,
  type BackchannelDelivery,
  type BackchannelRequest,
  type BackchannelValidator,
  type PendingBackchannel,
  type UserHint,
} from '../core/backchannel.ts'
import type { AuthorizationChecks } from '../core/check-authorization.ts'
import { isBearerText } from '../core/bearer-syntax.ts'
import {
  authenticateClient,
  type AuthenticatedRequest,
  type ClientAuthenticationMethod,
} from '../core/client-authentication.ts'
import { InvalidRequestError, InvalidScopeError, UnauthorizedClientError } from '../core/errors.ts'
import { grantedScopes } from '../core/granted-scopes.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import { readFormRequest, requireParameter, type RequestLimits } from '../core/read-request.ts'
import { isPublicClient, type Client, type User } from '../core/records.ts'
import type { ClientValidator, ScopeValidator } from '../core/request-validator.ts'
import { grantableResources } from '../core/resources.ts'
import { readIdTokenHint, type HintChecks } from '../tokens/id-token-hint.ts'
import { randomString } from '../util/random.ts'

/** What an application says of users who are somewhere else. */
export interface BackchannelUsers {
  /**
   * The user whom a hint means; undefined where there is none. Throw `new BackchannelRequestError('backchannel_hint_expired')` for a `login_hint_token` that expired; whether it is
   * genuine is for you to check.
   */
  readonly findUser: (
    hint: UserHint,
    request: OAuthRequest & { readonly client: Client },
  ) => Awaitable<User | undefined>
  /** Brings a request to its user: by a push message, or onto a page that the user has open. Where it throws, the client sees an error. */
  readonly notify: (pending: PendingBackchannel) => Awaitable<void>
  /** Whether a code is that of the user. Default: there are no codes. */
  readonly checkUserCode?: ((user: User, code: string) => Awaitable<boolean>) | undefined
}

/** What the backchannel authentication endpoint is made of. */
export interface BackchannelEndpointContext
  extends AnswerContext, Pick<AuthorizationChecks, 'resources' | 'severalResources' | 'resourceScopes'> {
  readonly validator: ClientValidator & ScopeValidator & BackchannelValidator
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly grantTypes: readonly string[]
  readonly limits: RequestLimits
  readonly users: BackchannelUsers
  /** Ways of delivery on offer. */
  readonly deliveries: readonly BackchannelDelivery[]
  /** Seconds. */
  readonly expiresIn: number
  /** Seconds. */
  readonly interval: number
  readonly hint: Omit<HintChecks, 'clientId'>
  /** Whether the tokens of a client are bound to what it proves, so that they cannot be sent to it. */
  readonly mustBind: (client: Client) => boolean
  /** Puts what a signed request says in place of its parameters (§7.1.1). */
  readonly unpack: (request: AuthenticatedRequest) => Promise<void>
}

const longestMessage = 128
const longestToken = 1024

/** Takes a request of a client to a user who is somewhere else (OpenID Connect CIBA Core §7). */
export const backchannelAuthentication = (
  http: HttpRequest,
  context: BackchannelEndpointContext,
): Promise<HttpResponse> =>
  answer(context, 'backchannel_authentication', async (trace) => {
    const { validator, users } = context
    const now = context.now()
    const read = await readFormRequest(http, { endpoint: 'backchannel_authentication', now }, context.limits)
    trace.request = read
    const request = await authenticateClient(read, validator, context.clientAuthentication, context.grantTypes)
    const { client } = request
    const delivery = deliveryOf(client, context)
    await context.unpack(request)
    const handles = { authReqId: randomString(), decisionId: randomString() }
    const notice = noticeOf(handles.authReqId, delivery, request)
    const wanted = await readWanted(request, context)
    const user = await findUser(request, context)
    const record: BackchannelRequest = { ...wanted, clientId: client.id, userId: user.id, delivery }
    await validator.saveBackchannelRequest(handles, record, notice, request)
    await users.notify({ ...record, decisionId: handles.decisionId, client, user })
    return json(200, {
      auth_req_id: handles.authReqId,
      expires_in: record.expiresAt - now,
      interval: delivery === 'push' ? undefined : record.interval,
    })
  })

const refuseClient = (detail: string): UnauthorizedClientError =>
  new UnauthorizedClientError('backchannel_not_allowed', { detail })

const deliveryOf = (client: Client, { deliveries, mustBind }: BackchannelEndpointContext): BackchannelDelivery => {
  const { delivery = 'poll', notificationEndpoint } = client.backchannel ?? {}
  if (client.grantTypes?.includes(cibaGrantType) !== true) throw refuseClient(`it may not use ${cibaGrantType}`)
  if (isPublicClient(client)) throw refuseClient('it is public')
  if (!deliveries.includes(delivery)) throw refuseClient(`${delivery} is not offered`)
  if (delivery !== 'poll' && notificationEndpoint === undefined) throw refuseClient('it has no notificationEndpoint')
  if (delivery === 'push' && mustBind(client)) throw refuseClient('tokens that are pushed cannot be bound')
  return delivery
}

/** The token that the client wants to be told by (§7.1). */
const noticeOf = (authReqId: string, delivery: BackchannelDelivery, request: OAuthRequest) => {
  if (delivery === 'poll') return undefined
  const token = requireParameter(request, 'client_notification_token')
  if (isBearerText(token) && token.length <= longestToken) return { authReqId, token }
  throw new InvalidRequestError('parameter_invalid', { description: 'The client_notification_token is malformed.' })
}

const readWanted = async (
  request: AuthenticatedRequest,
  { validator, interval, expiresIn, now, ...context }: BackchannelEndpointContext,
): Promise<Omit<BackchannelRequest, 'clientId' | 'userId' | 'delivery'>> => {
  const { parameters } = request
  const asked = grantableResources(request.resources, context.resources, context.severalResources)
  const granted = await grantedScopes(request.client, request, validator)
  const scopes = context.resourceScopes?.within(granted, asked) ?? granted
  if (!scopes.includes('openid'))
    throw new InvalidScopeError('openid_scope_missing', { description: 'The scope openid is missing.' })
  const bindingMessage = parameters.get('binding_message')
  if (bindingMessage !== undefined && bindingMessage.length > longestMessage)
    throw new BackchannelRequestError('backchannel_message_unfit')
  const acrValues = parameters.get('acr_values')?.split(' ').filter(Boolean) ?? []
  const expiresAt = now() + Math.min(expiresIn, expiryOf(parameters.get('requested_expiry') ?? `${expiresIn}`))
  return { scopes, resources: asked, claims: request.claims, bindingMessage, acrValues, interval, expiresAt }
}

const expiryOf = (text: string): number => {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw new InvalidRequestError('parameter_invalid', { description: 'The requested_expiry is no positive integer.' })
}

const hints = ['login_hint', 'login_hint_token', 'id_token_hint'] as const

const readHint = async (request: AuthenticatedRequest, { hint }: BackchannelEndpointContext): Promise<UserHint> => {
  const sent = hints.flatMap((kind) => {
    const value = request.parameters.get(kind)
    return value === undefined ? [] : [{ kind, value }]
  })
  const [only, ...others] = sent
  if (only === undefined || others.length > 0)
    throw new InvalidRequestError('backchannel_hint_not_one', { description: `Send one of ${hints.join(', ')}.` })
  if (only.kind !== 'id_token_hint') return { kind: only.kind, value: only.value }
  const read = await readIdTokenHint(only.value, { ...hint, clientId: request.client.id })
  return { kind: 'id_token_hint', subject: read?.subject ?? '', sessionId: read?.sessionId }
}

/** The user, who may have to be vouched for by a code (§7.1): a client could otherwise have anybody's telephone ring. */
const findUser = async (request: AuthenticatedRequest, context: BackchannelEndpointContext): Promise<User> => {
  const { users, validator } = context
  const hint = await readHint(request, context)
  const code = request.parameters.get('user_code')
  if (request.client.backchannel?.sendsUserCode === true && code === undefined)
    throw new BackchannelRequestError('backchannel_user_code_missing')
  const user = await users.findUser(hint, request)
  if (user === undefined) throw new BackchannelRequestError('backchannel_user_unknown', { detail: hint.kind })
  if (request.client.backchannel?.sendsUserCode !== true) return user
  const isAllowed = await validator.allowBackchannelUserCode(user.id, request.now)
  if (isAllowed && (await users.checkUserCode?.(user, code ?? '')) === true) return user
  throw new BackchannelRequestError('backchannel_user_code_wrong', {
    detail: isAllowed ? undefined : 'it was tried too often',
  })
}
