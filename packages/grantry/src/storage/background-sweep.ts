import type { Store } from './store.ts'

/** What a clean-up in the background gave: how many rows it deleted, or why it could not. */
export type Swept = { readonly deleted: number } | { readonly error: unknown }

/** How often a validator cleans up. */
export interface SweepOptions {
  /**
   * After how many saves expired rows are deleted, in the background and on every node; it works without timers, on every runtime. 0
   * leaves it to you: call `store.sweep`. Default: 200.
   */
  readonly sweepEvery?: number | undefined
  /** Is told of each clean-up. Default: nobody; one that failed is made up for by the next. */
  readonly onSwept?: ((swept: Swept) => void) | undefined
}

/** Rows that one save can add, and more, so that clean-up catches up. */
const rowsPerSave = 5
/** Most rows that are deleted at once: requests come between. */
const step = 100

/** Cleans a store up as it fills. */
export class BackgroundSweep {
  readonly #store: Pick<Store, 'sweep'>
  readonly #every: number
  readonly #onSwept: (swept: Swept) => void
  #saves = 0
  #isRunning = false

  constructor(store: Pick<Store, 'sweep'>, { sweepEvery = 200, onSwept = () => undefined }: SweepOptions) {
    this.#store = store
    this.#every = sweepEvery
    this.#onSwept = onSwept
  }

  /** Notes a save, and starts a clean-up where it is time for one. */
  afterSave(now: number): void {
    if (this.#every === 0 || ++this.#saves < this.#every || this.#isRunning) return
    this.#saves = 0
    this.#isRunning = true
    void this.#sweep(now)
  }

  async #sweep(now: number): Promise<void> {
    let swept: Swept
    try {
      swept = { deleted: await this.#deleteSteps(now, this.#every * rowsPerSave) }
    } catch (error) {
      swept = { error }
    }
    this.#isRunning = false
    this.#onSwept(swept)
  }

  async #deleteSteps(now: number, most: number): Promise<number> {
    for (let deleted = 0; ;) {
      const limit = Math.min(step, most - deleted)
      const last = await this.#store.sweep(now, limit)
      deleted += last
      if (last < limit || deleted === most) return deleted
    }
  }
}
