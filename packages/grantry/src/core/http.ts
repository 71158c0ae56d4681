import type { Awaitable } from './awaitable.ts'
import type { ClientCertificate } from './client-certificate.ts'

/** Headers as the web has them. */
export interface HttpHeaders {
  /** The value of a header, however its name is written; those sent more than once are joined by commas. */
  get(name: string): string | null | undefined
}

/** The other end of the connection of a request. */
export interface Peer {
  /** Its IP address: that of the client, or of a proxy before the server. */
  readonly address: string | undefined
  /** The certificate that it showed; undefined for none, and without TLS. */
  readonly certificate: () => ClientCertificate | undefined
}

/** What an endpoint reads of a request: a subset of the web `Request`, so that one can be passed as it is. */
export interface HttpRequest {
  readonly method: string
  /** Absolute, or from the path on. */
  readonly url: string
  readonly headers: HttpHeaders
  /** The body as text; called at most once. */
  text(): Promise<string>
  /** Who sent it, where the runtime tells; `grantry/node` does. */
  readonly peer?: (() => Peer) | undefined
}

/** What an endpoint answers. Header names are written as in the specifications, each once. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Anything that answers a request. */
export type HttpHandler = (request: HttpRequest) => Awaitable<HttpResponse>

const uncached = { 'Cache-Control': 'no-store', Pragma: 'no-cache', 'X-Content-Type-Options': 'nosniff' }
const uncachedJson = { 'Content-Type': 'application/json', ...uncached }

/** A JSON answer that no cache may keep (RFC 6749 §5.1). */
export const json = (status: number, body: object, headers?: Readonly<Record<string, string>>): HttpResponse => ({
  status,
  headers: headers === undefined ? uncachedJson : { ...uncachedJson, ...headers },
  body: JSON.stringify(body),
})

/** An empty answer that no cache may keep. */
export const empty = (status: number, headers?: Readonly<Record<string, string>>): HttpResponse => ({
  status,
  headers: { ...uncached, ...headers },
  body: '',
})

/** A JSON document that is public and may be cached for `maxAge` seconds. */
export const publicJson = (body: object, maxAge: number, contentType = 'application/json'): HttpResponse => ({
  status: 200,
  headers: {
    'Content-Type': contentType,
    'Cache-Control': `public, max-age=${maxAge}`,
    'Access-Control-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
  },
  body: JSON.stringify(body),
})

/** Sends a browser on. 303, so that a POST with credentials is never repeated at the target (RFC 9700 §4.12). */
export const seeOther = (location: string): HttpResponse => ({
  status: 303,
  headers: { ...uncached, Location: location, 'Referrer-Policy': 'no-referrer' },
  body: '',
})

/** The path of a URL as it was sent, neither decoded nor normalised, so that only exact paths match. */
export const pathOf = (url: string): string => {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
  const path = start < 0 ? '/' : url.slice(start)
  const end = path.search(/[?#]/)
  return end < 0 ? path : path.slice(0, end)
}
