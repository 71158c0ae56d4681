import { TokenResponseType } from '../response-types/token.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { ServerOptions } from './options.ts'

/**
 * A server for the implicit grant alone (RFC 6749 §4.2), for old clients that cannot change. RFC 9700 §2.1.2 advises new ones to use the
 * authorization code with PKCE instead: `WebApplicationServer`.
 */
export class MobileApplicationServer extends AuthorizationServer {
  constructor(validator: ServerValidator, options: ServerOptions = {}) {
    super(validator, options, {
      name: 'MobileApplicationServer',
      slices: [],
      grants: {},
      responseTypes: (bearer) => ({ token: new TokenResponseType(bearer) }),
    })
  }
}
