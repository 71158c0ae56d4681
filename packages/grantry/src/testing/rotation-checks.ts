import type { RotationResult } from '../storage/store-rows.ts'
import type { Store } from '../storage/store.ts'
import {
  accessRow,
  digestOf,
  eightTimes,
  expectCount,
  expectSame,
  fill,
  isRevoked,
  refreshRow,
  rotationOf,
  start,
  type StoreCheck,
} from './store-check.ts'

const isLive = async (store: Store, name: string): Promise<boolean> =>
  (await store.findRefreshToken(digestOf(name))) !== undefined

const outcomesOf = (results: readonly RotationResult[]): readonly string[] => results.map(({ outcome }) => outcome)

/** Rotation of refresh tokens: one successor, convergence within the grace, reuse after it (RFC 9700 §4.14.2). */
export const rotationChecks: readonly StoreCheck[] = [
  {
    name: 'a rotation supersedes the token and saves the new ones',
    async run(store) {
      await fill(store)
      expectSame(await store.rotateRefreshToken(rotationOf('1')), { outcome: 'rotated' }, 'the rotation')
      expectSame((await store.findRefreshToken(digestOf('refresh')))?.supersededAt, start, 'when it was superseded')
      expectSame(await store.findRefreshToken(digestOf('successor1')), refreshRow('successor1', 'g'), 'the successor')
      for (const name of ['access', 'access1']) {
        expectSame((await store.findAccessToken(digestOf(name), start)) !== undefined, true, `${name} is live`)
      }
    },
  },
  {
    name: 'a rotation at 8 callers at once → one rotated, 7 replayed with its successor, one successor',
    async run(...stores) {
      await fill(stores[0])
      const results = await eightTimes(stores, (each, index) => each.rotateRefreshToken(rotationOf(String(index))))
      expectCount(outcomesOf(results), 'rotated', 1, 'callers that rotated')
      expectCount(outcomesOf(results), 'replayed', 7, 'callers that got the same successor')
      const winner = results.findIndex(({ outcome }) => outcome === 'rotated')
      for (let index = 0; index < 8; index++) {
        expectSame(await isLive(stores[0], `successor${index}`), index === winner, `successor${index} is saved`)
        const access = await stores[0].findAccessToken(digestOf(`access${index}`), start)
        expectSame(access !== undefined, true, `access${index} is live`)
      }
      const sealed = results.flatMap((result) => ('sealed' in result ? [result.sealed] : []))
      expectSame(new Set(sealed).size, 1, 'different sealed successors')
      expectSame(sealed[0], `sealed${winner}`, 'the sealed successor')
    },
  },
  {
    name: 'presented again within the grace → replayed; after it → reused, and the family is revoked',
    async run(store) {
      await fill(store)
      await store.rotateRefreshToken(rotationOf('1'))
      const again = await store.rotateRefreshToken(rotationOf('2', { now: start + 30 }))
      expectSame(again, { outcome: 'replayed', sealed: 'sealed1' }, 'at the end of the grace')
      expectSame(await isLive(store, 'successor2'), false, 'a second successor is saved')
      const late = await store.rotateRefreshToken(rotationOf('3', { now: start + 31 }))
      expectSame(late, { outcome: 'reused' }, 'after the grace')
      expectSame(await isRevoked(store), true, 'the family is revoked')
      expectSame(await isLive(store, 'successor1'), false, 'the successor is live')
    },
  },
  {
    name: 'presented again after its successor was used → reused, within the grace as well',
    async run(store) {
      await fill(store)
      await store.rotateRefreshToken(rotationOf('1'))
      const next = rotationOf('2', { digest: digestOf('successor1'), now: start + 1 })
      expectSame(await store.rotateRefreshToken(next), { outcome: 'rotated' }, 'the successor is used')
      expectSame(
        await store.rotateRefreshToken(rotationOf('3', { now: start + 2 })),
        { outcome: 'reused' },
        'the old one',
      )
      expectSame(await isLive(store, 'successor2'), false, 'the newest is live')
    },
  },
  {
    name: 'replays are counted: one more than allowed → reused',
    async run(store) {
      await fill(store)
      for (const [index, expected] of ['rotated', 'replayed', 'replayed', 'reused'].entries()) {
        const { outcome } = await store.rotateRefreshToken(rotationOf(String(index), { maxReplays: 2 }))
        expectSame(outcome, expected, 'with two replays allowed')
      }
    },
  },
  {
    name: 'without grace: within two seconds → raced and nothing changes; later → reused',
    async run(store) {
      await fill(store)
      await store.rotateRefreshToken(rotationOf('1', { graceSeconds: 0 }))
      const raced = await store.rotateRefreshToken(rotationOf('2', { graceSeconds: 0, now: start + 1 }))
      expectSame(raced, { outcome: 'raced' }, 'a second later')
      expectSame(await isLive(store, 'successor1'), true, 'the successor is live')
      const late = await store.rotateRefreshToken(rotationOf('3', { graceSeconds: 0, now: start + 2 }))
      expectSame(late, { outcome: 'reused' }, 'two seconds later')
      expectSame(await isRevoked(store), true, 'the family is revoked')
    },
  },
  {
    name: 'reuse at a client that is spared → reused, and the family lives',
    async run(store) {
      await fill(store)
      await store.rotateRefreshToken(rotationOf('1'))
      const late = await store.rotateRefreshToken(rotationOf('2', { now: start + 31, revokesOnReuse: false }))
      expectSame(late, { outcome: 'reused' }, 'after the grace')
      expectSame(await isRevoked(store), false, 'the family is revoked')
      expectSame(await isLive(store, 'successor2'), false, 'a second successor is saved')
    },
  },
  {
    name: 'a rotation of an expired, unknown or revoked token → unknown, nothing saved',
    async run(store) {
      await fill(store)
      const refused = async (change: Parameters<typeof rotationOf>[1], what: string): Promise<void> => {
        expectSame(await store.rotateRefreshToken(rotationOf('x', change)), { outcome: 'unknown' }, what)
        expectSame(await isLive(store, 'successorx'), false, `${what}: a successor is saved`)
      }
      await refused({ now: start + 1000 }, 'expired')
      await refused({ digest: digestOf('no') }, 'unknown')
      expectSame(await isRevoked(store), false, 'the family is revoked')
      await store.revokeGrant('g', start)
      await refused({}, 'revoked')
    },
  },
  {
    name: 'a rotation against revocation → nothing of the family is live afterwards',
    async run(store, other = store) {
      await fill(store)
      await Promise.all([store.rotateRefreshToken(rotationOf('1')), other.revokeGrant('g', start)])
      expectSame(await isLive(store, 'successor1'), false, 'the successor is live')
      expectSame(await store.findAccessToken(digestOf('access1'), start), undefined, 'its access token')
    },
  },
  {
    name: 'a token that is used without rotation gets a new idle expiry',
    async run(store) {
      await fill(store)
      const extended = { digest: digestOf('refresh'), expiresAt: start + 5000 }
      await store.putTokens({ grantId: 'g', access: accessRow('access2', 'g'), extended })
      expectSame((await store.findRefreshToken(digestOf('refresh')))?.expiresAt, start + 5000, 'its expiry')
      const later = await store.rotateRefreshToken(rotationOf('1', { now: start + 4999 }))
      expectSame(later, { outcome: 'rotated' }, 'a rotation before the new expiry')
    },
  },
]
