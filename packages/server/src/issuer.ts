import { StartError } from './errors.ts'

/** The issuer in its parts. */
export interface Issuer {
  /** As configured. */
  readonly url: string
  /** Scheme, host and port. */
  readonly origin: string
  /** The path before every endpoint, without a final slash. */
  readonly path: string
  /** Whether it is https, so that cookies can be bound to it. */
  readonly isSecure: boolean
  /** Whether only this machine can mean it. */
  readonly isLocal: boolean
}

const readIssuer = (text: string): Issuer | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLocal = url !== undefined && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  const isSecure = url?.protocol === 'https:'
  const isPlain = url !== undefined && !/[?#]/.test(text) && url.username === '' && url.password === ''
  if (!isPlain || !(isSecure || (url.protocol === 'http:' && isLocal))) return undefined
  return { url: text, origin: url.origin, path: url.pathname.replace(/\/$/, ''), isSecure, isLocal }
}

/** Why an issuer cannot work (RFC 8414 §2); undefined for one that can. */
export const issuerProblem = (text: string): string | undefined => {
  const rule = 'an https URL, or an http URL on localhost, without query, fragment and credentials'
  return readIssuer(text) === undefined ? `must be ${rule}, not "${text}"` : undefined
}

/** Reads an issuer (RFC 8414 §2). Throws a `StartError` for one that cannot work. */
export const parseIssuer = (text: string): Issuer => {
  const issuer = readIssuer(text)
  if (issuer !== undefined) return issuer
  throw new StartError(`issuer ${issuerProblem(text) ?? ''}.`, 2)
}
