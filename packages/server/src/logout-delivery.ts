import type { LogoutOutbox, OpenIdServer } from 'grantry'
import type { Log } from './log.ts'
import { startRounds, type Rounds } from './rounds.ts'

/** How logouts are delivered. */
export interface DeliveryOptions {
  readonly log: Log
  /** Milliseconds between two looks at what is due, on average. Default: 5000. */
  readonly everyMs?: number
}

/** As many as are told at once; where there are more, the next look follows at once. */
const batch = 16

/** Tells clients of logouts: at once, when it is woken, and from time to time those that failed or were left by a node that died. */
export const startLogoutDelivery = (
  server: Pick<OpenIdServer, 'deliverLogouts'>,
  outbox: LogoutOutbox,
  { log, everyMs = 5000 }: DeliveryOptions,
): Rounds => {
  const round = async (signal: AbortSignal): Promise<void> => {
    try {
      let told = batch
      while (told === batch && !signal.aborted) told = await server.deliverLogouts(outbox, batch)
    } catch (cause) {
      log({ type: 'logout.delivery_failed', cause })
    }
  }
  return startRounds(round, { everyMs, startsNow: true })
}
