import type { HttpResponse } from 'grantry'
import type { Messages } from '../messages/messages.ts'
import { errorPage } from '../pages/error.ts'
import type { PageFrame } from '../pages/layout.ts'

/** A request as it comes in. */
export interface ReceivedRequest {
  readonly method: string
  /** From the path on. */
  readonly url: string
  readonly headers: { get(name: string): string | null | undefined }
  text(): Promise<string>
  /** Whom the request is from: the peer of the connection, or whom a trusted proxy names. */
  readonly address: string
}

/** A request as pages read it, with the texts for whoever sent it. */
export interface PageRequest extends ReceivedRequest {
  readonly messages: Messages
}

/** What is sent: text or the bytes of an image, and cookies where they are more than one. */
export type SentResponse = Omit<HttpResponse, 'body'> & {
  readonly body: string | Uint8Array
  /** Each as a `Set-Cookie`. There is none in the headers then. */
  readonly cookies?: readonly string[]
}

/** The same of a page, which is text. */
export interface PageResponse extends HttpResponse {
  readonly cookies?: readonly string[]
}

/** Answers a request with a page, a redirect or an error page. */
export type PageHandler = (request: PageRequest) => SentResponse | Promise<SentResponse>

/** Answers any request. */
export type RequestHandler = (request: ReceivedRequest) => SentResponse | Promise<SentResponse>

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
  /** The origin of an image that it shows, beside the logo of this server. */
  readonly imageSource?: string | undefined
  readonly cookie?: string | undefined
  /** Whether it has the script of this server. */
  readonly hasScript?: boolean | undefined
  /** Whether that script asks this server for what is new. */
  readonly isLive?: boolean | undefined
}

/** Browsers apply `form-action` to the redirect that answers a form as well, so the origin of the redirect is in it. */
const policy = ({ formTarget, frameSources = [], imageSource, hasScript, isLive }: PageOptions): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    ...(hasScript === true ? ["script-src 'self'"] : []),
    ...(isLive === true ? ["connect-src 'self'"] : []),
    `img-src 'self'${imageSource === undefined ? '' : ` ${imageSource}`}`,
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

/** An error page. */
export const problem = (
  status: number,
  message: string,
  options: PageFrame & { readonly code?: string | undefined; readonly detail?: string | undefined },
): HttpResponse => {
  const { errors } = options.messages
  return page(status, errorPage({ ...options, title: errors.titles[status] ?? errors.title, message }))
}

/** A refusal of the protocol in words for users, and what it says itself for those who made the client. */
export const refusal = (
  status: number,
  { code, description }: { readonly code?: string | undefined; readonly description?: string | undefined },
  frame: PageFrame,
): HttpResponse => {
  const { errors } = frame.messages
  const ofServer = status === 503 ? errors.busy : errors.failed
  const ofClient = status === 413 ? errors.tooLarge : status === 429 ? errors.tooMany : errors.ofClient
  return problem(status, status >= 500 ? ofServer : ofClient, { ...frame, code, detail: description })
}

/** The answer of an endpoint for a browser: a refusal in JSON becomes a page. */
export const asPage = (response: HttpResponse, frame: PageFrame): HttpResponse => {
  if (response.status < 400) return response
  const { error, error_description: description } = JSON.parse(response.body) as {
    error?: string
    error_description?: string
  } // RFC 6749 §5.2
  const shown = refusal(response.status, { code: error, description }, frame)
  const { Allow, 'Retry-After': retry } = response.headers
  return { ...shown, headers: { ...shown.headers, ...(Allow && { Allow }), ...(retry && { 'Retry-After': retry }) } }
}
