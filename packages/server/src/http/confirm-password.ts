import type { Session } from '../accounts/account-tables.ts'
import type { KnownUser } from '../accounts/password-login.ts'
import { PasswordPoolBusyError } from '../accounts/password-pool.ts'
import { withDeadline } from '../request-deadline.ts'
import type { PageRequest } from './page-response.ts'
import type { Site } from './site.ts'

/** Why a password does not count. */
export interface Unconfirmed {
  readonly status: 400 | 429 | 503
  readonly reason: 'wrong' | 'limited' | 'busy'
  /** Seconds after which to try again. */
  readonly retryAfter?: number
}

/** Asks whoever is at a browser that is logged in for the password again: the user may have left it. Counted as a login. */
export const confirmPassword = async (
  site: Site,
  http: PageRequest,
  { userId, username }: Session,
  password: string,
): Promise<KnownUser | Unconfirmed> => {
  const attempt = { username, address: http.address, device: site.devices.find(http, username, site.now()) }
  const refusal = await site.limits.take(attempt)
  if (refusal !== undefined) return { status: 429, reason: 'limited', retryAfter: refusal.retryAfter }
  try {
    const account = await site.passwords.check(username, password)
    if (account?.id !== userId) return { status: 400, reason: 'wrong' }
    await withDeadline(async () => site.limits.clear(attempt)) // hashing took its time, which is not the database's
    return account
  } catch (thrown) {
    if (!(thrown instanceof PasswordPoolBusyError)) throw thrown
    return { status: 503, reason: 'busy', retryAfter: thrown.retryAfter }
  }
}
