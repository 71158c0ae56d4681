import { ClockGuard } from './clock-guard.ts'
import type { Store } from './store.ts'

/** What a clean-up in the background gave: how many rows it deleted, or why it could not. */
export type Swept = { readonly deleted: number } | { readonly error: unknown }

/** How often a validator cleans up. */
export interface SweepOptions {
  /**
   * After how many saves expired rows are deleted, five for each save at most, in the background and on every node; it works without
   * timers, on every runtime. Many at once hold up the requests beside them. Nothing is
   * deleted while the clock is where it jumped to less than an hour ago (`ClockGuard`). 0 leaves it to you: call `store.sweep`. Default: 20.
   */
  readonly sweepEvery?: number | undefined
  /** Is told of each clean-up. Default: nobody; one that failed is made up for by the next. */
  readonly onSwept?: ((swept: Swept) => void) | undefined
}

/** Rows that one save can add, and more, so that clean-up catches up. */
const rowsPerSave = 5

/** Cleans a store up as it fills. */
export class BackgroundSweep {
  readonly #store: Pick<Store, 'sweep'>
  readonly #every: number
  readonly #onSwept: (swept: Swept) => void
  /** Made at the first save, which tells the time. */
  #guard: ClockGuard | undefined
  #now = 0
  #saves = 0
  #isRunning = false

  constructor(store: Pick<Store, 'sweep'>, { sweepEvery = 20, onSwept = () => undefined }: SweepOptions) {
    this.#store = store
    this.#every = sweepEvery
    this.#onSwept = onSwept
  }

  /** Notes a save, and starts a clean-up where it is time for one. */
  afterSave(now: number): void {
    if (this.#every === 0) return
    this.#now = now
    this.#guard ??= new ClockGuard(() => this.#now)
    if (++this.#saves < this.#every || this.#isRunning) return
    this.#saves = 0
    if (!this.#guard.isSteady()) return
    this.#isRunning = true
    void this.#sweep(now)
  }

  async #sweep(now: number): Promise<void> {
    let swept: Swept
    try {
      swept = { deleted: await this.#store.sweep(now, this.#every * rowsPerSave) }
    } catch (error) {
      swept = { error }
    }
    this.#isRunning = false
    this.#onSwept(swept)
  }
}
