import { seal, unseal } from '#platform'
import type {
  ApprovedBackchannel,
  BackchannelDecision,
  BackchannelHandles,
  BackchannelNotice,
  BackchannelPoll,
  BackchannelRequest,
} from '../core/backchannel.ts'
import type { Claims } from '../core/claims.ts'
import type { LoginContext } from '../core/login-context.ts'
import type { Client } from '../core/records.ts'
import { randomString } from '../util/random.ts'
import type { GuardedStore } from './guarded-store.ts'
import type { TicketRow } from './store-rows.ts'
import type { TokenDigest } from './token-digest.ts'

const kind = 'backchannel_request'
/** An expired request is known for so long, in seconds, that a late poll is told so (OpenID Connect CIBA Core §11). */
const rememberedSeconds = 600
/** Tries of the code of one user within a window of 10 minutes. */
const attempts = { most: 5, windowSeconds: 600 }
/** What notices are sealed for. */
const sealing = 'backchannel notice'

/** What a ticket holds: the request, and what came of it. */
interface Payload extends Omit<BackchannelRequest, 'clientId' | 'interval'> {
  readonly openid?: LoginContext | undefined
  /** What the client is told by, encrypted under the handle of the decision. */
  readonly sealed?: string | undefined
}

const asJson = (payload: Payload): Claims => JSON.parse(JSON.stringify(payload)) as Claims // without members that are undefined
const payloadOf = ({ payload }: TicketRow): Payload => payload as unknown as Payload // as asJson made it

const recordOf = (ticket: TicketRow): BackchannelRequest => {
  const { userId, scopes, resources, claims, bindingMessage, acrValues, delivery, expiresAt } = payloadOf(ticket)
  const { clientId, interval } = ticket
  return { clientId, interval, userId, scopes, resources, claims, bindingMessage, acrValues, delivery, expiresAt }
}

/** Requests to users who are somewhere else, over the tickets of a store. */
export class StoreBackchannel {
  readonly #store: GuardedStore
  readonly #digest: TokenDigest

  constructor(store: GuardedStore, digest: TokenDigest) {
    this.#store = store
    this.#digest = digest
  }

  /** Saves a request; its family starts with its tokens. */
  async save(
    { authReqId, decisionId }: BackchannelHandles,
    record: BackchannelRequest,
    notice: BackchannelNotice | undefined,
    now: number,
  ): Promise<void> {
    const { clientId, interval, ...payload } = record
    const sealed = notice && (await seal(JSON.stringify(notice), decisionId, sealing))
    await this.#store.putTicket(
      {
        ...{ kind, clientId, interval, state: 'pending', grantId: randomString(22) },
        payload: asJson({ ...payload, sealed }),
        digest: this.#digest.of(authReqId),
        altDigest: this.#digest.of(decisionId),
        expiresAt: record.expiresAt + rememberedSeconds,
      },
      now,
    )
  }

  /** Whether the code of a user may be tried once more. */
  async allowUserCode(userId: string, now: number): Promise<boolean> {
    const digest = this.#digest.of(userId)
    return (await this.#store.countAttempt('backchannel_code', digest, attempts.windowSeconds, now)) <= attempts.most
  }

  /** The request that waits for a decision. */
  async find(decisionId: string, now: number): Promise<BackchannelRequest | undefined> {
    const ticket = await this.#waiting(decisionId, now)
    return ticket && recordOf(ticket)
  }

  /** Stores the decision if there is none yet; null where it stored nothing. */
  async decide(
    decisionId: string,
    decision: BackchannelDecision,
    now: number,
  ): Promise<BackchannelNotice | undefined | null> {
    const ticket = await this.#waiting(decisionId, now)
    if (ticket === undefined) return null
    const payload = payloadOf(ticket)
    const decided = decision.approved && {
      ...{ scopes: decision.scopes, openid: decision.authentication },
      claims: { ...payload.claims, ...decision.claims },
    }
    const change = { kind, from: ['pending'], to: decision.approved ? 'approved' : 'denied', now }
    const next = asJson({ ...payload, ...decided, sealed: undefined })
    const decide = async (altDigest: string) =>
      (await this.#store.transitionTicket({ ...change, altDigest, payload: next })) || undefined
    if ((await this.#digest.find(decisionId, decide)) === undefined) return null
    if (payload.sealed === undefined) return undefined
    return JSON.parse(await unseal(payload.sealed, decisionId, sealing)) as BackchannelNotice // as save made it
  }

  /** Notes a poll, and says what there is. */
  async poll(authReqId: string, client: Client, now: number): Promise<BackchannelPoll | undefined> {
    const poll = (digest: string) => this.#store.pollTicket({ kind, digest, clientId: client.id, now })
    const polled = await this.#digest.find(authReqId, poll)
    if (polled === undefined) return undefined
    const { state } = polled.ticket
    if (state !== 'pending' && state !== 'approved' && state !== 'denied') return undefined
    const { delivery, expiresAt } = payloadOf(polled.ticket)
    return { state, delivery, expiresAt, isTooSoon: polled.isTooSoon }
  }

  /** Takes an approved request. */
  async consume(authReqId: string, client: Client, now: number): Promise<ApprovedBackchannel | 'reused' | undefined> {
    const consume = (digest: string) =>
      this.#store.consumeTicket({ kind, digest, clientId: client.id, now }, 'approved')
    const ticket = await this.#digest.find(authReqId, consume)
    if (ticket === undefined || ticket === 'reused') return ticket
    return { ...recordOf(ticket), openid: payloadOf(ticket).openid, grantId: ticket.grantId }
  }

  async #waiting(decisionId: string, now: number): Promise<TicketRow | undefined> {
    const find = (altDigest: string) => this.#store.findTicket(kind, altDigest, now)
    const ticket = await this.#digest.find(decisionId, find)
    return ticket?.state === 'pending' && payloadOf(ticket).expiresAt > now ? ticket : undefined
  }
}
