import { Buffer } from 'node:buffer'
import { createHash, X509Certificate } from 'node:crypto'
import { BlockList, isIP, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { CertificateFinder, ClientCertificate } from '../core/client-certificate.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { Peer } from '../core/http.ts'
import { publicHalf } from '../core/jwk.ts'
import type { PublicJwk } from '../core/signer.ts'
import { namesOf } from './node-certificate-names.ts'

const keyOf = (certificate: X509Certificate): PublicJwk | undefined => {
  try {
    return publicHalf(certificate.publicKey.export({ format: 'jwk' }))
  } catch {
    return undefined // of a kind that JWKs do not have
  }
}

const describe = (certificate: X509Certificate, isTrusted: boolean): ClientCertificate => ({
  thumbprint: createHash('sha256').update(certificate.raw).digest('base64url'),
  isTrusted,
  names: namesOf(certificate),
  publicKey: keyOf(certificate),
})

/** Reads a certificate in PEM or DER, for a `CertificateFinder` of your own; undefined for what is none. */
export const readCertificate = (
  certificate: string | Uint8Array,
  { isTrusted }: Pick<ClientCertificate, 'isTrusted'>,
): ClientCertificate | undefined => {
  try {
    return describe(new X509Certificate(certificate), isTrusted)
  } catch {
    return undefined
  }
}

/** The other end of a connection. */
export const peerOf = (socket: Socket): Peer => ({
  address: socket.remoteAddress,
  certificate: () => {
    if (!(socket instanceof TLSSocket)) return undefined
    const certificate = socket.getPeerX509Certificate()
    return certificate && describe(certificate, socket.authorized)
  },
})

/**
 * Finds the certificate of a TLS connection that ends here: `createServer({ requestCert: true, rejectUnauthorized: false, ca, … })` of
 * `node:https`. Its chain is checked by `ca`.
 */
export const socketCertificate: CertificateFinder = ({ peer }) => peer?.().certificate()

/** How a proxy that ends TLS tells the certificate of the client. */
export interface HeaderCertificateOptions {
  /** The header: `Client-Cert` (RFC 9440), or one with PEM that is encoded as in URLs (`$ssl_client_escaped_cert` of nginx). */
  readonly header: string
  /** Addresses and ranges (`10.0.0.0/8`) of the proxies. Over all other connections the header means nothing. */
  readonly proxies: readonly string[]
  /**
   * Who checked the chain. `always`: the proxy lets no other certificate through. A header: it says `SUCCESS` there (`$ssl_client_verify` of
   * nginx). Default: nobody, which is enough for self-signed certificates and to bind tokens.
   */
  readonly verification?: 'always' | { readonly header: string } | undefined
}

const listOf = (proxies: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/', 2)
    const version = isIP(address)
    const prefix = Number(bits ?? (version === 4 ? 32 : 128))
    if (version === 0 || !Number.isInteger(prefix) || prefix < 1 || prefix > (version === 4 ? 32 : 128))
      throw new ConfigurationError(`headerCertificate: proxies takes addresses and ranges, got "${proxy}".`)
    list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

const isIn = (list: BlockList, address = ''): boolean => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '') // IPv4 that came over an IPv6 socket
  return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6')
}

const longest = 16_384
const onePem = /^-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----\s*$/

const decode = (value: string): string | Uint8Array | undefined => {
  if (value.length > longest) return undefined
  const [, bytes] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value) ?? [] // RFC 8941 §3.3.5
  if (bytes !== undefined) return Buffer.from(bytes, 'base64')
  try {
    const pem = decodeURIComponent(value)
    return onePem.test(pem) ? pem : undefined
  } catch {
    return undefined
  }
}

/** Finds the certificate that a proxy tells in a header. The proxy must overwrite that header in every request. */
export const headerCertificate = ({ header, proxies, verification }: HeaderCertificateOptions): CertificateFinder => {
  if (proxies.length === 0)
    throw new ConfigurationError('headerCertificate: proxies is empty, so that nobody could tell a certificate.')
  const list = listOf(proxies)
  return ({ headers, peer }) => {
    const value = headers.get(header)
    const certificate = value && isIn(list, peer?.().address) ? decode(value) : undefined
    const isChecked = typeof verification === 'object' ? headers.get(verification.header) === 'SUCCESS' : true
    const isTrusted = verification !== undefined && isChecked
    return certificate === undefined ? undefined : readCertificate(certificate, { isTrusted })
  }
}
