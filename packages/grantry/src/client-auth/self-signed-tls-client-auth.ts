import type { CertificateFinder } from '../core/client-certificate.ts'
import {
  bareCredentials,
  type ClientAuthenticationMethod,
  type ClientCredentials,
  type FailedProof,
} from '../core/client-authentication.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { publicHalf, thumbprintInput } from '../core/jwk.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import { findClientKeys } from '../keys/find-client-keys.ts'

const reason = 'client_certificate_wrong'

/**
 * `self_signed_tls_client_auth`: the client shows a certificate of a key that is in its `jwks` or at its `jwksUri` (RFC 8705 §2.2). Who
 * issued it does not matter.
 */
export class SelfSignedTlsClientAuth implements ClientAuthenticationMethod {
  readonly name = 'self_signed_tls_client_auth'
  readonly #find: CertificateFinder
  readonly #fetchKeys: ClientKeyFetcher | undefined

  constructor(find: CertificateFinder, fetchKeys: ClientKeyFetcher | undefined) {
    this.#find = find
    this.#fetchKeys = fetchKeys
  }

  read(request: OAuthRequest): ClientCredentials | undefined {
    return bareCredentials(request, (client) => this.#prove(client, request))
  }

  async #prove(client: Client, request: OAuthRequest): Promise<true | FailedProof> {
    const certificate = this.#find(request)
    if (certificate?.publicKey === undefined) return { reason, detail: 'there is none, or of an unknown kind of key' }
    const { now } = request
    const found = await findClientKeys(client, { now, keyId: undefined, fetchKeys: this.#fetchKeys })
    if ('detail' in found) return { reason: 'client_keys_unavailable', ...found }
    const wanted = thumbprintInput(certificate.publicKey)
    const isListed = found.keys.some((jwk) => {
      const key = publicHalf(jwk)
      return key !== undefined && thumbprintInput(key) === wanted
    })
    return isListed || { reason, detail: 'its key is not one of the client' }
  }
}
