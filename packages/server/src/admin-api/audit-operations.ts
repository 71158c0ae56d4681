import { z } from 'zod'
import { auditTable, type AuditEventType } from '../audit/audit-table.ts'
import { oneOf, text } from '../config/setting.ts'
import { operation, type Operation } from './operation.ts'
import { pageQuery, schemas } from './schemas.ts'

const [firstType, ...otherTypes] = Object.keys(auditTable) as [AuditEventType, ...AuditEventType[]] // keys widens the names

/** What the API does with audit events. */
export const auditOperations: readonly Operation[] = [
  operation({
    ...{ id: 'listAuditEvents', route: 'GET /v1/audit-events', access: 'read' },
    summary: 'What happened, the newest first.',
    query: z.strictObject({
      type: oneOf(firstType, ...otherTypes)
        .optional()
        .describe('only those of a type'),
      userId: text.optional().describe('only those about a user'),
      clientId: text.optional().describe('only those about a client'),
      ...pageQuery,
    }),
    answer: { status: 200, schema: schemas.AuditEvents },
    run: async ({ audit }, { query: { type, ...query } }) => {
      const { items, next } = await audit.list({ ...query, types: type && [type] })
      return { body: { items, next } }
    },
  }),
]
