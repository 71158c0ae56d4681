import type { GroupCommit } from './sqlite-group-commit.ts'
import { ticketValues, toBytes, toTicket } from './sqlite-rows.ts'
import type { Statements } from './sqlite-statements.ts'
import type { PolledTicket, PresentedTicket, TicketRow, TicketTransition } from './store-rows.ts'
import type { TicketStore } from './store.ts'

/** Tickets in SQLite. */
export class SqliteTickets implements TicketStore {
  readonly #statements: Statements
  readonly #writes: GroupCommit
  readonly #realm: string

  constructor(statements: Statements, writes: GroupCommit, realm: string) {
    this.#statements = statements
    this.#writes = writes
    this.#realm = realm
  }

  putTicket(ticket: TicketRow, now: number): Promise<boolean> {
    const realm = this.#realm
    const values = ticketValues(ticket)
    const { kind, digest = null, alt_digest: altDigest = null } = values
    return this.#writes.run(() => {
      this.#statements.forgetTicket.run({ realm, kind: kind ?? null, digest, altDigest, now })
      return this.#statements.putTicket.run({ realm, ...values }).changes > 0
    })
  }

  findTicket(kind: string, altDigest: string, now: number): TicketRow | undefined {
    const row = this.#statements.findTicket.get({ realm: this.#realm, kind, altDigest: toBytes(altDigest), now })
    return row && toTicket(row)
  }

  transitionTicket({ kind, altDigest, from, to, payload, now }: TicketTransition): Promise<boolean> {
    const change = { from: JSON.stringify(from), to, payload: payload === undefined ? null : JSON.stringify(payload) }
    const ticket = { realm: this.#realm, kind, altDigest: toBytes(altDigest), now }
    return this.#writes.run(() => this.#statements.transitionTicket.run({ ...ticket, ...change }).changes > 0)
  }

  pollTicket(presented: PresentedTicket): Promise<PolledTicket | undefined> {
    const { now, ...ticket } = this.#valuesOf(presented)
    return this.#writes.run(() => {
      const before = this.#statements.isPolledTooSoon.get({ ...ticket, now })
      const row = this.#statements.pollTicket.get({ ...ticket, now })
      return row && { ticket: toTicket(row), isTooSoon: before?.['is_too_soon'] === 1 }
    })
  }

  consumeTicket(presented: PresentedTicket, state: string): Promise<TicketRow | 'reused' | undefined> {
    const ticket = { ...this.#valuesOf(presented), state }
    return this.#writes.run(() => {
      const row = this.#statements.consumeTicket.get(ticket)
      if (row !== undefined) return toTicket(row)
      const used = this.#statements.findConsumedTicket.get(ticket)
      if (used === undefined) return undefined
      const { realm, now } = ticket
      this.#statements.revokeGrant.run({ realm, grantId: used['grant_id'] ?? null, now })
      return 'reused'
    })
  }

  #valuesOf({ kind, digest, clientId, now }: PresentedTicket) {
    return { realm: this.#realm, kind, digest: toBytes(digest), clientId, now }
  }
}
