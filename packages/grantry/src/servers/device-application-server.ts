import { deviceCodeGrantType, type DeviceValidator } from '../core/device-authorization.ts'
import type { RefreshTokenValidator } from '../core/request-validator.ts'
import { DeviceCodeGrant } from '../grants/device-code.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { DeviceFlow, DeviceOptions } from './device-flow.ts'
import type { ServerOptions } from './options.ts'

/** A server for devices without browser or keyboard: device codes and refresh tokens (RFC 8628). */
export class DeviceApplicationServer extends AuthorizationServer {
  declare readonly device: DeviceFlow

  constructor(
    validator: ServerValidator & DeviceValidator & RefreshTokenValidator,
    options: ServerOptions & { readonly device: DeviceOptions },
  ) {
    super(validator, options, {
      name: 'DeviceApplicationServer',
      slices: ['device', 'refreshToken'],
      grants: {
        [deviceCodeGrantType]: new DeviceCodeGrant(validator, options),
        refresh_token: new RefreshTokenGrant(validator, options),
      },
      responseTypes: () => ({}),
    })
  }
}
