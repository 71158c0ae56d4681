import { sql, type Kysely } from 'kysely'
import type { AccountTables, TableOptions } from './account-tables.ts'

/** As the index `user_scrypt` has it. */
const isScrypt = sql<boolean>`password like '$scrypt$%'`

/** Exchanges hashes of passwords that were made as is not done any more. */
export class HashStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** Whether there still is one of scrypt. */
  async hasScrypt(): Promise<boolean> {
    const row = await this.#database
      .selectFrom('user')
      .select('id')
      .where('realm', '=', this.#realm)
      .where(isScrypt)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Replaces a hash by another one of the same password, unless there is a new password meanwhile; sessions stay. */
  async replace(userId: string, old: string, hash: string): Promise<void> {
    await this.#database
      .updateTable('user')
      .set({ password: hash })
      .where('realm', '=', this.#realm)
      .where('id', '=', userId)
      .where('password', '=', old)
      .execute()
  }
}
