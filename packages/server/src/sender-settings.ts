import { StartError } from './errors.ts'

/** How clients are known, and tokens bound to them, beside secrets. */
export interface SenderSettings {
  /**
   * DPoP (RFC 9449). `on`: a client that sends proofs gets tokens that are bound to its key; `nonce`: each proof needs a nonce of the server as
   * well; `off`: proofs are not looked at. Clients that send none get bearer tokens in any case. Default: `on`.
   */
  readonly dpop?: 'off' | 'on' | 'nonce' | undefined
  /**
   * The header in which `trustedProxies` tell the certificate of the client (RFC 8705): `Client-Cert` (RFC 9440), or one with PEM encoded as in
   * URLs. They must overwrite it in every request. Default: none, and certificates are not looked at.
   */
  readonly clientCertificateHeader?: string | undefined
  /**
   * Who checked the chain of that certificate: `always` the proxy, or the name of a header in which it says `SUCCESS`. Default: nobody, so that
   * clients cannot authenticate by `tls_client_auth`.
   */
  readonly clientCertificateVerification?: string | undefined
  /** Scheme, host and port where the proxy asks for certificates (`mtls_endpoint_aliases`). Default: where all clients find the server. */
  readonly mtlsOrigin?: string | undefined
}

/** The settings with their defaults. */
export interface ResolvedSender {
  readonly dpop: 'off' | 'on' | 'nonce'
  /** Undefined where certificates are not looked at. */
  readonly clientCertificates:
    | {
        readonly header: string
        readonly verification: 'always' | { readonly header: string } | undefined
        readonly origin: string | undefined
      }
    | undefined
}

const requireHeader = (flag: string, name: string): string => {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return name
  throw new StartError(`${flag} must be the name of a header, not "${name}".`, 2)
}

const requireOrigin = (origin: string): string => {
  if (URL.canParse(origin) && new URL(origin).origin === origin && origin.startsWith('https:')) return origin
  throw new StartError(`--mtls-origin must be https, host and port alone, not "${origin}".`, 2)
}

const certificatesOf = (
  options: SenderSettings & { readonly trustedProxies?: readonly string[] | undefined },
): ResolvedSender['clientCertificates'] => {
  const {
    clientCertificateHeader: header,
    clientCertificateVerification: verification,
    mtlsOrigin,
    trustedProxies = [],
  } = options
  if (header === undefined) {
    if (verification === undefined && mtlsOrigin === undefined) return undefined
    throw new StartError('--client-certificate-verification and --mtls-origin need --client-certificate-header.', 2)
  }
  if (trustedProxies.length === 0)
    throw new StartError(
      '--client-certificate-header needs --trusted-proxy: from nobody else the header would count.',
      2,
    )
  const checked = '--client-certificate-verification'
  return {
    header: requireHeader('--client-certificate-header', header),
    verification:
      verification === undefined || verification === 'always'
        ? verification
        : { header: requireHeader(checked, verification) },
    origin: mtlsOrigin === undefined ? undefined : requireOrigin(mtlsOrigin),
  }
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveSender = (
  options: SenderSettings & { readonly trustedProxies?: readonly string[] | undefined },
): ResolvedSender => ({ dpop: options.dpop ?? 'on', clientCertificates: certificatesOf(options) })
