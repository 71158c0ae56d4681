import { digestBase64url, toBase64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'

const pem = /-----BEGIN CERTIFICATE-----([\w+/=\s]+)-----END CERTIFICATE-----/
const hexDigest = /^(?:[0-9a-f]{2}:?){32}$/i

/** Bytes of base64; undefined for what is none. */
const decode = (base64: string): Uint8Array | undefined => {
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, '')), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

/**
 * The `x5t#S256` of a certificate (RFC 8705 §3.1): of the first one of a PEM text, of one in DER, or of one whose SHA-256 is given in hex.
 * Undefined for what is none.
 */
export const certificateThumbprint = (certificate: string | Uint8Array): Awaitable<string | undefined> => {
  if (typeof certificate !== 'string') return digestBase64url(certificate)
  if (hexDigest.test(certificate)) {
    const bytes = certificate.replaceAll(':', '').match(/../g) ?? []
    return toBase64url(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)))
  }
  const bytes = decode(pem.exec(certificate)?.[1] ?? '')
  return bytes?.length ? digestBase64url(bytes) : undefined
}
