import type { AnswerContext } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import { toClient } from '../core/client-authentication.ts'
import { newRequestContext } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { OutboundError } from '../outbound/outbound-error.ts'
import type { LoggedOut } from '../tokens/logout-token.ts'

/** A client that is to be told of a logout. */
export interface LogoutDelivery extends LoggedOut {
  readonly clientId: string
  /** How often it was tried before. */
  readonly attempts: number
  /** Until when it was claimed: tells it from a delivery of a later logout. */
  readonly claimedUntil: number
}

/** Keeps which clients are to be told of which logout, so that a restart forgets none of them. */
export interface LogoutOutbox {
  /**
   * Takes at most `limit` deliveries that are due at `now`, and puts them off until `until`, in one step. If two nodes can take the same
   * one, a client is told twice; what is not put off is lost with a node that dies.
   */
  claim(limit: number, until: number, now: number): Awaitable<readonly LogoutDelivery[]>
  /** Forgets a delivery, if it still is as it was claimed: the user may have logged in again since then, and out again. */
  finish(delivery: LogoutDelivery): Awaitable<void>
  /** Counts the attempt, and makes it due at `at`; again only if it is as it was claimed. */
  retry(delivery: LogoutDelivery, at: number): Awaitable<void>
}

/** What deliveries need of a server. */
export interface LogoutSender extends Pick<AnswerContext, 'now' | 'events'> {
  readonly validator: ClientValidator
  readonly grantTypes: readonly string[]
  readonly outbound: OutboundClient
  createLogoutToken(client: Client, who: LoggedOut): Promise<string>
}

/** Seconds from one attempt to the next: eight attempts within a day. */
const waits = [10, 60, 300, 1800, 7200, 21_600, 43_200]
/** A delivery whose node died is taken by another one after so many seconds. */
const claimSeconds = 30

/** A client that answers so has understood, and will not log out (OpenID Connect Back-Channel Logout §2.8). */
const isRefusal = (thrown: unknown): boolean => thrown instanceof OutboundError && thrown.status === 400

const findClient = async (clientId: string, { validator, grantTypes, now }: LogoutSender) => {
  const http = { method: 'POST', url: '/', headers: { get: () => undefined } }
  const request = newRequestContext(http, { endpoint: 'logout', now: now() })
  return toClient(await validator.validateClientId(clientId, request), clientId, grantTypes)
}

/** POSTs a logout token; nothing for a client that is gone or wants none any more. */
const send = async (delivery: LogoutDelivery, sender: LogoutSender): Promise<boolean> => {
  const client = await findClient(delivery.clientId, sender)
  if (client?.backchannelLogoutUri === undefined) return false
  const logoutToken = await sender.createLogoutToken(client, delivery)
  await sender.outbound.send(client.backchannelLogoutUri, { accepts: [], form: { logout_token: logoutToken } })
  return true
}

const deliver = async (delivery: LogoutDelivery, outbox: LogoutOutbox, sender: LogoutSender): Promise<void> => {
  const { clientId, attempts } = delivery
  const tell = (type: 'delivered' | 'refused' | 'failed' | 'abandoned', cause?: unknown): void =>
    sender.events({ type: `logout.${type}`, time: sender.now(), clientId, attempt: attempts + 1, cause })
  try {
    if (await send(delivery, sender)) tell('delivered')
  } catch (thrown) {
    const wait = waits[attempts]
    const isOver = isRefusal(thrown) || wait === undefined
    tell(isRefusal(thrown) ? 'refused' : isOver ? 'abandoned' : 'failed', thrown)
    if (!isOver) return outbox.retry(delivery, sender.now() + wait)
  }
  return outbox.finish(delivery)
}

/** Tells clients of the logouts that are due, `limit` at once, and says how many there were. Throws what the outbox throws. */
export const deliverLogouts = async (outbox: LogoutOutbox, limit: number, sender: LogoutSender): Promise<number> => {
  const now = sender.now()
  const due = await outbox.claim(limit, now + claimSeconds, now)
  await Promise.all(due.map((delivery) => deliver(delivery, outbox, sender)))
  return due.length
}
