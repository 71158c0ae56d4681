import type { CodeValidator, RefreshTokenValidator } from '../core/request-validator.ts'
import { AuthorizationCodeGrant } from '../grants/authorization-code.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { CodeResponseType } from '../response-types/code.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { ServerOptions } from './options.ts'

/** A server for applications with users: authorization code with PKCE and refresh tokens (RFC 6749 §4.1). */
export class WebApplicationServer extends AuthorizationServer {
  constructor(validator: ServerValidator & CodeValidator & RefreshTokenValidator, options: ServerOptions = {}) {
    super(validator, options, {
      name: 'WebApplicationServer',
      slices: ['code', 'refreshToken'],
      grants: {
        authorization_code: new AuthorizationCodeGrant(validator, options),
        refresh_token: new RefreshTokenGrant(validator, options),
      },
      responseTypes: () => ({ code: new CodeResponseType(validator, options) }),
    })
  }
}
