import { ticketValues, toBytes, toTicket } from './sqlite-rows.ts'
import type { SqliteRealm } from './sqlite-realm.ts'
import type { PolledTicket, PresentedTicket, TicketRow, TicketTransition } from './store-rows.ts'
import type { TicketStore } from './store.ts'

/** Tickets in SQLite. */
export class SqliteTickets implements TicketStore {
  readonly #file: SqliteRealm

  constructor(file: SqliteRealm) {
    this.#file = file
  }

  putTicket(ticket: TicketRow, now: number): Promise<boolean> {
    const realm = this.#file.realm
    const values = ticketValues(ticket)
    const { kind, digest = null, alt_digest: altDigest = null } = values
    return this.#file.writes.run(() => {
      this.#file.statements.forgetTicket.run({ realm, kind: kind ?? null, digest, altDigest, now })
      return this.#file.statements.putTicket.run({ realm, ...values }).changes > 0
    })
  }

  findTicket(kind: string, altDigest: string, now: number): TicketRow | undefined {
    const row = this.#file.statements.findTicket.get({
      realm: this.#file.realm,
      kind,
      altDigest: toBytes(altDigest),
      now,
    })
    return row && toTicket(row)
  }

  transitionTicket({ kind, altDigest, from, to, payload, now }: TicketTransition): Promise<boolean> {
    const change = { from: JSON.stringify(from), to, payload: payload === undefined ? null : JSON.stringify(payload) }
    const ticket = { realm: this.#file.realm, kind, altDigest: toBytes(altDigest), now }
    return this.#file.writes.run(() => this.#file.statements.transitionTicket.run({ ...ticket, ...change }).changes > 0)
  }

  pollTicket(presented: PresentedTicket): Promise<PolledTicket | undefined> {
    const { now, ...ticket } = this.#valuesOf(presented)
    return this.#file.writes.run(() => {
      const before = this.#file.statements.isPolledTooSoon.get({ ...ticket, now })
      const row = this.#file.statements.pollTicket.get({ ...ticket, now })
      return row && { ticket: toTicket(row), isTooSoon: before?.['is_too_soon'] === 1 }
    })
  }

  consumeTicket(presented: PresentedTicket, state: string): Promise<TicketRow | 'reused' | undefined> {
    const ticket = { ...this.#valuesOf(presented), state }
    return this.#file.writes.run(() => {
      const row = this.#file.statements.consumeTicket.get(ticket)
      if (row !== undefined) return toTicket(row)
      const used = this.#file.statements.findConsumedTicket.get(ticket)
      if (used === undefined) return undefined
      const { realm, now } = ticket
      this.#file.statements.revokeGrant.run({ realm, grantId: used['grant_id'] ?? null, now })
      return 'reused'
    })
  }

  #valuesOf({ kind, digest, clientId, now }: PresentedTicket) {
    return { realm: this.#file.realm, kind, digest: toBytes(digest), clientId, now }
  }
}
