import { textOfParsed } from '../adapters/parsed-body.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'

const formType = 'application/x-www-form-urlencoded'

/** What a request of `OAuth2Server` is made of: a request of Express, or these members. Others are kept, such as a session. */
export interface RequestParts {
  readonly method?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly query: object
  readonly body?: unknown
}

/** A request, as handlers that were written for `oauth2-server` take it. */
export class Request {
  readonly method: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown

  constructor({ headers, method = 'GET', query, body, ...others }: RequestParts) {
    Object.assign(this, others)
    const sent = Object.entries(headers).filter(([, value]) => value !== undefined)
    this.headers = Object.fromEntries(sent.map(([name, value]) => [name.toLowerCase(), String(value)]))
    this.method = method
    this.query = { ...query }
    this.body = typeof body === 'object' ? { ...body } : {}
  }

  /** A header, however its name is written. */
  get(name: string): string | undefined {
    return this.headers[name.toLowerCase()]
  }
}

/** An answer, as such handlers read it. */
export class Response {
  status = 200
  body: unknown = {}
  /** Names in lower case. */
  headers: Record<string, string> = {}

  /** What it is made of makes no difference: it begins empty. */
  constructor(_response?: object) {} // eslint-disable-line @typescript-eslint/no-useless-constructor -- programs hand it the answer of a framework

  /** A header, however its name is written. */
  get(name: string): string | undefined {
    return this.headers[name.toLowerCase()]
  }

  /** Sets a header. */
  set(name: string, value: string): void {
    this.headers[name.toLowerCase()] = value
  }
}

/** A refusal, as such handlers catch it: the name is that of the error, the code the status of HTTP. */
export class OAuthError extends Error {
  override readonly name: string
  readonly code: number
  readonly status: number
  readonly statusCode: number

  constructor(name: string, code: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = name
    this.code = this.status = this.statusCode = code
  }
}

/** A request at an endpoint, with parameters as a parser left them. */
export const toHttp = (request: Request, { query = '', form = request.body } = {}): HttpRequest => ({
  method: request.method,
  url: `/${query}`,
  headers: { get: (name) => request.get(name) },
  text: async () => textOfParsed(form, formType),
})

/** An authorization request: what came in its query and in its form, as one form. */
export const toAuthorization = (request: Request): HttpRequest => ({
  ...toHttp(request, { form: { ...request.query, ...request.body } }),
  method: 'POST',
  headers: { get: (name) => (/^content-type$/i.test(name) ? formType : request.get(name)) },
})

/** Fills in an answer. */
export const fill = (response: Response, { status, headers, body }: HttpResponse): void => {
  response.status = status
  for (const [name, value] of Object.entries(headers)) response.set(name, value)
  if (body !== '') response.body = JSON.parse(body)
}

/** The refusal that an answer carries, in its body or in its redirect. */
export const refusalOf = ({ status, headers, body }: HttpResponse): OAuthError => {
  const query = new URLSearchParams(headers['Location']?.split('?')[1])
  const sent = (body === '' ? Object.fromEntries(query) : JSON.parse(body)) as Readonly<Record<string, string>> // an error response
  return new OAuthError(sent['error'] ?? 'server_error', status < 400 ? 400 : status, sent['error_description'] ?? '')
}
