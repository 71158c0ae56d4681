import type { TicketRow } from '../storage/store-rows.ts'
import type { Store } from '../storage/store.ts'
import {
  accessRow,
  digestOf,
  eightTimes,
  expectCount,
  expectSame,
  fill,
  isRevoked,
  start,
  type StoreCheck,
} from './store-check.ts'

const kind = 'device_code'

const ticketRow = (handle: string, change: Partial<TicketRow> = {}): TicketRow => ({
  ...{ kind, digest: digestOf(handle), altDigest: digestOf(`user ${handle}`), clientId: 'app', grantId: undefined },
  ...{ state: 'pending', payload: { scopes: ['read'], note: 'ü' }, interval: 5, expiresAt: start + 600 },
  ...change,
})

const presented = (handle: string, now = start) => ({ kind, digest: digestOf(handle), clientId: 'app', now })

const approve = (handle: string, to = 'approved') => ({
  ...{ kind, altDigest: digestOf(`user ${handle}`), from: ['pending'], to, payload: { by: 'ann' }, now: start },
})

const put = async (store: Store, row: TicketRow): Promise<void> =>
  expectSame(await store.putTicket(row, start), true, 'saving a ticket')

const isTaken = (outcome: unknown): boolean => typeof outcome === 'object'

const afterApproval: readonly StoreCheck[] = [
  {
    name: 'a ticket decided by 8 users at once → one decision',
    async run(...stores) {
      await put(stores[0], ticketRow('t'))
      const decided = await eightTimes(stores, (store, index) =>
        store.transitionTicket(approve('t', index % 2 === 0 ? 'approved' : 'denied')),
      )
      expectCount(decided, true, 1, 'users that decided')
      const state = decided.indexOf(true) % 2 === 0 ? 'approved' : 'denied'
      expectSame((await stores[0].pollTicket(presented('t')))?.ticket.state, state, 'the state')
    },
  },
  {
    name: 'a ticket at 8 callers at once → one row, 7 times reused',
    async run(...stores) {
      for (let round = 0; round < 10; round++) {
        await put(stores[0], ticketRow(`t${round}`, { state: 'approved' }))
        const outcomes = await eightTimes(stores, (store) => store.consumeTicket(presented(`t${round}`), 'approved'))
        expectSame(outcomes.filter(isTaken).length, 1, 'callers that got the ticket')
        expectCount(outcomes, 'reused', 7, 'callers that were told of the reuse')
      }
    },
  },
  {
    name: 'a ticket that is consumed → comes back changed, is found no more, and its reuse ends its family',
    async run(store) {
      await fill(store)
      await put(store, ticketRow('t', { grantId: 'g' }))
      expectSame(await store.consumeTicket(presented('t'), 'approved'), undefined, 'consuming it before approval')
      await store.transitionTicket(approve('t'))
      const row = ticketRow('t', { grantId: 'g', state: 'approved', payload: { by: 'ann' } })
      expectSame(await store.consumeTicket(presented('t'), 'approved'), row, 'the ticket')
      expectSame(await store.findTicket(kind, digestOf('user t'), start), undefined, 'found by its second handle')
      expectSame(await store.pollTicket(presented('t')), undefined, 'found by a poll')
      expectSame(await store.transitionTicket({ ...approve('t'), from: ['approved'] }), false, 'changed')
      expectSame(await isRevoked(store), false, 'revoked by the first use')
      expectSame(await store.consumeTicket(presented('t', start + 599), 'approved'), 'reused', 'consuming it again')
      expectSame(await isRevoked(store), true, 'revoked by the second use')
      expectSame(await store.putTokens({ grantId: 'g', access: accessRow('late', 'g') }), false, 'later tokens')
    },
  },
  {
    name: 'a ticket of another client, kind or state → nothing, and it stays usable',
    async run(store) {
      await put(store, ticketRow('t', { state: 'approved' }))
      const consume = (change: object) => store.consumeTicket({ ...presented('t'), ...change }, 'approved')
      expectSame(await consume({ clientId: 'other' }), undefined, 'another client')
      expectSame(await consume({ kind: 'request' }), undefined, 'another kind')
      expectSame(await store.consumeTicket(presented('t'), 'pending'), undefined, 'another state')
      expectSame(
        await store.pollTicket({ ...presented('t'), clientId: 'other' }),
        undefined,
        'a poll of another client',
      )
      expectSame(await consume({ now: start + 600 }), undefined, 'at its expiry')
      expectSame(isTaken(await consume({ now: start + 599 })), true, 'its own client, just before')
      expectSame(await consume({ clientId: 'other' }), undefined, 'another client, later')
    },
  },
]

/** Device codes, pushed requests and the like: decided once, polled not too fast, consumed once. */
export const ticketChecks: readonly StoreCheck[] = [
  {
    name: 'a ticket comes back as it was saved',
    async run(store) {
      await put(store, ticketRow('t'))
      expectSame(await store.findTicket(kind, digestOf('user t'), start + 599), ticketRow('t'), 'the ticket')
      expectSame(await store.findTicket('request', digestOf('user t'), start), undefined, 'as another kind')
      expectSame(await store.findTicket(kind, digestOf('user t'), start + 600), undefined, 'at its expiry')
      const bare = ticketRow('bare', { altDigest: undefined, state: 'approved', payload: {} })
      await put(store, bare)
      expectSame(await store.consumeTicket(presented('bare'), 'approved'), bare, 'one without a second handle')
    },
  },
  {
    name: 'a handle that is taken → not saved, until its ticket expired',
    async run(store) {
      await put(store, ticketRow('t'))
      const again = ticketRow('other', { altDigest: digestOf('user t'), expiresAt: start + 5000 })
      expectSame(await store.putTicket(again, start + 599), false, 'a second handle that is taken')
      expectSame(
        await store.putTicket(ticketRow('t', { altDigest: undefined }), start),
        false,
        'a handle that is taken',
      )
      expectSame(await store.pollTicket(presented('other')), undefined, 'the ticket that was not saved')
      expectSame(await store.putTicket(again, start + 600), true, 'the same after the first one expired')
      expectSame(await store.findTicket(kind, digestOf('user t'), start + 600), again, 'the new ticket')
      await put(store, { ...ticketRow('t'), kind: 'request' })
    },
  },
  {
    name: 'a poll within the interval is too soon, and makes the interval longer',
    async run(store) {
      await put(store, ticketRow('t'))
      const poll = async (seconds: number) => {
        const polled = await store.pollTicket(presented('t', start + seconds))
        return [polled?.isTooSoon, polled?.ticket.interval]
      }
      expectSame(await poll(0), [false, 5], 'the first poll')
      expectSame(await poll(5), [false, 5], 'after the interval')
      expectSame(await poll(9), [true, 10], 'a second early')
      expectSame(await poll(18), [true, 15], 'a second early again')
      expectSame(await poll(33), [false, 15], 'after the longer interval')
    },
  },
  {
    name: 'a ticket polled by 8 callers at once → one in time',
    async run(...stores) {
      await put(stores[0], ticketRow('t'))
      const polls = await eightTimes(stores, (store) => store.pollTicket(presented('t')))
      expectCount(
        polls.map((polled) => polled?.isTooSoon),
        false,
        1,
        'polls in time',
      )
    },
  },
  ...afterApproval,
]
