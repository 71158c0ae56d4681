import type { BearerToken } from 'grantry'
import { OAuthError, type HttpRequest, type HttpResponse } from 'grantry'
import { PasswordPoolBusyError } from '../accounts/password-pool.ts'
import { adminScopes } from '../admin-scopes.ts'
import type { Admin } from '../admin/admin.ts'
import type { Actor } from '../admin/parts.ts'
import { AdminRefusal } from '../admin/refusal.ts'
import type { Log } from '../log.ts'
import { pathOf as urlPath } from '../http/form.ts'
import { noteClient } from '../telemetry/request-scope.ts'
import { auditOperations } from './audit-operations.ts'
import { clientOperations } from './client-operations.ts'
import { grantOperations } from './grant-operations.ts'
import { keyOperations } from './key-operations.ts'
import { openApi, type DescribedServer } from './openapi.ts'
import { methodOf, pathOf, type Answer, type Operation } from './operation.ts'
import { jsonAnswer, problemAnswer, problemOf, type Problem } from './problem.ts'
import { readCall, RefusedCall } from './read-call.ts'
import { userOperations } from './user-operations.ts'

/** Every operation of the API. */
export const operations: readonly Operation[] = [
  ...clientOperations,
  ...userOperations,
  ...grantOperations,
  ...keyOperations,
  ...auditOperations,
]

/** What the API works with. */
export interface AdminApiParts extends DescribedServer {
  /** The operations for who does them. */
  readonly adminFor: (actor: Actor) => Admin
  /** Checks access tokens that are for the API, revocation included. */
  readonly bearer: Pick<BearerToken, 'validateRequest'>
  readonly log: Log
}

interface Route {
  readonly path: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly methods: Readonly<Record<string, Operation>>
}

const makeRoutes = (): readonly Route[] =>
  [...new Set(operations.map(pathOf))].map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
    names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    methods: Object.fromEntries(
      operations.filter((each) => pathOf(each) === path).map((each) => [methodOf(each), each]),
    ),
  }))

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // no URL that anything has
  }
}

const notFound = problemAnswer({
  ...{ status: 404, word: 'not_found', title: 'There is no such thing.' },
  detail: 'There is no operation at this path. /openapi.json describes all of them.',
})

/** Deletes are done where there is nothing left to delete: who asks again gets the same answer. */
const isDone = ({ route, answer }: Operation, refusal: AdminRefusal): boolean =>
  route.startsWith('DELETE ') && answer.status === 204 && refusal.code === 'not_found'

/** The admin API: JSON over HTTP for clients that were made for it. */
export class AdminApi {
  readonly #parts: AdminApiParts
  readonly #routes: readonly Route[]
  readonly #description: HttpResponse

  constructor(parts: AdminApiParts) {
    this.#parts = parts
    this.#routes = makeRoutes()
    this.#description = jsonAnswer(200, openApi(operations, parts))
  }

  /** The template of the path of a URL; undefined where nothing is there. */
  routeOf(url: string): string | undefined {
    const path = urlPath(url)
    return path === '/openapi.json' ? path : this.#routes.find(({ pattern }) => pattern.test(path))?.path
  }

  /** Answers a request below `/v1`, and for the description. */
  async handle(http: HttpRequest): Promise<HttpResponse> {
    if (urlPath(http.url) === '/openapi.json') return this.#description
    const found = this.#find(http)
    if ('status' in found) return found
    return this.#answer(http, found.operation, found.path).catch((thrown: unknown) => this.#refuse(thrown))
  }

