import { createHash, randomBytes } from 'node:crypto'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { StartError } from '../errors.ts'

/** Someone who can log in. */
export interface Account {
  /** `user_` and random characters; the `sub` of tokens. */
  readonly id: string
  /** As it was folded by `foldUsername`. */
  readonly username: string
  /** A password hash in PHC format. */
  readonly password: string
}

/** A browser that someone is logged in at. */
export interface Session {
  /** The secret in the cookie. */
  readonly id: string
  readonly userId: string
  readonly username: string
}

const schemaVersion = 1
const schema = `
CREATE TABLE IF NOT EXISTS server_schema (version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS user (
  id TEXT NOT NULL PRIMARY KEY, username TEXT NOT NULL UNIQUE, password TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS session (
  digest BLOB NOT NULL PRIMARY KEY, user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  idle_until INTEGER NOT NULL, ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_idle ON session (idle_until);
INSERT INTO server_schema (version) SELECT ${schemaVersion} WHERE NOT EXISTS (SELECT 1 FROM server_schema);
`

const sql = {
  find: 'SELECT id, username, password FROM user WHERE username = ?',
  put: 'INSERT INTO user (id, username, password, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (username) DO NOTHING RETURNING id',
  setPassword: 'UPDATE user SET password = ? WHERE username = ? RETURNING id',
  endSessionsOf: 'DELETE FROM session WHERE user_id = ?',
  startSession: 'INSERT INTO session (digest, user_id, idle_until, ends_at) VALUES (?, ?, ?, ?)',
  findSession: `SELECT user_id, username, idle_until FROM session JOIN user ON user.id = session.user_id
    WHERE digest = $digest AND idle_until > $now AND ends_at > $now`,
  touchSession: 'UPDATE session SET idle_until = ? WHERE digest = ?',
  endSession: 'DELETE FROM session WHERE digest = ?',
  sweep: `DELETE FROM session WHERE digest IN (SELECT digest FROM session WHERE idle_until <= $now ORDER BY idle_until LIMIT $limit)`,
}

/** A session ends an hour after its last use, and 12 hours after the login. */
const idleSeconds = 3600
const absoluteSeconds = 12 * 3600
/** Uses closer together than this are not written down. */
const touchSeconds = 60

const digestOf = (id: string): Uint8Array => createHash('sha256').update(id).digest()

const text = (value: SQLOutputValue | undefined): string => String(value)

/** The form in which user names are kept and compared. */
export const foldUsername = (username: string): string => username.normalize('NFKC').toLowerCase()

/** Keeps users and sessions in the database file of the server. Session ids are stored as digests. */
export class AccountStore {
  readonly #database: DatabaseSync
  readonly #statements: Readonly<Record<keyof typeof sql, StatementSync>>

  /** Opens the file and makes its tables. Throws a `StartError` where a newer version made them. */
  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    this.#database.exec(`PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; ${schema} COMMIT`)
    const version = Number(
      this.#database.prepare('SELECT max(version) AS version FROM server_schema').get()?.['version'],
    )
    if (version > schemaVersion) {
      this.#database.close()
      throw new StartError(
        `${path} was written by a newer version of grantry-server. Update it, or name another folder by --data.`,
      )
    }
    const prepared = Object.entries(sql).map(([name, source]) => [name, this.#database.prepare(source)])
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof sql, StatementSync> // fromEntries widens the keys
  }

  close(): void {
    this.#database.close()
  }

  /** The account with a user name, however it is written. */
  find(username: string): Account | undefined {
    const row = this.#statements.find.get(foldUsername(username))
    return row && { id: text(row['id']), username: text(row['username']), password: text(row['password']) }
  }

  /** Saves a new account and returns its id; undefined where the user name is taken. */
  create(username: string, password: string, now: number): string | undefined {
    const id = `user_${randomBytes(16).toString('base64url')}`
    const [row] = this.#statements.put.all(id, foldUsername(username), password, now)
    return row && text(row['id'])
  }

  /** Replaces a password hash and ends the sessions of the user; false where there is no such user. */
  setPassword(username: string, password: string): boolean {
    const [row] = this.#statements.setPassword.all(password, foldUsername(username))
    if (row === undefined) return false
    this.#statements.endSessionsOf.run(text(row['id']))
    return true
  }

  /** Starts a session and returns its id, 256 random bits for the cookie. */
  startSession(userId: string, now: number): string {
    const id = randomBytes(32).toString('base64url')
    this.#statements.startSession.run(digestOf(id), userId, now + idleSeconds, now + absoluteSeconds)
    return id
  }

  /** The live session with this id; being looked at keeps it from idling out. */
  findSession(id: string, now: number): Session | undefined {
    const digest = digestOf(id)
    const row = this.#statements.findSession.get({ $digest: digest, $now: now })
    if (row === undefined) return undefined
    const idleUntil = now + idleSeconds
    if (Number(row['idle_until']) <= idleUntil - touchSeconds) this.#statements.touchSession.run(idleUntil, digest)
    return { id, userId: text(row['user_id']), username: text(row['username']) }
  }

  endSession(id: string): void {
    this.#statements.endSession.run(digestOf(id))
  }

  /** Deletes at most `limit` sessions that idled out before `now`, and says how many they were. */
  sweep(now: number, limit: number): number {
    return Number(this.#statements.sweep.run({ $now: now, $limit: limit }).changes)
  }
}
