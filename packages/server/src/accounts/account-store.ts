import { createHash, randomBytes } from 'node:crypto'
import { sql, type ColumnType, type Kysely } from 'kysely'

/** Someone who can log in. */
export interface Account {
  /** `user_` and random characters; the `sub` of tokens. */
  readonly id: string
  /** As it was folded by `foldUsername`. */
  readonly username: string
  /** A password hash in PHC format. */
  readonly password: string
  /** Grows with each new password; sessions of older ones are over. */
  readonly passwordVersion: number
}

/** A browser that someone is logged in at. */
export interface Session {
  /** The secret in the cookie. */
  readonly id: string
  readonly userId: string
  readonly username: string
}

/** Drivers give a bigint of PostgreSQL as text. */
type Integer = ColumnType<number | string, number, number>

/** The tables of users and sessions. */
export interface AccountTables {
  readonly user: {
    readonly realm: string
    readonly id: string
    readonly username: string
    readonly password: string
    readonly password_version: Integer
    readonly created_at: Integer
  }
  readonly session: {
    readonly realm: string
    readonly digest: Uint8Array
    readonly user_id: string
    readonly password_version: Integer
    readonly idle_until: Integer
    readonly ends_at: Integer
  }
}

/** How an `AccountStore` works. */
export interface AccountStoreOptions {
  /** Nothing of one realm is seen in another. Default: the empty string. */
  readonly realm?: string | undefined
  /** Whether nodes that sweep at once pass over each other's rows. Only PostgreSQL can. */
  readonly skipLocked: boolean
}

/** A session ends an hour after its last use, and 12 hours after the login. */
const idleSeconds = 3600
const absoluteSeconds = 12 * 3600
/** Uses closer together than this are not written down. */
const touchSeconds = 60

const digestOf = (id: string): Uint8Array => createHash('sha256').update(id).digest()

/** The form in which user names are kept and compared. */
export const foldUsername = (username: string): string => username.normalize('NFKC').toLowerCase()

/**
 * Keeps users and sessions in the database of the server, whichever it is. What a method decides, it decides in one statement. Session ids
 * are stored as digests.
 */
export class AccountStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, options: AccountStoreOptions) {
    this.#database = database
    this.#realm = options.realm ?? ''
    this.#skipLocked = options.skipLocked
  }

  /** The account with a user name, however it is written. */
  async find(username: string): Promise<Account | undefined> {
    if (username.includes('\0')) return undefined // text of PostgreSQL cannot hold it, so nobody has it
    const row = await this.#database
      .selectFrom('user')
      .select(['id', 'username', 'password', 'password_version'])
      .where('realm', '=', this.#realm)
      .where('username', '=', foldUsername(username))
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { password_version: version, ...account } = row
    return { ...account, passwordVersion: Number(version) }
  }

  /** Saves a new account and returns its id; undefined where the user name is taken. */
  async create(username: string, password: string, now: number): Promise<string | undefined> {
    const id = `user_${randomBytes(16).toString('base64url')}`
    const name = foldUsername(username)
    const row = await this.#database
      .insertInto('user')
      .values({ realm: this.#realm, id, username: name, password, password_version: 1, created_at: now })
      .onConflict((conflict) => conflict.columns(['realm', 'username']).doNothing())
      .returning('id')
      .executeTakeFirst()
    return row?.id
  }

  /** Replaces a password hash, which ends the sessions of the user; false where there is no such user. */
  async setPassword(username: string, password: string): Promise<boolean> {
    const row = await this.#database
      .updateTable('user')
      .set({ password, password_version: sql<number>`password_version + 1` })
      .where('realm', '=', this.#realm)
      .where('username', '=', foldUsername(username))
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Starts a session and returns its id, 256 random bits for the cookie. It is for the password that the account was found with: where
   * that was replaced meanwhile, the session is over from its start.
   */
  async startSession(account: Pick<Account, 'id' | 'passwordVersion'>, now: number): Promise<string> {
    const id = randomBytes(32).toString('base64url')
    const values = {
      realm: this.#realm,
      digest: digestOf(id),
      user_id: account.id,
      password_version: account.passwordVersion,
      idle_until: now + idleSeconds,
      ends_at: now + absoluteSeconds,
    }
    await this.#database.insertInto('session').values(values).execute()
    return id
  }

  /** The live session with this id; being looked at keeps it from idling out. */
  async findSession(id: string, now: number): Promise<Session | undefined> {
    const row = await this.#database
      .selectFrom('session')
      .innerJoin('user', (join) =>
        join
          .onRef('user.realm', '=', 'session.realm')
          .onRef('user.id', '=', 'session.user_id')
          .onRef('user.password_version', '=', 'session.password_version'),
      )
      .select(['session.user_id', 'user.username', 'session.idle_until'])
      .where('session.realm', '=', this.#realm)
      .where('session.digest', '=', digestOf(id))
      .where('session.idle_until', '>', now)
      .where('session.ends_at', '>', now)
      .executeTakeFirst()
    if (row === undefined) return undefined
    if (Number(row.idle_until) <= now + idleSeconds - touchSeconds) await this.#touch(id, now + idleSeconds)
    return { id, userId: row.user_id, username: row.username }
  }

  /** Ends a session; one that is over already stays so. */
  async endSession(id: string): Promise<void> {
    await this.#database
      .deleteFrom('session')
      .where('realm', '=', this.#realm)
      .where('digest', '=', digestOf(id))
      .execute()
  }

  /** Deletes at most `limit` sessions that idled out before `now`, and says how many they were. */
  async sweep(now: number, limit: number): Promise<number> {
    const idle = this.#database
      .selectFrom('session')
      .select('digest')
      .where('realm', '=', this.#realm)
      .where('idle_until', '<=', now)
      .orderBy('idle_until')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
    const { numDeletedRows } = await this.#database
      .deleteFrom('session')
      .where('realm', '=', this.#realm)
      .where('digest', 'in', idle)
      .executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  }

  async #touch(id: string, idleUntil: number): Promise<void> {
    await this.#database
      .updateTable('session')
      .set({ idle_until: idleUntil })
      .where('realm', '=', this.#realm)
      .where('digest', '=', digestOf(id))
      .where('idle_until', '<', idleUntil)
      .execute()
  }
}
