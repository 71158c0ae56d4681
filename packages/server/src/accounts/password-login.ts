import { passwordAttempt } from '../users/compare-password.ts'
import type { PasswordAttempt } from '../users/user-source.ts'
import type { Account } from './account-tables.ts'
import type { PasswordPool } from './password-pool.ts'

const longestUsername = 256
const longestPassword = 1024

/** Someone whose name and password were right. */
export type KnownUser = Pick<Account, 'id' | 'username' | 'passwordVersion'>

/** What a `PasswordLogin` works with. */
export interface PasswordLoginParts {
  readonly users: { login(attempt: PasswordAttempt): Promise<KnownUser | undefined> }
  readonly pool: PasswordPool
}

/** Finds out who logs in by user name and password, with the same work for users that there are not. */
export class PasswordLogin {
  readonly #parts: PasswordLoginParts

  constructor(parts: PasswordLoginParts) {
    this.#parts = parts
  }

  /** Who has this name and password; undefined where either is wrong. Throws a `PasswordPoolBusyError` where too many wait. */
  async check(username: string, password: string): Promise<KnownUser | undefined> {
    if (username.length > longestUsername || password.length > longestPassword) return undefined // whoever it is
    return this.#parts.users.login(passwordAttempt(this.#parts.pool, username, password))
  }

  /** The hash of a new password. Throws a `PasswordPoolBusyError` where too many wait. */
  hash(password: string): Promise<string> {
    return this.#parts.pool.hash(password)
  }
}
