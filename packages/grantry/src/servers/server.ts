import { deviceCodeGrantType, type DeviceValidator } from '../core/device-authorization.ts'
import type { CodeValidator, RefreshTokenValidator } from '../core/request-validator.ts'
import { AuthorizationCodeGrant } from '../grants/authorization-code.ts'
import { ClientCredentialsGrant } from '../grants/client-credentials.ts'
import { DeviceCodeGrant } from '../grants/device-code.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { CodeResponseType } from '../response-types/code.ts'
import { noneResponseType } from '../response-types/none.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { ServerOptions } from './options.ts'

/** What `Server` needs of a validator. */
type Validator = ServerValidator & CodeValidator & RefreshTokenValidator

/**
 * The server for most uses: authorization code with PKCE, client credentials and refresh tokens, and device codes with the option
 * `device`; with token, authorization, introspection, revocation, metadata and JWKS endpoints.
 */
export class Server extends AuthorizationServer {
  constructor(validator: Validator, options?: ServerOptions & { readonly device?: undefined })
  constructor(validator: Validator & DeviceValidator, options: ServerOptions)
  constructor(validator: Validator & Partial<DeviceValidator>, options: ServerOptions = {}) {
    const devices = options.device && new DeviceCodeGrant(validator as DeviceValidator, options) // by the second signature
    super(validator, options, {
      name: 'Server',
      slices: ['code', 'refreshToken'],
      grants: {
        authorization_code: new AuthorizationCodeGrant(validator, options),
        client_credentials: new ClientCredentialsGrant(validator, options),
        refresh_token: new RefreshTokenGrant(validator, options),
        ...(devices && { [deviceCodeGrantType]: devices }),
      },
      responseTypes: () => ({ code: new CodeResponseType(validator, options), none: noneResponseType }),
    })
  }
}
