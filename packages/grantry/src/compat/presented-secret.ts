import { clientSecretBasic } from '../client-auth/client-secret-basic.ts'
import { clientSecretPost } from '../client-auth/client-secret-post.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { ClientValidator } from '../core/request-validator.ts'

/** The secret that a client sends, however it does; undefined where it sends none. */
export const presentedSecret = (request: OAuthRequest): string | undefined => {
  let secret: string | undefined
  const listener: ClientValidator = {
    validateClientId: () => undefined,
    authenticateClient(_client, presented) {
      secret = presented
      return false
    },
  }
  for (const method of [clientSecretBasic, clientSecretPost]) void method.read(request)?.prove({ id: '' }, listener)
  return secret === '' ? undefined : secret
}
