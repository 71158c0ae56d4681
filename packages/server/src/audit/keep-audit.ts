import type { Data } from '../data.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { holdAnswer, requestAddress } from '../telemetry/request-scope.ts'
import { AuditWriter } from './audit-writer.ts'

/** Keeps the audit events among the records of a log in the database, which writes the last of them as it is closed. */
export const keepAudit = (data: Data, settings: Settings, watch: (watcher: Log) => void): Data => {
  const isSent = settings.auditWebhook !== undefined
  if (settings.auditDays === 0 && !isSent) return data
  const writer = new AuditWriter(data.audit, { ...settings, isSent })
  watch((record) => {
    const written = writer.take({ ...record, address: requestAddress() })
    if (written !== undefined) holdAnswer(written)
  })
  return {
    ...data,
    close: async () => {
      await writer.stop()
      await data.close()
    },
  }
}
