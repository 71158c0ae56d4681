import type { AuditEvent } from '../audit/audit-event.ts'
import type { AuditEventType } from '../audit/audit-table.ts'
import type { ActivityPoint, ActivityQuery } from '../telemetry/activity-store.ts'
import { limitOf, type ActorParts, type Page, type PageQuery } from './parts.ts'

/** Which events to list. */
export interface AuditListQuery extends PageQuery {
  readonly types?: readonly AuditEventType[] | undefined
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
}

/** What operators read of what happened. */
export class AuditAdmin {
  readonly #parts: ActorParts

  constructor(parts: ActorParts) {
    this.#parts = parts
  }

  /** What all nodes did, step by step. */
  activity(query: ActivityQuery): Promise<readonly ActivityPoint[]> {
    return this.#parts.data.activity.read(query)
  }

  /** A page of audit events, the newest first. */
  async list({ cursor: before, types, userId, clientId, ...query }: AuditListQuery): Promise<Page<AuditEvent>> {
    const limit = limitOf(query)
    const { events, next } = await this.#parts.data.audit.list({ types, userId, clientId, before, limit })
    return { items: events, next }
  }
}
