import { createHash } from 'node:crypto'
import { TooManyRequestsError, type Clock, type Store } from 'grantry'
import { addressBlock, isNearby } from '../accounts/address-block.ts'

/** Failures that are allowed from the first one on, for so many seconds, over all nodes. */
const limits = {
  /** Of an address as one client. */
  pair: { space: 'client_pair', most: 20, windowSeconds: 300 },
  /** Of an address as any clients. */
  address: { space: 'client_address', most: 200, windowSeconds: 300 },
} as const

/** At most so many addresses and clients are known to be refused here. */
const mostRefused = 10_000

/** Counts are kept under digests: they do not say who tried to be whom. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('base64url')

/** Who tries to be a client, and from where. */
export interface ClientAttempt {
  readonly clientId: string
  readonly address: string
}

/**
 * Limits failures to authenticate as a client. Only failures are counted, so that nothing is asked of the database where there are none: the
 * first failure after one too many, at whichever node, tells that node not to judge any more. A client is refused only where the
 * failures came from. Addresses of this network may be a proxy for everybody, and are not limited.
 */
export class ClientLimits {
  readonly #store: Pick<Store, 'countAttempt'>
  readonly #now: Clock
  /** Until when what is refused. */
  readonly #refused = new Map<string, number>()

  constructor(store: Pick<Store, 'countAttempt'>, now: Clock) {
    this.#store = store
    this.#now = now
  }

  /** Throws the refusal of an attempt that is not judged. */
  require({ clientId, address }: ClientAttempt): void {
    if (this.#refused.size === 0) return
    const keys = [this.#addressKey(address), this.#pairKey(clientId, address)]
    const wait = Math.max(...keys.map((key) => (this.#refused.get(key) ?? 0) - this.#now()))
    if (wait > 0) throw new TooManyRequestsError('client_authentication_limited', wait, { detail: clientId })
  }

  /** Counts a failure. */
  async count({ clientId, address }: ClientAttempt): Promise<void> {
    if (isNearby(address)) return
    await Promise.all([
      this.#count('pair', this.#pairKey(clientId, address)),
      this.#count('address', this.#addressKey(address)),
    ])
  }

  async #count(limit: keyof typeof limits, key: string): Promise<void> {
    const { space, most, windowSeconds } = limits[limit]
    const now = this.#now()
    if ((await this.#store.countAttempt(space, digestOf(key), windowSeconds, now)) < most) return
    this.#refused.delete(key)
    this.#refused.set(key, now + windowSeconds)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > mostRefused && oldest !== undefined) this.#refused.delete(oldest)
  }

  #addressKey(address: string): string {
    return addressBlock(address)
  }

  #pairKey(clientId: string, address: string): string {
    return `${addressBlock(address)}\n${clientId.slice(0, 256)}`
  }
}
