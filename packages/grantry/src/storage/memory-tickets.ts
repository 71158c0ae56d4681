import { ExpiringMap, type RowBudget } from './expiring-map.ts'
import type { PolledTicket, PresentedTicket, TicketRow, TicketTransition } from './store-rows.ts'
import type { TicketStore } from './store.ts'

/** A ticket with what became of it. */
interface Kept {
  row: TicketRow
  readonly expiresAt: number
  isUsed: boolean
  polledAt: number | undefined
}

/** How much the least time between polls grows by one that comes too soon, in seconds (RFC 8628 §3.5). */
export const slowDownSeconds = 5

const keyOf = (kind: string, digest: string): string => `${kind} ${digest}`

/** Tickets in memory. */
export class MemoryTickets implements TicketStore {
  readonly #budget: RowBudget
  readonly #tickets: ExpiringMap<Kept>
  /** Keys of tickets by their second handles. */
  readonly #byAlt: ExpiringMap<{ readonly key: string; readonly expiresAt: number }>
  readonly #revokeGrant: (grantId: string, now: number) => void

  constructor(budget: RowBudget, revokeGrant: (grantId: string, now: number) => void) {
    this.#budget = budget
    this.#tickets = new ExpiringMap(budget)
    this.#byAlt = new ExpiringMap(budget)
    this.#revokeGrant = revokeGrant
  }

  /** Tables with rows that expire. */
  get tables(): readonly Pick<ExpiringMap<Kept>, 'sweep'>[] {
    return [this.#tickets]
  }

  /** Forgets second handles of tickets that expired. */
  sweepHandles(now: number, limit: number): void {
    this.#byAlt.sweep(now, limit)
  }

  putTicket(row: TicketRow, now: number): boolean {
    this.#budget.require(2, now)
    const { kind, altDigest, expiresAt } = row
    const key = keyOf(kind, row.digest)
    if (this.#isTaken(this.#tickets.get(key), now)) return false
    if (altDigest !== undefined) {
      const altKey = keyOf(kind, altDigest)
      if (this.#isTaken(this.#byAlt.get(altKey), now)) return false
      this.#byAlt.put(altKey, { key, expiresAt }, now)
    }
    this.#tickets.put(key, { row, expiresAt, isUsed: false, polledAt: undefined }, now)
    return true
  }

  findTicket(kind: string, altDigest: string, now: number): TicketRow | undefined {
    return this.#live(this.#byAlt.get(keyOf(kind, altDigest))?.key, now)?.row
  }

  transitionTicket({ kind, altDigest, from, to, payload, now }: TicketTransition): boolean {
    const kept = this.#live(this.#byAlt.get(keyOf(kind, altDigest))?.key, now)
    if (kept === undefined || !from.includes(kept.row.state)) return false
    kept.row = { ...kept.row, state: to, payload: payload ?? kept.row.payload }
    return true
  }

  pollTicket({ kind, digest, clientId, now }: PresentedTicket): PolledTicket | undefined {
    const kept = this.#live(keyOf(kind, digest), now)
    if (kept?.row.clientId !== clientId) return undefined
    const isTooSoon = kept.polledAt !== undefined && now - kept.polledAt < kept.row.interval
    if (isTooSoon) kept.row = { ...kept.row, interval: kept.row.interval + slowDownSeconds }
    kept.polledAt = now
    return { ticket: kept.row, isTooSoon }
  }

  consumeTicket({ kind, digest, clientId, now }: PresentedTicket, state: string): TicketRow | 'reused' | undefined {
    const kept = this.#tickets.get(keyOf(kind, digest))
    if (kept === undefined || kept.expiresAt <= now) return undefined
    if (kept.row.clientId !== clientId || kept.row.state !== state) return undefined
    if (kept.isUsed) {
      if (kept.row.grantId !== undefined) this.#revokeGrant(kept.row.grantId, now)
      return 'reused'
    }
    kept.isUsed = true
    return kept.row
  }

  #isTaken(holder: { readonly expiresAt: number } | undefined, now: number): boolean {
    return holder !== undefined && holder.expiresAt > now
  }

  #live(key: string | undefined, now: number): Kept | undefined {
    const kept = key === undefined ? undefined : this.#tickets.get(key)
    return kept !== undefined && !kept.isUsed && kept.expiresAt > now ? kept : undefined
  }
}
