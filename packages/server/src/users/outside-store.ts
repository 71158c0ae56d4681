import { sql, type Kysely } from 'kysely'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'

/** What is kept of a user from elsewhere: what sessions hang on. */
export interface OutsideUser {
  /** What pages call the user. */
  readonly username: string
  /** A digest of what the source said; empty for one who is gone. */
  readonly version: string
}

/** Keeps a row for each user from elsewhere who logged in. Sessions are live while the `password_version` in it is theirs. */
export class OutsideStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** What is kept, with the version of new sessions. */
  async find(id: string): Promise<(OutsideUser & { readonly passwordVersion: number }) | undefined> {
    const row = await this.#database
      .selectFrom('user')
      .select(['shown_name', 'source_version', 'password_version'])
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { shown_name: name, source_version: version, password_version: passwordVersion } = row
    return { username: name ?? id, version: version ?? '', passwordVersion: Number(passwordVersion) }
  }

  /**
   * Saves a user, and returns the version of new sessions: another one where `version` is another one. Of two who come at once, one is
   * the first. Throws where the id is the name of a user of this server.
   */
  async save(id: string, { username, version }: OutsideUser, now: number): Promise<number> {
    const told = { shown_name: username, source_version: version }
    const own = { password: '', claims: '{}', password_version: 1, created_at: now } // nobody logs in by them
    await this.#database
      .insertInto('user')
      .values({ realm: this.#realm, id, username: id, ...own, ...told })
      .onConflict((conflict) => conflict.doNothing()) // of any key: PostgreSQL may meet that of the name first
      .execute()
    const next = sql<number>`password_version + case when source_version = ${version} then 0 else 1 end`
    const row = await this.#database
      .updateTable('user')
      .set({ ...told, password_version: next })
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .returning('password_version')
      .executeTakeFirst()
    if (row === undefined) throw new Error(`The user "${id}" cannot be saved: a user of this server has that name.`)
    return Number(row.password_version)
  }

  /** Ends the sessions of a user who is gone; false where that was known. */
  async retire(id: string): Promise<boolean> {
    const row = await this.#database
      .updateTable('user')
      .set({ source_version: '', password_version: sql<number>`password_version + 1` })
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('source_version', '!=', '')
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }
}
