import { isBearerText } from '../core/bearer-syntax.ts'
import { ConfigurationError } from '../core/errors.ts'

const checked = (token: string): string => {
  if (isBearerText(token)) return token
  throw new ConfigurationError(
    'The token is not a bearer token: expected A-Z a-z 0-9 - . _ ~ + / and = at the end (RFC 6750 §2.1).',
  )
}

/** Headers with the token in `Authorization` (RFC 6750 §2.1), as clients should send it. The headers given are copied. */
export const prepareBearerHeaders = (
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Record<string, string> => ({ ...headers, Authorization: `Bearer ${checked(token)}` })

/** A form body with the token as `access_token` (RFC 6750 §2.2), for resources that say they take it. */
export const prepareBearerBody = (token: string, body = ''): string =>
  `${body}${body === '' ? '' : '&'}access_token=${encodeURIComponent(checked(token))}`

/** A URI with the token in its query (RFC 6750 §2.3). It ends up in logs and histories; OAuth 2.1 forbids it. */
export const prepareBearerUri = (token: string, uri: string): string => {
  const [address = '', fragment] = uri.split('#', 2)
  const separator = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&'
  const hash = fragment === undefined ? '' : `#${fragment}`
  return `${address}${separator}access_token=${encodeURIComponent(checked(token))}${hash}`
}
