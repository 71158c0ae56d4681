import type { HttpRequest } from './http.ts'
import { normalName } from './distinguished-name.ts'
import type { PublicJwk } from './signer.ts'

/** Kinds of names in a certificate, as clients register them with the prefix `tls_client_auth_` (RFC 8705 §2.1.2). */
export type CertificateNameType = 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'

/** A name in a certificate. */
export interface CertificateName {
  readonly type: CertificateNameType
  /** A subject as RFC 4514 writes it (`CN=app,O=Example,C=DE`); else as it is in the certificate. */
  readonly value: string
}

/** A certificate whose key the client has, as a TLS handshake showed. */
export interface ClientCertificate {
  /** The SHA-256 of it in DER, as base64url (`x5t#S256`). */
  readonly thumbprint: string
  /** Whether its chain was checked, up to a certificate authority that is trusted. */
  readonly isTrusted: boolean
  readonly names: readonly CertificateName[]
  /** Undefined for a key of a kind that JWKs do not have. */
  readonly publicKey: PublicJwk | undefined
}

/** Finds the certificate that the client of a request showed; undefined where it showed none. */
export type CertificateFinder = (request: Omit<HttpRequest, 'text'>) => ClientCertificate | undefined

const normalAddress = (address: string): string =>
  address.includes(':') && URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname : address

const normalise: Readonly<Record<CertificateNameType, (value: string) => string>> = {
  subject_dn: normalName,
  san_dns: (value) => value.toLowerCase(),
  san_uri: (value) => value,
  san_ip: normalAddress,
  san_email: (value) => value,
}

/** Whether a certificate has exactly this name, of this kind: no part of it, and no wildcard that could be it (RFC 8705 §7). */
export const hasName = ({ names }: ClientCertificate, { type, value }: CertificateName): boolean => {
  const wanted = normalise[type](value)
  return wanted !== '' && names.some((name) => name.type === type && normalise[type](name.value) === wanted)
}
