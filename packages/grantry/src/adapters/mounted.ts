import { pathOf, type HttpHandler } from '../core/http.ts'
import { defaultMaxBodyBytes, type RequestLimits } from '../core/read-request.ts'
import { fromWebRequest, toWebResponse } from '../core/web-request.ts'

/** What adapters mount: every `AuthorizationServer`, and the metadata document of a guard. */
export interface Mounted extends RequestLimits {
  /** Where it has endpoints; `*` stands for one segment. */
  readonly paths: readonly string[]
  handle: HttpHandler
}

/** Tells whether a server has an endpoint at a URL, so that a framework goes on to its other routes where it has none. */
export const pathMatcher = ({ paths }: Pick<Mounted, 'paths'>): ((url: string) => boolean) => {
  const known = new Set(paths)
  return (url) => {
    const path = pathOf(url)
    return known.has(path) || known.has(`${path.slice(0, path.lastIndexOf('/'))}/*`)
  }
}

/** Answers a web request. */
export const answerWeb = async (server: Mounted, request: Request): Promise<Response> => {
  const http = fromWebRequest(request, server.maxBodyBytes ?? defaultMaxBodyBytes)
  return toWebResponse(await server.handle(http), request.method)
}
