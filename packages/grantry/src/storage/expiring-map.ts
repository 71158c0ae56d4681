import { StoreError } from './store-error.ts'

/** How many rows there may be, over several maps. */
export class RowBudget {
  readonly #most: number
  readonly #makeRoom: (now: number) => unknown
  #used = 0

  /** `makeRoom` drops what expired. */
  constructor(most: number, makeRoom: (now: number) => unknown) {
    this.#most = most
    this.#makeRoom = makeRoom
  }

  /** Throws a `StoreError` where `rows` more do not fit, even without those that expired. */
  require(rows: number, now: number): void {
    if (this.#used + rows > this.#most) this.#makeRoom(now)
    if (this.#used + rows <= this.#most) return
    const mend = 'Give maxRows a higher number, shorten lifetimes, or use a database.'
    throw new StoreError('full', `The memory store has its ${this.#most} rows. Nothing was lost or saved. ${mend}`)
  }

  /** Counts a row. */
  take(): void {
    this.#used++
  }

  /** Gives room back. */
  give(): void {
    this.#used--
  }
}

/** How many of the oldest rows are looked at when one is added: two for one, so that what expired goes faster than new rows come. */
const lookAt = 2

/** Rows by their keys, in the order in which they came. Expired ones go as new ones come. */
export class ExpiringMap<Row extends { readonly expiresAt: number }> {
  readonly #rows = new Map<string, Row>()
  readonly #budget: RowBudget

  constructor(budget: RowBudget) {
    this.#budget = budget
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key)
  }

  values(): Iterable<Row> {
    return this.#rows.values()
  }

  /** Adds a row under a key that is free, or replaces it. */
  put(key: string, row: Row, now: number): void {
    this.#drop(now, lookAt, lookAt)
    if (!this.#rows.has(key)) this.#budget.take()
    this.#rows.set(key, row)
  }

  /** Replaces a row that is there. */
  replace(key: string, row: Row): void {
    if (this.#rows.has(key)) this.#rows.set(key, row)
  }

  /** Removes a row and says whether it was there. */
  delete(key: string): boolean {
    const isThere = this.#rows.delete(key)
    if (isThere) this.#budget.give()
    return isThere
  }

  /** Removes at most `limit` expired rows and says how many they were. */
  sweep(now: number, limit: number): number {
    return this.#drop(now, limit, Infinity)
  }

  #drop(now: number, limit: number, oldest: number): number {
    let [deleted, seen] = [0, 0]
    for (const [key, { expiresAt }] of this.#rows) {
      if (deleted >= limit || seen++ >= oldest) break
      if (expiresAt <= now && this.delete(key)) deleted++
    }
    return deleted
  }
}
