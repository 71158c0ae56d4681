import { OutboundClient, type Clock } from 'grantry'
import type { ResolvedAccountSettings } from './account-settings.ts'
import { linkUrl } from './accounts/one-time-links.ts'
import type { ClaimedReset } from './accounts/reset-requests.ts'
import type { ResetTickets } from './accounts/reset-tickets.ts'
import { signedMessage, webhookKey } from './audit/webhook-message.ts'
import type { Data } from './data.ts'
import type { Issuer } from './issuer.ts'
import type { Log } from './log.ts'
import { startRounds, type Rounds } from './rounds.ts'

/** Where links are sent to, and how. */
export interface ResetDeliveryOptions extends Pick<ResolvedAccountSettings, 'passwordResetSecrets'> {
  readonly passwordResetWebhook: string
  readonly allowPrivateHosts: readonly string[]
  readonly issuer: Pick<Issuer, 'url'>
  readonly now: Clock
  readonly log: Log
  /** Milliseconds between two looks at what is due, on average. Default: two seconds. */
  readonly everyMs?: number
}

/** What delivery works with. */
export interface ResetDeliveryParts extends Pick<Data, 'accounts' | 'users' | 'resetRequests'> {
  readonly tickets: ResetTickets
}

/** Seconds for which a link is good. */
const lifetime = 1800
/** Seconds after which nobody waits for the link any more. */
const patience = 1800
const batch = 16
const timeoutMs = 5000
const claimSeconds = 30
const waits = [5, 30, 120, 600] as const

/** Sends links for new passwords to the operator's mailer, from time to time and when it is woken; what failed is sent again, with another link. */
export const startResetDelivery = (
  { accounts, users, resetRequests, tickets }: ResetDeliveryParts,
  { passwordResetWebhook: url, passwordResetSecrets, issuer, now, log, ...options }: ResetDeliveryOptions,
): Rounds => {
  const outbound = new OutboundClient({ allowPrivateHosts: options.allowPrivateHosts, timeoutMs })
  const keys = passwordResetSecrets.map(webhookKey).filter((key) => key !== undefined)
  /** What to send; undefined for who may not log in by a password of this server. */
  const messageFor = async ({ id, userId, to, language }: ClaimedReset) => {
    const user = userId === undefined ? undefined : await users.find(userId)
    const account = user && (await accounts.find(user.username))
    if (account === undefined || account.password === '' || account.disabledAt !== undefined) return undefined
    const expiresAt = now() + lifetime
    const ticket = await tickets.make({ ...account, to }, expiresAt)
    const data = {
      user: { id: account.id, username: account.username, ...user?.claims },
      link: linkUrl(issuer.url, 'password_reset', ticket),
      ...{ expires_at: new Date(expiresAt * 1000).toISOString(), language },
    }
    return signedMessage(`reset_${id}`, { type: 'password.reset_requested', data }, { keys, now: now() })
  }
  const send = async (claim: ClaimedReset): Promise<void> => {
    const message = await messageFor(claim)
    if (message !== undefined) {
      const { headers, body: text } = message
      await outbound.send(url, { accepts: [], headers, content: { type: 'application/json', text } })
      log({ type: 'password_reset.delivered', userId: claim.userId })
    }
    await resetRequests.finish(claim)
  }
  const deliver = async (claim: ClaimedReset): Promise<void> => {
    try {
      await send(claim)
    } catch (cause) {
      const { attempts, userId, requestedAt } = claim
      const isOver = now() - requestedAt > patience
      log({ type: isOver ? 'password_reset.abandoned' : 'password_reset.failed', userId, attempt: attempts + 1, cause })
      if (isOver) await resetRequests.finish(claim)
      else await resetRequests.retry(claim, now() + (waits[attempts] ?? 600))
    }
  }
  const round = async (signal: AbortSignal): Promise<void> => {
    try {
      for (let taken = batch; taken === batch && !signal.aborted;) {
        const claims = await resetRequests.claim(batch, now() + claimSeconds, now())
        await Promise.all(claims.map(deliver))
        taken = claims.length
      }
    } catch (cause) {
      log({ type: 'password_reset.delivery_failed', cause })
    }
  }
  return startRounds(round, { everyMs: options.everyMs ?? 2000, startsNow: true })
}
