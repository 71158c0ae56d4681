/** Grantry in NestJS, over Express and over Fastify. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpException, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { fromFrameworkRequest } from './framework-request.ts'
import { admit, RefusedRequestError, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, tokenOf, type RequestGuard, type Verdict } from './request-guard.ts'
export { serve } from './express.ts'

/** A request of Express, or one of Fastify, which has that of Node inside. */
interface NestRequest extends IncomingMessage {
  readonly raw?: IncomingMessage
  readonly originalUrl: string
  readonly body?: unknown
}

/** The answer of Express, or that of Fastify. */
type NestResponse =
  ServerResponse | { readonly raw: ServerResponse; headers(values: Readonly<Record<string, string>>): unknown }

const setHeaders = (response: NestResponse, headers: Readonly<Record<string, string>>): void => {
  if ('raw' in response) return void response.headers(headers)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

const toException = ({ response: { body }, status, message, cause }: RefusedRequestError): HttpException =>
  new HttpException(body === '' ? message : (JSON.parse(body) as object), status, { cause })

/**
 * A guard for `@UseGuards` that lets requests through whose token is good and has what the route needs; `tokenOf(guard, request)` gives it. For
 * others it throws an `HttpException`, and sets the headers of the challenge.
 */
export const requireToken = <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs): CanActivate => ({
  canActivate: async (context: ExecutionContext) => {
    const http = context.switchToHttp()
    const request = http.getRequest<NestRequest>()
    const { originalUrl: url, body, raw: message = request } = request
    try {
      const sent = fromFrameworkRequest({ message, url, body, limit: undefined })
      setHeaders(http.getResponse<NestResponse>(), await admit(guard, needs, { http: sent, key: request }))
      return true
    } catch (thrown) {
      if (!(thrown instanceof RefusedRequestError)) throw thrown
      setHeaders(http.getResponse<NestResponse>(), thrown.headers)
      throw toException(thrown)
    }
  },
})
