/** How buckets are filled. */
export interface BucketOptions {
  /** What is allowed in a minute, all at once or one after the other. 0 allows everything. */
  readonly perMinute: number
  /** Most keys that are known; half of them are forgotten at a time, none of which was asked for lately. Default: 50000. */
  readonly most?: number
  /** Milliseconds, of a clock that never goes back. Default: that of the process. */
  readonly clock?: () => number
}

const minuteMs = 60_000
const roundingMs = 0.001

/** Lets so many through in a minute for each key, in the memory of this process: it costs no call of the database. */
export class TokenBuckets {
  readonly #intervalMs: number
  readonly #most: number
  readonly #clock: () => number
  /** When each bucket is full again. */
  #recent = new Map<string, number>()
  /** The same of those that were not asked for since there were enough recent ones. */
  #older: ReadonlyMap<string, number> = new Map()

  constructor({ perMinute, most = 50_000, clock = () => performance.now() }: BucketOptions) {
    this.#intervalMs = perMinute === 0 ? 0 : minuteMs / perMinute
    this.#most = most
    this.#clock = clock
  }

  /** Takes one; the seconds to wait where there is none. */
  take(key: string): number | undefined {
    if (this.#intervalMs === 0) return undefined
    const wait = this.wait(key)
    const fullAt = Math.max(this.#fullAt(key), this.#clock())
    this.#keep(key, wait === undefined ? fullAt + this.#intervalMs : fullAt)
    return wait
  }

  /** The seconds to wait; undefined where there is one to take. */
  wait(key: string): number | undefined {
    const missingMs = this.#fullAt(key) - this.#clock() + this.#intervalMs
    return missingMs <= minuteMs + roundingMs ? undefined : Math.ceil((missingMs - minuteMs) / 1000)
  }

  /** Gives one back that was taken. */
  giveBack(key: string): void {
    if (this.#intervalMs > 0) this.#keep(key, this.#fullAt(key) - this.#intervalMs)
  }

  #fullAt(key: string): number {
    return this.#recent.get(key) ?? this.#older.get(key) ?? 0
  }

  #keep(key: string, fullAt: number): void {
    this.#recent.set(key, fullAt)
    if (this.#recent.size <= this.#most / 2) return
    this.#older = this.#recent
    this.#recent = new Map()
  }
}
