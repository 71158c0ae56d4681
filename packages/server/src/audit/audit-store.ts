import { sql, type Kysely, type SqlBool } from 'kysely'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'
import { statementRows } from '../database/statement-rows.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditEventType } from './audit-table.ts'
import { eventIdBound, eventTime } from './event-id.ts'

/** Which events to read. */
export interface AuditQuery {
  /** Only these types. Default: all. */
  readonly types?: readonly AuditEventType[] | undefined
  /** Only those about this user. */
  readonly userId?: string | undefined
  /** Only those about this client. */
  readonly clientId?: string | undefined
  /** Only those before the event of this id: the `next` of the page before. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Events, the newest first. */
export interface AuditPage {
  readonly events: readonly AuditEvent[]
  /** The `before` of the next page; undefined where this is the last one. */
  readonly next: string | undefined
}

/** Events that were taken to be sent. */
export interface AuditClaim {
  readonly events: readonly AuditEvent[]
  /** How often the one that was tried most was tried before. */
  readonly attempts: number
  /** Until when nobody else takes them; tells them from what others took. */
  readonly claimedUntil: number
}

type Row = { readonly id: string; readonly event: string }

const toEvent = ({ id, event }: Row): AuditEvent => ({
  ...{ id, at: eventTime(id) },
  ...(JSON.parse(event) as Omit<AuditEvent, 'id' | 'at'>), // as it was saved
})

/** By a table of the statement itself, which is made once: PostgreSQL may ask a query in its place again for every row. */
const isChosen = sql<SqlBool>`id in (select id from chosen)`

/** Keeps audit events, and which of them are still to be sent. What a method decides, it decides in one statement. */
export class AuditStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, { realm = '', skipLocked }: TableOptions) {
    this.#database = database
    this.#realm = realm
    this.#skipLocked = skipLocked
  }

  /** Saves events; `dueAt` is when they are to be sent, where anybody wants them. One that is there already is left as it is. */
  async add(events: readonly AuditEvent[], dueAt: number | undefined): Promise<void> {
    for (const rows of statementRows(events.map((event) => this.#toRow(event, dueAt))))
      await this.#database
        .insertInto('audit_event')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['realm', 'id']).doNothing())
        .execute()
  }

  /** A page of events, the newest first. */
  async list({ types, userId, clientId, before, limit }: AuditQuery): Promise<AuditPage> {
    if (types?.length === 0) return { events: [], next: undefined }
    const rows = await this.#database
      .selectFrom('audit_event')
      .select(['id', 'event'])
      .where('realm', '=', this.#realm)
      .$if(types !== undefined, (query) => query.where('type', 'in', [...(types ?? [])]))
      .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
      .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId ?? ''))
      .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    const events = rows.slice(0, limit).map(toEvent)
    return { events, next: rows.length > limit ? events.at(-1)?.id : undefined }
  }

  /** Takes at most `limit` events that are due, the oldest first, and puts them off until `until`, in one step. */
  async claim(limit: number, until: number, now: number): Promise<AuditClaim> {
    const rows = await this.#database
      .with('chosen', () => this.#chooseDue(now, limit))
      .updateTable('audit_event')
      .set({ due_at: until })
      .where('realm', '=', this.#realm)
      .where(isChosen)
      .returning(['id', 'event', 'attempts'])
      .execute()
    const events = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(toEvent)
    return { events, attempts: Math.max(0, ...rows.map(({ attempts }) => Number(attempts))), claimedUntil: until }
  }

  /** Notes that events were sent. */
  async finish(claim: AuditClaim): Promise<void> {
    await this.#claimed(claim).set({ due_at: null }).execute()
  }

  /** Counts an attempt, and makes events due again at `at`. */
  async retry(claim: AuditClaim, at: number): Promise<void> {
    await this.#claimed(claim)
      .set({ due_at: at, attempts: sql<number>`attempts + 1` })
      .execute()
  }

  /**
   * Deletes at most `limit` events from before `keptSince`, in seconds; of those that are still to be sent, only the ones from before
   * `sentSince`. Says how many they were.
   */
  async sweep(keptSince: number, sentSince: number, limit: number): Promise<number> {
    const deleted = await this.#database
      .with('chosen', () => this.#chooseOld(keptSince, sentSince, limit))
      .deleteFrom('audit_event')
      .where('realm', '=', this.#realm)
      .where(isChosen)
      .returning('id')
      .execute()
    return deleted.length
  }

  #chooseDue(now: number, limit: number) {
    return this.#database
      .selectFrom('audit_event')
      .select('id')
      .where('realm', '=', this.#realm)
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .orderBy('id')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
  }

  #chooseOld(keptSince: number, sentSince: number, limit: number) {
    return this.#database
      .selectFrom('audit_event')
      .select('id')
      .where('realm', '=', this.#realm)
      .where('id', '<', eventIdBound(keptSince))
      .where((row) => row.or([row('due_at', 'is', null), row('id', '<', eventIdBound(sentSince))]))
      .orderBy('id')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
  }

  #claimed({ events, claimedUntil }: AuditClaim) {
    return this.#database
      .updateTable('audit_event')
      .where('realm', '=', this.#realm)
      .where('due_at', '=', claimedUntil)
      .where(
        'id',
        'in',
        events.map(({ id }) => id),
      )
  }

  #toRow(audit: AuditEvent, dueAt: number | undefined) {
    const { id, type, userId, clientId } = audit
    const event = { ...audit, id: undefined, at: undefined } // both are in the id
    return {
      ...{ realm: this.#realm, id, type, user_id: userId ?? null, client_id: clientId ?? null },
      ...{ event: JSON.stringify(event), due_at: dueAt ?? null, attempts: 0 },
    }
  }
}
