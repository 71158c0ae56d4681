import { createHash, createHmac } from 'node:crypto'
import type { AuditEvent } from './audit-event.ts'

/** A message as it is sent. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `whsec_` and 24 to 64 bytes as base64 (Standard Webhooks). */
const secretSyntax = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/

/** The key in a secret; undefined where it is none. */
export const webhookKey = (secret: string): Buffer | undefined => {
  const key = Buffer.from(secretSyntax.exec(secret)?.[1] ?? '', 'base64')
  return key.length >= 24 && key.length <= 64 ? key : undefined
}

/** The same events make the same id, so that a message that comes twice is known. */
const idOf = (events: readonly AuditEvent[]): string =>
  `msg_${createHash('sha256')
    .update(events.map(({ id }) => id).join())
    .digest('base64url')
    .slice(0, 27)}`

/** Signs a message with each of the keys as Standard Webhooks has it: HMAC-SHA256 over id, time and body. `now` is in seconds. */
export const signedMessage = (
  id: string,
  content: object,
  { keys, now }: { readonly keys: readonly Uint8Array[]; readonly now: number },
): WebhookMessage => {
  const body = JSON.stringify({ ...content, timestamp: new Date(now * 1000).toISOString() })
  const signed = `${id}.${now}.${body}`
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  return {
    headers: { 'webhook-id': id, 'webhook-timestamp': String(now), 'webhook-signature': signatures.join(' ') },
    body,
  }
}

/** A message with events. The same events make the same id. */
export const webhookMessage = (
  events: readonly AuditEvent[],
  keys: readonly Uint8Array[],
  now: number,
): WebhookMessage => signedMessage(idOf(events), { type: 'audit.events', data: { events } }, { keys, now })
