import { ConfigurationError } from './errors.ts'

const isLoopbackHost = (hostname: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)

/** Whether a URL is https, or http to this machine. */
export const isSecureUrl = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))

/**
 * The path of an issuer without a final slash. Throws `ConfigurationError` for what is none (RFC 8414 §2): it is https, or http where
 * `mayBeHttp` says so, without query and fragment.
 */
export const issuerPath = (issuer: string | undefined, mayBeHttp: (url: URL) => boolean = isSecureUrl): string => {
  if (issuer === undefined) return ''
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const isSecure = url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBeHttp(url))
  if (url === undefined || !isSecure || /[?#]/.test(issuer) || url.username !== '') {
    throw new ConfigurationError(
      `issuer must be an https URL (http only on localhost) without query, fragment and credentials, not "${issuer}".`,
    )
  }
  return url.pathname.replace(/\/$/, '')
}
