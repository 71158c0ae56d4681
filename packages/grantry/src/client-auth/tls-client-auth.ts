import type { CertificateFinder } from '../core/client-certificate.ts'
import { hasName } from '../core/client-certificate.ts'
import {
  bareCredentials,
  type ClientAuthenticationMethod,
  type ClientCredentials,
  type FailedProof,
} from '../core/client-authentication.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'

/** `tls_client_auth`: the client shows a certificate of a trusted authority, with the name that it registered (RFC 8705 §2.1). */
export class TlsClientAuth implements ClientAuthenticationMethod {
  readonly name = 'tls_client_auth'
  readonly #find: CertificateFinder

  constructor(find: CertificateFinder) {
    this.#find = find
  }

  read(request: OAuthRequest): ClientCredentials | undefined {
    return bareCredentials(request, (client) => this.#prove(client, request))
  }

  #prove({ certificateName }: Client, request: OAuthRequest): true | FailedProof {
    const certificate = this.#find(request)
    const reason = 'client_certificate_wrong'
    if (certificate === undefined) return { reason, detail: 'there is none' }
    if (!certificate.isTrusted) return { reason, detail: 'it is not of an authority that is trusted' }
    const isOwn = certificateName !== undefined && hasName(certificate, certificateName)
    return isOwn || { reason, detail: `it has not the name of the client: ${JSON.stringify(certificate.names)}` }
  }
}
