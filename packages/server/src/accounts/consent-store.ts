import type { Kysely } from 'kysely'
import type { AccountTables, TableOptions } from './account-tables.ts'

/** What a user consented to for a client. */
export interface Consent {
  readonly scopes: readonly string[]
  /** Protected resources that the tokens are for. */
  readonly resources: readonly string[]
  /** Claims that were asked for one by one. */
  readonly claims: readonly string[]
  /** Where the answer was sent and, of a client that registered itself, what it called itself: as the user was shown it. */
  readonly receivers: readonly string[]
}

/** Whose consent it is, and for whom. */
export interface ConsentKey {
  readonly userId: string
  readonly clientId: string
}

const columnsOf = ({ scopes, resources, claims, receivers }: Consent) => ({
  scopes: JSON.stringify(scopes),
  resources: JSON.stringify(resources),
  claims: JSON.stringify(claims),
  receivers: JSON.stringify(receivers),
})

type Columns = ReturnType<typeof columnsOf>

/** A consent in a list. */
export interface ListedConsent extends Consent {
  readonly clientId: string
  /** In seconds. */
  readonly allowedAt: number
}

const parseList = (text: string): readonly string[] => JSON.parse(text) as string[] // only this file writes it

const toConsent = ({ scopes, resources, claims, receivers }: Columns): Consent => ({
  scopes: parseList(scopes),
  resources: parseList(resources),
  claims: parseList(claims),
  receivers: parseList(receivers),
})

/** Remembers what users consented to, one record for each user and client. */
export class ConsentStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** What is remembered. */
  async find({ userId, clientId }: ConsentKey): Promise<Consent | undefined> {
    const row = await this.#database
      .selectFrom('consent')
      .select(['scopes', 'resources', 'claims', 'receivers'])
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .executeTakeFirst()
    return row && toConsent(row)
  }

  /** What a user consented to, for every client, the newest first. */
  async list(userId: string): Promise<readonly ListedConsent[]> {
    const rows = await this.#database
      .selectFrom('consent')
      .select(['client_id', 'scopes', 'resources', 'claims', 'receivers', 'granted_at'])
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .orderBy('granted_at', 'desc')
      .orderBy('client_id')
      .execute()
    return rows.map((row) => ({ ...toConsent(row), clientId: row.client_id, allowedAt: Number(row.granted_at) }))
  }

  /**
   * Remembers `next` in place of `previous`, as it was read, and says whether that still was so. If it is not asked in the same step, of two
   * decisions at once one brings back what the other took away.
   */
  async remember(key: ConsentKey, previous: Consent | undefined, next: Consent, now: number): Promise<boolean> {
    const values = { ...columnsOf(next), granted_at: now }
    const row = await (previous === undefined
      ? this.#insert(key, values)
      : this.#replace(key, columnsOf(previous), values))
    return row !== undefined
  }

  /** Forgets what a user consented to for a client. */
  async forget({ userId, clientId }: ConsentKey): Promise<void> {
    await this.#database
      .deleteFrom('consent')
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .execute()
  }

  /** Forgets all consents to a client, so that one that is made under its id later inherits none. Reads all consents. */
  async forgetClient(clientId: string): Promise<void> {
    await this.#database
      .deleteFrom('consent')
      .where('realm', '=', this.#realm)
      .where('client_id', '=', clientId)
      .execute()
  }

  /** Forgets all that a user consented to. */
  async forgetUser(userId: string): Promise<void> {
    await this.#database.deleteFrom('consent').where('realm', '=', this.#realm).where('user_id', '=', userId).execute()
  }

  #insert({ userId, clientId }: ConsentKey, values: Columns & { readonly granted_at: number }) {
    return this.#database
      .insertInto('consent')
      .values({ realm: this.#realm, user_id: userId, client_id: clientId, ...values })
      .onConflict((conflict) => conflict.columns(['realm', 'user_id', 'client_id']).doNothing())
      .returning('user_id')
      .executeTakeFirst()
  }

  #replace({ userId, clientId }: ConsentKey, previous: Columns, values: Columns & { readonly granted_at: number }) {
    return this.#database
      .updateTable('consent')
      .set(values)
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .where('scopes', '=', previous.scopes)
      .where('resources', '=', previous.resources)
      .where('claims', '=', previous.claims)
      .where('receivers', '=', previous.receivers)
      .returning('user_id')
      .executeTakeFirst()
  }
}
