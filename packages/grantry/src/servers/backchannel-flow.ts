import {
  cibaGrantType,
  type BackchannelDecision,
  type BackchannelDelivery,
  type BackchannelNotice,
  type BackchannelRequest,
  type BackchannelValidator,
} from '../core/backchannel.ts'
import { toClient } from '../core/client-authentication.ts'
import type { ClientKeyFetcher, ReplayValidator } from '../core/client-keys.ts'
import { ConfigurationError, InvalidScopeError } from '../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import { newRequestContext } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import { isWithinScope } from '../core/scope.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import {
  backchannelAuthentication,
  type BackchannelEndpointContext,
  type BackchannelUsers,
} from '../endpoints/backchannel-authentication.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { isLifetime } from '../tokens/bearer-options.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import type { ClientJwts } from '../tokens/client-jwts.ts'
import { unpackBackchannelRequest } from './backchannel-requests.ts'

/** How clients ask users who are somewhere else (OpenID Connect CIBA Core). */
export interface BackchannelOptions extends BackchannelUsers {
  /** How clients may learn of a decision. Default: `poll` and `ping`. By `push`, tokens are sent to whoever answers at an address. */
  readonly deliveries?: readonly BackchannelDelivery[] | undefined
  /** How long a user may take, in seconds; a client may ask for less. Default: 120. */
  readonly expiresIn?: number | undefined
  /** Least time between two polls, in seconds. Default: 5. */
  readonly interval?: number | undefined
  /** The path of the endpoint below the issuer. Default: `/bc-authorize`. */
  readonly path?: string | undefined
}

/** What the flow works with: the parts of a server, and its validator. */
export type BackchannelParts = Omit<
  BackchannelEndpointContext,
  'users' | 'deliveries' | 'expiresIn' | 'interval' | 'hint' | 'mustBind' | 'unpack' | 'validator'
> & {
  readonly validator: Omit<BackchannelEndpointContext['validator'], keyof BackchannelValidator>
  readonly issuer: string
  readonly jwts: ClientJwts
  readonly bearer: BearerToken
  readonly outbound: OutboundClient
  readonly fetchKeys: ClientKeyFetcher | undefined
}

const defaultDeliveries: readonly BackchannelDelivery[] = ['poll', 'ping']

const requireOptions = ({ deliveries = [], expiresIn = 1, interval = 1 }: BackchannelOptions): void => {
  if (!isLifetime(expiresIn)) throw new ConfigurationError('backchannel.expiresIn must be whole seconds above 0.')
  if (!isLifetime(interval)) throw new ConfigurationError('backchannel.interval must be whole seconds above 0.')
  const other = deliveries.find((each) => !['poll', 'ping', 'push'].includes(each))
  if (other !== undefined)
    throw new ConfigurationError(`backchannel.deliveries takes poll, ping and push, not "${other}".`)
}

/** Members of the metadata document (§4). */
export const backchannelMetadata = (
  issuer: string,
  { path = '/bc-authorize', deliveries = defaultDeliveries, checkUserCode }: BackchannelOptions,
): Readonly<Record<string, unknown>> => ({
  backchannel_authentication_endpoint: issuer.replace(/\/$/, '') + path,
  backchannel_token_delivery_modes_supported: deliveries,
  backchannel_authentication_request_signing_alg_values_supported: signatureAlgorithms,
  backchannel_user_code_parameter_supported: checkUserCode !== undefined,
})

/** The part of a server that your page for users who are asked works with. */
export class BackchannelFlow {
  readonly #context: BackchannelEndpointContext
  readonly #parts: BackchannelParts

