/** Grantry in h3 2 and Nitro 3, on any runtime. */
import { defaultMaxBodyBytes } from '../core/read-request.ts'
import { fromWebRequest } from '../core/web-request.ts'
import { answerWeb, pathMatcher, type Mounted } from './mounted.ts'
import { admit, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, tokenOf, type RequestGuard, type Verdict } from './request-guard.ts'
export type { Mounted } from './mounted.ts'

/** What is used of an event of h3. */
export interface H3EventLike {
  readonly req: Request
  readonly res: { readonly headers: Headers }
}

/** A middleware of h3. */
export type H3Middleware = (event: H3EventLike, next: () => unknown) => unknown

/**
 * All endpoints of a server, or the metadata of a guard: `app.use(serve(server))`. Where they are is decided by the issuer of the server; what is not for them goes on to
 * the next handler.
 */
export const serve = (server: Mounted): H3Middleware => {
  const isAnswered = pathMatcher(server)
  return ({ req }, next) => (isAnswered(req.url) ? answerWeb(server, req) : next())
}

/**
 * Lets requests through whose token is good and has what the route needs; `tokenOf(guard, event)` gives it. For others a `RefusedRequestError` is
 * thrown, whose status and challenge h3 sends.
 */
export const requireToken =
  <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs): H3Middleware =>
  async (event, next) => {
    const headers = await admit(guard, needs, { http: fromWebRequest(event.req, defaultMaxBodyBytes), key: event })
    for (const [name, value] of Object.entries(headers)) event.res.headers.set(name, value)
    return next()
  }
