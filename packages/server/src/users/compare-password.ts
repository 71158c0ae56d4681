import type { PasswordPool } from '../accounts/password-pool.ts'
import { formatOf } from '../accounts/hash-formats.ts'
import { decoys } from '../accounts/password.ts'
import type { PasswordAttempt } from './user-source.ts'

/** What a password is compared with. */
export interface Comparison {
  /** Undefined for a user that there is not, or who has no password. */
  readonly hash: string | undefined
  /** Hashes in the formats that users have. */
  readonly formats: readonly string[]
}

/**
 * Whether a password is that of a hash; not where that is in no format that is known. One hash of each format is compared, whoever it is, so
 * that the time does not tell.
 */
export const comparePassword = async (
  pool: Pick<PasswordPool, 'verify'>,
  password: string,
  { hash, formats }: Comparison,
): Promise<boolean> => {
  const byFormat = new Map([...formats, ...(hash === undefined ? [] : [hash])].map((each) => [formatOf(each), each]))
  byFormat.delete(undefined)
  const compared = byFormat.size > 0 ? [...byFormat.values()] : [decoys.argon2id]
  const results = await pool.verify(password, compared)
  return hash !== undefined && results[compared.indexOf(hash)] === true
}

/** Someone who typed a name and a password. */
export const passwordAttempt = (
  pool: Pick<PasswordPool, 'verify'>,
  username: string,
  password: string,
): PasswordAttempt => ({
  username,
  password,
  matches: (hash, formats) => comparePassword(pool, password, { hash, formats }),
})
