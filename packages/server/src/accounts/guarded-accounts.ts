import { TemporarilyUnavailableError } from 'grantry'
import type { AccountStore } from './account-store.ts'

/** What pages use of an `AccountStore`. */
export type Accounts = Pick<AccountStore, 'find' | 'startSession' | 'findSession' | 'endSession'>

const unavailable = (cause: unknown): never => {
  throw new TemporarilyUnavailableError('store_failed', { cause })
}

/** Accounts whose failures are answered as those of the store: 503, with `Retry-After`. */
export const guardAccounts = (accounts: AccountStore): Accounts => ({
  find: (username) => accounts.find(username).catch(unavailable),
  startSession: (account, now) => accounts.startSession(account, now).catch(unavailable),
  findSession: (id, now) => accounts.findSession(id, now).catch(unavailable),
  endSession: (id) => accounts.endSession(id).catch(unavailable),
})
