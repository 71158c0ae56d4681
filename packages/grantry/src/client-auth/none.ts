import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { isPublicClient } from '../core/records.ts'

/** What proves more than an id; a request that has it is for another method. */
const proofs = ['client_secret', 'client_assertion']

/** `none`: a public client names itself by `client_id` and proves nothing (RFC 6749 §3.2.1). */
export const noClientAuthentication: ClientAuthenticationMethod = {
  name: 'none',
  read({ headers, parameters }) {
    const clientId = headers.get('authorization') ? undefined : parameters.get('client_id')
    return clientId === undefined || proofs.some((name) => parameters.has(name))
      ? undefined
      : { clientId, prove: isPublicClient }
  },
}
