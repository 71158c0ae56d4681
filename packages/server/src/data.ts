import type { Store } from 'grantry'
import type { AccountStore } from './accounts/account-store.ts'
import type { SessionClients } from './accounts/session-clients.ts'
import type { ConsentStore } from './accounts/consent-store.ts'
import type { HashStore } from './accounts/hash-store.ts'
import type { PasskeyStore } from './accounts/passkey-store.ts'
import type { ResetRequests } from './accounts/reset-requests.ts'
import type { TotpStore } from './accounts/totp-store.ts'
import type { UserDirectory } from './accounts/user-directory.ts'
import type { GrantDirectory } from './database/grant-directory.ts'
import type { UserSessions } from './accounts/user-sessions.ts'
import type { AuditStore } from './audit/audit-store.ts'
import { openPostgres } from './database/postgres.ts'
import type { SecretStore } from './database/secret-store.ts'
import { openSqlite } from './database/sqlite.ts'
import type { Observe } from './telemetry/measured.ts'
import type { ActivityStore } from './telemetry/activity-store.ts'
import type { IdentityStore } from './upstreams/identity-store.ts'
import type { OutsideStore } from './users/outside-store.ts'
import type { Log } from './log.ts'

/** A step of the sweeper. */
export interface SweepStep {
  /** Most rows. */
  readonly rows: number
  /** About how long it may take: it deletes fewer where it takes longer. */
  readonly ms: number
  /** How much longer than a step the rest after it is, so that requests come between. */
  readonly restFactor: number
}

/** The connections of a pool, and the statements that wait for one. */
export interface PoolCounts {
  readonly busy: number
  readonly idle: number
  readonly waiting: number
}

/** The open database of a server. */
export interface Data {
  readonly store: Store
  readonly accounts: AccountStore
  readonly users: UserDirectory
  readonly grants: GrantDirectory
  readonly sessions: UserSessions
  readonly consents: ConsentStore
  readonly sessionClients: SessionClients
  readonly secrets: SecretStore
  readonly totp: TotpStore
  readonly passkeys: PasskeyStore
  readonly resetRequests: ResetRequests
  readonly hashes: HashStore
  readonly audit: AuditStore
  readonly activity: ActivityStore
  readonly outside: OutsideStore
  readonly identities: IdentityStore
  /** What it is called in messages: a folder, or a URL without its password. */
  readonly name: string
  /** The state of its connections; undefined where there are none. */
  readonly poolCounts?: (() => PoolCounts) | undefined
  /** How much a step of the sweeper deletes. */
  readonly sweepStep: SweepStep
  /** Finishes what runs, and closes it. */
  close(): Promise<void>
}

/** Where the data is, and how to open it. */
export interface DataOptions {
  /** The folder of the SQLite database. */
  readonly data: string
  /** Whether the folder is made where it is missing. */
  readonly create: boolean
  /** The URL of a PostgreSQL database, which is used instead then. */
  readonly database: string | undefined
  /** Seconds to wait for it. */
  readonly databaseWait: number
  /** Most connections to it. */
  readonly databasePool: number
  /** Whether settings of it that lose what was answered are accepted. */
  readonly allowUnsafeDurability: boolean
  readonly log: Log
  /** Told how long each call to it took. Default: nobody is. */
  readonly observe?: Observe
}

/** Opens the database. Throws a `StartError` or a `StoreError` that says what is wrong with it; nothing stays open then. */
export const openData = async (options: DataOptions): Promise<Data> =>
  options.database === undefined
    ? openSqlite(options.data, options)
    : openPostgres({ ...options, database: options.database })