  #find({ url, method }: HttpRequest): HttpResponse | { operation: Operation; path: Readonly<Record<string, string>> } {
    for (const { pattern, names, methods } of this.#routes) {
      const values = pattern.exec(urlPath(url))?.slice(1).map(decode)
      if (values === undefined) continue
      const operation = Object.hasOwn(methods, method) ? methods[method] : undefined
      if (operation === undefined) return wrongMethod(Object.keys(methods))
      if (values.includes(undefined)) return notFound
      return { operation, path: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) }
    }
    return notFound
  }

  async #answer(http: HttpRequest, operation: Operation, path: Readonly<Record<string, string>>) {
    const clientId = await this.#authorize(http, operation)
    const { status } = operation.answer
    const call = await readCall(http, operation, path)
    const admin = this.#parts.adminFor({ kind: 'admin', id: clientId })
    const { body, version, location } = await operation.run(admin, call).catch((thrown: unknown): Answer => {
      if (thrown instanceof AdminRefusal && isDone(operation, thrown)) return {}
      throw thrown
    })
    return jsonAnswer(status, status === 204 ? undefined : body, {
      ...(version !== undefined && { ETag: `"${version}"` }),
      ...(location !== undefined && { Location: location }),
    })
  }

  /** The client that asks. A token that a user is behind is not taken: who administers is a program of its own. */
  async #authorize(http: HttpRequest, { access }: Operation): Promise<string> {
    const checked = await this.#parts.bearer.validateRequest(http)
    if (!checked.ok)
      throw checked.error.status === 401 ? new RefusedCall(unauthorized(checked.response)) : checked.error
    const { token } = checked
    const isAllowed = [adminScopes[access], adminScopes.write].some((scope) => token.scopes.includes(scope))
    if (token.user !== undefined || !isAllowed) throw new RefusedCall(forbidden(adminScopes[access]))
    noteClient(token.clientId)
    return token.clientId
  }

  #refuse(thrown: unknown): HttpResponse {
    if (thrown instanceof RefusedCall) return problemAnswer(thrown.problem)
    if (thrown instanceof AdminRefusal) return problemAnswer(problemOf(thrown))
    if (thrown instanceof PasswordPoolBusyError) return problemAnswer(busy(thrown.retryAfter))
    const isOAuth = thrown instanceof OAuthError
    if (!isOAuth || thrown.status >= 500)
      this.#parts.log({ type: 'admin.failed', cause: isOAuth ? thrown.cause : thrown })
    return problemAnswer(isOAuth ? problemOfOAuth(thrown) : failed)
  }
}

const wrongMethod = (allowed: readonly string[]): HttpResponse =>
  problemAnswer({
    ...{ status: 405, word: 'method', title: 'The path takes other methods.' },
    detail: `Use ${allowed.join(' or ')}.`,
    headers: { Allow: allowed.join(', ') },
  })

const unauthorized = ({ status, headers }: HttpResponse): Problem => ({
  ...{ status, word: 'unauthorized', title: 'There is no good access token for this API.' },
  detail:
    'Send Authorization: Bearer and a token of a client that was made with --admin, asked for with resource=urn:grantry:admin.',
  headers: headers['WWW-Authenticate'] === undefined ? {} : { 'WWW-Authenticate': headers['WWW-Authenticate'] },
})

const forbidden = (scope: string): Problem => ({
  ...{ status: 403, word: 'forbidden', title: 'The access token has not the scope.' },
  detail: `This needs the scope ${scope}.`,
  headers: { 'WWW-Authenticate': `Bearer realm="admin", error="insufficient_scope", scope="${scope}"` }, // RFC 6750 §3.1
})

const busy = (seconds: number): Problem => ({
  ...{ status: 503, word: 'unavailable', title: 'Too many passwords wait.', detail: 'Try again in a moment.' },
  headers: { 'Retry-After': String(seconds) },
})

const failed: Problem = {
  ...{ status: 500, word: 'failed', title: 'Something failed that is not your fault.' },
  detail: 'The log of the server says what, under the X-Request-Id of this answer.',
}

const problemOfOAuth = ({ status, description, headers }: OAuthError): Problem => {
  const isAway = status === 503
  const detail = isAway ? 'The database does not answer. Try again in a moment.' : description
  return { ...{ status, word: isAway ? 'unavailable' : 'refused', title: 'The request is refused.', detail }, headers }
}
