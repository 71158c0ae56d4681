import type { Kysely } from 'kysely'
import type { AccountTables, TableOptions } from './account-tables.ts'

/** What makes the codes of a user. */
export interface TotpRecord {
  /** Drawn anew at each enrolment: recovery codes are of one of them. */
  readonly id: string
  /** As it is sealed. */
  readonly secret: string
}

/** Keeps the second factor of users: one secret for each, and digests of recovery codes. What a method decides, it decides in one statement. */
export class TotpStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** The second factor of a user. */
  async find(userId: string): Promise<TotpRecord | undefined> {
    return this.#database
      .selectFrom('totp')
      .select(['id', 'secret'])
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .executeTakeFirst()
  }

  /**
   * Saves a second factor with its recovery codes, and says whether the user had none. The codes come first: without them nobody should have to
   * give a second factor.
   */
  async create(
    userId: string,
    { id, secret }: TotpRecord,
    digests: readonly Uint8Array[],
    now: number,
  ): Promise<boolean> {
    const codes = digests.map((digest) => ({ realm: this.#realm, totp_id: id, digest }))
    await this.#database.insertInto('recovery_code').values(codes).execute()
    const row = await this.#database
      .insertInto('totp')
      .values({ realm: this.#realm, user_id: userId, id, secret, created_at: now })
      .onConflict((conflict) => conflict.columns(['realm', 'user_id']).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (row === undefined) await this.#forgetCodes(id)
    return row !== undefined
  }

  /** Replaces the sealed form of a secret. */
  async reseal({ id, secret }: TotpRecord, sealed: string): Promise<void> {
    await this.#database
      .updateTable('totp')
      .set({ secret: sealed })
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('secret', '=', secret)
      .execute()
  }

  /** Uses up a recovery code; false where there is none. If two were both told that there is, it would log two in. */
  async useRecoveryCode(id: string, digest: Uint8Array): Promise<boolean> {
    const row = await this.#database
      .deleteFrom('recovery_code')
      .where('realm', '=', this.#realm)
      .where('totp_id', '=', id)
      .where('digest', '=', digest)
      .returning('totp_id')
      .executeTakeFirst()
    return row !== undefined
  }

  /** How many recovery codes are left. */
  async countRecoveryCodes(id: string): Promise<number> {
    const rows = await this.#database
      .selectFrom('recovery_code')
      .select('digest')
      .where('realm', '=', this.#realm)
      .where('totp_id', '=', id)
      .execute()
    return rows.length
  }

  /** Takes the second factor away, with its recovery codes; false where there was none. */
  async remove(userId: string): Promise<boolean> {
    const row = await this.#database
      .deleteFrom('totp')
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .returning('id')
      .executeTakeFirst()
    if (row !== undefined) await this.#forgetCodes(row.id)
    return row !== undefined
  }

  async #forgetCodes(id: string): Promise<void> {
    await this.#database
      .deleteFrom('recovery_code')
      .where('realm', '=', this.#realm)
      .where('totp_id', '=', id)
      .execute()
  }
}
