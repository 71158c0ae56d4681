import type { AnswerContext } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import type { Grant } from '../core/grant.ts'
import type { HttpHandler } from '../core/http.ts'
import type { RequestLimits } from '../core/read-request.ts'
import type { ClientValidator, ScopeValidator } from '../core/request-validator.ts'
import type { ResponseType } from '../core/response-type.ts'
import type { SliceName } from '../core/slices.ts'
import type { AuthorizationChecks, OpenIdAuthorization } from '../core/check-authorization.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import type { ClientJwts } from '../tokens/client-jwts.ts'

/** What a server hands to endpoints of its kind alone. */
export interface EndpointParts
  extends AnswerContext, Pick<AuthorizationChecks, 'resources' | 'severalResources' | 'resourceScopes'> {
  readonly validator: ClientValidator & ScopeValidator
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly grantTypes: readonly string[]
  readonly limits: RequestLimits
  readonly bearer: BearerToken
}

/** What a preconfigured server chooses: its name in errors, and what it offers. */
export interface Parts {
  readonly name: string
  /** What it needs of a validator beside what every server needs. */
  readonly slices: readonly SliceName[]
  readonly grants: Readonly<Record<string, Grant>>
  /** Response types by name; those that issue tokens make them by `bearer`. */
  readonly responseTypes: (bearer: BearerToken) => Readonly<Record<string, ResponseType>>
  /** What OpenID Connect adds to the authorization endpoint. */
  readonly openid?: OpenIdAuthorization | undefined
  /** Asks other servers. Default: one by the option `outbound`. */
  readonly outbound?: OutboundClient | undefined
  /** Signs what clients are told; undefined where `signedResponses` has keys of its own. */
  readonly jwts?: ClientJwts | undefined
  /** Endpoints of the server's own, by their paths below the issuer. They are made of what the server is made of. */
  readonly endpoints?: ((server: EndpointParts) => Readonly<Record<string, HttpHandler>>) | undefined
  /** Members of the metadata document beside those of every server. */
  readonly metadata?: (() => Awaitable<Readonly<Record<string, unknown>>>) | undefined
}
