/** RedisStore answers as SqliteStore does, whatever is asked of both, in whatever order, as time goes by. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Store } from 'grantry'
import { SqliteStore } from 'grantry/storage/sqlite'
import { describeRedis, freshStores } from './redis-fixture.ts'
import { accessRow, codeRow, digestOf, refreshRow, start } from './rows.ts'

interface Step {
  readonly what: number
  readonly which: number
  readonly how: number
  readonly wait: number
}

/** One step on one of two stores that are at the same point: `count` makes what is new unique, `now` is the time. */
interface Point {
  readonly store: Store
  readonly which: number
  readonly how: number
  readonly count: number
  readonly now: number
}

const of = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item // no list is empty

/** Names of what is there: of the three families that each run begins with, or what the latest steps may have made. */
const made = (prefix: string, { count, which }: Point): string =>
  `${prefix}${which < 12 ? which % 3 : Math.max(count - 1 - (which % 4), 0)}`
const userOf = (how: number): string => of(['ann', 'bob'], how)
const clientOf = (how: number): string => of(['app', 'other'], how >> 1)
const grant = (id: string, { how, now }: Point) => ({
  id,
  clientId: clientOf(how),
  userId: userOf(how),
  sessionId: of([undefined, 's1', 's2'], how >> 2),
  createdAt: now,
})
const access = (point: Point, grantId: string | undefined) =>
  accessRow(`a${point.count}`, grantId, { issuedAt: point.now, expiresAt: point.now + 20 + point.how })
const refresh = (point: Point, grantId: string) =>
  refreshRow(`r${point.count}`, grantId, { issuedAt: point.now, expiresAt: point.now + 200 })
const presented = (point: Point) => ({
  ...{ kind: of(['device_code', 'request'], point.which), digest: digestOf(`t${point.which % 3}`) },
  ...{ clientId: of(['app', 'app', 'other'], point.how), now: point.now },
})

const grantSteps: ((point: Point) => unknown)[] = [
  (at) =>
    at.store.putCode(codeRow(`c${at.count}`, `g${at.count}`, { expiresAt: at.now + 30 }), grant(`g${at.count}`, at)),
  (at) => {
    const id = `g${at.count}`
    return at.store.putTokens({ grant: grant(id, at), access: access(at, id), refresh: refresh(at, id) })
  },
  (at) => at.store.consumeCode(digestOf(made('c', at)), of(['app', 'app', 'other'], at.how), at.now),
  (at) => {
    const grantId = made('g', at)
    return at.store.putTokens({ grantId, access: access(at, grantId), refresh: refresh(at, grantId) })
  },
  (at) => at.store.putTokens({ grantId: made('g', at), liveUntil: at.now + 300 }),
  (at) => {
    const extended = { digest: digestOf(made('r', at)), expiresAt: at.now + 250 }
    return at.store.putTokens({ grantId: made('g', at), extended })
  },
  (at) => at.store.putTokens({ access: access(at, undefined) }),
  (at) => at.store.findAccessToken(digestOf(made('a', at)), at.now),
  (at) => at.store.findRefreshToken(digestOf(made('r', at))),
  async (at) => {
    const digest = digestOf(made('r', at))
    const grantId = (await at.store.findRefreshToken(digest))?.grantId ?? 'none'
    return at.store.rotateRefreshToken({
      ...{ digest, successor: refresh(at, grantId), sealed: `sealed${at.count}`, access: access(at, grantId) },
      ...{ now: at.now, graceSeconds: of([0, 30], at.how >> 1), maxReplays: of([2, Infinity], at.how) },
      revokesOnReuse: at.how % 4 !== 0,
    })
  },
  (at) => at.store.revokeAccessToken(digestOf(made('a', at)), start + 100_000, at.now),
  (at) => at.store.isRevoked(digestOf(made('a', at)), of([undefined, made('g', at)], at.how), at.now),
  (at) => (at.how % 3 === 0 ? at.store.revokeGrant(made('g', at), at.now) : undefined),
  (at) => {
    if (at.how % 3 !== 0) return undefined
    return at.store.revokeGrants(
      of([{ userId: 'ann' }, { clientId: 'app' }, { userId: 'bob', clientId: 'app' }, { sessionId: 's1' }], at.which),
      at.now,
    )
  },
]

