import { OutboundClient, type Clock, type OutboundOptions } from 'grantry'
import type { AuditSettings } from '../audit-settings.ts'
import type { Log } from '../log.ts'
import { startRounds, type Rounds } from '../rounds.ts'
import type { AuditClaim, AuditStore } from './audit-store.ts'
import { webhookKey, webhookMessage } from './webhook-message.ts'

/** Where events are sent to, and how. */
export interface AuditDeliveryOptions extends Pick<AuditSettings, 'auditWebhookSecrets'> {
  readonly auditWebhook: string
  /** Which hosts may be asked. */
  readonly outbound: OutboundOptions
  readonly now: Clock
  readonly log: Log
  /** Milliseconds between two looks at what is due, on average. Default: two seconds. */
  readonly everyMs?: number
}

/** Events in one message. */
const batch = 100
const timeoutMs = 5000
/** Events whose node died are taken by another one after so many seconds: more than a message may take. */
const claimSeconds = 30
/** Seconds from one attempt to the next; the last one again and again, until the events are swept. */
const waits = [5, 30, 120, 600, 1800, 3600] as const

const waitAfter = (attempts: number): number => waits[attempts] ?? 3600

/** Sends what is due to a webhook, a message at a time, from time to time: what failed, or was left by a node that died, is sent again. */
export const startAuditDelivery = (
  store: Pick<AuditStore, 'claim' | 'finish' | 'retry'>,
  { auditWebhook: url, auditWebhookSecrets = [], outbound: options, now, log, everyMs = 2000 }: AuditDeliveryOptions,
): Rounds => {
  const outbound = new OutboundClient({ ...options, timeoutMs })
  const keys = auditWebhookSecrets.map(webhookKey).filter((key) => key !== undefined)
  const send = async (claim: AuditClaim): Promise<boolean> => {
    const { events, attempts } = claim
    const { headers, body: text } = webhookMessage(events, keys, now())
    try {
      await outbound.send(url, { accepts: [], headers, content: { type: 'application/json', text } })
    } catch (cause) {
      log({ type: 'audit.delivery_failed', events: events.length, attempt: attempts + 1, cause })
      await store.retry(claim, now() + waitAfter(attempts))
      return false
    }
    await store.finish(claim)
    log({ type: 'audit.delivered', events: events.length })
    return events.length === batch
  }
  const round = async (signal: AbortSignal): Promise<void> => {
    try {
      for (let hasMore = true; hasMore && !signal.aborted;) {
        const claim = await store.claim(batch, now() + claimSeconds, now())
        hasMore = claim.events.length > 0 && (await send(claim))
      }
    } catch (cause) {
      log({ type: 'audit.failed', cause })
    }
  }
  return startRounds(round, { everyMs, startsNow: true })
}
