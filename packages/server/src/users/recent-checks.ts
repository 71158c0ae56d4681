import type { Clock } from 'grantry'

/** Users that a node remembers; who comes beyond drops the one that was looked at first. */
const mostUsers = 10_000

/** Remembers which users were looked at a moment ago. */
export class RecentChecks {
  readonly #seconds: number
  readonly #now: Clock
  readonly #times = new Map<string, number>()

  constructor(seconds: number, now: Clock) {
    this.#seconds = seconds
    this.#now = now
  }

  isRecent(id: string): boolean {
    const age = this.#now() - (this.#times.get(id) ?? -Infinity)
    return age >= 0 && age < this.#seconds
  }

  note(id: string): void {
    this.#times.delete(id) // goes to the end of the line
    this.#times.set(id, this.#now())
    const [oldest] = this.#times.keys()
    if (this.#times.size > mostUsers && oldest !== undefined) this.#times.delete(oldest)
  }
}
