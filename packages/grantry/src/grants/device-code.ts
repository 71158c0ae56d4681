import { carriedClaims } from '../core/claims.ts'
import type { DeviceValidator } from '../core/device-authorization.ts'
import { AuthorizationPendingError, ExpiredTokenError, SlowDownError } from '../core/device-errors.ts'
import { AccessDeniedError, InvalidGrantError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { requireParameter } from '../core/read-request.ts'
import { narrowedResources, requestedResources, type ServedResources } from '../core/resources.ts'

/** Gives a device its tokens once a user approved (RFC 8628 §3.4). */
export class DeviceCodeGrant implements Grant {
  readonly issuesRefreshToken = true
  readonly #validator: DeviceValidator
  readonly #resources: ServedResources

  constructor(validator: DeviceValidator, options: { readonly resources?: ServedResources | undefined } = {}) {
    this.#validator = validator
    this.#resources = options.resources ?? []
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const { client } = request
    const deviceCode = requireParameter(request, 'device_code')
    const asked = requestedResources(request.resources, this.#resources)
    const poll = await this.#validator.pollDeviceCode(deviceCode, client, request)
    if (poll !== undefined && poll.expiresAt <= request.now) throw new ExpiredTokenError()
    if (poll?.state === 'denied') throw new AccessDeniedError()
    if (poll?.state === 'pending') throw poll.isTooSoon ? new SlowDownError() : new AuthorizationPendingError()
    const device = await this.#validator.consumeDeviceCode(deviceCode, client, request)
    if (device === 'reused') throw new InvalidGrantError('device_code_reused')
    if (device?.clientId !== client.id) throw new InvalidGrantError('device_code_unknown')
    return {
      client,
      user: device.user,
      scopes: device.scopes,
      resources: narrowedResources(asked, device.resources),
      grantedResources: device.resources,
      claims: carriedClaims(device.claims),
      grantId: device.grantId,
    }
  }
}
