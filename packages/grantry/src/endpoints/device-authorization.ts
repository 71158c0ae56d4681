import { answer, type AnswerContext } from '../core/answer.ts'
import { detailsAsClaim, detailsOf } from '../core/authorization-details.ts'
import { authenticateClient, toClient, type ClientAuthenticationMethod } from '../core/client-authentication.ts'
import {
  deviceCodeGrantType,
  type DeviceAuthorization,
  type DeviceDecision,
  type DeviceValidator,
} from '../core/device-authorization.ts'
import type { AuthorizationChecks } from '../core/check-authorization.ts'
import { InvalidScopeError, ServerError, UnauthorizedClientError } from '../core/errors.ts'
import { grantedScopes } from '../core/granted-scopes.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import { newRequestContext, type RequestContext } from '../core/oauth-request.ts'
import { readFormRequest, type RequestLimits } from '../core/read-request.ts'
import type { Client } from '../core/records.ts'
import type { ClientValidator, ScopeValidator } from '../core/request-validator.ts'
import { grantableResources } from '../core/resources.ts'
import { isWithinScope } from '../core/scope.ts'
import { randomString } from '../util/random.ts'

/** What the device authorization endpoint is made of. */
export interface DeviceEndpointContext
  extends AnswerContext, Pick<AuthorizationChecks, 'resources' | 'severalResources' | 'resourceScopes' | 'details'> {
  readonly validator: ClientValidator & ScopeValidator & DeviceValidator
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly grantTypes: readonly string[]
  readonly limits: RequestLimits
  /** The page where users enter the code. */
  readonly verificationUri: string
  readonly makeUserCode: () => string
  /** Seconds. */
  readonly expiresIn: number
  /** Seconds. */
  readonly interval: number
}

/** A request of a device to show to the user, or why there is none. `limited`: too many tries; have the user wait. */
export type DeviceLookup =
  | { readonly ok: true; readonly device: DeviceAuthorization; readonly client: Client }
  | { readonly ok: false; readonly problem: 'unknown' | 'limited' }

/** How often a user code may be drawn that is taken. */
const mostDraws = 5

/** Gives a device its codes (RFC 8628 §3.2). */
export const deviceAuthorization = (http: HttpRequest, context: DeviceEndpointContext): Promise<HttpResponse> =>
  answer(context, 'device_authorization', async (trace) => {
    const { validator, expiresIn, interval, verificationUri } = context
    const now = context.now()
    const request = await readFormRequest(http, { endpoint: 'device_authorization', now }, context.limits)
    trace.request = request
    const authenticated = await authenticateClient(request, validator, context.clientAuthentication, context.grantTypes)
    requireGrantType(authenticated.client)
    const asked = (request.authorizationDetails = await context.details?.read(request, authenticated.client))
    const resources = grantableResources(request.resources, context.resources, context.severalResources)
    const granted = await grantedScopes(authenticated.client, request, validator)
    const record: DeviceAuthorization = {
      clientId: authenticated.client.id,
      scopes: context.resourceScopes?.within(granted, resources) ?? granted,
      resources,
      claims: { ...request.claims, ...(asked && detailsAsClaim(asked)) },
      interval,
      expiresAt: now + expiresIn,
    }
    const { deviceCode, userCode } = await saveCodes(record, request, context)
    return json(200, {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: verificationUri,
      verification_uri_complete: completeUri(verificationUri, userCode),
      expires_in: expiresIn,
      interval,
    })
  })

const requireGrantType = (client: Client): void => {
  if (client.grantTypes?.includes(deviceCodeGrantType) === true) return
  throw new UnauthorizedClientError('grant_type_not_allowed', {
    description: 'The client may not use this grant type.',
    detail: deviceCodeGrantType,
  })
}

const completeUri = (uri: string, userCode: string): string =>
  `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ user_code: userCode }).toString()}`

const saveCodes = async (
  record: DeviceAuthorization,
  request: RequestContext,
  { validator, makeUserCode }: DeviceEndpointContext,
): Promise<{ readonly deviceCode: string; readonly userCode: string }> => {
  for (let draw = 0; draw < mostDraws; draw++) {
    const codes = { deviceCode: randomString(), userCode: makeUserCode() }
    if (await validator.saveDeviceCode(codes, record, request)) return codes
  }
  throw new ServerError('unexpected', { detail: `userCodeGenerator gave ${mostDraws} codes that are taken` })
}

/** Finds the request behind a user code, and counts the try (RFC 8628 §5.1). */
export const findDevice = async (
  { headers }: Pick<HttpRequest, 'headers'>,
  { userCode, by }: { readonly userCode: string; readonly by: string },
  { validator, grantTypes, ...context }: DeviceEndpointContext,
): Promise<DeviceLookup> => {
  const now = context.now()
  if (!(await validator.allowUserCodeAttempt(by, now))) return { ok: false, problem: 'limited' }
  const device = await validator.findDeviceAuthorization(userCode, now)
  if (device === undefined || device.expiresAt <= now) return { ok: false, problem: 'unknown' }
  const request = newRequestContext({ method: 'GET', url: '', headers }, { endpoint: 'device_authorization', now })
  const found = await validator.validateClientId(device.clientId, request)
  const client = toClient(found, device.clientId, grantTypes)
  if (client === undefined) return { ok: false, problem: 'unknown' }
  return { ok: true, device: withDetails(device, context), client }
}

const withDetails = (
  device: DeviceAuthorization,
  { details }: Pick<DeviceEndpointContext, 'details'>,
): DeviceAuthorization => {
  const asked = details === undefined ? [] : detailsOf(device.claims)
  return asked.length === 0 ? device : { ...device, authorizationDetails: asked }
}

/** Stores what the user decided, if the request still waits, and says whether it did. */
export const decideDevice = async (
  userCode: string,
  decision: DeviceDecision,
  { validator, now, details }: DeviceEndpointContext,
): Promise<boolean> => {
  const device = await validator.findDeviceAuthorization(userCode, now())
  if (device === undefined || device.expiresAt <= now()) return false
  if (!decision.approved) return validator.decideDeviceAuthorization(userCode, decision, now())
  const { authorizationDetails: granted = [], scopes } = decision
  details?.requireWithin(granted, detailsOf(device.claims))
  if (scopes.length + granted.length === 0 || !isWithinScope(scopes, device.scopes)) {
    throw new InvalidScopeError('scope_not_allowed', {
      description: 'The scope is wider than what was asked for.',
      detail: scopes.join(' '),
    })
  }
  const claims = details === undefined ? decision.claims : { ...decision.claims, ...detailsAsClaim(granted) }
  return validator.decideDeviceAuthorization(userCode, { ...decision, claims }, now())
}
