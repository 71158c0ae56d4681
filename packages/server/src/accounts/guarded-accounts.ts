import { TemporarilyUnavailableError } from 'grantry'
import type { AccountStore } from './account-store.ts'
import type { ConsentStore } from './consent-store.ts'

/** What pages use of an `AccountStore`. */
export type Accounts = Pick<
  AccountStore,
  'find' | 'startSession' | 'findSession' | 'changeMethods' | 'changePassword' | 'create'
>
/** What pages use of a `ConsentStore`. */
export type Consents = Pick<ConsentStore, 'find' | 'remember'>

/** Answers a failure of the database as one of the store: 503. */
export const unavailable = (cause: unknown): never => {
  throw new TemporarilyUnavailableError('store_failed', { cause })
}

/** Accounts whose failures are answered as those of the store: 503, with `Retry-After`. */
export const guardAccounts = (accounts: AccountStore): Accounts => ({
  find: (username) => accounts.find(username).catch(unavailable),
  startSession: (account, now, how) => accounts.startSession(account, now, how).catch(unavailable),
  changeMethods: (id, amr) => accounts.changeMethods(id, amr).catch(unavailable),
  changePassword: (account, hash) => accounts.changePassword(account, hash).catch(unavailable),
  create: (username, hash, now, claims) => accounts.create(username, hash, now, claims).catch(unavailable),
  findSession: (id, now) => accounts.findSession(id, now).catch(unavailable),
})

/** The same for consents. */
export const guardConsents = (consents: ConsentStore): Consents => ({
  find: (key) => consents.find(key).catch(unavailable),
  remember: (key, previous, next, now) => consents.remember(key, previous, next, now).catch(unavailable),
})
