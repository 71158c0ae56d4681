/** Grantry in route handlers of Next.js (App Router), on its Node and its edge runtime. */
import { defaultMaxBodyBytes } from '../core/read-request.ts'
import { fromWebRequest } from '../core/web-request.ts'
import { answerWeb, type Mounted } from './mounted.ts'
import { admit, RefusedRequestError, tokenOf, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, type RequestGuard, type Verdict } from './request-guard.ts'
export type { Mounted } from './mounted.ts'

/** A route handler. What Next.js hands it beside the request, such as the parameters of the path, is passed on. */
export type RouteHandler<Rest extends readonly unknown[] = []> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>

/** A route handler behind a guard, with the token after the request. */
export type GuardedRouteHandler<Token, Rest extends readonly unknown[] = []> = (
  request: Request,
  token: Token,
  ...rest: Rest
) => Response | Promise<Response>

/** Handlers by method, as `route.ts` exports them. */
export type RouteHandlers = Readonly<Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS', RouteHandler>>

/**
 * All endpoints of a server, for `app/[...path]/route.ts` below the path of its issuer, and for `app/.well-known/[...path]/route.ts`; or the
 * metadata of a guard, for the latter:
 *
 *     export const { GET, HEAD, POST, PUT, DELETE, OPTIONS } = serve(server)
 */
export const serve = (server: Mounted): RouteHandlers => {
  const handler: RouteHandler = (request) => answerWeb(server, request) // without the parameters of the route
  return { GET: handler, HEAD: handler, POST: handler, PUT: handler, DELETE: handler, OPTIONS: handler }
}

const withHeaders = (response: Response, headers: Readonly<Record<string, string>>): Response => {
  const copy = new Response(response.body, response) // headers of a response that came by fetch cannot be changed
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value)
  return copy
}

/** Answers requests whose token is good and has what the route needs, and refuses others: `export const GET = requireToken(…)`. */
export const requireToken =
  <Token, Needs, Rest extends readonly unknown[] = []>(
    guard: RequestGuard<Token, Needs>,
    needs: Needs,
    handler: GuardedRouteHandler<Token, Rest>,
  ): RouteHandler<Rest> =>
  async (request, ...rest) => {
    try {
      const http = fromWebRequest(request, defaultMaxBodyBytes)
      const headers = await admit(guard, needs, { http, key: request })
      return withHeaders(await handler(request, tokenOf(guard, request), ...rest), headers)
    } catch (thrown) {
      if (thrown instanceof RefusedRequestError) return thrown.getResponse()
      throw thrown
    }
  }
