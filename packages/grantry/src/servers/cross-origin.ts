import { answer, type AnswerContext } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import { empty, type HttpHandler, type HttpRequest, type HttpResponse } from '../core/http.ts'

/** Whether pages of an origin (`https://app.example`) may call the endpoints that clients call themselves. */
export type OriginJudge = (origin: string) => Awaitable<boolean>

const varies = { Vary: 'Origin' }
const methods = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, DPoP',
  'Access-Control-Max-Age': '600',
}

const isPreflight = ({ method, headers }: HttpRequest): boolean =>
  method === 'OPTIONS' && Boolean(headers.get('access-control-request-method'))

const respond = async (http: HttpRequest, handler: HttpHandler, isAllowed: OriginJudge): Promise<HttpResponse> => {
  const origin = http.headers.get('origin')
  const allowed = origin && (await isAllowed(origin)) ? { 'Access-Control-Allow-Origin': origin } : undefined
  if (isPreflight(http)) return empty(204, { ...varies, ...(allowed && { ...allowed, ...methods }) })
  const response = await handler(http)
  const readable = allowed && {
    ...allowed,
    'Access-Control-Expose-Headers': 'WWW-Authenticate, Retry-After, DPoP-Nonce',
  }
  return { ...response, headers: { ...varies, ...readable, ...response.headers } }
}

/**
 * Lets pages of other origins call all routes but the `closed` ones: the authorization endpoint, where browsers go and no script
 * (RFC 9700 §2.6), and introspection, which is for servers. A preflight names no client, so an origin is judged without one. Cookies are
 * never let through.
 */
export const allowOrigins = (
  routes: ReadonlyMap<string, HttpHandler>,
  closed: readonly string[],
  isAllowed: OriginJudge | undefined,
  context: AnswerContext,
): ReadonlyMap<string, HttpHandler> => {
  if (isAllowed === undefined) return routes
  const open = (handler: HttpHandler): HttpHandler => {
    return (http) => answer(context, 'cross_origin', () => respond(http, handler, isAllowed))
  }
  return new Map([...routes].map(([path, handler]) => [path, closed.includes(path) ? handler : open(handler)]))
}
