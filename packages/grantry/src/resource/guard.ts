import { errorResponse, toOAuthError } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import { OAuthError } from '../core/errors.ts'
import { empty, type HttpRequest, type HttpResponse } from '../core/http.ts'
import { defaultMaxBodyBytes, hasFormBody } from '../core/read-request.ts'
import { fromWebRequest, toWebResponse } from '../core/web-request.ts'
import {
  verifyRequest,
  type RequestChecks,
  type TokenRequirement,
  type VerifiedRequest,
} from '../tokens/verify-request.ts'
import type { FittingToken } from './fitting-token.ts'
import type { PublishedMetadata } from './resource-metadata.ts'
import type { VerifiedToken } from './verified-token.ts'

/** What a guard is made of. */
export interface GuardParts<TokenClaims> {
  readonly checks: RequestChecks<FittingToken<TokenClaims>>
  /** Of every request. */
  readonly scopes: readonly string[]
  readonly metadata: PublishedMetadata | undefined
}

/** Answers requests that were let through. */
export type GuardedHandler<TokenClaims> = (request: Request, token: VerifiedToken<TokenClaims>) => Awaitable<Response>

/** Makes copies of a request whose form is read here, so that it can be read again. Throws for a form that is over the limit. */
const copier = async (request: Request, readsBody: boolean): Promise<() => Request> => {
  if (!readsBody || request.body === null || !hasFormBody(request)) return () => request
  const body = await fromWebRequest(request, defaultMaxBodyBytes).text()
  return () => new Request(request, { body })
}

const withHeaders = (response: Response, headers: Readonly<Record<string, string>>): Response => {
  if (Object.keys(headers).length === 0) return response
  const copy = new Response(response.body, response) // headers of a response that came by fetch cannot be changed
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value)
  return copy
}

/** Lets requests through to one protected resource. `protect` makes it. */
export class ResourceGuard<TokenClaims = Claims, Http extends HttpRequest = HttpRequest> {
  /** Where the metadata document has to be (RFC 9728 §3.1); undefined without the option `metadata`. */
  readonly metadataUrl: string | undefined
  readonly #parts: GuardParts<TokenClaims>

  constructor(parts: GuardParts<TokenClaims>) {
    this.#parts = parts
    this.metadataUrl = parts.metadata?.url
  }

  /**
   * Checks that a request carries a live token for this resource, with all that is required. Never throws for what a client sends: the
   * result holds the token, or the answer to send: 400, 401 or 403 with its challenges, 503 where it cannot be told.
   */
  async verify(
    request: Http,
    requirement: TokenRequirement = {},
  ): Promise<VerifiedRequest<VerifiedToken<TokenClaims>>> {
    const { checks, scopes } = this.#parts
    const all = [...new Set([...scopes, ...(requirement.scopes ?? [])])]
    const result = await verifyRequest(request, { ...requirement, scopes: all }, checks)
    if (!result.ok) return result
    const { fitting: claims, ...token } = result.token
    return { ...result, token: { ...token, claims } }
  }

  /** The metadata document, where a request asks for it (RFC 9728 §3); undefined for every other request. */
  metadata(request: Pick<HttpRequest, 'method' | 'url'>): HttpResponse | undefined {
    return this.#parts.metadata?.respond(request)
  }

  /** The path of the metadata document, for adapters, which mount it with `handle`; none without the option `metadata`. */
  get paths(): readonly string[] {
    const { metadata } = this.#parts
    return metadata === undefined ? [] : [metadata.path]
  }

  /** Answers a request to one of `paths`; 404 elsewhere. */
  handle(request: Pick<HttpRequest, 'method' | 'url'>): HttpResponse {
    return this.metadata(request) ?? empty(404)
  }

  /** A `fetch` handler that answers for the metadata document and for what is refused, and leaves the rest to you. */
  handler(
    this: ResourceGuard<TokenClaims, Request>,
    handle: GuardedHandler<TokenClaims>,
    requirement?: TokenRequirement,
  ): (request: Request) => Promise<Response> {
    const readsBody = this.#parts.checks.rules.allowFormBodyToken === true
    return async (request) => {
      const document = this.metadata(request)
      if (document !== undefined) return toWebResponse(document, request.method)
      const copy = await copier(request, readsBody).catch(toOAuthError)
      if (copy instanceof OAuthError) return toWebResponse(errorResponse(copy), request.method)
      const result = await this.verify(copy(), requirement)
      if (!result.ok) return toWebResponse(result.response, request.method)
      return withHeaders(await handle(copy(), result.token), result.headers)
    }
  }
}
