import type { Reason } from './reasons.ts'

const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)/

/**
 * Why nothing may be sent to a redirect URI, or undefined where it may (RFC 9700 §2.6, RFC 8252 §7): https, http on the loopback
 * interface, and private-use schemes that are reversed domain names (`com.example.app:/cb`). No fragment, no credentials.
 */
export const redirectUriProblem = (uri: string): string | undefined => {
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes('\\')) return 'has characters that a URI may not have'
  if (uri.includes('#')) return 'has a fragment'
  if (!URL.canParse(uri)) return 'is not an absolute URI'
  const { protocol, username, password, hostname } = new URL(uri)
  if (username !== '' || password !== '' || /^[^/]*\/\/[^/?]*@/.test(uri)) return 'has credentials in it'
  if (protocol === 'https:') return undefined
  if (protocol === 'http:') {
    return loopback.test(uri) || hostname === 'localhost'
      ? undefined
      : 'must be https, or http on the loopback interface'
  }
  return /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(protocol)
    ? undefined
    : 'has a scheme that is neither https nor a reversed domain name'
}

/**
 * Whether `uri` is `registered`: equal as a string, but for the port on a loopback address, which native apps choose when they start
 * (RFC 8252 §7.3).
 */
const matches = (uri: string, registered: string): boolean => {
  if (uri === registered) return true
  const [host, registeredHost] = [loopback.exec(uri), loopback.exec(registered)]
  if (host === null || registeredHost === null || host[1] !== registeredHost[1]) return false
  return uri.slice(host[0].length) === registered.slice(registeredHost[0].length)
}

/** The redirect URI to use, or the reason why there is none. One that was not sent is implied only by a single registered one. */
export const resolveRedirectUri = (
  sent: string | undefined,
  registered: readonly string[],
): { readonly uri: string } | { readonly reason: Reason; readonly detail: string } => {
  const [only, ...others] = registered
  const uri = sent ?? (others.length === 0 ? only : undefined)
  if (uri === undefined) return { reason: 'redirect_uri_missing', detail: `${registered.length} are registered` }
  if (!registered.some((candidate) => matches(uri, candidate)))
    return { reason: 'redirect_uri_unregistered', detail: uri }
  const problem = redirectUriProblem(uri)
  return problem === undefined ? { uri } : { reason: 'redirect_uri_unsafe', detail: `${uri} ${problem}` }
}
