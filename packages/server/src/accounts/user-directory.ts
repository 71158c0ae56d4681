import { createHash } from 'node:crypto'
import type { Claims } from 'grantry'
import { sql, type Kysely } from 'kysely'
import { emailIn, foldUsername } from './account-store.ts'
import type { AccountTables, TableOptions } from './account-tables.ts'

/** A user as operators see one. */
export interface UserRecord {
  readonly id: string
  /** Of one from elsewhere, the id. */
  readonly username: string
  /** What pages call the user. */
  readonly shownName: string
  /** What clients may be told; what another source of users says is not here. */
  readonly claims: Claims
  /** In seconds. */
  readonly createdAt: number
  /** In seconds; undefined for one that is not disabled. */
  readonly disabledAt: number | undefined
  readonly isAdmin: boolean
  /** Differs where the claims do. */
  readonly version: string
}

/** Which users to list: in the order of their names, from the first after `after`. */
export interface UserQuery {
  readonly after: string
  readonly limit: number
  /** How the name or the e-mail address begins. */
  readonly search?: string | undefined
}

const columns = ['id', 'username', 'shown_name', 'claims', 'created_at', 'disabled_at', 'role'] as const

interface Row {
  readonly id: string
  readonly username: string
  readonly shown_name: string | null
  readonly claims: string | null
  readonly created_at: number | string
  readonly disabled_at: number | string | null
  readonly role: string | null
}

/** Says whether claims are those that someone has seen. */
const versionOf = (claims: string): string => createHash('sha256').update(claims).digest('base64url').slice(0, 22)

const toRecord = (row: Row): UserRecord => {
  const text = row.claims ?? '{}'
  return {
    ...{ id: row.id, username: row.username, shownName: row.shown_name ?? row.username },
    claims: JSON.parse(text) as Claims, // only this folder writes it
    createdAt: Number(row.created_at),
    disabledAt: row.disabled_at === null ? undefined : Number(row.disabled_at),
    isAdmin: row.role === 'admin',
    version: versionOf(text),
  }
}

/** After all texts that begin so: both databases compare by code point. */
const lastOf = (prefix: string): string => `${prefix}\u{10ffff}`

/** Text of PostgreSQL cannot hold U+0000, so nothing has it. */
const isPossible = (text: string): boolean => !text.includes('\0')

/** The users, for those who run the server. What a method decides, it decides in one statement. */
export class UserDirectory {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** A page of users. */
  async list({ after, limit, search = '' }: UserQuery): Promise<readonly UserRecord[]> {
    if (!isPossible(search)) return []
    const name = foldUsername(search)
    if (name === '') return (await this.#page(after, limit).execute()).map(toRecord)
    const email = search.toLowerCase()
    const byName = this.#page(after, limit).where('username', '>=', name).where('username', '<', lastOf(name))
    const byEmail = this.#page(after, limit).where('email', '>=', email).where('email', '<', lastOf(email))
    const [named, mailed] = [await byName.execute(), await byEmail.execute()] // one with both cannot use the index of either
    const all = new Map([...named, ...mailed].map((row) => [row.username, row]))
    const order = [...all.keys()].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    return order.slice(0, limit).flatMap((username) => {
      const row = all.get(username)
      return row === undefined ? [] : [toRecord(row)]
    })
  }

  /** The user with an id, or with a name however it is written. */
  async find(idOrName: string): Promise<UserRecord | undefined> {
    if (!isPossible(idOrName)) return undefined
    const rows = await this.#database
      .selectFrom('user')
      .select(columns)
      .where('realm', '=', this.#realm)
      .where((where) => where.or([where('id', '=', idOrName), where('username', '=', foldUsername(idOrName))]))
      .execute()
    const row = rows.find(({ id }) => id === idOrName) ?? rows[0]
    return row && toRecord(row)
  }

  /** Whether there is a user with this id who is not disabled. */
  async isActive(id: string): Promise<boolean> {
    const row = await this.#database
      .selectFrom('user')
      .select('id')
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Changes claims of a user; those that are `undefined` are forgotten. With a version, only where the claims still are those of it. Says
   * whether it did: false where there is no such user, or other claims.
   */
  async changeClaims(id: string, change: Claims, now: number, version?: string): Promise<boolean> {
    for (;;) {
      const row = await this.#database
        .selectFrom('user')
        .select('claims')
        .where('realm', '=', this.#realm)
        .where('id', '=', id)
        .executeTakeFirst()
      const text = row?.claims ?? '{}'
      if (row === undefined || (version !== undefined && version !== versionOf(text))) return false
      const claims: Claims = { ...(JSON.parse(text) as Claims), ...change, updated_at: now } // only this folder writes it
      const changed = await this.#database
        .updateTable('user')
        .set({ claims: JSON.stringify(claims), email: emailIn(claims) })
        .where('realm', '=', this.#realm)
        .where('id', '=', id)
        .where('claims', row.claims === null ? 'is' : '=', row.claims) // else someone changed them meanwhile
        .returning('id')
        .executeTakeFirst()
      if (changed !== undefined) return true
    }
  }

  /** Disables a user, or enables one where `at` is null. The time of one that is disabled already stays. */
  async setDisabled(id: string, at: number | null): Promise<boolean> {
    const keptAt = sql<number>`coalesce(disabled_at, ${at})`
    return this.#update(id, { disabled_at: at === null ? null : keptAt })
  }

  /** The names of administrators who can log in, and have neither a second factor nor a passkey. */
  async findBareAdmins(): Promise<readonly string[]> {
    const rows = await this.#database
      .selectFrom('user')
      .select(({ fn }) => fn.coalesce('shown_name', 'username').as('name'))
      .where('realm', '=', this.#realm)
      .where('role', '=', 'admin')
      .where('disabled_at', 'is', null)
      .where((where) => {
        const of = (table: 'totp' | 'passkey') =>
          where
            .selectFrom(table)
            .select(`${table}.id`)
            .whereRef(`${table}.realm`, '=', 'user.realm')
            .whereRef(`${table}.user_id`, '=', 'user.id')
        return where.not(where.or([where.exists(of('totp')), where.exists(of('passkey'))]))
      })
      .orderBy('username')
      .execute()
    return rows.map(({ name }) => name)
  }

  /** Makes a user an administrator, or takes that away. */
  async setAdmin(id: string, isAdmin: boolean): Promise<boolean> {
    return this.#update(id, { role: isAdmin ? 'admin' : null })
  }

  /** Deletes the row of a user, which ends the sessions. What else the user has must be gone before: nobody could find it. */
  async delete(id: string): Promise<boolean> {
    const row = await this.#database
      .deleteFrom('user')
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  async #update(id: string, change: { role: string | null } | { disabled_at: ReturnType<typeof sql<number>> | null }) {
    const row = await this.#database
      .updateTable('user')
      .set(change)
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  #page(after: string, limit: number) {
    return this.#database
      .selectFrom('user')
      .select(columns)
      .where('realm', '=', this.#realm)
      .where('username', '>', after)
      .orderBy('username')
      .limit(limit)
  }
}
