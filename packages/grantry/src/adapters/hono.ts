/** Grantry in Hono, on any runtime. */
import type { HttpRequest } from '../core/http.ts'
import { fromWebRequest, toWebResponse } from '../core/web-request.ts'
import { defaultMaxBodyBytes } from '../core/read-request.ts'
import { pathMatcher, type Mounted } from './mounted.ts'
import { textOfParsed } from './parsed-body.ts'
import { admit, type RequestGuard } from './request-guard.ts'

export { RefusedRequestError, tokenOf, type RequestGuard, type Verdict } from './request-guard.ts'
export type { Mounted } from './mounted.ts'

/** What is used of a context of Hono. */
export interface HonoContext {
  readonly req: {
    readonly raw: Request
    /** The body as text. */
    text(): Promise<string>
    /** The members of a form. */
    parseBody(options: { all: true }): Promise<object>
  }
  /** Sets a header of the answer. */
  header(name: string, value: string): void
}

/** A middleware of Hono. */
export type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<Response | void>

/** A body that was read before is kept by Hono as what it was read as. */
const keptText = async (request: HonoContext['req']): Promise<string> => {
  const type = request.raw.headers.get('content-type') ?? ''
  return /form/i.test(type) ? textOfParsed(await request.parseBody({ all: true }), type) : request.text()
}

const read = ({ req }: HonoContext, limit = defaultMaxBodyBytes): HttpRequest => {
  const plain = fromWebRequest(req.raw, limit)
  return { ...plain, text: () => (req.raw.bodyUsed ? keptText(req) : plain.text()) }
}

/**
 * All endpoints of a server, or the metadata of a guard: `app.use(serve(server))`. Where they are is decided by the issuer of the server; what is not for them goes on to
 * the next handler.
 */
export const serve = (server: Mounted): HonoMiddleware => {
  const isAnswered = pathMatcher(server)
  return async (context, next) => {
    const { url, method } = context.req.raw
    if (!isAnswered(url)) return next()
    return toWebResponse(await server.handle(read(context, server.maxBodyBytes)), method)
  }
}

/**
 * Lets requests through whose token is good and has what the route needs; `tokenOf(guard, context)` gives it. For others a `RefusedRequestError` is
 * thrown; Hono's own handler of errors sends its response.
 */
export const requireToken =
  <Token, Needs>(guard: RequestGuard<Token, Needs>, needs?: Needs): HonoMiddleware =>
  async (context, next) => {
    const headers = await admit(guard, needs, { http: read(context), key: context })
    for (const [name, value] of Object.entries(headers)) context.header(name, value)
    await next()
  }
