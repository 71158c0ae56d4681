import { createHash, randomBytes } from 'node:crypto'
import type { Claims } from 'grantry'
import { sql, type Kysely } from 'kysely'
import type { Account, AccountTables, Session, TableOptions, UpstreamSession } from './account-tables.ts'

/** A session ends an hour after its last use, and 12 hours after the login. */
export const idleSeconds = 3600
const absoluteSeconds = 12 * 3600
/** Uses closer together than this are not written down. */
const touchSeconds = 60

/** Of sessions that a node of the version before started, too. */
const byPassword: Session['amr'] = ['pwd']

/** What is said of a session when it starts. */
type SessionStart = { readonly [Name in 'sid' | 'amr' | 'authTime']: Session[Name] | undefined } & {
  readonly upstream: UpstreamSession | undefined
}

/** What is stored of the id of a session. */
export const digestOf = (id: string): Uint8Array => createHash('sha256').update(id).digest()

/** The form in which user names are kept and compared. */
export const foldUsername = (username: string): string => username.normalize('NFKC').toLowerCase()

/** For sessions that a node of the version before started: it reveals nothing of the id. */
const digestedSid = (id: string): string => createHash('sha256').update(`sid\n${id}`).digest('base64url').slice(0, 22)

/** The e-mail address of claims, as users are found by it. */
export const emailIn = ({ email }: Claims): string | null => (typeof email === 'string' ? email.toLowerCase() : null)

const parseClaims = (text: string | null): Claims => JSON.parse(text ?? '{}') as Claims // only this file writes it

/**
 * Keeps users and sessions in the database of the server, whichever it is. What a method decides, it decides in one statement. Session ids
 * are stored as digests.
 */
export class AccountStore {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string
  readonly #skipLocked: boolean

  constructor(database: Kysely<AccountTables>, options: TableOptions) {
    this.#database = database
    this.#realm = options.realm ?? ''
    this.#skipLocked = options.skipLocked
  }

  /** The account with a user name, however it is written. */
  async find(username: string): Promise<Account | undefined> {
    if (username.includes('\0')) return undefined // text of PostgreSQL cannot hold it, so nobody has it
    const row = await this.#database
      .selectFrom('user')
      .select(['id', 'username', 'password', 'password_version', 'disabled_at'])
      .where('realm', '=', this.#realm)
      .where('username', '=', foldUsername(username))
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { password_version: version, disabled_at: at, ...account } = row
    return { ...account, passwordVersion: Number(version), ...(at !== null && { disabledAt: Number(at) }) }
  }

  /** What is known of a user, as claims of OpenID Connect; undefined where there is no such user. */
  async findClaims(id: string): Promise<Claims | undefined> {
    const row = await this.#database
      .selectFrom('user')
      .select(['username', 'claims'])
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && { preferred_username: row.username, ...parseClaims(row.claims) }
  }

  /**
   * Saves a new account and returns its id; undefined where the user name is taken. The user logs in by the password whose hash is given, and
   * clients may be told the claims.
   */
  async create(username: string, password: string, now: number, claims: Claims = {}): Promise<string | undefined> {
    const id = `user_${randomBytes(16).toString('base64url')}`
    const name = foldUsername(username)
    const values = { realm: this.#realm, id, username: name, password, password_version: 1, created_at: now }
    const row = await this.#database
      .insertInto('user')
      .values({ ...values, claims: JSON.stringify({ ...claims, updated_at: now }), email: emailIn(claims) })
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

  /** Replaces the password hash that an account was found with; false where that is another one by now. Ends its sessions. */
  async changePassword(
    { id, passwordVersion }: Pick<Account, 'id' | 'passwordVersion'>,
    hash: string,
  ): Promise<boolean> {
    const row = await this.#database
      .updateTable('user')
      .set({ password: hash, password_version: passwordVersion + 1 })
      .where('realm', '=', this.#realm)
      .where('id', '=', id)
      .where('password_version', '=', passwordVersion)
      .returning('id')
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Starts a session and returns its id, 256 random bits for the cookie. It is for the password that the account was found with: where
   * that was replaced meanwhile, the session is over from its start. `sid` is that of a session which it replaces, `amr`
   * says how the user logged in.
   */
  async startSession(
    account: Pick<Account, 'id' | 'passwordVersion'>,
    now: number,
    {
      sid = randomBytes(16).toString('base64url'),
      amr = byPassword,
      authTime = now,
      upstream,
    }: Partial<SessionStart> = {},
  ): Promise<string> {
    const id = randomBytes(32).toString('base64url')
    const values = {
      realm: this.#realm,
      digest: digestOf(id),
      user_id: account.id,
      password_version: account.passwordVersion,
      idle_until: now + idleSeconds,
      ends_at: now + absoluteSeconds,
      auth_time: Math.min(authTime, now),
      ...{ upstream: upstream?.issuer ?? null, upstream_sid: upstream?.sid ?? null },
      sid,
      amr: JSON.stringify(amr),
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
      .select([
        'session.user_id',
        (eb) => eb.fn.coalesce('user.shown_name', 'user.username').as('username'),
        'session.idle_until',
        'session.ends_at',
        'session.auth_time',
        'sid',
        'amr',
        'upstream',
      ])
      .where('session.realm', '=', this.#realm)
      .where('session.digest', '=', digestOf(id))
      .where('session.idle_until', '>', now)
      .where('session.ends_at', '>', now)
      .where('user.disabled_at', 'is', null)
      .executeTakeFirst()
    if (row === undefined) return undefined
    if (Number(row.idle_until) <= now + idleSeconds - touchSeconds) await this.#touch(id, now + idleSeconds)
    const authTime = Number(row.auth_time ?? Number(row.ends_at) - absoluteSeconds)
    const amr = row.amr === null ? byPassword : (JSON.parse(row.amr) as readonly string[]) // only this file writes it
    const sid = row.sid ?? digestedSid(id)
    return { id, userId: row.user_id, username: row.username, authTime, sid, amr, upstream: row.upstream ?? undefined }
  }

  /** Notes how the user of a session has shown meanwhile who he is. */
  async changeMethods(id: string, amr: Session['amr']): Promise<void> {
    await this.#database
      .updateTable('session')
      .set({ amr: JSON.stringify(amr) })
      .where('realm', '=', this.#realm)
      .where('digest', '=', digestOf(id))
      .execute()
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
    const chosen = this.#database
      .selectFrom('session')
      .select('digest')
      .where('realm', '=', this.#realm)
      .where('idle_until', '<=', now)
      .orderBy('idle_until')
      .limit(limit)
      .$if(this.#skipLocked, (query) => query.forUpdate().skipLocked())
    const deleted = await this.#database
      .with('chosen', () => chosen) // is made once: PostgreSQL may ask a query in its place again for every row
      .deleteFrom('session')
      .where('realm', '=', this.#realm)
      .where('digest', 'in', (query) => query.selectFrom('chosen').select('digest'))
      .returning('digest')
      .execute()
    return deleted.length
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