const otherSteps: ((point: Point) => unknown)[] = [
  (at) =>
    at.store.putTicket(
      {
        ...{ ...presented(at), clientId: 'app', altDigest: of([undefined, digestOf(`u${at.how % 3}`)], at.how + 1) },
        ...{ grantId: of([undefined, made('g', at)], at.how), state: of(['pending', 'approved'], at.how) },
        ...{ payload: { at: at.now }, interval: 5, expiresAt: at.now + 25 },
      },
      at.now,
    ),
  (at) => at.store.findTicket(presented(at).kind, digestOf(`u${at.how % 3}`), at.now),
  (at) =>
    at.store.transitionTicket({
      ...{
        kind: presented(at).kind,
        altDigest: digestOf(`u${at.how % 3}`),
        from: ['pending', 'other'],
        to: 'approved',
      },
      ...{ payload: of([undefined, { by: at.now }], at.which), now: at.now },
    }),
  (at) => at.store.pollTicket(presented(at)),
  (at) => at.store.consumeTicket(presented(at), 'approved'),
  (at) => at.store.markSeen(of(['dpop', 'revoked'], at.how), digestOf(`m${at.which % 3}`), at.now + 10, at.now),
  (at) => at.store.countAttempt('login', digestOf(`m${at.which % 3}`), 20, at.now),
  (at) => (at.how % 3 === 0 ? at.store.clearAttempts('login', digestOf(`m${at.which % 3}`)) : undefined),
  (at) => at.store.lease('job', `owner${at.which % 3}`, at.now + 15, at.now),
  (at) => at.store.createClient({ id: `id${at.which % 5}`, scopes: [String(at.count)] }),
  async (at) => {
    const client = await at.store.findClient(`id${at.which % 5}`)
    return (
      client &&
      at.store.replaceClient(of([client, { id: client.id }], at.how), { ...client, scopes: [String(at.count)] })
    )
  },
  (at) => (at.how % 3 === 0 ? at.store.deleteClient(`id${at.which % 5}`) : undefined),
  (at) => at.store.listClients(of(['', 'id1', 'id3'], at.which), 1 + (at.how % 4)),
  (at) =>
    at.store.putSigningKey({
      keyId: `k${at.which % 3}`,
      algorithm: 'RS256',
      privateKey: 'pem',
      createdAt: at.which % 3,
    }),
  async (at) => {
    const known = (await at.store.findSigningKeys()).at(-1 - (at.how % 2))?.keyId
    const key = { keyId: `n${at.count}`, algorithm: 'RS256', privateKey: 'pem', createdAt: at.now }
    return at.store.createSigningKey(key, known)
  },
  (at) => (at.how % 3 === 0 ? at.store.deleteSigningKey(`k${at.which % 3}`) : undefined),
  (at) => at.store.findSigningKeys(),
  async (at) => {
    await at.store.sweep(at.now, 1000) // SqliteStore deletes an expired ticket also when its handle is taken anew: the numbers differ
  },
]

const rotate = grantSteps[9]
assert.ok(rotate)
const consume = [grantSteps[2], otherSteps[0], otherSteps[2], otherSteps[4]].filter((step) => step !== undefined)
const often = Array.from({ length: 6 }, () => [rotate, ...consume]).flat()
const steps = [...grantSteps, ...otherSteps, ...often]

const begin = async (store: Store): Promise<void> => {
  for (const count of [0, 1, 2]) {
    const [id, how] = [`g${count}`, count]
    const at = { store, which: 0, how, count, now: start }
    await store.putCode(codeRow(`c${count}`, id, { expiresAt: start + 100 }), grant(id, at))
    if (count > 0) await store.putTokens({ grantId: id, access: access(at, id), refresh: refresh(at, id) })
  }
}

/** The same data, whatever is undefined or not there. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

const anyStep = fc.record<Step>({
  ...{ what: fc.nat(steps.length - 1), which: fc.nat(20), how: fc.nat(11) },
  wait: fc.oneof({ weight: 14, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: fc.nat(40) }),
})

describeRedis('RedisStore and SqliteStore', () => {
  test('100 runs of up to 120 random steps -> the same answers', async () => {
    const outcomes = ['replayed', 'reused', 'rotated']
    const seen = new Set<string>()
    const run = async (taken: readonly Step[]): Promise<void> => {
      const [redis] = await freshStores()
      const sqlite = new SqliteStore(':memory:')
      await begin(sqlite)
      await begin(redis)
      let now = start
      for (const [index, { what, which, how, wait }] of taken.entries()) {
        now += wait
        const count = index + 3
        const step = of(steps, what)
        const expected = await step({ store: sqlite, which, how, count, now })
        const actual = await step({ store: redis, which, how, count, now })
        assert.deepEqual(plain(actual), plain(expected), `step ${count}: ${String(step)}`)
        const text = JSON.stringify(expected ?? null)
        for (const outcome of outcomes) if (text.includes(`"${outcome}"`)) seen.add(outcome)
      }
      sqlite.close()
    }
    await fc.assert(fc.asyncProperty(fc.array(anyStep, { maxLength: 120, size: 'max' }), run), { numRuns: 100 })
    assert.deepEqual([...seen].sort(), outcomes, 'each of them came up')
  })
})
