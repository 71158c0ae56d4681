import { createHash, randomBytes } from 'node:crypto'
import type { Claims } from 'grantry'
import type { Kysely } from 'kysely'
import { emailIn } from '../accounts/account-store.ts'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'
import type { KnownUser } from '../accounts/password-login.ts'
import { hasOtherWay, type WaysIn } from '../accounts/ways-in.ts'

/** A login at another provider: whose it is there. */
export interface IdentityKey {
  readonly issuer: string
  readonly subject: string
}

/** A login that belongs to a user. */
export interface Identity extends IdentityKey {
  /** What it is called there, as it was told last. */
  readonly shownName: string
  /** In seconds. */
  readonly linkedAt: number
}

/** A login that is under way. */
export interface PendingUpstream {
  readonly upstream: string
  /** Where the browser goes on. */
  readonly target: string
  /** Who connects it, where that is what it is for. */
  readonly userId: string | undefined
  /** Seconds that the login there may be old. */
  readonly maxAge: number | undefined
}

/** Which login it is: the state, and the browser that it began in. */
export interface PendingKey {
  readonly state: string
  readonly browser: string
}

const digestOf = (text: string): Uint8Array => createHash('sha256').update(text).digest()

/** Keeps which logins of other providers belong to whom, and which of them are under way. */
export class IdentityStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, { realm = '', skipLocked }: TableOptions) {
    this.#database = database
    this.#realm = realm
    this.#skipLocked = skipLocked
  }

  /** The user that a login belongs to. */
  async find({ issuer, subject }: IdentityKey): Promise<KnownUser | undefined> {
    const row = await this.#database
      .selectFrom('identity')
      .innerJoin('user', (join) =>
        join.onRef('user.realm', '=', 'identity.realm').onRef('user.id', '=', 'identity.user_id'),
      )
      .select(['user.id', 'user.password_version'])
      .select(({ fn }) => fn.coalesce('user.shown_name', 'user.username').as('username'))
      .where('identity.realm', '=', this.#realm)
      .where('identity.issuer', '=', issuer)
      .where('identity.subject', '=', subject)
      .executeTakeFirst()
    return row && { id: row.id, username: row.username, passwordVersion: Number(row.password_version) }
  }

  /** Gives a login to a user, and says whose it is then: of two who want it at once, one gets it. */
  async link({ issuer, subject }: IdentityKey, userId: string, shownName: string, now: number): Promise<string> {
    const values = { realm: this.#realm, issuer, subject, user_id: userId, shown_name: shownName, linked_at: now }
    const row = await this.#database
      .insertInto('identity')
      .values(values)
      .onConflict((conflict) => conflict.columns(['realm', 'issuer', 'subject']).doUpdateSet({ shown_name: shownName }))
      .returning('user_id')
      .executeTakeFirstOrThrow()
    return row.user_id
  }

  /** A new user for a login. Where it has one by now, the user is that one. */
  async createUser(key: IdentityKey, shownName: string, claims: Claims, now: number): Promise<void> {
    const id = await this.link(key, `user_${randomBytes(16).toString('base64url')}`, shownName, now)
    const own = { password: '', password_version: 1, created_at: now } // nobody logs in by a password
    await this.#database
      .insertInto('user')
      .values({ realm: this.#realm, id, username: id, ...own, ...this.#told(shownName, claims, now) })
      .onConflict((conflict) => conflict.doNothing()) // of any key: PostgreSQL may meet that of the name first
      .execute()
  }

  /** Takes over what the provider says of a user who was made by a login there. Others say themselves who they are. */
  async update(userId: string, shownName: string, claims: Claims, now: number): Promise<void> {
    await this.#database
      .updateTable('user')
      .set(this.#told(shownName, claims, now))
      .where('realm', '=', this.#realm)
      .where('id', '=', userId)
      .where('username', '=', userId)
      .where('password', '=', '')
      .execute()
  }

  /** The logins of a user, the oldest first. */
  async list(userId: string): Promise<readonly Identity[]> {
    const rows = await this.#database
      .selectFrom('identity')
      .select(['issuer', 'subject', 'shown_name', 'linked_at'])
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .orderBy('linked_at')
      .orderBy('issuer')
      .orderBy('subject')
      .execute()
    return rows.map(({ shown_name: shownName, linked_at: at, ...key }) => ({ ...key, shownName, linkedAt: Number(at) }))
  }

  /** Takes a login away from its user; false where there is none, and where it is the last way in. */
  async unlink(userId: string, key: IdentityKey, ways: WaysIn): Promise<boolean> {
    const row = await this.#database
      .deleteFrom('identity')
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .where('issuer', '=', key.issuer)
      .where('subject', '=', key.subject)
      .where(hasOtherWay({ realm: this.#realm, userId, hasLocks: this.#skipLocked }, ways, key))
      .returning('user_id')
      .executeTakeFirst()
    return row !== undefined
  }

  /** Whether a user has a password in this database. */
  async hasPassword(userId: string): Promise<boolean> {
    const row = await this.#database
      .selectFrom('user')
      .select('id')
      .where('realm', '=', this.#realm)
      .where('id', '=', userId)
      .where('password', '<>', '')
      .executeTakeFirst()
    return row !== undefined
  }

  /** Takes all logins away from a user, who is deleted. */
  async forgetUser(userId: string): Promise<void> {
    await this.#database.deleteFrom('identity').where('realm', '=', this.#realm).where('user_id', '=', userId).execute()
  }

  /** Notes a login that begins. */
  async begin({ state, browser }: PendingKey, pending: PendingUpstream, expiresAt: number): Promise<void> {
    const { upstream, target, userId = null, maxAge = null } = pending
    const values = { upstream, target, user_id: userId, max_age: maxAge, expires_at: expiresAt }
    await this.#database
      .insertInto('upstream_login')
      .values({ realm: this.#realm, digest: digestOf(state), browser: digestOf(browser), ...values })
      .execute()
  }

  /** Uses up a login that is under way, in the browser in which it began and at its provider. If two get it, a code is tried twice. */
  async finish({ state, browser }: PendingKey, upstream: string, now: number): Promise<PendingUpstream | undefined> {
    const row = await this.#database
      .deleteFrom('upstream_login')
      .where('realm', '=', this.#realm)
      .where('digest', '=', digestOf(state))
      .where('browser', '=', digestOf(browser))
      .where('upstream', '=', upstream)
      .where('expires_at', '>', now)
      .returning(['target', 'user_id', 'max_age'])
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { target, user_id: userId, max_age: maxAge } = row
    return { upstream, target, userId: userId ?? undefined, maxAge: maxAge === null ? undefined : Number(maxAge) }
  }

  /** Deletes at most `limit` logins that nobody ended, and says how many they were. */
  async sweep(now: number, limit: number): Promise<number> {
    const chosen = this.#database
      .selectFrom('upstream_login')
      .select('digest')
      .where('realm', '=', this.#realm)
      .where('expires_at', '<=', now)
      .orderBy('expires_at')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
    const deleted = await this.#database
      .with('chosen', () => chosen) // is made once: PostgreSQL may ask a query in its place again for every row
      .deleteFrom('upstream_login')
      .where('realm', '=', this.#realm)
      .where('digest', 'in', (query) => query.selectFrom('chosen').select('digest'))
      .returning('digest')
      .execute()
    return deleted.length
  }

  #told(shownName: string, claims: Claims, now: number) {
    return { shown_name: shownName, claims: JSON.stringify({ ...claims, updated_at: now }), email: emailIn(claims) }
  }
}
