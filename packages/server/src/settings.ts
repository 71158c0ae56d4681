import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { systemClock, type Clock, type EndsWithSession } from 'grantry'
import type { DetailTypes } from './config/detail-types.ts'
import type { ScopeDescriptions } from './config/scope-descriptions.ts'
import type { StaticClient } from './config/static-client.ts'
import { resolveAdmin, type AdminSettings, type ResolvedAdminSettings } from './admin-settings.ts'
import { resolveAudit, type AuditSettings, type ResolvedAudit } from './audit-settings.ts'
import { resolveAccounts, type AccountSettings, type ResolvedAccountSettings } from './account-settings.ts'
import { isDevelopment } from './development.ts'
import { StartError } from './errors.ts'
import { parseIssuer, type Issuer } from './issuer.ts'
import { resolveLimits, type LimitSettings } from './limit-settings.ts'
import { openLog, type Log } from './log.ts'
import { wrongProxy } from './http/trusted-proxies.ts'
import type { LogLevel } from './telemetry/levels.ts'
import type { Observe } from './telemetry/measured.ts'
import { resolveTelemetry, type ResolvedTelemetry, type TelemetrySettings } from './telemetry-settings.ts'
import { presetOf, type Profile } from './profiles.ts'
import type { Theme } from './pages/theme.ts'
import { resolveRegistration, type RegistrationSettings } from './registration-settings.ts'
import { resolveResources, type ResolvedResources, type ResourceSettings } from './resource-settings.ts'
import { resolveSender, type ResolvedSender, type SenderSettings } from './sender-settings.ts'
import { resolveUsers, type ResolvedUserSettings, type UserSettings } from './user-settings.ts'
import { resolveTheme, type ThemeSettings } from './theme-settings.ts'

/** How access tokens are made; see `ServerOptions`. */
export type TokenFormat = 'jwt' | 'jwt-stored' | 'opaque'

