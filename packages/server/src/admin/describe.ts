import type { ListedConsent } from '../accounts/consent-store.ts'
import type { UserSession } from '../accounts/user-sessions.ts'
import type { ListedPasskey } from '../accounts/passkey-store.ts'
import type { UserRecord } from '../accounts/user-directory.ts'
import type { GrantRecord } from '../database/grant-directory.ts'
import type { ClientView } from './clients.ts'
import type { InspectedToken } from './tokens.ts'
import type { UserDetails } from './users.ts'

/** A time as ISO 8601 has it. */
export function isoTime(seconds: number): string
export function isoTime(seconds: number | undefined): string | undefined
export function isoTime(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** A client for programs, with the words of the configuration file. */
export const describeClient = ({ id, settings, origin, secrets, ...view }: ClientView) => ({
  ...{ id, ...settings, origin, secrets },
  disabledAt: isoTime(view.disabledAt),
  registeredAt: isoTime(view.registeredAt),
  lastUsedAt: isoTime(view.lastUsedAt),
})

/** A user for programs. */
export const describeUser = ({ id, username, shownName, claims, createdAt, disabledAt, isAdmin }: UserRecord) => ({
  ...{ id, username, shownName, claims, isAdmin },
  createdAt: isoTime(createdAt),
  disabledAt: isoTime(disabledAt),
})

/** The same with what there is beside the record. */
export const describeUserDetails = ({ hasSecondFactor, recoveryCodes, passkeys, ...user }: UserDetails) => ({
  ...describeUser(user),
  ...{ hasSecondFactor, recoveryCodes, passkeys },
})

/** A passkey for programs. */
export const describePasskey = ({ id, name, createdAt, lastUsedAt }: ListedPasskey) => ({
  ...{ id, name },
  createdAt: isoTime(createdAt),
  lastUsedAt: isoTime(lastUsedAt),
})

/** A login for programs. */
export const describeSession = ({ handle, startedAt, lastUsedAt }: UserSession) => ({
  id: handle,
  startedAt: isoTime(startedAt),
  lastUsedAt: isoTime(lastUsedAt),
})

/** A consent for programs. */
export const describeConsent = ({ clientId, scopes, resources, claims, allowedAt }: ListedConsent) => ({
  ...{ clientId, scopes, resources, claims },
  allowedAt: isoTime(allowedAt),
})

/** A grant for programs. */
export const describeGrant = ({
  id,
  clientId,
  userId,
  createdAt,
  expiresAt,
  revokedAt,
  endsWithSession,
}: GrantRecord) => ({
  ...{ id, clientId, userId, endsWithSession },
  createdAt: isoTime(createdAt),
  expiresAt: isoTime(expiresAt),
  revokedAt: isoTime(revokedAt),
})

/** A token for programs. */
export const describeToken = ({ kind, isActive, reason, username, scopes, audience, ...token }: InspectedToken) => ({
  ...{ kind, isActive, reason, clientId: token.clientId, userId: token.userId, username },
  ...{ grantId: token.grantId, scopes, audience },
  issuedAt: isoTime(token.issuedAt),
  expiresAt: isoTime(token.expiresAt),
  usedAt: isoTime(token.usedAt),
})
