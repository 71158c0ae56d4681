import type { Claims, JsonValue } from '../core/claims.ts'
import type { ApprovedDevice, DeviceAuthorization, DeviceDecision, DevicePoll } from '../core/device-authorization.ts'
import type { Client } from '../core/records.ts'
import { randomString } from '../util/random.ts'
import { foldUserCode } from '../util/user-code.ts'
import type { GuardedStore } from './guarded-store.ts'
import type { TicketRow } from './store-rows.ts'
import type { TokenDigest } from './token-digest.ts'

const kind = 'device_code'
/** An expired code is known for so long, in seconds, that a late poll is told so (RFC 8628 §3.5). */
const rememberedSeconds = 600
/** Tries of user codes that one may make within a window of 10 minutes (RFC 8628 §5.1). */
const attempts = { most: 5, windowSeconds: 600 }

const texts = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

const claimsOf = (value: JsonValue | undefined): Claims =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const payloadOf = ({ scopes, resources, claims, expiresAt }: DeviceAuthorization, user: Claims = {}): Claims => ({
  ...{ scopes: [...scopes], resources: [...resources], expiresAt, ...user },
  claims: JSON.parse(JSON.stringify(claims)) as JsonValue, // without members that are undefined
})

const deviceOf = ({ clientId, interval, payload }: TicketRow): DeviceAuthorization => ({
  clientId,
  interval,
  scopes: texts(payload['scopes']),
  resources: texts(payload['resources']),
  claims: claimsOf(payload['claims']),
  expiresAt: Number(payload['expiresAt']),
})

/** Device codes over the tickets of a store. */
export class StoreDevices {
  readonly #store: GuardedStore
  readonly #digest: TokenDigest

  constructor(store: GuardedStore, digest: TokenDigest) {
    this.#store = store
    this.#digest = digest
  }

  /** Whether the user code was free; the request is saved then. */
  async save(deviceCode: string, userCode: string, record: DeviceAuthorization, now: number): Promise<boolean> {
    const { clientId, interval, expiresAt } = record
    return this.#store.putTicket(
      {
        ...{ kind, clientId, interval, state: 'pending', grantId: randomString(22), payload: payloadOf(record) },
        digest: this.#digest.of(deviceCode),
        altDigest: this.#digest.of(foldUserCode(userCode)),
        expiresAt: expiresAt + rememberedSeconds,
      },
      now,
    )
  }

  /** Whether `by` may try another user code. */
  async allowAttempt(by: string, now: number): Promise<boolean> {
    const digest = this.#digest.of(by)
    return (await this.#store.countAttempt('user_code', digest, attempts.windowSeconds, now)) <= attempts.most
  }

  /** The request that waits under a user code. */
  async find(userCode: string, now: number): Promise<DeviceAuthorization | undefined> {
    const find = (altDigest: string) => this.#store.findTicket(kind, altDigest, now)
    const ticket = await this.#digest.find(foldUserCode(userCode), find)
    return ticket?.state === 'pending' ? deviceOf(ticket) : undefined
  }

  /** Whether the request still waited; it is decided then. */
  async decide(userCode: string, decision: DeviceDecision, now: number): Promise<boolean> {
    const device = await this.find(userCode, now)
    if (device === undefined) return false
    const transition = { kind, from: ['pending'], to: decision.approved ? 'approved' : 'denied', now }
    const payload = decision.approved
      ? payloadOf(
          { ...device, scopes: decision.scopes, claims: { ...device.claims, ...decision.claims } },
          { userId: decision.user.id },
        )
      : undefined
    const decide = async (altDigest: string) =>
      (await this.#store.transitionTicket({ ...transition, altDigest, payload })) || undefined
    return (await this.#digest.find(foldUserCode(userCode), decide)) ?? false
  }

  /** Notes a poll, and says what there is. */
  async poll(deviceCode: string, client: Client, now: number): Promise<DevicePoll | undefined> {
    const poll = (digest: string) => this.#store.pollTicket({ kind, digest, clientId: client.id, now })
    const polled = await this.#digest.find(deviceCode, poll)
    if (polled === undefined) return undefined
    const { state, payload } = polled.ticket
    if (state !== 'pending' && state !== 'approved' && state !== 'denied') return undefined
    return { state, isTooSoon: polled.isTooSoon, expiresAt: Number(payload['expiresAt']) }
  }

  /** Takes an approved request. Its family starts with its tokens: polls that come meanwhile find nothing to revoke. */
  async consume(deviceCode: string, client: Client, now: number): Promise<ApprovedDevice | 'reused' | undefined> {
    const consume = (digest: string) =>
      this.#store.consumeTicket({ kind, digest, clientId: client.id, now }, 'approved')
    const ticket = await this.#digest.find(deviceCode, consume)
    if (ticket === undefined || ticket === 'reused') return ticket
    const [userId = ''] = texts([ticket.payload['userId'] ?? null])
    return { ...deviceOf(ticket), user: { id: userId }, grantId: ticket.grantId }
  }
}