/** Options of `startServer`; all have defaults. */
export interface ServerOptions
  extends
    RegistrationSettings,
    ResourceSettings,
    ThemeSettings,
    AuditSettings,
    UserSettings,
    AccountSettings,
    AdminSettings,
    TelemetrySettings,
    LimitSettings,
    SenderSettings {
  /** The port to listen at; 0 takes a free one. Default: 9000. */
  readonly port?: number | undefined
  /** The name or address to listen at. Default: `localhost`. */
  readonly host?: string | undefined
  /**
   * Addresses and ranges (`10.0.0.0/8`) of proxies before the server: over connections from these, `X-Forwarded-For` or `Forwarded` says whom
   * a request is from. Default: none, and these headers mean nothing.
   */
  readonly trustedProxies?: readonly string[] | undefined
  /**
   * Names of hosts, beside localhost and addresses, by which a server whose issuer is on localhost may be asked, and its metrics. Default: none,
   * so that no site can have its own name lead to a server that is for this machine (DNS rebinding).
   */
  readonly allowHosts?: readonly string[] | undefined
  /** The folder of the SQLite database, and of `grantry.keys`. Default: `./grantry-data`. */
  readonly data?: string | undefined
  /**
   * The URL of a PostgreSQL database, to be used instead, by any number of servers: `postgres://user@host:5432/name`. Its tables are made
   * by `grantry-server migrate up`. Default: none.
   */
  readonly database?: string | undefined
  /** Most connections to PostgreSQL. Default: 10. */
  readonly databasePool?: number | undefined
  /** Seconds to wait at the start for a PostgreSQL that does not answer. Default: 15. */
  readonly databaseWait?: number | undefined
  /**
   * Whether to run on a PostgreSQL whose settings lose what it has acknowledged (`fsync`, `full_page_writes` or `synchronous_commit` off):
   * tokens that were revoked may live again. Default: false.
   */
  readonly allowUnsafeDurability?: boolean | undefined
  /**
   * Whether the server is for development: it makes a client and a user, and starts with settings that are refused otherwise. Default: true where
   * both `issuer` and `host` are on localhost.
   */
  readonly dev?: boolean | undefined
  /** The URL that clients know the server by: https, or http on localhost. Default: `http://localhost:<port>`. */
  readonly issuer?: string | undefined
  /**
   * `jwt`: signed access tokens (RFC 9068), of which nothing is stored. `jwt-stored`: the same with a row for each. `opaque`: random ones, with
   * a row for each. All of them can be revoked at once. Default: `jwt`.
   */
  readonly tokenFormat?: TokenFormat | undefined
  /**
   * `openid`: confidential clients may do without PKCE in requests for an ID token, and pages show the images of clients, as the certification
   * of OpenID Connect needs it. `mcp`: what clients of MCP servers need that nobody registered; it sets `clientDocuments`, `registration` and others,
   * each of which may be said otherwise. `fapi2` and `fapi2-message-signing`: FAPI 2.0, to which clients are held whatever their records say. Default: `oauth21`, PKCE for all, and no images that tell others who looks at a page.
   */
  readonly profile?: Profile | undefined
  /**
   * Which grants end when users log out. `online`: those of OpenID Connect without the scope `offline_access`; `all`: these too; `none`. What
   * it says when a grant is given holds for that grant. Default: `online`.
   */
  readonly revokeAtLogout?: EndsWithSession | undefined
  /**
   * Keys that seal the signing key at rest, each 256 random bits or more as base64url: the first seals, all open. Default: those of the
   * file `grantry.keys` in the folder `data`, which is made with one key on first start.
   */
  readonly keyEncryptionKeys?: readonly string[] | undefined
  /** Clients that are there from the start: made, changed and deleted to be as they are here. Default: they are left as they are. */
  readonly clients?: readonly StaticClient[] | undefined
  /**
   * What scopes mean to users, who decide about them: a text, or one for each language of the pages, by scope. Default: those of OpenID Connect
   * are described, others are shown as they are.
   */
  readonly scopeDescriptions?: ScopeDescriptions | undefined
  /** Types of authorization details that clients may ask for (RFC 9396), by name. Default: none. */
  readonly authorizationDetails?: DetailTypes | undefined
  /** Days after which a signing key gets a successor, by one of the nodes; 0 for never. Default: 90. */
  readonly keyRotation?: number | undefined
  /** Threads that check passwords, so that a flood of logins leaves the rest of the server alone. Default: one less than processors, from 1 to 4; 1 with several workers. */
  readonly passwordThreads?: number | undefined
  /** What is logged on standard error: this and what matters more. Default: `info`. */
  readonly logLevel?: LogLevel | undefined
  /** Processes of `grantry-server start` that answer requests; `auto` is as many as there are processors. A server in a program is one. Default: 1. */
  readonly workers?: number | 'auto' | undefined
  /** Seconds between the signal to stop, at which a server is not ready any more, and its end. Default: 0. */
  readonly stopDelay?: number | undefined
  /** Whether the log explains why each request was refused, and what mends it. Default: for development, and at the level `debug`. */
  readonly explain?: boolean | undefined
  /** Receives what happens, whatever `logLevel` says. Default: lines of JSON on standard error. */
  readonly log?: Log | undefined
  /** Tells the time in seconds. Default: the machine's clock. */
  readonly now?: Clock | undefined
}

/** The options with their defaults. */
export interface Settings
  extends
    Required<RegistrationSettings>,
    ResolvedResources,
    ResolvedAudit,
    ReturnType<typeof resolveLimits>,
    ResolvedSender,
    ResolvedTelemetry,
    ResolvedUserSettings,
    ResolvedAdminSettings,
    ResolvedAccountSettings,
    Required<
      Omit<
        ServerOptions,
        | keyof RegistrationSettings
        | keyof ResourceSettings
        | keyof AuditSettings
        | keyof LimitSettings
        | keyof SenderSettings
        | keyof TelemetrySettings
        | keyof ThemeSettings
        | keyof UserSettings
        | keyof AdminSettings
        | keyof AccountSettings
        | 'database'
        | 'dev'
        | 'issuer'
        | 'keyEncryptionKeys'
        | 'clients'
      >
    > {
  /** An absolute path. */
  readonly data: string
  /** Undefined where issuer and host decide. */
  readonly dev: boolean | undefined
  /** Undefined for SQLite. */
  readonly database: string | undefined
  readonly databasePool: number
  readonly databaseWait: number
  readonly allowUnsafeDurability: boolean
  readonly tokenFormat: TokenFormat
  readonly profile: Profile
  readonly revokeAtLogout: EndsWithSession
  readonly keyRotation: number
  readonly passwordThreads: number
  /** Undefined where the file in the folder has them. */
  readonly keyEncryptionKeys: readonly string[] | undefined
  /** Undefined until the port is known. */
  readonly issuer: Issuer | undefined
  readonly clients: readonly StaticClient[] | undefined
  readonly theme: Theme
  /** Receives what took its time. */
  readonly observe: Observe
}

