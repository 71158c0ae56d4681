import { OutboundClient } from 'grantry'
import { omittableMembers, type OmittableMember } from './audit/audit-event.ts'
import { webhookKey } from './audit/webhook-message.ts'
import { StartError } from './errors.ts'
import type { RegistrationSettings } from './registration-settings.ts'

/** What is kept of what happened, and who is sent it. */
export interface AuditSettings {
  /** Days for which audit events are kept in the database; 0 keeps none. Default: 90. */
  readonly auditDays?: number | undefined
  /** Whether tokens and codes that are issued are audit events too: a row for each. Default: false. */
  readonly auditTokens?: boolean | undefined
  /** Members of audit events that are left out: `address`, `userId`, `clientId`, `requestId`, `traceId`. Default: none. */
  readonly auditOmit?: readonly OmittableMember[] | undefined
  /** The URL that audit events are sent to: https at a public address, or on one of `allowPrivateHosts`. Default: none. */
  readonly auditWebhook?: string | undefined
  /** Keys that sign what is sent, each `whsec_` and 24 to 64 random bytes as base64: one, or two while the receiver changes over. */
  readonly auditWebhookSecrets?: readonly string[] | undefined
}

/** The same with its defaults. */
export interface ResolvedAudit extends Required<Omit<AuditSettings, 'auditWebhook'>> {
  /** Undefined where nobody wants to be sent them. */
  readonly auditWebhook: string | undefined
}

const requireDays = (days: number): number => {
  if (Number.isSafeInteger(days) && days >= 0 && days <= 3650) return days
  throw new StartError(`--audit-days must be a whole number from 0 to 3650, not "${days}".`, 2)
}

/** Why members cannot be left out; undefined where they can. */
export const omitProblem = (members: readonly string[]): string | undefined => {
  const wrong = members.find((member) => !omittableMembers.some((each) => each === member))
  return wrong === undefined ? undefined : `must be of ${omittableMembers.join(', ')}, not "${wrong}"`
}

const requireMembers = (members: readonly OmittableMember[]): readonly OmittableMember[] => {
  const problem = omitProblem(members)
  if (problem === undefined) return members
  throw new StartError(`--audit-omit ${problem}.`, 2)
}

const webhookRule = 'must be an https URL without credentials, or an http URL on a host of --allow-private-host'

/** Why a URL cannot be one that events are sent to; undefined for one that can. */
export const webhookProblem = (text: string): string | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && url.username === '' && url.password === '' && text.length <= 2048
  if (isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) return undefined
  return webhookRule
}

const requireWebhook = ({
  auditWebhook: url,
  auditWebhookSecrets: secrets = [],
  allowPrivateHosts = [],
}: AuditSettings & Pick<RegistrationSettings, 'allowPrivateHosts'>): void => {
  if (url === undefined) return
  const problem = webhookProblem(url)
  const isTaken = url.startsWith('https:') || new OutboundClient({ allowPrivateHosts }).isPrivateHost(url)
  if (problem !== undefined || !isTaken) throw new StartError(`--audit-webhook ${webhookRule}.`, 2)
  if (secrets.length > 0 && secrets.every((secret) => webhookKey(secret) !== undefined)) return
  const make = 'echo "whsec_$(openssl rand -base64 32)"'
  const what = 'whsec_ and 24 to 64 bytes as base64'
  throw new StartError(`--audit-webhook needs GRANTRY_AUDIT_WEBHOOK_SECRETS: ${what}. Make one: ${make}`, 2)
}

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveAudit = (
  options: AuditSettings & Pick<RegistrationSettings, 'allowPrivateHosts'>,
): ResolvedAudit => {
  requireWebhook(options)
  return {
    auditDays: requireDays(options.auditDays ?? 90),
    auditTokens: options.auditTokens ?? false,
    auditOmit: requireMembers(options.auditOmit ?? []),
    auditWebhook: options.auditWebhook,
    auditWebhookSecrets: options.auditWebhookSecrets ?? [],
  }
}
