import type { CertificateFinder } from '../core/client-certificate.ts'
import { ConfigurationError } from '../core/errors.ts'
import { refuseUnknownOptions } from './token-checks.ts'

/** How clients are known by their certificates (RFC 8705). */
export interface MutualTlsOptions {
  /**
   * Finds the certificate that the client showed: `socketCertificate` or `headerCertificate(…)` of `grantry/node`, or a function of yours. What
   * it gives is believed: whoever can make it up is any client.
   */
  readonly certificate: CertificateFinder
  /**
   * Where the endpoints ask for certificates, if that is not where all clients find them: `https://mtls.as.example`, with the same paths. It is
   * told as `mtls_endpoint_aliases` (§5). Default: there is one place for all.
   */
  readonly origin?: string | undefined
}

/** Refuses options that cannot work. */
export const requireMutualTls = (options: MutualTlsOptions | undefined): void => {
  if (options === undefined) return
  refuseUnknownOptions(options, ['certificate', 'origin'], 'mutualTls')
  const { certificate, origin } = options as Partial<MutualTlsOptions> // JavaScript callers
  if (typeof certificate !== 'function')
    throw new ConfigurationError('mutualTls.certificate must be a function that finds the certificate of a request.')
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).origin === origin))
    throw new ConfigurationError(`mutualTls.origin must be scheme, host and port alone, not "${origin}".`)
}
