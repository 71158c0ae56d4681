import type { Clock } from '../util/clock.ts'

/** Seconds by which a clock may run ahead of or behind the steady counter: corrections by the system are smaller. */
const toleranceSeconds = 60
/** Seconds for which a clock must stay where it jumped to before it is believed. */
const holdSeconds = 3600

/** Seconds since some moment, counted steadily whatever the clock of the machine says. */
const steadySeconds: Clock = () => performance.now() / 1000

/**
 * Tells whether a clock can be trusted to delete by. What a clock that is wrong by a jump calls expired may be live, and a revocation that is
 * forgotten lets a token live again once the clock is right. So nothing is deleted after a jump until it has held for an hour.
 */
export class ClockGuard {
  readonly #now: Clock
  readonly #steady: Clock
  /** How far the clock is from the steady counter, in seconds. */
  #trusted: number
  #jumped: { readonly offset: number; readonly since: number } | undefined

  constructor(now: Clock, steady: Clock = steadySeconds) {
    this.#now = now
    this.#steady = steady
    this.#trusted = now() - steady()
  }

  /** Whether the clock runs as it did; asked from time to time, it follows slow corrections. */
  isSteady(): boolean {
    const steady = this.#steady()
    const offset = this.#now() - steady
    if (Math.abs(offset - this.#trusted) <= toleranceSeconds) return this.#trust(offset)
    if (this.#jumped === undefined || Math.abs(offset - this.#jumped.offset) > toleranceSeconds)
      this.#jumped = { offset, since: steady }
    return steady - this.#jumped.since >= holdSeconds && this.#trust(offset)
  }

  #trust(offset: number): true {
    this.#trusted = offset
    this.#jumped = undefined
    return true
  }
}
