/** How often something may be done. */
interface Rate {
  readonly most: number
  readonly windowSeconds: number
}

const mostHosts = 1000

/** Counts by host how often something was done in a time, so that nobody turns this server upon another one. Of this process alone. */
export class HostLimit {
  readonly #rate: Rate
  readonly #counts = new Map<string, { count: number; readonly until: number }>()

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Counts once more, and says whether that is within the limit. */
  allows(host: string, now: number): boolean {
    const { most, windowSeconds } = this.#rate
    const counted = this.#counts.get(host)
    if (counted !== undefined && counted.until > now) return ++counted.count <= most
    this.#counts.delete(host)
    this.#counts.set(host, { count: 1, until: now + windowSeconds })
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > mostHosts && oldest !== undefined) this.#counts.delete(oldest)
    return true
  }
}
