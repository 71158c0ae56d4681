import type { Clock } from 'grantry'
import type { AccountStore } from '../accounts/account-store.ts'
import { unavailable } from '../accounts/guarded-accounts.ts'
import type { HashStore } from '../accounts/hash-store.ts'
import { decoys, foldPassword, isCurrentHash } from '../accounts/password.ts'
import { PasswordPoolBusyError, type PasswordPool } from '../accounts/password-pool.ts'
import { withDeadline } from '../request-deadline.ts'
import { comparePassword } from './compare-password.ts'
import type { PasswordAttempt, SourceLogin, UserSource } from './user-source.ts'

/** Seconds for which it is known whether there are hashes of the versions before. */
const knownFor = 60

/** What local users are found and compared with. */
export interface LocalUsersParts {
  readonly accounts: Pick<AccountStore, 'find'>
  readonly hashes: Pick<HashStore, 'hasScrypt' | 'replace'>
  readonly pool: PasswordPool
  readonly now: Clock
}

/** The users in the database of the server itself. */
export class LocalUsers implements Pick<UserSource, 'login'> {
  readonly #parts: LocalUsersParts
  #scrypt = { isThere: false, until: -Infinity }

  constructor(parts: LocalUsersParts) {
    this.#parts = parts
  }

  /** A hash of the versions before is replaced. */
  async login({ username, password: typed }: PasswordAttempt): Promise<SourceLogin | undefined> {
    const { accounts, pool } = this.#parts
    const account = await accounts.find(username)
    const hash = account?.password || undefined // empty for those who log in elsewhere
    const password = foldPassword(typed)
    const isRight = await comparePassword(pool, password, { hash, formats: await this.#formats(hash) })
    if (!isRight || account === undefined || hash === undefined || account.disabledAt !== undefined) return undefined
    const { id, passwordVersion } = account
    if (!isCurrentHash(hash)) await this.#upgrade(id, hash, password)
    return { id, username: account.username, version: String(passwordVersion) }
  }

  /** Hashes are Argon2id, and scrypt as long as somebody has one. */
  async #formats(hash: string | undefined): Promise<readonly string[]> {
    const hasScrypt = hash?.startsWith('$scrypt$') === true || (await this.#hasScrypt())
    return hasScrypt ? [decoys.argon2id, decoys.scrypt] : [decoys.argon2id]
  }

  async #hasScrypt(): Promise<boolean> {
    const { hashes, now } = this.#parts
    if (now() >= this.#scrypt.until)
      this.#scrypt = { isThere: await hashes.hasScrypt().catch(unavailable), until: now() + knownFor }
    return this.#scrypt.isThere
  }

  async #upgrade(id: string, old: string, password: string): Promise<void> {
    const { hashes, pool } = this.#parts
    try {
      const hash = await pool.hash(password)
      await withDeadline(() => hashes.replace(id, old, hash).catch(unavailable)) // hashing took its time, which is not the database's
    } catch (thrown) {
      if (!(thrown instanceof PasswordPoolBusyError)) throw thrown // else it is done at the next login
    }
  }
}
