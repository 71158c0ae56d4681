import { createHash } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import type { Account, AccountTables, TableOptions } from './account-tables.ts'
import { hasOtherWay, type WaysIn } from './ways-in.ts'

/** A passkey as its user sees it. */
export interface ListedPasskey {
  /** What it is called here: it follows from the id that its authenticator gave it. */
  readonly id: string
  /** As the user named it. */
  readonly name: string
  /** In seconds. */
  readonly createdAt: number
  /** Undefined where it was never used to log in. */
  readonly lastUsedAt: number | undefined
  /** The id that its authenticator knows it by, as base64url. */
  readonly credentialId: string
  /** How browsers reach the authenticator. */
  readonly transports: readonly string[]
}

/** A passkey that is new. */
export interface NewPasskey extends Pick<ListedPasskey, 'name' | 'credentialId' | 'transports'> {
  readonly userId: string
  /** A COSE key. */
  readonly publicKey: Uint8Array
  /** How often the authenticator signed; always 0 where it does not count. */
  readonly counter: number
}

/** A passkey as it is checked, with the account that it logs in to. */
export interface StoredPasskey extends Pick<NewPasskey, 'credentialId' | 'publicKey'> {
  readonly id: string
  readonly account: Pick<Account, 'id' | 'username' | 'passwordVersion'>
}

/** Most passkeys of one user. */
export const mostPasskeys = 20

/** What a passkey is called here: short enough to be typed, and as unique as the id of its authenticator, which may have 1023 bytes. */
export const passkeyIdOf = (credentialId: string): string =>
  createHash('sha256').update(credentialId).digest('hex').slice(0, 24)

/** Keeps the passkeys of users. What a method decides, it decides in one statement. */
export class PasskeyStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #hasLocks: boolean

  constructor(database: Kysely<AccountTables>, { realm = '', skipLocked }: TableOptions) {
    this.#database = database
    this.#realm = realm
    this.#hasLocks = skipLocked
  }

  /** The passkey that an authenticator knows by an id. */
  async find(credentialId: string): Promise<StoredPasskey | undefined> {
    const row = await this.#database
      .selectFrom('passkey')
      .innerJoin('user', (join) =>
        join.onRef('user.realm', '=', 'passkey.realm').onRef('user.id', '=', 'passkey.user_id'),
      )
      .select(['passkey.id', 'public_key', 'user_id', 'user.password_version'])
      .select(({ fn }) => fn.coalesce('user.shown_name', 'user.username').as('username'))
      .where('passkey.realm', '=', this.#realm)
      .where('passkey.id', '=', passkeyIdOf(credentialId))
      .where('credential_id', '=', credentialId)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { id, user_id: userId, username, public_key: publicKey, password_version: version } = row
    return { id, credentialId, publicKey, account: { id: userId, username, passwordVersion: Number(version) } }
  }

  /** The passkeys of a user, the first one first. */
  async list(userId: string): Promise<readonly ListedPasskey[]> {
    const rows = await this.#database
      .selectFrom('passkey')
      .select(['id', 'name', 'credential_id', 'transports', 'created_at', 'last_used_at'])
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(({ id, name, credential_id: credentialId, transports, created_at, last_used_at }) => ({
      ...{ id, name, credentialId, createdAt: Number(created_at) },
      lastUsedAt: last_used_at === null ? undefined : Number(last_used_at),
      transports: JSON.parse(transports) as string[], // only this file writes it
    }))
  }

  /** Saves a passkey; false where there is one with its id, of whomever, and where the user has as many as there may be. */
  async create(passkey: NewPasskey, now: number): Promise<boolean> {
    const { userId, credentialId, name, publicKey, counter, transports } = passkey
    const row = await this.#database
      .insertInto('passkey')
      .columns(['realm', 'user_id', 'id', 'credential_id', 'public_key', 'counter', 'transports', 'name', 'created_at'])
      .expression((query) =>
        query
          .selectFrom('user')
          .select(['realm', 'id as user_id', sql.val(passkeyIdOf(credentialId)).as('id')])
          .select([sql.val(credentialId).as('credential_id'), sql.val(publicKey).as('public_key')])
          .select([sql.val(counter).as('counter'), sql.val(JSON.stringify(transports)).as('transports')])
          .select([sql.val(name).as('name'), sql.val(now).as('created_at')])
          .where('realm', '=', this.#realm)
          .where('id', '=', userId)
          .where(({ eb }) => eb(this.#count(userId), '<', mostPasskeys)),
      )
      .onConflict((conflict) => conflict.columns(['realm', 'id']).doNothing())
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Notes that a passkey was used, and says whether it may be: where its authenticator counts, it must have counted on. If that is not asked in
   * the same step, two copies that are used at once both log in.
   */
  async use(id: string, counter: number, now: number): Promise<boolean> {
    const row = await this.#database
      .updateTable('passkey')
      .set({ counter, last_used_at: now })
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('counter', counter === 0 ? '=' : '<', counter)
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  /** Takes a passkey away from the user; false where there is none with this id, and where it is the last of `ways`, if they are given. */
  async remove(userId: string, id: string, ways?: WaysIn): Promise<boolean> {
    const whose = { realm: this.#realm, userId, hasLocks: this.#hasLocks }
    const row = await this.#database
      .deleteFrom('passkey')
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .where(hasOtherWay(whose, ways, { passkey: id }))
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  /** Takes all of them away from the user. */
  async removeAll(userId: string): Promise<void> {
    await this.#database.deleteFrom('passkey').where('realm', '=', this.#realm).where('user_id', '=', userId).execute()
  }

  #count(userId: string) {
    return this.#database
      .selectFrom('passkey')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
  }
}
