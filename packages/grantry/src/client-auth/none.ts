import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { isPublicClient } from '../core/records.ts'

/** `none`: a public client names itself by `client_id` and proves nothing (RFC 6749 §3.2.1). */
export const noClientAuthentication: ClientAuthenticationMethod = {
  name: 'none',
  read(request) {
    const clientId = request.parameters.get('client_id')
    if (clientId === undefined || request.headers.get('authorization') || request.parameters.has('client_secret'))
      return undefined
    return { clientId, prove: isPublicClient }
  },
}
