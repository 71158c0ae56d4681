import type { PageRequest } from './page-response.ts'

/** A cookie of this server. */
export interface Cookie {
  read(request: Pick<PageRequest, 'headers'>): string | undefined
  /** The `Set-Cookie` that gives it to the browser. */
  write(value: string): string
  /** The `Set-Cookie` that takes it away. */
  clear(): string
}

/** What differs of a cookie. */
export interface CookieOptions {
  /** What a value must look like to be read. Default: 43 characters of base64url. */
  readonly syntax?: RegExp
  /** Seconds for which the browser keeps it. Default: until it is closed. */
  readonly maxAge?: number
}

/**
 * A cookie that scripts, other hosts and, on https, plain http cannot touch: `__Host-`, Secure, HttpOnly, SameSite=Lax (RFC 6265bis).
 * On http, for localhost only, browsers take neither prefix nor Secure.
 */
export const makeCookie = (
  name: string,
  isSecure: boolean,
  { syntax = /^[\w-]{43}$/, maxAge }: CookieOptions = {},
): Cookie => {
  const fullName = isSecure ? `__Host-${name}` : name
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  const kept = maxAge === undefined ? '' : `Max-Age=${maxAge}; `
  return {
    read: (request) => {
      const cookies = (request.headers.get('cookie') ?? '').split(/[;,] */)
      const value = cookies.find((cookie) => cookie.startsWith(`${fullName}=`))?.slice(fullName.length + 1)
      return value !== undefined && syntax.test(value) ? value : undefined
    },
    write: (value) => `${fullName}=${value}; ${kept}${attributes}`,
    clear: () => `${fullName}=; Max-Age=0; ${attributes}`,
  }
}
