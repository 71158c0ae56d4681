/** Grantry in Express 4 and 5, and in everything else whose middleware takes `(request, response, next)`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromFrameworkRequest } from './framework-request.ts'
import { pathMatcher, type Mounted } from './mounted.ts'
import { sendNodeResponse } from './node.ts'
import { admit, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, tokenOf, type RequestGuard, type Verdict } from './request-guard.ts'
export type { Mounted } from './mounted.ts'

/** What is used of a request of Express. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl?: string
  readonly body?: unknown
}

/** A middleware of Express. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

const read = (request: ExpressRequest, limit?: number) =>
  fromFrameworkRequest({ message: request, url: request.originalUrl ?? request.url ?? '/', body: request.body, limit })

/**
 * All endpoints of a server, or the metadata of a guard: `app.use(serve(server))`, before or after a body parser. Where they are is decided by the issuer of the server, not by
 * the path that it is mounted at; what is not for them goes on to the next route.
 */
export const serve = (server: Mounted): ExpressMiddleware => {
  const isAnswered = pathMatcher(server)
  return (request, response, next) => {
    const http = read(request, server.maxBodyBytes)
    if (!isAnswered(http.url)) next()
    else Promise.resolve(server.handle(http)).then((answer) => sendNodeResponse(answer, request, response), next)
  }
}

/**
 * Lets requests through whose token is good and has what the route needs; `tokenOf(guard, request)` gives it. Others go to the handler of errors as a
 * `RefusedRequestError`, whose status and challenge Express's own one sends.
 */
export const requireToken =
  <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs): ExpressMiddleware =>
  (request, response, next) => {
    admit(guard, needs, { http: read(request), key: request }).then((headers) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      next()
    }, next)
  }