  /** Throws a `ConfigurationError` for options that cannot work. */
  constructor(parts: BackchannelParts, options: BackchannelOptions) {
    requireOptions(options)
    const { issuer, jwts, bearer } = parts
    const validator = parts.validator as BackchannelEndpointContext['validator'] & ReplayValidator // requireMethods has checked the slices
    this.#parts = parts
    this.#context = {
      ...parts,
      ...{ validator, users: options, deliveries: options.deliveries ?? defaultDeliveries },
      ...{ expiresIn: options.expiresIn ?? 120, interval: options.interval ?? 5 },
      hint: { issuer, keys: jwts.keys },
      mustBind: (client) => bearer.mustBind(client),
      unpack: unpackBackchannelRequest({ issuer, validator, fetchKeys: parts.fetchKeys }),
    }
  }

  /** Answers a backchannel authentication request (§7.3). */
  createResponse(request: HttpRequest): Promise<HttpResponse> {
    return backchannelAuthentication(request, this.#context)
  }

  /** The request that waits for a decision, to show to its user; undefined where there is none or it is decided. */
  async find(decisionId: string): Promise<BackchannelRequest | undefined> {
    return this.#context.validator.findBackchannelRequest(decisionId, this.#context.now())
  }

  /**
   * Stores what the user decided, who must be that of the request: compare the one who is logged in. Tells the client, and says whether the request
   * still waited. Throws an `InvalidScopeError` for scopes that were not asked for.
   */
  async decide(decisionId: string, decision: BackchannelDecision): Promise<boolean> {
    const { validator, now } = this.#context
    const pending = await validator.findBackchannelRequest(decisionId, now())
    if (pending === undefined) return false
    if (decision.approved && (decision.scopes.length === 0 || !isWithinScope(decision.scopes, pending.scopes)))
      throw new InvalidScopeError('scope_not_allowed', {
        description: 'The scope is wider than what was asked for.',
        detail: decision.scopes.join(' '),
      })
    const notice = await validator.decideBackchannelRequest(decisionId, decision, now())
    if (notice === null) return false
    if (notice !== undefined && pending.delivery !== 'poll') await this.#tell(pending, pending.delivery, notice)
    return true
  }

  /** Once, without redirects (§10.2): a client that refuses is not asked again. */
  async #tell(pending: BackchannelRequest, delivery: 'ping' | 'push', notice: BackchannelNotice): Promise<void> {
    const { events, now } = this.#context
    const report = (outcome: 'delivered' | 'failed', cause?: unknown): void =>
      events({ type: `backchannel.${outcome}`, time: now(), clientId: pending.clientId, delivery, cause })
    try {
      const client = await this.#findClient(pending.clientId)
      const url = client?.backchannel?.notificationEndpoint
      if (client === undefined || url === undefined)
        throw new Error('the client is gone, or has no notificationEndpoint')
      const told = delivery === 'ping' ? {} : await this.#pushed(client, notice)
      await this.#parts.outbound.send(url, {
        accepts: [],
        content: { type: 'application/json', text: JSON.stringify({ auth_req_id: notice.authReqId, ...told }) },
        headers: { authorization: `Bearer ${notice.token}` },
      })
      report('delivered')
    } catch (cause) {
      report('failed', cause)
    }
  }

  /** Tokens for a client that may not ask for them, or why there are none (§10.3, §12). */
  async #pushed(client: Client, { authReqId }: BackchannelNotice): Promise<object> {
    const { validator, now, grantTypes } = this.#context
    const approved = await validator.consumeBackchannelRequest(authReqId, client, now())
    if (approved === undefined || approved === 'reused') return { error: 'access_denied' }
    const { userId, scopes, resources, claims, openid, grantId } = approved
    const refreshToken = [grantTypes, client.grantTypes].every((types) => types?.includes('refresh_token'))
    return this.#parts.bearer.createToken(
      {
        ...{ client, user: { id: userId }, scopes, resources, claims, grantId, grantType: cibaGrantType },
        openid: { ...openid, authReqId },
      },
      { refreshToken },
    )
  }

  async #findClient(clientId: string): Promise<Client | undefined> {
    const { validator, now, grantTypes } = this.#context
    const http = { method: 'POST', url: '/', headers: { get: () => undefined } }
    const request = newRequestContext(http, { endpoint: 'backchannel_authentication', now: now() })
    return toClient(await validator.validateClientId(clientId, request), clientId, grantTypes)
  }
}
