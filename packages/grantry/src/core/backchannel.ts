import type { Awaitable } from './awaitable.ts'
import type { Claims } from './claims.ts'
import type { Authentication, LoginContext } from './login-context.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client, User } from './records.ts'

/** The name of the grant type (OpenID Connect CIBA Core §4). */
export const cibaGrantType = 'urn:openid:params:grant-type:ciba'

/** How a client learns that its user decided: it asks, it is told to ask, or it is sent the tokens (OpenID Connect CIBA Core §5). */
export type BackchannelDelivery = 'poll' | 'ping' | 'push'

/** What is known of a client that asks users who are somewhere else (OpenID Connect CIBA Core §4). */
export interface BackchannelClient {
  /** `backchannel_token_delivery_mode`. Default: `poll`. */
  readonly delivery?: BackchannelDelivery | undefined
  /** Where it is told, or sent the tokens (`backchannel_client_notification_endpoint`): https. Needed for `ping` and `push`. */
  readonly notificationEndpoint?: string | undefined
  /** It signs its requests, by this `alg` (`backchannel_authentication_request_signing_alg`). Default: it need not. */
  readonly requestSigningAlgorithm?: string | undefined
  /** It sends a code that the user knows (`backchannel_user_code_parameter`). Default: false. */
  readonly sendsUserCode?: boolean | undefined
}

/** What a client asks of a user who is somewhere else (OpenID Connect CIBA Core §7.1). */
export interface BackchannelRequest {
  readonly clientId: string
  /** The user who is meant. */
  readonly userId: string
  /** Scopes asked for and allowed. */
  readonly scopes: readonly string[]
  /** Protected resources asked for (RFC 8707). */
  readonly resources: readonly string[]
  /** Claims that your code set for the request; they reach the token. */
  readonly claims: Claims
  /** What the client shows, so that the user can compare it: plain text of at most 128 characters. */
  readonly bindingMessage: string | undefined
  /** Classes of authentication that the client asks for, the best first. */
  readonly acrValues: readonly string[]
  readonly delivery: BackchannelDelivery
  /** Least seconds between two polls. */
  readonly interval: number
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** The handles of a request: the secret of the client, and the one of the page where the user decides. */
export interface BackchannelHandles {
  readonly authReqId: string
  readonly decisionId: string
}

/** What the client is told by, where it is told (OpenID Connect CIBA Core §7.1). */
export interface BackchannelNotice {
  readonly authReqId: string
  /** The bearer token of the client for its own endpoint. */
  readonly token: string
}

/** A request that a user approved. */
export interface ApprovedBackchannel extends BackchannelRequest {
  readonly openid: LoginContext | undefined
  /** The family of everything that is issued for it. */
  readonly grantId: string | undefined
}

/** What a user decided. */
export type BackchannelDecision =
  | {
      readonly approved: true
      /** Those of the request, or fewer. */
      readonly scopes: readonly string[]
      /** How the user was authenticated, for the ID token. */
      readonly authentication?: Authentication | undefined
      readonly claims?: Claims | undefined
    }
  | { readonly approved: false }

/** What a poll found. */
export interface BackchannelPoll {
  readonly state: 'pending' | 'approved' | 'denied'
  readonly delivery: BackchannelDelivery
  /** Whether it came before the interval was over. */
  readonly isTooSoon: boolean
  readonly expiresAt: number
}

/** Keeps requests of clients to users who are somewhere else (OpenID Connect CIBA Core). `StoreValidator` implements it over the tickets of a store. */
export interface BackchannelValidator {
  /**
   * Stores a request under both handles, for longer than it is valid so that a late poll can be told so. Store digests of the handles, and
   * `notice` encrypted: whoever reads the table must not be able to use them.
   */
  saveBackchannelRequest(
    handles: BackchannelHandles,
    record: BackchannelRequest,
    notice: BackchannelNotice | undefined,
    request: OAuthRequest,
  ): Awaitable<void>
  /** Counts a try of the code of a user, and says whether it is allowed. Such codes are short: if guesses are free, one is right. */
  allowBackchannelUserCode(userId: string, now: number): Awaitable<boolean>
  /** The request that waits for a decision; undefined where there is none or it is decided. */
  findBackchannelRequest(decisionId: string, now: number): Awaitable<BackchannelRequest | undefined>
  /**
   * Stores the decision if there is none yet, in one step, and gives what the client is told by; null where it decided nothing. Else one
   * device denies what another one approves.
   */
  decideBackchannelRequest(
    decisionId: string,
    decision: BackchannelDecision,
    now: number,
  ): Awaitable<BackchannelNotice | undefined | null>
  /** Looks at the request of this client and notes the time, in one step; undefined where it is unknown or used. */
  pollBackchannelRequest(authReqId: string, client: Client, now: number): Awaitable<BackchannelPoll | undefined>
  /**
   * Returns an approved request and marks it used, in one atomic step. If two polls can both get it, tokens are issued twice. `'reused'`: it
   * was used before; what was issued for it is revoked.
   */
  consumeBackchannelRequest(
    authReqId: string,
    client: Client,
    now: number,
  ): Awaitable<ApprovedBackchannel | 'reused' | undefined>
}

/** Whom a client means: exactly one of three ways to say it (OpenID Connect CIBA Core §7.1). */
export type UserHint =
  | { readonly kind: 'login_hint' | 'login_hint_token'; readonly value: string }
  /** An ID token that the server gave to this client; verified. `subject` is its `sub`. */
  | { readonly kind: 'id_token_hint'; readonly subject: string; readonly sessionId: string | undefined }

/** A request that waits for its user: what your page or push message shows. */
export interface PendingBackchannel extends BackchannelRequest {
  /** Names it for `find` and `decide`. A secret: whoever has it decides. */
  readonly decisionId: string
  readonly client: Client
  readonly user: User
}
