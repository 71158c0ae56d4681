/** Where audit events are kept, on SQLite and on PostgreSQL: pages, what is still to be sent, and what is old. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AuditEvent } from '../../packages/server/src/audit/audit-event.ts'
import type { AuditQuery, AuditStore } from '../../packages/server/src/audit/audit-store.ts'
import { eventIds, eventTime } from '../../packages/server/src/audit/event-id.ts'
import { backends } from './table-backends.ts'

const now = 1_800_000_000
const day = 86_400

const eventAt = (time: number, change: Partial<AuditEvent> = {}): AuditEvent => {
  const id = eventIds(() => time)()
  const common = { version: 1, actor: { kind: 'server' }, details: {} } as const
  return { id, at: eventTime(id), type: 'login.accepted', ...common, ...change }
}

/** One a second, the oldest first. */
const events: readonly AuditEvent[] = [
  eventAt(now, { userId: 'ann', clientId: 'app', actor: { kind: 'user', id: 'ann' }, details: { amr: ['pwd'] } }),
  eventAt(now + 1, { type: 'logout', userId: 'ann', address: '192.0.2.1', requestId: 'r1', traceId: 't1' }),
  eventAt(now + 2, { type: 'consent.given', userId: 'bob', clientId: 'app' }),
  eventAt(now + 3, { type: 'admin.user_created', userId: 'bob', actor: { kind: 'admin', id: 'eve' } }),
  eventAt(now + 4, { type: 'client.deleted', clientId: 'web' }),
]

test('ids are in the order in which they were made, and tell their time', () => {
  const time = { now }
  const next = eventIds(() => time.now)
  const ids = Array.from({ length: 5000 }, next)
  time.now -= 100 // a clock that goes back
  ids.push(next())
  assert.deepEqual(ids, ids.toSorted())
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.match(eventTime(ids[0] ?? ''), /^2027-01-15T08:00:00\.\d{3}Z$/)
})

for (const [name, makeBackend, skip] of backends) {
  describe(`AuditStore on ${name}`, { skip }, () => {
    const backend = makeBackend()
    let realms = 0
    const fresh = () => backend.tables(`realm${realms++}`).audit
    const filled = async (dueAt?: number): Promise<AuditStore> => {
      const store = fresh()
      await store.add(events, dueAt)
      return store
    }
    before(() => backend.open())
    after(() => backend.close())

    const rows: [name: string, query: Partial<AuditQuery>, expected: number[]][] = [
      ['all', {}, [4, 3, 2, 1, 0]],
      ['of a type', { types: ['logout'] }, [1]],
      ['of types', { types: ['logout', 'admin.user_created'] }, [3, 1]],
      ['of no type', { types: [] }, []],
      ['of a user', { userId: 'ann' }, [1, 0]],
      ['of a client', { clientId: 'app' }, [2, 0]],
      ['of a user and a client', { userId: 'ann', clientId: 'app' }, [0]],
      ['before another one', { before: events[2]?.id ?? '' }, [1, 0]],
    ]
    for (const [which, query, expected] of rows)
      test(`${which} -> the newest first`, async () => {
        const page = await (await filled()).list({ limit: 10, ...query })
        assert.deepEqual(page, { events: expected.map((index) => events[index]), next: undefined })
      })

    test('pages end where the events do, and nothing of another realm is in them', async () => {
      const store = await filled()
      await filled()
      const seen: AuditEvent[] = []
      for (let before: string | undefined, pages = 1; ; pages++) {
        const page = await store.list({ before, limit: 2 })
        seen.push(...page.events)
        before = page.next
        if (before !== undefined) continue
        assert.equal(pages, 3)
        break
      }
      assert.deepEqual(seen, events.toReversed())
      const last = await store.list({ before: events[2]?.id, limit: 2 })
      assert.equal(last.next, undefined)
    })

    test('many at once, and again -> each once', async () => {
      const store = fresh()
      const next = eventIds(() => now)
      const many = Array.from({ length: 700 }, () => eventAt(now, { id: next() }))
      await Promise.all([store.add(many, undefined), store.add(many, undefined)])
      assert.equal((await store.list({ limit: 1000 })).events.length, 700)
    })

    test('what is due is taken by one of two at once', async () => {
      const store = await filled(now)
      const both = await Promise.all([store.claim(2, now + 30, now), store.claim(9, now + 30, now)])
      const taken = both.flatMap((claimed) => claimed.events).map(({ id }) => id)
      assert.equal(taken.length, new Set(taken).size)
      assert.ok(taken.length >= 2)
    })

    test('what is due is taken the oldest first; what is finished is not due again', async () => {
      const store = await filled(now)
      const first = await store.claim(2, now + 30, now)
      const second = await store.claim(9, now + 30, now)
      assert.deepEqual(first.events, events.slice(0, 2))
      assert.deepEqual(second.events, events.slice(2))
      assert.equal(first.attempts, 0)
      await store.finish(first)
      await store.finish(second)
      assert.deepEqual((await store.claim(9, now + 99, now + 99)).events, [])
      assert.equal((await store.list({ limit: 9 })).events.length, 5)
    })

    test('what nobody wants is never due', async () => {
      assert.deepEqual((await (await filled()).claim(9, now + 30, now + 29)).events, [])
    })

    test('whoever took some and died -> another one takes them; a retry counts, and comes later', async () => {
      const store = await filled(now)
      const dead = await store.claim(9, now + 30, now)
      assert.deepEqual((await store.claim(9, now + 59, now + 29)).events, [])
      const next = await store.claim(9, now + 60, now + 30)
      assert.deepEqual(next.events, events)
      await store.retry(dead, now) // too late
      await store.retry(next, now + 90)
      assert.deepEqual((await store.claim(9, now + 99, now + 89)).events, [])
      assert.equal((await store.claim(9, now + 120, now + 90)).attempts, 1)
    })

    test('what is old is deleted, a few at a time; what is still to be sent stays longer', async () => {
      const store = await filled()
      assert.equal(await store.sweep(now + 3, now - day, 2), 2)
      assert.equal(await store.sweep(now + 3, now - day, 2), 1)
      assert.equal(await store.sweep(now + 3, now - day, 2), 0)
      assert.deepEqual((await store.list({ limit: 9 })).events, events.slice(3).toReversed())
      const due = await filled(now)
      assert.equal(await due.sweep(now + 3, now, 9), 0)
      assert.equal(await due.sweep(now + 3, now + 1, 9), 1)
    })
  })
}
