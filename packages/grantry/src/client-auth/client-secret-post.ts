import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { requireParameter } from '../core/read-request.ts'

/** `client_secret_post`: id and secret as parameters of the body (RFC 6749 §2.3.1). */
export const clientSecretPost: ClientAuthenticationMethod = {
  name: 'client_secret_post',
  read(request) {
    const secret = request.parameters.get('client_secret')
    return secret === undefined
      ? undefined
      : {
          clientId: requireParameter(request, 'client_id'),
          prove: (client, validator) => validator.authenticateClient(client, secret, request),
        }
  },
}
