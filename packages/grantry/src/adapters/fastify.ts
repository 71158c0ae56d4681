/** Grantry in Fastify. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigurationError } from '../core/errors.ts'
import { fromFrameworkRequest } from './framework-request.ts'
import type { Mounted } from './mounted.ts'
import { toNodeHandler } from './node.ts'
import { admit, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, tokenOf, type RequestGuard, type Verdict } from './request-guard.ts'
export type { Mounted } from './mounted.ts'

/** What is used of a request of Fastify. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage
  readonly originalUrl: string
  readonly body?: unknown
}

/** What is used of a reply. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse
  /** Leaves the answer to whoever calls it. */
  hijack(): unknown
  /** Sets headers of the answer. */
  headers(values: Record<string, string>): unknown
}

/** What is used of an instance. */
export interface FastifyLike {
  readonly prefix: string
  /** Adds a route. */
  route(options: {
    method: string[]
    url: string
    exposeHeadRoute: boolean
    onRequest(request: FastifyRequestLike, reply: FastifyReplyLike, done: () => void): void
    handler(): void
  }): unknown
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']

/**
 * A plugin with all endpoints of a server, or the metadata of a guard: `app.register(serve(server))`. They are answered before a body is parsed, so it does not matter
 * which parsers there are. Where they are is decided by the issuer of the server: a prefix is refused.
 */
export const serve =
  (server: Mounted) =>
  async (fastify: FastifyLike): Promise<void> => {
    if (fastify.prefix !== '')
      throw new ConfigurationError(
        `Register Grantry without the prefix "${fastify.prefix}": its paths come from the issuer, whose path may be the prefix.`,
      )
    const handle = toNodeHandler(server)
    for (const path of server.paths)
      fastify.route({
        ...{ method: methods, url: path.replace('*', ':segment'), exposeHeadRoute: false },
        onRequest: (request, reply, done) => {
          reply.hijack()
          handle(request.raw, reply.raw)
          done()
        },
        handler: () => undefined,
      })
  }

/**
 * A hook for `preHandler` that lets requests through whose token is good and has what the route needs; `tokenOf(guard, request)` gives it. For others
 * it throws a `RefusedRequestError`, whose status and challenge Fastify's own handler of errors sends.
 */
export const requireToken =
  <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs) =>
  async (request: FastifyRequestLike, reply: FastifyReplyLike): Promise<void> => {
    const { raw: message, originalUrl: url, body } = request
    const http = fromFrameworkRequest({ message, url, body, limit: undefined })
    reply.headers({ ...(await admit(guard, needs, { http, key: request })) })
  }
