import type { BackchannelValidator } from '../core/backchannel.ts'
import { carriedClaims } from '../core/claims.ts'
import { AuthorizationPendingError, ExpiredTokenError, SlowDownError } from '../core/device-errors.ts'
import { AccessDeniedError, InvalidGrantError, UnauthorizedClientError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { requireParameter } from '../core/read-request.ts'
import { narrowedResources, requestedResources, type ServedResources } from '../core/resources.ts'

/** Gives a client its tokens once its user approved, wherever that was (OpenID Connect CIBA Core §10.1, §11). */
export class CibaGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly allowsPublicClients = false
  readonly metadata: Readonly<Record<string, unknown>>
  readonly #validator: BackchannelValidator
  readonly #resources: ServedResources

  constructor(
    validator: BackchannelValidator,
    options: {
      readonly resources?: ServedResources | undefined
      /** Members of the metadata document: the endpoint, and what it takes. Default: none. */
      readonly metadata?: Readonly<Record<string, unknown>> | undefined
    } = {},
  ) {
    this.metadata = options.metadata ?? {}
    this.#validator = validator
    this.#resources = options.resources ?? []
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client, now } = request
    const id = requireParameter(request, 'auth_req_id')
    const asked = requestedResources(request.resources, this.#resources)
    const poll = await this.#validator.pollBackchannelRequest(id, client, now)
    if (poll?.delivery === 'push')
      throw new UnauthorizedClientError('backchannel_pushed', { description: 'The tokens are sent to this client.' })
    if (poll !== undefined && poll.expiresAt <= now) throw new ExpiredTokenError('backchannel_expired')
    if (poll?.state === 'denied') throw new AccessDeniedError()
    if (poll?.state === 'pending')
      throw poll.isTooSoon
        ? new SlowDownError('backchannel_polled_too_fast')
        : new AuthorizationPendingError('backchannel_pending')
    const approved = await this.#validator.consumeBackchannelRequest(id, client, now)
    if (approved === 'reused') throw new InvalidGrantError('backchannel_reused')
    if (approved?.clientId !== client.id) throw new InvalidGrantError('backchannel_unknown')
    return {
      client,
      user: { id: approved.userId },
      scopes: approved.scopes,
      resources: narrowedResources(asked, approved.resources),
      grantedResources: approved.resources,
      claims: carriedClaims(approved.claims),
      openid: approved.openid,
      grantId: approved.grantId,
    }
  }
}
