import type { CodeValidator, RefreshTokenValidator } from '../core/request-validator.ts'
import { AuthorizationCodeGrant } from '../grants/authorization-code.ts'
import { ClientCredentialsGrant } from '../grants/client-credentials.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { CodeResponseType } from '../response-types/code.ts'
import { noneResponseType } from '../response-types/none.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { ServerOptions } from './options.ts'

/**
 * The server for most uses: authorization code with PKCE, client credentials and refresh tokens, with token, authorization,
 * introspection, revocation, metadata and JWKS endpoints.
 */
export class Server extends AuthorizationServer {
  constructor(validator: ServerValidator & CodeValidator & RefreshTokenValidator, options: ServerOptions = {}) {
    super(validator, options, {
      name: 'Server',
      slices: ['code', 'refreshToken'],
      grants: {
        authorization_code: new AuthorizationCodeGrant(validator, options),
        client_credentials: new ClientCredentialsGrant(validator, options),
        refresh_token: new RefreshTokenGrant(validator, options),
      },
      responseTypes: () => ({ code: new CodeResponseType(validator, options), none: noneResponseType }),
    })
  }
}
