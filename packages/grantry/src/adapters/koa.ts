/** Grantry in Koa. */
import type { IncomingMessage } from 'node:http'
import type { HttpResponse } from '../core/http.ts'
import { fromFrameworkRequest } from './framework-request.ts'
import { pathMatcher, type Mounted } from './mounted.ts'
import { admit, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, tokenOf, type RequestGuard, type Verdict } from './request-guard.ts'
export type { Mounted } from './mounted.ts'

/** What is used of a context of Koa. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly originalUrl: string
  readonly request: { readonly body?: unknown }
  status: number
  body: unknown
  /** Sets headers of the answer. */
  set(headers: Record<string, string>): void
  /** Takes a header of the answer away. */
  remove(header: string): void
}

/** A middleware of Koa. */
export type KoaMiddleware = (context: KoaContext, next: () => Promise<unknown>) => Promise<void>

const read = ({ req, originalUrl, request }: KoaContext, limit?: number) =>
  fromFrameworkRequest({ message: req, url: originalUrl, body: request.body, limit })

const send = (context: KoaContext, { status, headers, body }: HttpResponse): void => {
  context.body = body // which sets a status and a type
  context.status = status
  if (headers['Content-Type'] === undefined) context.remove('Content-Type')
  context.set({ ...headers })
}

/**
 * All endpoints of a server, or the metadata of a guard: `app.use(serve(server))`, before or after a body parser. Where they are is decided by the issuer of the server; what is
 * not for them goes on to the next middleware.
 */
export const serve = (server: Mounted): KoaMiddleware => {
  const isAnswered = pathMatcher(server)
  return async (context, next) => {
    if (!isAnswered(context.originalUrl)) await next()
    else send(context, await server.handle(read(context, server.maxBodyBytes)))
  }
}

/**
 * Lets requests through whose token is good and has what the route needs; `tokenOf(guard, context)` gives it. For others a `RefusedRequestError` is
 * thrown, whose status and challenge Koa sends.
 */
export const requireToken =
  <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs): KoaMiddleware =>
  async (context, next) => {
    context.set({ ...(await admit(guard, needs, { http: read(context), key: context })) })
    await next()
  }
