import { randomBytes } from 'node:crypto'
import { sql, type Kysely, type SqlBool } from 'kysely'
import type { AccountTables, TableOptions } from './account-tables.ts'

/** Someone who has forgotten a password. */
export interface ResetRequest {
  /** Undefined where nobody has the name that was typed: it is kept and thrown away, so that all names take the same time. */
  readonly userId: string | undefined
  /** Where the user goes on to log in. */
  readonly to: string
  /** Of the page, as BCP 47 has it. */
  readonly language: string
  /** In seconds. */
  readonly requestedAt: number
}

/** A request that a node has taken on until a time. */
export interface ClaimedReset extends ResetRequest {
  readonly id: string
  readonly attempts: number
  readonly claimedUntil: number
}

/** By a table of the statement itself, which is made once: PostgreSQL may ask a query in its place again for every row. */
const isChosen = sql<SqlBool>`id in (select id from chosen)`

/** Keeps who has forgotten a password until they were told how to get a new one. There is no secret in it: links are made when they are sent. */
export class ResetRequests {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, { realm = '', skipLocked }: TableOptions) {
    this.#database = database
    this.#realm = realm
    this.#skipLocked = skipLocked
  }

  /** Keeps a request, which is due at once. */
  async add({ userId, to, language, requestedAt: now }: ResetRequest): Promise<void> {
    const id = randomBytes(16).toString('base64url')
    const values = {
      realm: this.#realm,
      id,
      user_id: userId ?? null,
      target: to,
      language,
      requested_at: now,
      due_at: now,
    }
    await this.#database
      .insertInto('reset_request')
      .values({ ...values, attempts: 0 })
      .execute()
  }

  /** Takes on what is due, until a time at which another node may. */
  async claim(limit: number, until: number, now: number): Promise<readonly ClaimedReset[]> {
    const rows = await this.#database
      .with('chosen', () => this.#chooseDue(now, limit))
      .updateTable('reset_request')
      .set({ due_at: until })
      .where('realm', '=', this.#realm)
      .where(isChosen)
      .returning(['id', 'user_id', 'target', 'language', 'requested_at', 'attempts'])
      .execute()
    return rows.map(({ id, user_id: userId, target: to, language, requested_at, attempts }) => ({
      ...{ id, userId: userId ?? undefined, to, language, claimedUntil: until },
      ...{ requestedAt: Number(requested_at), attempts: Number(attempts) },
    }))
  }

  /** Forgets one that is done with. */
  async finish({ id, claimedUntil }: Pick<ClaimedReset, 'id' | 'claimedUntil'>): Promise<void> {
    await this.#database
      .deleteFrom('reset_request')
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('due_at', '=', claimedUntil)
      .execute()
  }

  /** Makes it due again at a time. */
  async retry({ id, claimedUntil, attempts }: ClaimedReset, at: number): Promise<void> {
    await this.#database
      .updateTable('reset_request')
      .set({ due_at: at, attempts: attempts + 1 })
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('due_at', '=', claimedUntil)
      .execute()
  }

  #chooseDue(now: number, limit: number) {
    return this.#database
      .selectFrom('reset_request')
      .select('id')
      .where('realm', '=', this.#realm)
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
  }
}
