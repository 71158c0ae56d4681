/** Grantry in h3 2 and Nitro 3, on any runtime. */
import { defaultMaxBodyBytes } from '../core/read-request.ts'
import { fromWebRequest } from '../core/web-request.ts'
import { answerWeb, pathMatcher, type Mounted } from './mounted.ts'
import { admit, RefusedRequestError, type RequestGuard } from './request-guard.ts'

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

/** A refused request as h3 knows its own errors, by their name: others it takes for failures, which it logs, and hides what they say. */
class HTTPError extends Error {
  override readonly name = 'HTTPError'
  readonly status: number
  readonly headers: Headers

  constructor(cause: RefusedRequestError) {
    super(cause.message, { cause })
    this.status = cause.status
    this.headers = new Headers({ ...cause.headers })
  }

  toJSON(): object {
    return { status: this.status, message: this.message }
  }
}

const setHeaders = ({ res }: H3EventLike, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) res.headers.set(name, value)
}

/**
 * Lets requests through whose token is good and has what the route needs; `tokenOf(guard, event)` gives it. For others an `HTTPError` is
 * thrown, whose status and challenge h3 and Nitro send, with the `RefusedRequestError` as its `cause`.
 */
export const requireToken =
  <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs): H3Middleware =>
  async (event, next) => {
    try {
      const http = fromWebRequest(event.req, defaultMaxBodyBytes)
      setHeaders(event, await admit(guard, needs, { http, key: event }))
    } catch (thrown) {
      if (!(thrown instanceof RefusedRequestError)) throw thrown
      setHeaders(event, thrown.headers) // Nitro sends those of the event, and not those of the error
      throw new HTTPError(thrown)
    }
    return next()
  }
