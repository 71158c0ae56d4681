import type { Kysely } from 'kysely'
import { AccountStore } from '../accounts/account-store.ts'
import { AuditStore } from '../audit/audit-store.ts'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'
import { ConsentStore } from '../accounts/consent-store.ts'
import type { Data } from '../data.ts'
import { UserSessions } from '../accounts/user-sessions.ts'
import { SessionClients } from '../accounts/session-clients.ts'
import { HashStore } from '../accounts/hash-store.ts'
import { UserDirectory } from '../accounts/user-directory.ts'
import { GrantDirectory } from './grant-directory.ts'
import { PasskeyStore } from '../accounts/passkey-store.ts'
import { ResetRequests } from '../accounts/reset-requests.ts'
import { TotpStore } from '../accounts/totp-store.ts'
import { ActivityStore } from '../telemetry/activity-store.ts'
import { OutsideStore } from '../users/outside-store.ts'
import { IdentityStore } from '../upstreams/identity-store.ts'
import { SecretStore } from './secret-store.ts'

/** What works with the tables of the server itself. */
export const openTables = (
  database: Kysely<AccountTables>,
  options: TableOptions,
): Pick<
  Data,
  | 'accounts'
  | 'users'
  | 'grants'
  | 'sessions'
  | 'consents'
  | 'sessionClients'
  | 'secrets'
  | 'totp'
  | 'passkeys'
  | 'resetRequests'
  | 'hashes'
  | 'audit'
  | 'activity'
  | 'identities'
  | 'outside'
> => ({
  accounts: new AccountStore(database, options),
  users: new UserDirectory(database, options),
  grants: new GrantDirectory(database, options),
  sessions: new UserSessions(database, options),
  consents: new ConsentStore(database, options),
  sessionClients: new SessionClients(database, options),
  secrets: new SecretStore(database, options),
  totp: new TotpStore(database, options),
  passkeys: new PasskeyStore(database, options),
  resetRequests: new ResetRequests(database, options),
  hashes: new HashStore(database, options),
  audit: new AuditStore(database, options),
  activity: new ActivityStore(database, options),
  outside: new OutsideStore(database, options),
  identities: new IdentityStore(database, options),
})
