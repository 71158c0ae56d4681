import type { Awaitable } from '../core/awaitable.ts'
import {
  requireSeconds,
  resolveKeySchedule,
  scheduleKeys,
  type KeySchedule,
  type KeyScheduleOptions,
  type ScheduledKey,
} from '../core/key-schedule.ts'
import { newestKey, type KeyStore, type SigningKeyRow } from '../core/signing-key.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { randomString } from '../util/random.ts'
import { generatePrivateKey } from './generate-key.ts'

/** How keys are rotated. The times of the schedule are those of the `KeyRing`s over the same store. */
export interface KeyRotationOptions extends KeyScheduleOptions {
  /** Of these there is a key each. Default: `RS256`. */
  readonly algorithms?: readonly string[] | undefined
  /** Seconds after which a key gets a successor; at least `announceSeconds`. Default: 7776000 (90 days). */
  readonly rotateSeconds?: number | undefined
  /** Makes a private key, as the store shall keep it: sealed, or the name of one in a KMS. Default: `generatePrivateKey`, as PEM. */
  readonly makeKey?: ((algorithm: string) => Awaitable<string>) | undefined
  /** Tells the time in seconds. Default: the machine's clock. */
  readonly now?: Clock | undefined
}

/** What upkeep changed. */
export interface Upkeep {
  readonly made: readonly SigningKeyRow[]
  readonly deleted: readonly SigningKeyRow[]
}

/** What came of a withdrawal. */
export interface Withdrawal {
  readonly withdrawn: SigningKeyRow
  /** Made because no other key of the algorithm was left. It signs at once. */
  readonly made: SigningKeyRow | undefined
}

/**
 * Makes, announces and deletes the signing keys of a store. It keeps no state: where a key is in its life follows from the rows, so that any
 * node can do the next step, and two that do it at once do it once.
 */
export class KeyRotation {
  readonly #store: KeyStore
  readonly #schedule: KeySchedule
  readonly #algorithms: readonly string[]
  readonly #rotateSeconds: number
  readonly #makeKey: NonNullable<KeyRotationOptions['makeKey']>
  readonly #now: Clock

  /** Throws `ConfigurationError` for times that are too short. */
  constructor(store: KeyStore, options: KeyRotationOptions = {}) {
    const { rotateSeconds = 7_776_000, algorithms = ['RS256'] } = options
    this.#schedule = resolveKeySchedule(options)
    requireSeconds('rotateSeconds', rotateSeconds, this.#schedule.announceSeconds, 'announceSeconds')
    this.#store = store
    this.#algorithms = algorithms
    this.#rotateSeconds = rotateSeconds
    this.#makeKey = options.makeKey ?? generatePrivateKey
    this.#now = options.now ?? systemClock
  }

  /** All keys with their places in the schedule, the oldest of an algorithm first. */
  async keys(): Promise<readonly ScheduledKey[]> {
    return scheduleKeys(await this.#store.findSigningKeys(), this.#schedule, this.#now())
  }

  /** Whether `keepUp` has something to do. */
  async isDue(): Promise<boolean> {
    const keys = await this.keys()
    return keys.some(({ state }) => state === 'over') || this.#algorithms.some((each) => this.#needsKey(keys, each))
  }

  /**
   * Makes the first key of an algorithm that has none, successors for keys that are old enough, and deletes those that are over. Call it
   * from time to time, on as many nodes as you like.
   */
  async keepUp(): Promise<Upkeep> {
    const keys = await this.keys()
    const made: SigningKeyRow[] = []
    for (const algorithm of this.#algorithms.filter((each) => this.#needsKey(keys, each)))
      made.push(...[(await this.#make(keys, algorithm)) ?? []].flat())
    const over = keys.filter(({ state }) => state === 'over').map(({ key }) => key)
    const deleted: SigningKeyRow[] = []
    for (const key of over) if (await this.#store.deleteSigningKey(key.keyId)) deleted.push(key)
    return { made, deleted }
  }

  /**
   * Announces a successor now, which signs after `announceSeconds`; the first key of an algorithm signs at once. Undefined where one is
   * announced already, by this node or another one at the same time.
   */
  async rotate(algorithm: string): Promise<SigningKeyRow | undefined> {
    const keys = await this.keys()
    const isAnnounced = keys.some(({ key, state }) => key.algorithm === algorithm && state === 'announced')
    return isAnnounced ? undefined : this.#make(keys, algorithm)
  }

  /**
   * Withdraws a key at once, because it has leaked: what it signed is no longer accepted, on other nodes after `reloadSeconds`, elsewhere
   * after the `max-age` of the JWKS. A key that it took over from signs again if it is still published; else the one that was announced,
   * or a new one, which verifiers may not have yet. Undefined where there is no such key.
   */
  async withdraw(keyId: string): Promise<Withdrawal | undefined> {
    const keys = await this.keys()
    const withdrawn = keys.map(({ key }) => key).find((key) => key.keyId === keyId)
    if (withdrawn === undefined) return undefined
    const { algorithm } = withdrawn
    const others = keys.filter(({ key }) => key.algorithm === algorithm && key !== withdrawn)
    const over = others.filter(({ state }) => state === 'over') // else one that nobody knows any more would sign again
    for (const { key } of over) await this.#store.deleteSigningKey(key.keyId)
    const made = over.length === others.length ? await this.#make(keys, algorithm) : undefined
    return (await this.#store.deleteSigningKey(keyId)) ? { withdrawn, made } : undefined
  }

  #needsKey(keys: readonly ScheduledKey[], algorithm: string): boolean {
    const newest = newestOf(keys, algorithm)
    return newest === undefined || newest.createdAt + this.#rotateSeconds <= this.#now()
  }

  /** Undefined where another node was faster. */
  async #make(keys: readonly ScheduledKey[], algorithm: string): Promise<SigningKeyRow | undefined> {
    const newest = newestOf(keys, algorithm)
    const privateKey = await this.#makeKey(algorithm)
    // later than the newest one, also where that was made by a clock that is ahead: the order says which one signs
    const createdAt = Math.max(this.#now(), (newest?.createdAt ?? -Infinity) + 1)
    const key = { keyId: `k${randomString(15)}`, algorithm, privateKey, createdAt }
    return (await this.#store.createSigningKey(key, newest?.keyId)) ? key : undefined
  }
}

const newestOf = (keys: readonly ScheduledKey[], algorithm: string): SigningKeyRow | undefined =>
  newestKey(
    keys.map(({ key }) => key),
    algorithm,
  )
