import type { PageRequest } from './page-response.ts'

/** A cookie of this server. Its value is 43 characters of base64url. */
export interface Cookie {
  read(request: Pick<PageRequest, 'headers'>): string | undefined
  /** The `Set-Cookie` that gives it to the browser until it is closed. */
  write(value: string): string
  /** The `Set-Cookie` that takes it away. */
  clear(): string
}

/**
 * A cookie that scripts, other hosts and, on https, plain http cannot touch: `__Host-`, Secure, HttpOnly, SameSite=Lax (RFC 6265bis).
 * On http, for localhost only, browsers take neither prefix nor Secure.
 */
export const makeCookie = (name: string, isSecure: boolean): Cookie => {
  const fullName = isSecure ? `__Host-${name}` : name
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  return {
    read: (request) => {
      const cookies = (request.headers.get('cookie') ?? '').split(/[;,] */)
      const value = cookies.find((cookie) => cookie.startsWith(`${fullName}=`))?.slice(fullName.length + 1)
      return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
    },
    write: (value) => `${fullName}=${value}; ${attributes}`,
    clear: () => `${fullName}=; Max-Age=0; ${attributes}`,
  }
}
