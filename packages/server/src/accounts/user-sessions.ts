import type { Kysely } from 'kysely'
import { digestOf, idleSeconds } from './account-store.ts'
import type { AccountTables, TableOptions, UpstreamSession } from './account-tables.ts'

/** A session as its user is shown it. */
export interface UserSession {
  /** What it is called, which is no secret: the digest of its id as base64url. */
  readonly handle: string
  /** What clients know it by. Undefined where a node of an older version started it. */
  readonly sid: string | undefined
  /** In seconds; the last use is kept to the minute. */
  readonly startedAt: number
  readonly lastUsedAt: number
}

/** What the session with an id is called. */
export const handleOf = (id: string): string => Buffer.from(digestOf(id)).toString('base64url')

const digestIn = (handle: string): Uint8Array => Buffer.from(handle, 'base64url')

/** Which sessions that began at a provider: one of both is known. */
export interface UpstreamSessionQuery extends UpstreamSession {
  readonly subject: string | undefined
}

/** The sessions of one user, to be seen and ended by that user. */
export class UserSessions {
  readonly #database: Kysely<AccountTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database
    this.#realm = realm
  }

  /** The live ones, the one that was used last first. */
  async list(userId: string, now: number): Promise<readonly UserSession[]> {
    const rows = await this.#of(userId)
      .innerJoin('user', (join) =>
        join
          .onRef('user.realm', '=', 'session.realm')
          .onRef('user.id', '=', 'session.user_id')
          .onRef('user.password_version', '=', 'session.password_version'),
      )
      .select(['session.digest', 'session.sid', 'session.auth_time', 'session.idle_until'])
      .where('session.idle_until', '>', now)
      .where('session.ends_at', '>', now)
      .where('user.disabled_at', 'is', null)
      .orderBy('session.idle_until', 'desc')
      .orderBy('session.digest')
      .execute()
    return rows.map((row) => {
      const lastUsedAt = Number(row.idle_until) - idleSeconds
      const startedAt = Number(row.auth_time ?? lastUsedAt)
      return { handle: Buffer.from(row.digest).toString('base64url'), sid: row.sid ?? undefined, startedAt, lastUsedAt }
    })
  }

  /** Whether a session is live; being asked keeps it from idling out. */
  async keepAlive(userId: string, sid: string, now: number): Promise<boolean> {
    const live = (await this.list(userId, now)).filter((session) => session.sid === sid)
    if (live.length > 0 && live.every(({ lastUsedAt }) => now - lastUsedAt >= 60))
      await this.#database
        .updateTable('session')
        .set({ idle_until: now + idleSeconds })
        .where('realm', '=', this.#realm)
        .where('user_id', '=', userId)
        .where('sid', '=', sid)
        .where('idle_until', '>', now)
        .execute()
    return live.length > 0
  }

  /** What there is beside the session with an id: also sessions that are over, which clients may still know of. */
  async others(userId: string, id: string): Promise<readonly Pick<UserSession, 'handle' | 'sid'>[]> {
    const rows = await this.#of(userId)
      .select(['session.digest', 'session.sid'])
      .where('session.digest', '!=', digestOf(id))
      .execute()
    return rows.map(({ digest, sid }) => ({ handle: Buffer.from(digest).toString('base64url'), sid: sid ?? undefined }))
  }

  /** The sessions that began at a provider: that of its `sid`, or those of a user there. */
  async fromUpstream({ issuer, sid, subject }: UpstreamSessionQuery) {
    const rows = await this.#database
      .selectFrom('session')
      .select(['session.digest', 'session.sid', 'session.user_id'])
      .where('session.realm', '=', this.#realm)
      .where('session.upstream', '=', issuer)
      .$if(sid !== undefined, (query) => query.where('session.upstream_sid', '=', sid ?? ''))
      .$if(subject !== undefined, (query) =>
        query.where('session.user_id', 'in', (users) =>
          users
            .selectFrom('identity')
            .select('identity.user_id')
            .where('identity.realm', '=', this.#realm)
            .where('identity.issuer', '=', issuer)
            .where('identity.subject', '=', subject ?? ''),
        ),
      )
      .execute()
    return rows.map(({ digest, sid: own, user_id: userId }) => ({
      ...{ userId, handle: Buffer.from(digest).toString('base64url'), sid: own ?? undefined },
    }))
  }

  /** Ends a session of the user, and of nobody else; one that is over already stays so. */
  async end(userId: string, handle: string): Promise<void> {
    await this.#database
      .deleteFrom('session')
      .where('realm', '=', this.#realm)
      .where('user_id', '=', userId)
      .where('digest', '=', digestIn(handle))
      .execute()
  }

  #of(userId: string) {
    return this.#database
      .selectFrom('session')
      .where('session.realm', '=', this.#realm)
      .where('session.user_id', '=', userId)
  }
}
