import { ExpiringMap, type RowBudget } from './expiring-map.ts'
import type { MarkerStore } from './store.ts'

interface Attempts {
  count: number
  readonly expiresAt: number
}

const keyOf = (space: string, digest: string): string => `${space} ${digest}`

/** Markers, attempts and leases in memory. */
export class MemoryMarkers implements MarkerStore {
  readonly #budget: RowBudget
  readonly #seen: ExpiringMap<{ readonly expiresAt: number }>
  readonly #attempts: ExpiringMap<Attempts>
  readonly #leases: ExpiringMap<{ readonly owner: string; readonly expiresAt: number }>

  constructor(budget: RowBudget) {
    this.#budget = budget
    this.#seen = new ExpiringMap(budget)
    this.#attempts = new ExpiringMap(budget)
    this.#leases = new ExpiringMap(budget)
  }

  /** Tables with rows that expire. */
  get tables(): readonly Pick<ExpiringMap<{ readonly expiresAt: number }>, 'sweep'>[] {
    return [this.#seen, this.#attempts, this.#leases]
  }

  markSeen(space: string, digest: string, expiresAt: number, now: number): boolean {
    const key = keyOf(space, digest)
    const known = this.#seen.get(key)
    if (known !== undefined && known.expiresAt > now) return false
    this.#budget.require(1, now)
    this.#seen.put(key, { expiresAt }, now)
    return true
  }

  countAttempt(space: string, digest: string, windowSeconds: number, now: number): number {
    const key = keyOf(space, digest)
    const known = this.#attempts.get(key)
    if (known !== undefined && known.expiresAt > now) return ++known.count
    this.#budget.require(1, now)
    this.#attempts.put(key, { count: 1, expiresAt: now + windowSeconds }, now)
    return 1
  }

  clearAttempts(space: string, digest: string): void {
    this.#attempts.delete(keyOf(space, digest))
  }

  lease(name: string, owner: string, until: number, now: number): boolean {
    const holder = this.#leases.get(name)
    if (holder !== undefined && holder.expiresAt > now && holder.owner !== owner) return false
    this.#budget.require(1, now)
    this.#leases.put(name, { owner, expiresAt: until }, now)
    return true
  }
}
