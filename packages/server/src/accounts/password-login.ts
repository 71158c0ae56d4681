import type { Clock } from 'grantry'
import { withDeadline } from '../request-deadline.ts'
import type { AccountStore } from './account-store.ts'
import type { Account } from './account-tables.ts'
import { unavailable } from './guarded-accounts.ts'
import type { HashStore } from './hash-store.ts'
import { decoys, isCurrentHash } from './password.ts'
import { PasswordPoolBusyError, type PasswordPool } from './password-pool.ts'

const longestUsername = 256
const longestPassword = 1024
/** Seconds for which it is known whether there are hashes of the versions before. */
const knownFor = 60

/** What a `PasswordLogin` works with. */
export interface PasswordLoginParts {
  readonly accounts: Pick<AccountStore, 'find'>
  readonly hashes: Pick<HashStore, 'hasScrypt' | 'replace'>
  readonly pool: PasswordPool
  readonly now: Clock
}

/** Finds out who logs in by user name and password, with the same work for users that there are not. */
export class PasswordLogin {
  readonly #accounts: PasswordLoginParts['accounts']
  readonly #hashes: PasswordLoginParts['hashes']
  readonly #pool: PasswordPool
  readonly #now: Clock
  #scrypt = { isThere: false, until: -Infinity }

  constructor({ accounts, hashes, pool, now }: PasswordLoginParts) {
    this.#accounts = accounts
    this.#hashes = hashes
    this.#pool = pool
    this.#now = now
  }

  /**
   * The account with this name and password; undefined where either is wrong. A hash of the versions before is replaced. Throws a
   * `PasswordPoolBusyError` where too many wait.
   */
  async check(username: string, password: string): Promise<Account | undefined> {
    const isPlausible = username.length <= longestUsername && password.length <= longestPassword
    const account = isPlausible ? await this.#accounts.find(username) : undefined
    const text = password.slice(0, longestPassword)
    if (!(await this.#isRight(account?.password, text)) || account === undefined) return undefined
    if (!isCurrentHash(account.password)) await this.#upgrade(account, text)
    return account
  }

  /** The hash of a new password. Throws a `PasswordPoolBusyError` where too many wait. */
  hash(password: string): Promise<string> {
    return this.#pool.hash(password)
  }

  /** As long as somebody has a scrypt hash, one is compared for everybody, so that the time does not say who. */
  async #isRight(stored: string | undefined, password: string): Promise<boolean> {
    const isScrypt = stored?.startsWith('$scrypt$') ?? false
    const hasScrypt = isScrypt || (await this.#hasScrypt())
    const argon2id = stored !== undefined && !isScrypt ? stored : decoys.argon2id
    const scrypt = stored !== undefined && isScrypt ? stored : decoys.scrypt
    const [first = false, second = false] = await this.#pool.verify(
      password,
      hasScrypt ? [argon2id, scrypt] : [argon2id],
    )
    return isScrypt ? second : first
  }

  async #hasScrypt(): Promise<boolean> {
    const now = this.#now()
    if (now >= this.#scrypt.until)
      this.#scrypt = { isThere: await this.#hashes.hasScrypt().catch(unavailable), until: now + knownFor }
    return this.#scrypt.isThere
  }

  async #upgrade({ id, password: old }: Account, password: string): Promise<void> {
    try {
      const hash = await this.#pool.hash(password)
      await withDeadline(() => this.#hashes.replace(id, old, hash).catch(unavailable)) // hashing took its time, which is not the database's
    } catch (thrown) {
      if (!(thrown instanceof PasswordPoolBusyError)) throw thrown // else it is done at the next login
    }
  }
}
