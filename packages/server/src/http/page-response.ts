import type { HttpResponse } from 'grantry'
import { errorPage } from '../pages/error.ts'

/** A request as pages read it. */
export interface PageRequest {
  readonly method: string
  /** From the path on. */
  readonly url: string
  readonly headers: { get(name: string): string | null | undefined }
  text(): Promise<string>
  /** Whom the request is from: the peer of the connection, or whom a trusted proxy names. */
  readonly address: string
}

/** An answer that may give the browser more than one cookie. */
export interface PageResponse extends HttpResponse {
  /** Each as a `Set-Cookie`. There is none in the headers then. */
  readonly cookies?: readonly string[]
}

/** Answers a request with a page, a redirect or an error page. */
export type PageHandler = (request: PageRequest) => PageResponse | Promise<PageResponse>

const secured = {
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/** What a page may do beside showing itself. */
export interface PageOptions {
  /** Where its forms may lead, beside here. */
  readonly formTarget?: string | undefined
  /** Origins that it has frames of. */
  readonly frameSources?: readonly string[] | undefined
  readonly cookie?: string | undefined
}

/** Browsers apply `form-action` to the redirect that answers a form as well, so the origin of the redirect is in it. */
const policy = ({ formTarget, frameSources = [] }: PageOptions): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    ...(frameSources.length > 0 ? [`frame-src ${frameSources.join(' ')}`] : []),
    `form-action 'self'${formTarget === undefined ? '' : ` ${formTarget}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')

/** A redirect URI as a source of `form-action` (CSP Level 3 §2.3.1). IPv6 addresses cannot be written there, only their scheme. */
export const formTargetOf = (redirectUri: string): string => {
  const { protocol, host } = new URL(redirectUri)
  const isPlainHost = /^[a-z0-9.-]+(?::\d+)?$/.test(host)
  return (protocol === 'https:' || protocol === 'http:') && isPlainHost ? `${protocol}//${host}` : protocol
}

/** A page with the headers that every page has. */
export const page = (status: number, body: string, options: PageOptions = {}): HttpResponse => ({
  status,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy(options),
    ...secured,
    ...(options.cookie !== undefined && { 'Set-Cookie': options.cookie }),
  },
  body,
})

/** Sends a browser on (303, so that a form is never posted again). */
export const seeOther = (location: string, ...cookies: readonly string[]): PageResponse => ({
  status: 303,
  headers: { Location: location, ...secured },
  body: '',
  cookies,
})

/** The same answer, which says when to try again. */
export const retryLater = (answer: HttpResponse, seconds: number): HttpResponse => ({
  ...answer,
  headers: { ...answer.headers, 'Retry-After': String(seconds) },
})

const titles: Readonly<Record<number, string>> = {
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not possible',
  413: 'Too large',
  429: 'Too many attempts',
  500: 'Something went wrong',
  503: 'Try again in a moment',
}

/** An error page. */
export const problem = (
  status: number,
  message: string,
  options: { readonly path: string; readonly code?: string | undefined },
): HttpResponse => page(status, errorPage({ title: titles[status] ?? 'This did not work', message, ...options }))

/** The answer of an endpoint for a browser: a refusal in JSON becomes a page. */
export const asPage = (response: HttpResponse, path: string): HttpResponse => {
  if (response.status < 400) return response
  const { error, error_description: description } = JSON.parse(response.body) as {
    error?: string
    error_description?: string
  } // RFC 6749 §5.2
  const refusal = problem(response.status, description ?? 'The request was refused.', { path, code: error })
  const { Allow, 'Retry-After': retry } = response.headers
  return {
    ...refusal,
    headers: { ...refusal.headers, ...(Allow && { Allow }), ...(retry && { 'Retry-After': retry }) },
  }
}