const requireProxies = (proxies: readonly string[]): readonly string[] => {
  const wrong = wrongProxy(proxies)
  if (wrong === undefined) return proxies
  const rule = 'an IP address or a range such as 10.0.0.0/8 or fd00::/8, of less than everyone'
  throw new StartError(`--trusted-proxy must be ${rule}, not "${wrong}".`, 2)
}

const requireNames = (names: readonly string[]): readonly string[] => {
  const wrong = names.find((name) => !/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name))
  if (wrong === undefined) return names
  throw new StartError(`--allow-host must be a name in small letters without a port, not "${wrong}".`, 2)
}

/** A process alone leaves one processor to its event loop; several processes have them all taken. */
const passwordThreadsOf = ({ passwordThreads, workers = 1 }: ServerOptions): number =>
  passwordThreads ?? (workers === 1 ? Math.min(4, Math.max(1, availableParallelism() - 1)) : 1)

/** Whoever develops reads the log to find out what is wrong. */
const explains = ({ explain, logLevel, dev, issuer, host = 'localhost' }: ServerOptions): boolean => {
  const where = { dev, host, issuer: issuer === undefined ? undefined : parseIssuer(issuer) }
  return explain ?? (logLevel === 'debug' || isDevelopment(where))
}

/** Fills in what the profile sets, and the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveSettings = (given: ServerOptions): Settings => fillIn({ ...given, ...presetOf(given) })

const fillIn = (options: ServerOptions): Settings => ({
  port: options.port ?? 9000,
  host: options.host ?? 'localhost',
  trustedProxies: requireProxies(options.trustedProxies ?? []),
  allowHosts: requireNames(options.allowHosts ?? []),
  data: resolve(options.data ?? './grantry-data'),
  database: options.database,
  databasePool: options.databasePool ?? 10,
  databaseWait: options.databaseWait ?? 15,
  allowUnsafeDurability: options.allowUnsafeDurability ?? false,
  issuer: options.issuer === undefined ? undefined : parseIssuer(options.issuer),
  dev: options.dev,
  tokenFormat: options.tokenFormat ?? 'jwt',
  profile: options.profile ?? 'oauth21',
  revokeAtLogout: options.revokeAtLogout ?? 'online',
  ...resolveResources(options),
  keyEncryptionKeys: options.keyEncryptionKeys,
  clients: options.clients,
  scopeDescriptions: options.scopeDescriptions ?? {},
  authorizationDetails: options.authorizationDetails ?? {},
  ...resolveRegistration(options),
  ...resolveAudit(options),
  ...resolveLimits(options),
  ...resolveSender(options),
  ...resolveTelemetry(options),
  ...resolveUsers(options),
  ...resolveAdmin(options),
  ...resolveAccounts(options),
  theme: resolveTheme(options),
  keyRotation: options.keyRotation ?? 90,
  passwordThreads: passwordThreadsOf(options),
  logLevel: options.logLevel ?? 'info',
  workers: options.workers ?? 1,
  stopDelay: options.stopDelay ?? 0,
  explain: explains(options),
  log: options.log ?? openLog(options.logLevel ?? 'info', { explains: explains(options) }),
  now: options.now ?? systemClock,
  observe: () => undefined,
})
