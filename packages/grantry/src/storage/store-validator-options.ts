import type { SweepOptions } from './background-sweep.ts'
import type { SecretHash } from './client-secret.ts'
import type { EndsWithSession } from './session-end.ts'
import type { DigestOptions } from './token-digest.ts'

/** How a `StoreValidator` judges. */
export interface StoreValidatorOptions extends DigestOptions, SweepOptions {
  /** The slow hash of client secrets that people chose. Default: none; only generated secrets are known. */
  readonly secretHash?: SecretHash | undefined
  /** How long a store may take to answer, in milliseconds; then the request ends with 503. Default: 2000. */
  readonly storeTimeoutMs?: number | undefined
  /**
   * Which grants end with the session that they were given in, when you end that by `store.revokeGrants({ sessionId })`. What it says when
   * a grant is given holds for that grant. Default: `online`.
   */
  readonly endsWithSession?: EndsWithSession | undefined
}
