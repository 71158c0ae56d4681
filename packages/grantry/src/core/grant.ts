import type { Awaitable } from './awaitable.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Authorization, Client } from './records.ts'

/** The request at the token endpoint, whose client is authenticated. */
export interface GrantRequest extends OAuthRequest {
  readonly client: Client
}

/** What a grant decided. The token endpoint knows the grant type. */
export type GrantOutcome = Omit<Authorization, 'grantType'>

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
}
