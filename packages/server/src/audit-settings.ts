import { omittableMembers, type OmittableMember } from './audit/audit-event.ts'
import { StartError } from './errors.ts'

/** What is kept of what happened, and who is sent it. */
export interface AuditSettings {
  /** Days for which audit events are kept in the database; 0 keeps none. Default: 90. */
  readonly auditDays?: number | undefined
  /** Whether tokens and codes that are issued are audit events too: a row for each. Default: false. */
  readonly auditTokens?: boolean | undefined
  /** Members of audit events that are left out: `address`, `userId`, `clientId`, `requestId`, `traceId`. Default: none. */
  readonly auditOmit?: readonly OmittableMember[] | undefined
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

/** Fills in the defaults. Throws a `StartError` for a value that cannot work. */
export const resolveAudit = (options: AuditSettings): Required<AuditSettings> => ({
  auditDays: requireDays(options.auditDays ?? 90),
  auditTokens: options.auditTokens ?? false,
  auditOmit: requireMembers(options.auditOmit ?? []),
})
