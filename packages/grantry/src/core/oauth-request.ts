import type { AuthorizationDetail } from './authorization-details.ts'
import type { Claims } from './claims.ts'
import type { HttpHeaders, HttpRequest } from './http.ts'
import type { Client, User } from './records.ts'
import type { RequestState } from './request-state.ts'

/** The endpoints of a server. */
export type EndpointName =
  | 'authorization'
  | 'pushed_authorization'
  | 'device_authorization'
  | 'backchannel_authentication'
  | 'token'
  | 'introspection'
  | 'revocation'
  | 'registration'
  | 'resource'
  | 'userinfo'
  | 'logout'
  | 'metadata'
  | 'cross_origin'

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
  readonly headers: HttpHeaders
  /** Who sent the request, where the runtime tells. */
  readonly peer?: HttpRequest['peer']
  /** The time of the request in seconds since the epoch, by the clock of the server. Use it instead of a clock of your own. */
  readonly now: number
  /** Parameters as sent, decoded; an empty value counts as absent (RFC 6749 §3.1). */
  readonly parameters: ReadonlyMap<string, string>
  /** The `resource` parameters, which may repeat (RFC 8707 §2). */
  readonly resources: readonly string[]
  /** The `audience` parameters of a token exchange, where there are several (RFC 8693 §2.1). Elsewhere, nothing else may repeat. */
  readonly audiences?: readonly string[] | undefined
  /** The client, once it is known. At the token endpoint: once it is authenticated. */
  readonly client: Client | undefined
  /** The resource owner, once known. */
  readonly user: User | undefined
  /** Scopes granted, once decided. */
  readonly scopes: readonly string[] | undefined
  /** Authorization details asked for, once they are read (RFC 9396); undefined where the server takes none. */
  readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
  /** Claims for the token of this request. Fresh for every request; what you put here reaches the token. */
  claims: Claims
  /** Reaches hooks, grants, modifiers, generators and `saveToken` of this request, and nothing that is stored or sent. */
  readonly state: RequestState
}

/** A request as endpoints see it: they fill in what becomes known. */
export interface RequestContext extends OAuthRequest {
  client: Client | undefined
  user: User | undefined
  scopes: readonly string[] | undefined
  authorizationDetails?: readonly AuthorizationDetail[] | undefined
}

/** Starts the context of a request with what was sent. */
export const newRequestContext = (
  { method, url, headers, peer }: Omit<HttpRequest, 'text'>,
  { endpoint, now }: Pick<OAuthRequest, 'endpoint' | 'now'>,
  parameters: ReadonlyMap<string, string> = noParameters,
  resources: readonly string[] = [],
): RequestContext => ({
  ...{ endpoint, method, url, headers, peer, now, parameters, resources },
  ...{ client: undefined, user: undefined, scopes: undefined, claims: {}, state: {} },
})

const noParameters: ReadonlyMap<string, string> = new Map()
