import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { isPublicClient } from '../core/records.ts'

/** What proves more than an id; a request that has it is for another method. */
const proofs = ['client_secret', 'client_assertion']

/** `none`: a public client names itself by `client_id` and proves nothing (RFC 6749 §3.2.1). */
export const noClientAuthentication: ClientAuthenticationMethod = {
  name: 'none',
  read(request) {
    const clientId = request.parameters.get('client_id')
    if (
      clientId === undefined ||
      request.headers.get('authorization') ||
      proofs.some((name) => request.parameters.has(name))
    )
      return undefined
    return { clientId, prove: isPublicClient }
  },
}
