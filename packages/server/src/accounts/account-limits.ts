import { createHash } from 'node:crypto'
import type { Clock, Store } from 'grantry'
import { foldUsername } from './account-store.ts'
import { addressBlock, isNearby } from './address-block.ts'
import { unavailable } from './guarded-accounts.ts'

/** Seconds of each window. */
const windowSeconds = 3600

const most = { sign_up: 20, reset_address: 20, reset_user: 3 } as const

/** Limits what strangers do beside logging in, for all nodes: each try is counted before it is judged. */
export class AccountLimits {
  readonly #store: Pick<Store, 'countAttempt'>
  readonly #now: Clock
  /** Seconds after which a window is over, whenever it began. */
  readonly retryAfter = windowSeconds

  constructor(store: Pick<Store, 'countAttempt'>, now: Clock) {
    this.#store = store
    this.#now = now
  }

  /** Whether one more account may be made from an address. Those of private networks may be a proxy, from which everybody comes. */
  async maySignUp(address: string): Promise<boolean> {
    return isNearby(address) || this.#take('sign_up', addressBlock(address))
  }

  /** Whether one more new password may be asked for from an address. */
  async mayAskForReset(address: string): Promise<boolean> {
    return isNearby(address) || this.#take('reset_address', addressBlock(address))
  }

  /** Whether a user may be sent one more link, whoever asks for it: nobody is to be flooded with mail. */
  async mayBeSentReset(username: string): Promise<boolean> {
    return this.#take('reset_user', foldUsername(username.slice(0, 256)))
  }

  async #take(limit: keyof typeof most, key: string): Promise<boolean> {
    const digest = createHash('sha256').update(key).digest('base64url')
    try {
      return (await this.#store.countAttempt(limit, digest, windowSeconds, this.#now())) <= most[limit]
    } catch (cause) {
      return unavailable(cause)
    }
  }
}
