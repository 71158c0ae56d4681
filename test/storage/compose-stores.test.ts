/** Two stores as one: the contract holds over both, and what is used again in one ends its family in the other. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { composeStores, type Store, type TicketRow } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { storeChecks } from 'grantry/testing'
import { describeRedis, freshStores } from './redis-fixture.ts'
import { accessRow, codeRow, digestOf, grantRow, refreshRow, start } from './rows.ts'

const ticket: TicketRow = {
  ...{ kind: 'device_code', digest: digestOf('device code'), altDigest: digestOf('user code'), clientId: 'app' },
  ...{ grantId: 'g', state: 'approved', payload: {}, interval: 5, expiresAt: start + 600 },
}
const presented = { kind: ticket.kind, digest: ticket.digest, clientId: 'app', now: start }

const homes = (transient: Store = new MemoryStore()) => {
  const durable = new MemoryStore()
  return { durable, transient, store: composeStores({ durable, transient }) }
}

const startFamily = (store: Store) =>
  store.putTokens({ grant: grantRow('g'), access: accessRow('access', 'g'), refresh: refreshRow('refresh', 'g') })

describe('A store over two', () => {
  test('each thing is in its home', async () => {
    const { durable, transient, store } = homes()
    await store.putClient({ id: 'app' })
    await store.putSigningKey({ keyId: 'k', algorithm: 'RS256', privateKey: 'pem', createdAt: start })
    await startFamily(store)
    await store.putTicket(ticket, start)
    await store.markSeen('dpop', digestOf('jti'), start + 60, start)
    await store.countAttempt('login', digestOf('ann'), 60, start)
    await store.lease('job', 'one', start + 60, start)
    assert.deepEqual(await durable.findClient('app'), { id: 'app' })
    assert.equal((await durable.findSigningKeys()).length, 1)
    assert.ok(await durable.findAccessToken(digestOf('access'), start))
    assert.deepEqual(await transient.findTicket(ticket.kind, digestOf('user code'), start), ticket)
    assert.equal(await transient.markSeen('dpop', digestOf('jti'), start + 60, start), false)
    assert.equal(await transient.countAttempt('login', digestOf('ann'), 60, start), 2)
    assert.equal(await transient.lease('job', 'two', start + 60, start), false)
    assert.equal(await transient.findAccessToken(digestOf('access'), start), undefined)
  })

  test('a ticket used again -> its family is revoked where it is, each time anew', async () => {
    const { durable, store } = homes()
    assert.equal(await store.putTicket(ticket, start), true)
    assert.deepEqual(await store.consumeTicket(presented, 'approved'), ticket)
    assert.equal(await store.consumeTicket(presented, 'approved'), 'reused')
    await startFamily(store)
    assert.ok(await durable.findAccessToken(digestOf('access'), start))
    assert.equal(await store.consumeTicket({ ...presented, now: start + 599 }, 'approved'), 'reused')
    assert.equal(await durable.findAccessToken(digestOf('access'), start), undefined)
    assert.equal(await durable.findRefreshToken(digestOf('refresh')), undefined)
  })

  const unchanged: [name: string, change: Partial<TicketRow>, presented: Partial<typeof presented>][] = [
    ['a ticket without a family, used again', { grantId: undefined }, {}],
    ['a ticket of another client', {}, { clientId: 'other' }],
    ['a ticket of another kind', {}, { kind: 'request' }],
    ['a ticket that expired', {}, { now: start + 600 }],
  ]
  for (const [name, change, differs] of unchanged) {
    test(`${name} -> nothing is revoked`, async () => {
      const { durable, store } = homes()
      await startFamily(store)
      await store.putTicket({ ...ticket, ...change }, start)
      await store.consumeTicket(presented, 'approved')
      await store.consumeTicket({ ...presented, ...differs }, 'approved')
      assert.ok(await durable.findAccessToken(digestOf('access'), start))
    })
  }

  test('a sweep reaches both, within one limit', async () => {
    const { store } = homes()
    for (const id of ['a', 'b']) await store.putCode(codeRow(id, id), grantRow(id))
    for (const id of ['a', 'b', 'c']) await store.markSeen('dpop', digestOf(id), start + 60, start)
    assert.equal(await store.sweep(start + 60, 3), 3)
    assert.equal(await store.sweep(start + 60, 3), 2)
  })

  test('one of the two does not answer -> nor does the whole', async () => {
    for (const broken of ['durable', 'transient'] as const) {
      const { store, ...both } = homes()
      await store.ping()
      Object.defineProperty(both[broken], 'ping', { value: () => Promise.reject(new Error('gone')) })
      await assert.rejects(async () => store.ping(), /gone/)
    }
  })

  test('it can be trusted with what the home of each thing can', () => {
    const { durable, transient, store } = homes()
    const [sure, unsure] = [
      { isDurable: true, isShared: true },
      { isDurable: false, isShared: true },
    ]
    const reasons = { tickets: 'no tickets', refresh_tokens: 'no tokens' }
    const features = ['clients', 'grants', 'refresh_tokens', 'tickets', 'seen'] as const
    const give = (home: Store, value: object) => Object.defineProperty(home, 'capabilities', { value: () => value })
    assert.equal(store.capabilities().name, 'MemoryStore and MemoryStore')
    give(durable, { name: 'one', features, ...sure })
    give(transient, { name: 'two', features: ['seen', 'attempts', 'clients'], reasons, ...unsure })
    assert.deepEqual(composeStores({ durable, transient }).capabilities(), {
      name: 'one and two',
      features: ['clients', 'grants', 'refresh_tokens', 'seen', 'attempts'],
      reasons: { tickets: 'no tickets' },
      isDurable: false,
      isShared: true,
    })
  })
})

describeRedis('MemoryStore and RedisStore as one', () => {
  describe('keep the contract', () => {
    for (const check of storeChecks) {
      test(check.name, async () => {
        const durable = new MemoryStore()
        const [one, other] = await freshStores()
        await check.run(composeStores({ durable, transient: one }), composeStores({ durable, transient: other }))
      })
    }
  })
})
