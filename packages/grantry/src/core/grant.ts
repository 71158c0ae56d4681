import type { Awaitable } from './awaitable.ts'
import type { Confirmation } from './confirmation.ts'
import type { HttpHeaders } from './http.ts'
import { newRequestContext, type OAuthRequest } from './oauth-request.ts'
import type { Authorization, Client } from './records.ts'

/** The request at the token endpoint, whose client is authenticated. */
export interface GrantRequest extends OAuthRequest {
  readonly client: Client
  /** What the client proved to have; undefined for nothing. */
  readonly confirmation?: Confirmation | undefined
}

/** What a grant is told of a request beside its client and parameters. */
export interface GrantRequestOptions {
  /** The time of the request in seconds since the epoch. */
  readonly now: number
  /** Protected resources asked for (RFC 8707). Default: none. */
  readonly resources?: readonly string[] | undefined
  /** Default: none. */
  readonly headers?: HttpHeaders | undefined
}

const noHeaders: HttpHeaders = { get: () => undefined }

/**
 * The request that a grant gets, made by hand: to call a grant without the token endpoint, from a test or an endpoint of your own. You have
 * authenticated the client, and it may use the grant. Empty parameters count as absent (RFC 6749 §3.2).
 */
export const makeGrantRequest = (
  client: Client,
  parameters: Readonly<Record<string, string>>,
  { now, resources, headers = noHeaders }: GrantRequestOptions,
): GrantRequest => {
  const sent = new Map(Object.entries(parameters).filter(([, value]) => value !== ''))
  const http = { method: 'POST', url: '', headers }
  return { ...newRequestContext(http, { endpoint: 'token', now }, sent, resources), client }
}

/** What a grant decided. The token endpoint knows the grant type, and what the client proved to have. */
export type GrantOutcome = Omit<Authorization, 'grantType' | 'confirmation'>

/**
 * One grant type. It consumes and checks what the client presents and says what it may have; it never makes, stores or sends a token.
 * Refuse by throwing an `OAuthError`.
 */
export interface Grant {
  /** Consumes and checks what the client presents. */
  authorize(request: GrantRequest): Awaitable<GrantOutcome>
  /** Whether a refresh token may come with the access token, for clients that may use them. Default: false. */
  readonly issuesRefreshToken?: boolean | undefined
  /** Whether public clients may use it. Default: true. */
  readonly allowsPublicClients?: boolean | undefined
  /** Members that it adds to the metadata document. Default: none. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}
