import { ClientCredentialsGrant } from '../grants/client-credentials.ts'
import { AuthorizationServer, type ServerValidator } from './authorization-server.ts'
import type { ServerOptions } from './options.ts'

/** A server for machines: client credentials (RFC 6749 §4.4). */
export class BackendApplicationServer extends AuthorizationServer {
  constructor(validator: ServerValidator, options: ServerOptions = {}) {
    super(validator, options, {
      name: 'BackendApplicationServer',
      slices: [],
      grants: { client_credentials: new ClientCredentialsGrant(validator, options) },
      responseTypes: () => ({}),
    })
  }
}
