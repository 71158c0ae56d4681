import type { Awaitable } from '../core/awaitable.ts'
import type { OAuthError } from '../core/errors.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'

/** What checks the token of a request: what `protect` of `grantry/resource` gives, or a guard of your own. */
export interface RequestGuard<Token, Needs = unknown> {
  /** Gives the token, or the answer to send. */
  verify(request: HttpRequest, needs?: Needs): Awaitable<Verdict<Token>>
}

/** What checking a request gave. */
export type Verdict<Token> =
  | {
      readonly ok: true
      readonly token: Token
      /** Headers that the answer of the route needs. */
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly error: OAuthError; readonly response: HttpResponse }

/** Whoever handles an error sends a body of his own. */
const withoutType = (headers: HttpResponse['headers']): HttpResponse['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'Content-Type'))

/**
 * A request that was refused, as the errors of a framework are: with a status and headers, among them the challenge (RFC 6750 §3), which handlers of
 * errors keep that are the framework's own. `response` is the answer that Grantry would send.
 */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError'
  readonly status: number
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  /** Whether the message may be shown: it says what the client is told anyhow. */
  readonly expose: boolean
  readonly response: HttpResponse

  constructor({ error, response }: Extract<Verdict<unknown>, { ok: false }>) {
    super(error.message, { cause: error })
    this.status = this.statusCode = response.status
    this.headers = withoutType(response.headers)
    this.expose = response.status < 500
    this.response = response
  }

  /** The same for frameworks of the web standard. */
  getResponse(): Response {
    const { status, headers, body } = this.response
    return new Response(body === '' ? null : body, { status, headers: { ...headers } })
  }
}

const tokens = new WeakMap<object, Map<object, unknown>>()

/** Notes the token of a request, by the guard that checked it. */
const keep = (guard: object, request: object, token: unknown): void => {
  const known = tokens.get(request) ?? new Map<object, unknown>()
  tokens.set(request, known.set(guard, token))
}

/** Checks a request, keeps its token for `tokenOf`, and gives the headers that the answer needs. Throws a `RefusedRequestError`. */
export const admit = async <Token, Needs>(
  guard: RequestGuard<Token, Needs>,
  needs: Needs | undefined,
  { http, key }: { readonly http: HttpRequest; readonly key: object },
): Promise<Readonly<Record<string, string>>> => {
  const verdict = await guard.verify(http, needs)
  if (!verdict.ok) throw new RefusedRequestError(verdict)
  keep(guard, key, verdict.token)
  return verdict.headers ?? {}
}

/** The token of a request that a guard let through. Throws an `Error` where it has not checked the request. */
export const tokenOf = <Token>(guard: RequestGuard<Token, never>, request: object): Token => {
  const known = tokens.get(request)
  if (known?.has(guard) === true) return known.get(guard) as Token // kept for this guard
  throw new Error('tokenOf: this guard has not checked this request. Put requireToken(guard) before the handler.')
}
