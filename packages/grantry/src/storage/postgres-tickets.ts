import { ticketRows, toBytea, toTicket } from './postgres-rows.ts'
import type { RunStatement } from './postgres-runner.ts'
import type { PolledTicket, PresentedTicket, TicketRow, TicketTransition } from './store-rows.ts'
import type { TicketStore } from './store.ts'

/** Tickets in PostgreSQL. */
export class PostgresTickets implements TicketStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  /** Where a handle is taken, it may be by a ticket that expired: that is cleared away first. */
  async putTicket(ticket: TicketRow, now: number): Promise<boolean> {
    const rows = ticketRows(ticket)
    if ((await this.#run('putTicket', rows)).length === 1) return true
    await this.#run('forgetTicket', rows, now)
    return (await this.#run('putTicket', rows)).length === 1
  }

  async findTicket(kind: string, altDigest: string, now: number): Promise<TicketRow | undefined> {
    const [row] = await this.#run('findTicket', kind, toBytea(altDigest), now)
    return row && toTicket(row)
  }

  async transitionTicket({ kind, altDigest, from, to, payload, now }: TicketTransition): Promise<boolean> {
    const text = payload && JSON.stringify(payload)
    return (await this.#run('transitionTicket', kind, toBytea(altDigest), now, [...from], to, text)).length === 1
  }

  async pollTicket({ kind, digest, clientId, now }: PresentedTicket): Promise<PolledTicket | undefined> {
    const [row] = await this.#run('pollTicket', kind, toBytea(digest), clientId, now)
    return row && { ticket: toTicket(row), isTooSoon: row['is_too_soon'] === true }
  }

  async consumeTicket(presented: PresentedTicket, state: string): Promise<TicketRow | 'reused' | undefined> {
    const { kind, digest, clientId, now } = presented
    const [row] = await this.#run('consumeTicket', kind, toBytea(digest), clientId, now, state)
    if (row === undefined) return undefined
    return row['is_taken'] === true ? toTicket(row) : 'reused'
  }
}
