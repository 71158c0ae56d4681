import type { RefreshTokenValidator, UserValidator } from '../core/request-validator.ts'
import { PasswordGrant } from '../grants/password.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { ServerOptions } from './options.ts'

/** A server for the password grant and refresh tokens (RFC 6749 §4.3), for old clients. RFC 9700 §2.4 forbids the grant to new ones. */
export class LegacyApplicationServer extends AuthorizationServer {
  constructor(validator: ServerValidator & UserValidator & RefreshTokenValidator, options: ServerOptions = {}) {
    super(validator, options, {
      name: 'LegacyApplicationServer',
      slices: ['user', 'refreshToken'],
      grants: {
        password: new PasswordGrant(validator, options),
        refresh_token: new RefreshTokenGrant(validator, options),
      },
      responseTypes: () => ({}),
    })
  }
}
