import { answer, type AnswerContext } from '../core/answer.ts'
import { MethodNotAllowedError } from '../core/errors.ts'
import { json, pathOf, type HttpHandler, type HttpRequest, type HttpResponse } from '../core/http.ts'

/**
 * Finds the handler of a request by its exact path, or by its path with `*` in place of the last segment, which must not be empty; 404 where
 * there is none.
 */
export const route = async (routes: ReadonlyMap<string, HttpHandler>, http: HttpRequest): Promise<HttpResponse> => {
  const path = pathOf(http.url)
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const handler = routes.get(path) ?? (folder === path ? undefined : routes.get(`${folder}*`))
  return handler === undefined
    ? json(404, { error: 'not_found', error_description: 'There is no endpoint at this path.' })
    : handler(http)
}

/** Lets only GET and HEAD through to a document. */
export const document =
  (context: AnswerContext, make: () => HttpResponse | Promise<HttpResponse>): HttpHandler =>
  (http) =>
    answer(context, 'metadata', async () => {
      if (http.method !== 'GET' && http.method !== 'HEAD') throw new MethodNotAllowedError('GET, HEAD')
      return make()
    })

/**
 * Where the metadata document is (RFC 8414 §3.1). For OpenID Connect also where clients look for it that know only that: the name after the
 * issuer (OpenID Connect Discovery §4), or before its path.
 */
export const wellKnownPaths = (base: string, isOpenId: boolean): readonly string[] => {
  const paths = [`/.well-known/oauth-authorization-server${base}`]
  if (isOpenId) paths.push(`${base}/.well-known/openid-configuration`, `/.well-known/openid-configuration${base}`)
  return [...new Set(paths)]
}
