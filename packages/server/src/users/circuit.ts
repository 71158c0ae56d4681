import type { Clock } from 'grantry'

/** How much may fail. */
export interface CircuitOptions {
  /** Failures in a row after which nobody asks for a while. */
  readonly mostFailures: number
  /** Seconds for which nobody asks; then one does, and by its luck the others. */
  readonly pauseSeconds: number
  /** Most questions at once. */
  readonly mostAtOnce: number
  readonly now: Clock
  /** Told when nobody asks any more, and why. */
  readonly onOpen: (cause: unknown) => void
}

/** Asks a server of others, and stops for a while where it fails again and again: its users wait for nothing, and it comes to its breath. */
export class Circuit {
  readonly #options: CircuitOptions
  #failures = 0
  #closedUntil = -Infinity
  #atOnce = 0

  constructor(options: CircuitOptions) {
    this.#options = options
  }

  /** What a question gives. Throws where it does, and at once where nobody asks. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const { now, mostAtOnce, pauseSeconds } = this.#options
    if (now() < this.#closedUntil) throw new Error('It did not answer lately, so it is not asked for a moment.')
    if (this.#atOnce >= mostAtOnce) throw new Error(`${mostAtOnce} questions are under way.`)
    if (this.#isOpen()) this.#closedUntil = now() + pauseSeconds // one tries, the others wait for its luck
    this.#atOnce++
    try {
      const answer = await question()
      this.#failures = 0
      this.#closedUntil = -Infinity
      return answer
    } catch (thrown) {
      this.#note(thrown)
      throw thrown
    } finally {
      this.#atOnce--
    }
  }

  #isOpen(): boolean {
    return this.#failures >= this.#options.mostFailures
  }

  #note(cause: unknown): void {
    const { now, pauseSeconds, onOpen } = this.#options
    const wasOpen = this.#isOpen()
    this.#failures++
    if (!this.#isOpen()) return
    this.#closedUntil = now() + pauseSeconds
    if (!wasOpen) onOpen(cause)
  }
}
