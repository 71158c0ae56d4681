import { bareCredentials, type ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { isPublicClient } from '../core/records.ts'

/** `none`: a public client names itself by `client_id` and proves nothing (RFC 6749 §3.2.1). */
export const noClientAuthentication: ClientAuthenticationMethod = {
  name: 'none',
  read: (request) => bareCredentials(request, isPublicClient),
}
