import type { EndpointName } from './oauth-request.ts'
import type { Reason } from './reasons.ts'

/** A token was issued. */
export interface TokenIssued {
  readonly type: 'token.issued'
  readonly time: number
  readonly clientId: string
  readonly userId: string | undefined
  readonly grantType: string
  readonly scopes: readonly string[]
  readonly refreshToken: boolean
}

/** A code, or nothing but the user's consent (`response_type=none`), was sent to a client. */
export interface AuthorizationGranted {
  readonly type: 'authorization.granted'
  readonly time: number
  readonly clientId: string
  readonly userId: string
  readonly responseType: string
  readonly scopes: readonly string[]
}

/** A token was revoked by its client. */
export interface TokenRevoked {
  readonly type: 'token.revoked'
  readonly time: number
  readonly clientId: string
  readonly kind: 'access_token' | 'refresh_token'
}

/** A refresh token was presented that is rotated as it is used. */
export interface RefreshTokenRotated {
  readonly type: 'refresh_token.rotation'
  readonly time: number
  readonly clientId: string
  readonly userId: string | undefined
  /** `reused` is an alarm: two parties hold the same token. */
  readonly outcome: 'rotated' | 'replayed' | 'raced' | 'reused' | 'unknown'
  /** Seconds since it was rotated first; undefined where it had not been. Tells how long the grace should be. */
  readonly age: number | undefined
}

/** A client registered itself, or changed or deleted its registration (RFC 7591, RFC 7592). */
export interface RegistrationChanged {
  readonly type: 'client.registered' | 'client.updated' | 'client.deleted'
  readonly time: number
  readonly clientId: string
}

/**
 * A client was to be told of a logout (OpenID Connect Back-Channel Logout §2.5): it took it, it refused it, it is tried again later, or it is
 * given up after eight attempts.
 */
export interface LogoutTold {
  readonly type: 'logout.delivered' | 'logout.refused' | 'logout.failed' | 'logout.abandoned'
  readonly time: number
  readonly clientId: string
  /** From 1. */
  readonly attempt: number
  /** Why it was not delivered. */
  readonly cause: unknown
}

/**
 * A client was to be told that its user decided (OpenID Connect CIBA Core §10.2, §10.3). It is tried once: `failed` says that the client did not
 * take it, and by ping may still ask.
 */
export interface BackchannelTold {
  readonly type: 'backchannel.delivered' | 'backchannel.failed'
  readonly time: number
  readonly clientId: string
  readonly delivery: 'ping' | 'push'
  /** Why it was not delivered. */
  readonly cause: unknown
}

/** A server was made with less than the strict defaults. */
export interface ServerRelaxed {
  readonly type: 'server.relaxed'
  readonly time: number
  /** The options that do it. */
  readonly relaxations: readonly string[]
}

/** A model that was written for another library leaves something unsafe (`grantry/compat/oauth2-server`). */
export interface ModelWarned {
  readonly type: 'model.warning'
  readonly time: number
  /** Stable slug. */
  readonly name: string
  /** The method of the model, or the option, that it is about. */
  readonly subject: string
  readonly message: string
  /** What to do about it. */
  readonly mend: string
}

/** A request was refused. `detail` and `cause` are for the operator; no part of a token, code or secret is in them. */
export interface RequestRefused {
  readonly type: 'request.refused'
  readonly time: number
  readonly endpoint: EndpointName
  /** The error code that was sent. */
  readonly error: string
  /** The `error_description` that was sent. */
  readonly description: string
  readonly status: number
  readonly reason: Reason
  readonly detail: string | undefined
  readonly clientId: string | undefined
  readonly grantType: string | undefined
  /** What was thrown, where it was not a refusal. */
  readonly cause: unknown
}

/** What the server tells its operator. */
export type GrantryEvent =
  | TokenIssued
  | AuthorizationGranted
  | TokenRevoked
  | RefreshTokenRotated
  | RegistrationChanged
  | LogoutTold
  | BackchannelTold
  | ServerRelaxed
  | ModelWarned
  | RequestRefused

/** Receives events. It must not throw; it is called before the answer is returned and should be quick. */
export type EventListener = (event: GrantryEvent) => void
