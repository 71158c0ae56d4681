import type { LogRecord } from '../log.ts'
import { failedAuthentication } from '../limits/failed-authentication.ts'
import { redact } from '../telemetry/redact.ts'
import { auditTable, kindOf, tokenTypes, type AuditEventType } from './audit-table.ts'

/** Who did it. */
export interface AuditActor {
  /** `command`: who runs the commands of the server; `admin`: who uses the console or the admin API; `unknown`: somebody who did not prove who he is. */
  readonly kind: 'user' | 'client' | 'admin' | 'command' | 'server' | 'unknown'
  readonly id?: string | undefined
}

/** Something that happened, for those who must be able to tell later. What is personal in it may be left out by a setting. */
export interface AuditEvent {
  /** Unique, and as text in the order of time: a UUID of version 7. */
  readonly id: string
  readonly type: AuditEventType
  /** Of the type: grows when a member of `details` changes its meaning or goes. */
  readonly version: number
  /** ISO 8601, to the millisecond. */
  readonly at: string
  readonly actor: AuditActor
  /** The user it is about. */
  readonly userId?: string | undefined
  /** The client it is about. */
  readonly clientId?: string | undefined
  /** The `X-Request-Id` of the request. */
  readonly requestId?: string | undefined
  /** Of W3C Trace Context. */
  readonly traceId?: string | undefined
  /** Whom the request was from. */
  readonly address?: string | undefined
  /** What else there is to say, by type; no secret. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Members that a setting may leave out. */
export const omittableMembers = ['address', 'userId', 'clientId', 'requestId', 'traceId'] as const

/** One of them. */
export type OmittableMember = (typeof omittableMembers)[number]

/** Which events there are, and what is in them. */
export interface AuditChoice {
  /** Whether tokens and codes that are issued are events. */
  readonly auditTokens: boolean
  readonly auditOmit: readonly OmittableMember[]
}

const refusedAs = (reason: unknown): AuditEventType | undefined => {
  if (reason === 'code_reused' || reason === 'device_code_reused') return 'code.reused'
  if (reason === 'client_authentication_limited') return 'client.limited'
  return typeof reason === 'string' && failedAuthentication.has(reason) ? 'client.refused' : undefined
}

/** Which event a record is; undefined where it is none. */
export const auditTypeOf = ({ type, outcome, reason }: LogRecord): AuditEventType | undefined => {
  if (type === 'refresh_token.rotation') return outcome === 'reused' ? 'refresh_token.reused' : undefined
  if (type === 'request.refused') return refusedAs(reason)
  if (type.startsWith('admin.')) return type as AuditEventType // says so itself
  return Object.hasOwn(auditTable, type) ? (type as AuditEventType) : undefined // a key of it
}

const longest = 256

const isActor = (value: unknown): value is AuditActor => typeof value === 'object' && value !== null && 'kind' in value

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== ''
    ? Buffer.from(value.slice(0, longest)).toString().replaceAll('\0', '\ufffd') // databases take no other text
    : undefined

const common = new Set(['type', 'time', 'actor', 'userId', 'clientId', 'requestId', 'traceId', 'address', 'cause'])

const detailsOf = (type: AuditEventType, record: LogRecord): Record<string, unknown> => {
  const named = type.startsWith('admin.')
    ? Object.keys(record).filter((name) => !common.has(name))
    : kindOf(type).details
  const given = named.filter((name) => record[name] !== undefined).map((name) => [name, record[name]] as const)
  return redact(Object.fromEntries(given))
}

/** The record names who did it, or the type says whether that is its user or its client. */
const actorOf = (type: AuditEventType, { actor, userId, clientId, source }: LogRecord): AuditActor => {
  if (isActor(actor)) return { kind: actor.kind, id: textIn(actor.id) }
  const { actor: kind } = kindOf(type)
  if (source === 'file') return { kind: 'server' } // by the configuration file
  return { kind, id: kind === 'user' ? textIn(userId) : kind === 'client' ? textIn(clientId) : undefined }
}

/** A client that there is not may have any name; what a stranger typed is kept nowhere. */
const clientIn = ({ clientId, reason }: LogRecord): string | undefined =>
  reason === 'client_unknown' ? undefined : textIn(clientId)

/** The event that a record is, without its id and time; undefined where it is none. */
export const auditEventOf = (
  record: LogRecord,
  { auditTokens, auditOmit }: AuditChoice,
): Omit<AuditEvent, 'id' | 'at'> | undefined => {
  const type = auditTypeOf(record)
  if (type === undefined || (tokenTypes.has(type) && !auditTokens)) return undefined
  const actor = actorOf(type, record)
  const members = {
    userId: textIn(record['userId']),
    clientId: clientIn(record),
    requestId: textIn(record['requestId']),
    traceId: textIn(record['traceId']),
    address: textIn(record['address']),
  } satisfies Record<OmittableMember, string | undefined>
  const isOmitted = (name: string): boolean => auditOmit.some((each: string) => each === name)
  const kept = Object.entries(members).filter(([name, value]) => value !== undefined && !isOmitted(name))
  return {
    ...{ type, version: kindOf(type).version },
    actor: actor.id === undefined || isOmitted(`${actor.kind}Id`) ? { kind: actor.kind } : actor,
    ...Object.fromEntries(kept),
    details: detailsOf(type, record),
  }
}
