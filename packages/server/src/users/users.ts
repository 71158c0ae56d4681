import { createHash } from 'node:crypto'
import { OAuthError, type Awaitable, type Claims, type Clock } from 'grantry'
import type { AccountStore } from '../accounts/account-store.ts'
import { unavailable } from '../accounts/guarded-accounts.ts'
import type { UserDirectory } from '../accounts/user-directory.ts'
import type { KnownUser } from '../accounts/password-login.ts'
import type { Log } from '../log.ts'
import type { SessionLinks } from '../accounts/session-links.ts'
import { withDeadline } from '../request-deadline.ts'
import { outsideIdOf, userIdOf } from './outside-ids.ts'
import type { OutsideStore } from './outside-store.ts'
import { RecentChecks } from './recent-checks.ts'
import type { PasswordAttempt, SourceLogin, UserSource } from './user-source.ts'

/** What users are found by. */
export interface UsersParts {
  /** Who logs in by a password of this server, where `source` is undefined. */
  readonly local: Pick<UserSource, 'login'>
  /** Where users come from; undefined where this server has them. */
  readonly source: UserSource | undefined
  readonly accounts: Pick<AccountStore, 'findClaims'>
  readonly outside: OutsideStore
  readonly directory: Pick<UserDirectory, 'isActive'>
  readonly links: Pick<SessionLinks, 'endAllOf' | 'endUser'>
  readonly now: Clock
  readonly log: Log
}

/** What became of a user since the last look. `changed` ended the sessions, `gone` the grants as well. */
export type UserState = 'same' | 'changed' | 'gone'

/** Seconds for which the word of a source counts. */
const trustedFor = 60

const digestOf = (version: string): string => createHash('sha256').update(version).digest('base64url')

/** What a source says, or 503 where it does not answer. */
const ask = async <Answer>(question: () => Awaitable<Answer>): Promise<Answer> => {
  try {
    return await question()
  } catch (thrown) {
    if (thrown instanceof OAuthError) throw thrown
    return unavailable(thrown)
  }
}

/** Everyone who can log in, wherever they are kept. Failures are answered with 503. */
export class Users {
  readonly #parts: UsersParts
  readonly #checks: RecentChecks

  constructor(parts: UsersParts) {
    this.#parts = parts
    this.#checks = new RecentChecks(trustedFor, parts.now)
  }

  /** Who typed the right password; undefined for everybody else. */
  async login(attempt: PasswordAttempt): Promise<KnownUser | undefined> {
    const { local, source } = this.#parts
    const found = await ask(() => (source ?? local).login(attempt))
    if (found === undefined) return undefined
    if (source !== undefined) return withDeadline(() => this.#admitActive(found)) // its time is not the database's
    return { id: found.id, username: found.username, passwordVersion: Number(found.version) }
  }

  /** Whether a user is there and no operator has disabled him. */
  isActive(id: string): Promise<boolean> {
    return ask(() => this.#parts.directory.isActive(id))
  }

  /** What is known of a user; undefined for one who is gone. */
  async findClaims(id: string): Promise<Claims | undefined> {
    const outsideId = outsideIdOf(id)
    if (outsideId === undefined) return ask(() => this.#parts.accounts.findClaims(id))
    const found = await this.#find(id, outsideId)
    return found && { preferred_username: found.username, ...found.claims }
  }

  /** Looks whether a user still is who logged in. The source is asked once in a minute, by each node. */
  async stateOf(id: string): Promise<UserState> {
    const outsideId = outsideIdOf(id)
    if (outsideId === undefined || this.#checks.isRecent(id)) return 'same'
    const found = await this.#find(id, outsideId)
    return found === undefined ? 'gone' : (await this.#admit(found)).state
  }

  /** Without a source, nobody knows, and what users had is left for when there is one again. */
  async #find(id: string, outsideId: string) {
    const { source, outside, links, log } = this.#parts
    const found = await ask(() => source?.find(outsideId))
    if (found === undefined && source !== undefined) {
      await links.endUser(id)
      if (await ask(() => outside.retire(id))) log({ type: 'source.user_gone', userId: id })
    }
    if (found === undefined || found.id === outsideId) return found
    return unavailable(new Error('The source of users answered with another user than it was asked for.'))
  }

  async #admitActive(found: SourceLogin): Promise<KnownUser | undefined> {
    const { user } = await this.#admit(found)
    return (await this.isActive(user.id)) ? user : undefined
  }

  /** What hangs on the sessions of another version ends before they do: whatever fails is done again. */
  async #admit({ id: outsideId, username, version }: SourceLogin) {
    const { outside, links, now, log } = this.#parts
    const id = await ask(() => userIdOf(outsideId))
    const told = { username, version: digestOf(version) }
    const before = await ask(() => outside.find(id))
    const state: UserState = before?.version === told.version ? 'same' : 'changed'
    if (before !== undefined && state === 'changed') {
      await links.endAllOf(id)
      log({ type: 'source.user_changed', userId: id })
    }
    const isKnown = state === 'same' && before?.username === username
    const passwordVersion = isKnown ? before.passwordVersion : await ask(() => outside.save(id, told, now()))
    this.#checks.note(id)
    return { state, user: { id, username, passwordVersion } }
  }
}
