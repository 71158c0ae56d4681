import type { LogoutDelivery, LogoutOutbox } from 'grantry'
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely'
import type { AccountTables, TableOptions } from './account-tables.ts'

/** As long as a session can live. A login that goes on with the session begins anew. */
const lifetime = 12 * 3600
/** Longer than the last attempt to tell a client of a logout is away. */
const keptAfterLogout = 2 * 86_400

/** By a table of the statement itself, which is made once: PostgreSQL may ask a query in its place again for every row. */
const isChosen = sql<SqlBool>`(sid, client_id) in (select sid, client_id from chosen)`

/** The session that a client has users of, as it is known to clients. */
export interface ClientSession {
  readonly sid: string
  readonly userId: string
}

/**
 * Keeps which clients know of which session, to tell them when it ends; and then until they were told. One row is both, so that a session
 * cannot end without what follows from it, and a new login at the client takes back what would log it out.
 */
export class SessionClients implements LogoutOutbox {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, { realm = '', skipLocked }: TableOptions) {
    this.#database = database
    this.#realm = realm
    this.#skipLocked = skipLocked
  }

  /** Notes that a client got an ID token of the session. */
  async note({ sid, userId }: ClientSession, clientId: string, now: number): Promise<void> {
    const state = { user_id: userId, expires_at: now + lifetime, due_at: null, attempts: 0 }
    await this.#database
      .insertInto('session_client')
      .values({ realm: this.#realm, sid, client_id: clientId, ...state })
      .onConflict((conflict) => conflict.columns(['realm', 'sid', 'client_id']).doUpdateSet(state))
      .execute()
  }

  /** Keeps the clients of a session that goes on after a new login. */
  async extend(sid: string, now: number): Promise<void> {
    await this.#live(sid)
      .set({ expires_at: now + lifetime })
      .execute()
  }

  /** The ids of the clients of a session. */
  async clientsOf(sid: string): Promise<readonly string[]> {
    const rows = await this.#database
      .selectFrom('session_client')
      .select('client_id')
      .where('realm', '=', this.#realm)
      .where('sid', '=', sid)
      .where('due_at', 'is', null)
      .orderBy('client_id')
      .execute()
    return rows.map(({ client_id: id }) => id)
  }

  /** Makes the clients of a session due to be told that it ended. */
  async end(sid: string, now: number): Promise<void> {
    await this.#live(sid)
      .set({ due_at: now, expires_at: now + keptAfterLogout })
      .execute()
  }

  async claim(limit: number, until: number, now: number): Promise<readonly LogoutDelivery[]> {
    const rows = await this.#database
      .with('chosen', () => this.#choose('due_at', now, limit))
      .updateTable('session_client')
      .set({ due_at: until })
      .where('realm', '=', this.#realm)
      .where(isChosen)
      .returning(['sid', 'client_id', 'user_id', 'attempts'])
      .execute()
    return rows.map(({ sid, client_id: clientId, user_id: userId, attempts }) => ({
      ...{ clientId, userId, sessionId: sid },
      ...{ attempts: Number(attempts), claimedUntil: until },
    }))
  }

  async finish(delivery: LogoutDelivery): Promise<void> {
    await this.#database.deleteFrom('session_client').where(this.#isClaimed(delivery)).execute()
  }

  async retry(delivery: LogoutDelivery, at: number): Promise<void> {
    await this.#database
      .updateTable('session_client')
      .set({ due_at: at, attempts: delivery.attempts + 1 })
      .where(this.#isClaimed(delivery))
      .execute()
  }

  /** Deletes at most `limit` rows that are of no use any more, and says how many they were. */
  async sweep(now: number, limit: number): Promise<number> {
    const deleted = await this.#database
      .with('chosen', () => this.#choose('expires_at', now, limit))
      .deleteFrom('session_client')
      .where('realm', '=', this.#realm)
      .where(isChosen)
      .returning('sid')
      .execute()
    return deleted.length
  }

  /** The first rows whose time has come. PostgreSQL locks them, and passes over those that another node has locked. */
  #choose(time: 'due_at' | 'expires_at', now: number, limit: number) {
    return this.#database
      .selectFrom('session_client')
      .select(['sid', 'client_id'])
      .where('realm', '=', this.#realm)
      .where(time, '<=', now)
      .orderBy(time)
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
  }

  #isClaimed({ sessionId, clientId, claimedUntil }: LogoutDelivery): RawBuilder<SqlBool> {
    const row = sql`realm = ${this.#realm} and sid = ${sessionId} and client_id = ${clientId}`
    return sql<SqlBool>`${row} and due_at = ${claimedUntil}`
  }

  #live(sid: string) {
    return this.#database
      .updateTable('session_client')
      .where('realm', '=', this.#realm)
      .where('sid', '=', sid)
      .where('due_at', 'is', null)
  }
}
