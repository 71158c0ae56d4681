import type { Kysely } from 'kysely'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'

/** Keeps secrets that all nodes have in common, as they are sealed. */
export class SecretStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** The sealed secret of a name. */
  async find(name: string): Promise<string | undefined> {
    const row = await this.#database
      .selectFrom('secret')
      .select('value')
      .where('realm', '=', this.#realm)
      .where('name', '=', name)
      .executeTakeFirst()
    return row?.value
  }

  /** Saves a sealed secret unless there is one of the name: the first one counts. */
  async create(name: string, value: string, now: number): Promise<void> {
    await this.#database
      .insertInto('secret')
      .values({ realm: this.#realm, name, value, created_at: now })
      .onConflict((conflict) => conflict.columns(['realm', 'name']).doNothing())
      .execute()
  }

  /** Replaces the sealed form of a secret. */
  async reseal(name: string, value: string): Promise<void> {
    await this.#database
      .updateTable('secret')
      .set({ value })
      .where('realm', '=', this.#realm)
      .where('name', '=', name)
      .execute()
  }
}
