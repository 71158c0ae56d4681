import { ComposedStore } from './composed-store.ts'
import type { PolledTicket, PresentedTicket, TicketRow, TicketTransition } from './store-rows.ts'
import type { GrantStore, Store, StoreCapabilities, StoreFeature, TicketStore } from './store.ts'

/** The two homes of what a server keeps. */
export interface StoreHomes {
  /** Has clients, codes, tokens and signing keys. */
  readonly durable: Store
  /** Has tickets, markers, attempts and leases. */
  readonly transient: Store
}

const transientFeatures: readonly StoreFeature[] = ['tickets', 'seen', 'attempts', 'leases']

const mergeCapabilities = (durable: StoreCapabilities, transient: StoreCapabilities): StoreCapabilities => {
  const isTransient = (feature: string): boolean => transientFeatures.some((each) => each === feature)
  const reasonsOf = ({ reasons = {} }: StoreCapabilities, wanted: boolean) =>
    Object.fromEntries(Object.entries(reasons).filter(([feature]) => isTransient(feature) === wanted))
  return {
    name: `${durable.name} and ${transient.name}`,
    features: [
      ...durable.features.filter((feature) => !isTransient(feature)),
      ...transient.features.filter((feature) => isTransient(feature)),
    ],
    reasons: { ...reasonsOf(durable, false), ...reasonsOf(transient, true) },
    isDurable: durable.isDurable && transient.isDurable,
    isShared: durable.isShared && transient.isShared,
  }
}

/** A ticket that says to which family another one belongs: its handle is found after that one was consumed. */
const familyTicket = ({ kind, digest, clientId, grantId, expiresAt }: TicketRow): TicketRow => ({
  ...{ kind: familyKind(kind), digest, altDigest: digest, clientId, grantId, expiresAt },
  ...{ state: 'family', payload: {}, interval: 0 },
})

const familyKind = (kind: string): string => `${kind} family`

/**
 * Tickets whose families are in another store. That one is told in a second step when a ticket is used again: by then it is consumed, so
 * nothing is issued twice, and each further use tells it again.
 */
class TicketsApart implements TicketStore {
  readonly #tickets: TicketStore
  readonly #grants: Pick<GrantStore, 'revokeGrant'>

  constructor(tickets: TicketStore, grants: Pick<GrantStore, 'revokeGrant'>) {
    this.#tickets = tickets
    this.#grants = grants
  }

  /** The family is noted first: a ticket without that note could be used again unpunished. */
  async putTicket(ticket: TicketRow, now: number): Promise<boolean> {
    if (ticket.grantId !== undefined) await this.#tickets.putTicket(familyTicket(ticket), now)
    return this.#tickets.putTicket(ticket, now)
  }

  async findTicket(kind: string, altDigest: string, now: number): Promise<TicketRow | undefined> {
    return this.#tickets.findTicket(kind, altDigest, now)
  }

  async transitionTicket(transition: TicketTransition): Promise<boolean> {
    return this.#tickets.transitionTicket(transition)
  }

  async pollTicket(presented: PresentedTicket): Promise<PolledTicket | undefined> {
    return this.#tickets.pollTicket(presented)
  }

  async consumeTicket(presented: PresentedTicket, state: string): Promise<TicketRow | 'reused' | undefined> {
    const outcome = await this.#tickets.consumeTicket(presented, state)
    if (outcome !== 'reused') return outcome
    const { kind, digest, now } = presented
    const grantId = (await this.#tickets.findTicket(familyKind(kind), digest, now))?.grantId
    if (grantId !== undefined) await this.#grants.revokeGrant(grantId, now)
    return outcome
  }
}

/**
 * One store over two: what must not be lost in a database, what lives for minutes and changes often in a Redis, say. Each step of `Store`
 * stays atomic but one: where a ticket is used again, `transient` refuses it and then `durable` ends its family.
 */
export const composeStores = ({ durable, transient }: StoreHomes): Store =>
  new ComposedStore({
    ...{ clients: durable, grants: durable, keys: durable, markers: transient },
    tickets: new TicketsApart(transient, durable),
    capabilities: mergeCapabilities(durable.capabilities(), transient.capabilities()),
    ping: async () => {
      await Promise.all([durable.ping(), transient.ping()])
    },
    sweep: async (now, limit) => {
      const deleted = await durable.sweep(now, limit)
      return deleted + (await transient.sweep(now, limit - deleted))
    },
  })
