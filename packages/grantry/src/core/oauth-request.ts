import type { Claims } from './claims.ts'
import type { HttpRequest } from './http.ts'
import type { Client, User } from './records.ts'

/** The endpoints of a server. */
export type EndpointName = 'authorization' | 'token' | 'introspection' | 'revocation' | 'resource' | 'metadata'

/**
 * A typed bag for values of your own during one request. Declare its members by interface merging:
 * `declare module 'grantry' { interface RequestState { tenant?: string } }`.
 */
export interface RequestState {
  [member: string]: unknown
}

/**
 * The context of one request, handed to every validator method.
 *
 * What the client sent (`parameters`, `headers`) is apart from what the server knows (`client`, `user`, `scopes`), so no
 * parameter can pose as state. Your code writes to `claims` and `state` only.
 */
export interface OAuthRequest {
  readonly endpoint: EndpointName
  readonly method: string
  readonly url: string
  readonly headers: HttpRequest['headers']
  /** The time of the request in seconds since the epoch, by the clock of the server. Use it instead of a clock of your own. */
  readonly now: number
  /** Parameters as sent, decoded; an empty value counts as absent (RFC 6749 §3.1). */
  readonly parameters: ReadonlyMap<string, string>
  /** The `resource` parameters, the only ones that may repeat (RFC 8707 §2). */
  readonly resources: readonly string[]
  /** The client, once it is known. At the token endpoint: once it is authenticated. */
  readonly client: Client | undefined
  /** The resource owner, once known. */
  readonly user: User | undefined
  /** Scopes granted, once decided. */
  readonly scopes: readonly string[] | undefined
  /** Claims for the token of this request. Fresh for every request; what you put here reaches the token. */
  claims: Claims
  readonly state: RequestState
}

const noParameters: ReadonlyMap<string, string> = new Map()

/** The one implementation of `OAuthRequest`; endpoints fill in what becomes known. */
export class RequestContext implements OAuthRequest {
  readonly endpoint: EndpointName
  readonly method: string
  readonly url: string
  readonly headers: HttpRequest['headers']
  readonly now: number
  readonly parameters: ReadonlyMap<string, string>
  readonly resources: readonly string[]
  client: Client | undefined = undefined
  user: User | undefined = undefined
  scopes: readonly string[] | undefined = undefined
  claims: Claims = {}
  readonly state: RequestState = {}

  constructor(
    http: Omit<HttpRequest, 'text'>,
    known: Pick<OAuthRequest, 'endpoint' | 'now'>,
    parameters: ReadonlyMap<string, string> = noParameters,
    resources: readonly string[] = [],
  ) {
    this.endpoint = known.endpoint
    this.method = http.method
    this.url = http.url
    this.headers = http.headers
    this.now = known.now
    this.parameters = parameters
    this.resources = resources
  }
}
