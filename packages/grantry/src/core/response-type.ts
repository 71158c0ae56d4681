import type { AuthorizationDetail } from './authorization-details.ts'
import type { Awaitable } from './awaitable.ts'
import type { LoginContext } from './login-context.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client, User } from './records.ts'

/** How the parameters of an authorization response travel where they are sent as they are. */
export type PlainResponseMode = 'query' | 'fragment' | 'form_post'

/** How the parameters of an authorization response travel: as they are, or in a signed JWT (JARM §2.3). */
export type ResponseMode = PlainResponseMode | `${PlainResponseMode}.jwt`

/** A checked authorization request. Plain data: it may be kept in a session between the pages of your login. */
export interface AuthorizationRequest {
  readonly clientId: string
  readonly responseType: string
  readonly responseMode: ResponseMode
  /** Where the answer goes: registered, and resolved where the request did not name one. */
  readonly redirectUri: string
  /** Scopes that may be granted. Show them to the user, and grant them or fewer. */
  readonly scopes: readonly string[]
  /** Protected resources asked for (RFC 8707). */
  readonly resources: readonly string[]
  /** Authorization details asked for (RFC 9396). Show them to the user, and grant them or less; undefined for none. */
  readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
  readonly state: string | undefined
  /** All parameters as sent, in the request, in its request object, or when it was pushed. */
  readonly parameters: Readonly<Record<string, string>>
  /** The `request_uri` under which the client left it here (RFC 9126); undefined where it did not. */
  readonly requestUri?: string | undefined
  /** Whether it came as a request object (RFC 9101). Keep it on your side between pages: its parameters alone are signed by nobody. */
  readonly isSigned?: boolean | undefined
}

/** An authorization request with all that the server knows of it. */
export interface AuthorizationContext extends OAuthRequest {
  readonly client: Client
  readonly authorization: AuthorizationRequest
}

/** An authorization request that the user approved. */
export interface ApprovedAuthorization extends AuthorizationContext {
  readonly user: User
  readonly scopes: readonly string[]
  /** Authorization details granted; undefined for none. They are among `claims`, too. */
  readonly grantedDetails?: readonly AuthorizationDetail[] | undefined
  /** What ID tokens say of the login; undefined without OpenID Connect. */
  readonly openid?: LoginContext | undefined
}

/** One response type. Refuse by throwing an `OAuthError`. */
export interface ResponseType {
  /** Where its parameters go unless the client asks otherwise. Types that send tokens use `fragment`, which then is the only one. */
  readonly defaultMode: 'query' | 'fragment'
  /** Checks parameters of its own before the user is asked. */
  check?(request: AuthorizationContext): Awaitable<void>
  /** Makes the parameters of the response. */
  respond(request: ApprovedAuthorization): Awaitable<Readonly<Record<string, string>>>
}
