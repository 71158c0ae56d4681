import type { Server } from 'grantry'
import type { Accounts } from '../accounts/guarded-accounts.ts'
import type { LoginLimiter } from '../accounts/login-limiter.ts'
import type { Log } from '../log.ts'
import type { Settings, Issuer } from '../settings.ts'
import type { Cookie } from './cookies.ts'

/** What the handlers of pages work with. */
export interface Site {
  readonly server: Server
  readonly issuer: Issuer
  readonly accounts: Accounts
  readonly limiter: LoginLimiter
  readonly cookies: { readonly session: Cookie; readonly login: Cookie }
  readonly now: Settings['now']
  readonly log: Log
  /** Whether the database answers and has the signing key. */
  isReady(): Promise<boolean>
}
