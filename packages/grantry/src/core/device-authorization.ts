import type { AuthorizationDetail } from './authorization-details.ts'
import type { Awaitable } from './awaitable.ts'
import type { Claims } from './claims.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client, User } from './records.ts'

/** The name of the grant type (RFC 8628 §3.4). */
export const deviceCodeGrantType = 'urn:ietf:params:oauth:grant-type:device_code'

/** The two codes of a device: the secret that it polls with, and the short one that a person enters. */
export interface DeviceCodes {
  readonly deviceCode: string
  readonly userCode: string
}

/** What a device asks for until a user decides (RFC 8628 §3.1). */
export interface DeviceAuthorization {
  readonly clientId: string
  /** Scopes asked for and allowed. */
  readonly scopes: readonly string[]
  /** Protected resources asked for (RFC 8707). */
  readonly resources: readonly string[]
  /** Authorization details asked for (RFC 9396); `server.device` reads them from `claims`. Undefined for none. */
  readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
  /** Claims that your code set for the request of the device; they reach the token. */
  readonly claims: Claims
  /** Least seconds between two polls. */
  readonly interval: number
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** A device that a user approved. */
export interface ApprovedDevice extends DeviceAuthorization {
  readonly user: User
  /** The family of everything that is issued to the device. */
  readonly grantId: string | undefined
}

/** What a user decided about a device. */
export type DeviceDecision =
  | {
      readonly approved: true
      readonly user: User
      /** Those of the request, or fewer. */
      readonly scopes: readonly string[]
      /** Those of the request, or less (RFC 9396); `server.device` puts them into `claims`. Default: none. */
      readonly authorizationDetails?: readonly AuthorizationDetail[] | undefined
      readonly claims?: Claims | undefined
    }
  | { readonly approved: false }

/** What a poll of a device found. */
export interface DevicePoll {
  readonly state: 'pending' | 'approved' | 'denied'
  /** Whether it came before the interval was over. */
  readonly isTooSoon: boolean
  readonly expiresAt: number
}

/** Keeps device codes (RFC 8628). `StoreValidator` implements it over the tickets of a store. */
export interface DeviceValidator {
  /**
   * Stores a request under both codes, for longer than it is valid so that a late poll can be told so, and says whether the user code is
   * free. Store digests: whoever reads the table must not be able to use them.
   */
  saveDeviceCode(codes: DeviceCodes, record: DeviceAuthorization, request: OAuthRequest): Awaitable<boolean>
  /**
   * Counts a try of a user code by someone (`by`: a session, an account or an address), and says whether it is allowed. User codes are short:
   * if guesses are free, one hits a device of someone else (RFC 8628 §5.1).
   */
  allowUserCodeAttempt(by: string, now: number): Awaitable<boolean>
  /** The request that waits under a user code; undefined where there is none or it is decided. */
  findDeviceAuthorization(userCode: string, now: number): Awaitable<DeviceAuthorization | undefined>
  /**
   * Stores the decision if there is none yet, and says whether it did. Check and store are one step: else one user denies what another one
   * approves.
   */
  decideDeviceAuthorization(userCode: string, decision: DeviceDecision, now: number): Awaitable<boolean>
  /** Looks at the request of this client and notes the time, in one step; undefined where it is unknown or used. */
  pollDeviceCode(deviceCode: string, client: Client, request: OAuthRequest): Awaitable<DevicePoll | undefined>
  /**
   * Returns an approved request and marks it used, in one atomic step. If two polls can both get it, tokens are issued twice. `'reused'`: it
   * was used before; what was issued from it is revoked.
   */
  consumeDeviceCode(
    deviceCode: string,
    client: Client,
    request: OAuthRequest,
  ): Awaitable<ApprovedDevice | 'reused' | undefined>
}
