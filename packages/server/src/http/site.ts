import type { Client, DeviceValidator, OpenIdServer, PushedRequestValidator } from 'grantry'
import type { ResolvedAccountSettings } from '../account-settings.ts'
import type { AccountLimits } from '../accounts/account-limits.ts'
import type { OneTimeLinks } from '../accounts/one-time-links.ts'
import type { ResetRequest } from '../accounts/reset-requests.ts'
import type { ResetTickets } from '../accounts/reset-tickets.ts'
import type { Accounts, Consents } from '../accounts/guarded-accounts.ts'
import type { Passkeys } from '../accounts/passkeys.ts'
import type { SecondFactors } from '../accounts/second-factors.ts'
import type { AppAccess } from '../accounts/app-access.ts'
import type { SessionLinks } from '../accounts/session-links.ts'
import type { LoginLimits } from '../accounts/login-limits.ts'
import type { PasswordLogin } from '../accounts/password-login.ts'
import type { RequestLimits } from '../limits/request-limits.ts'
import type { Log } from '../log.ts'
import type { DetailTypes } from '../config/detail-types.ts'
import type { ScopeDescriptions } from '../config/scope-descriptions.ts'
import type { Theme } from '../pages/theme.ts'
import type { Upstreams } from '../upstreams/upstreams.ts'
import type { Users } from '../users/users.ts'
import type { Issuer } from '../issuer.ts'
import type { Settings } from '../settings.ts'
import type { Cookie } from './cookies.ts'
import type { PendingLogin } from './pending-login.ts'
import type { KnownDevices } from './known-devices.ts'

/** What the handlers of pages work with. */
export interface Site {
  readonly server: OpenIdServer
  /** Keeps requests that clients signed while pages are shown, and what devices ask for. */
  readonly validator: Pick<PushedRequestValidator & DeviceValidator, 'savePushedRequest' | 'findDeviceAuthorization'>
  readonly issuer: Issuer
  readonly accounts: Accounts
  readonly users: Users
  readonly upstreams: Upstreams
  /** Whether users log in here as well, or elsewhere only. */
  readonly localLogin: boolean
  readonly consents: Consents
  readonly links: SessionLinks
  readonly limits: LoginLimits
  readonly requestLimits: RequestLimits
  readonly devices: KnownDevices
  readonly passwords: PasswordLogin
  readonly factors: SecondFactors
  readonly passkeys: Passkeys
  readonly secondFactor: PendingLogin
  readonly apps: AppAccess
  readonly accountSettings: ResolvedAccountSettings
  readonly accountLimits: AccountLimits
  readonly oneTimeLinks: OneTimeLinks
  readonly resetTickets: ResetTickets
  /** Has a link for a new password sent, or nothing where no user is named: both take the same time. */
  requestReset(request: ResetRequest): Promise<void>
  readonly cookies: { readonly session: Cookie; readonly login: Cookie }
  /** Where users from elsewhere change their passwords. */
  readonly passwordChangeUri: string | undefined
  /** Signs what pages give to the browser to bring back. */
  readonly pageSecret: string
  readonly now: Settings['now']
  readonly log: Log
  readonly theme: Theme
  /** What scopes mean, beside those that the messages describe. */
  readonly scopeDescriptions: ScopeDescriptions
  /** Authorization details that clients may ask for. */
  readonly detailTypes: DetailTypes
  /** Whether pages load the images of clients, so that those see who looks at a page. */
  readonly showsClientLogos: boolean
  /** Whether what is wrong with requests of clients that registered themselves is sent to them, whoever looks. */
  readonly sendsErrorsToStrangers: boolean
  /** Notes that a user let a client have something. */
  noteUse(client: Client): Promise<void>
  /** Whether the database answers and has the signing key. */
  isReady(): Promise<boolean>
}
