import { digestOf, eightTimes, expectCount, expectSame, start, type StoreCheck } from './store-check.ts'

const jti = digestOf('jti')

/** Replay markers, attempts and leases. */
export const markerChecks: readonly StoreCheck[] = [
  {
    name: 'something seen by 8 callers at once → once for the first time',
    async run(...stores) {
      for (let round = 0; round < 10; round++) {
        const digest = digestOf(`jti${round}`)
        const first = await eightTimes(stores, (store) => store.markSeen('dpop', digest, start + 60, start))
        expectCount(first, true, 1, 'callers that saw it first')
      }
    },
  },
  {
    name: 'a marker is kept until, not at, its expiry, and only in its space',
    async run(store) {
      expectSame(await store.markSeen('dpop', jti, start + 60, start), true, 'the first time')
      expectSame(await store.markSeen('assertion', jti, start + 60, start), true, 'in another space')
      expectSame(await store.markSeen('dpop', jti, start + 200, start + 59), false, 'just before its expiry')
      expectSame(await store.markSeen('dpop', jti, start + 120, start + 60), true, 'at its expiry')
      expectSame(await store.markSeen('dpop', jti, start + 200, start + 119), false, 'before the new expiry')
    },
  },
  {
    name: 'attempts of 8 callers at once → counted one by one, in a window that starts with the first',
    async run(...stores) {
      const [store] = stores
      const counts = await eightTimes(stores, (each) => each.countAttempt('login', jti, 60, start))
      expectSame(counts.toSorted(), [1, 2, 3, 4, 5, 6, 7, 8], 'the counts')
      expectSame(await store.countAttempt('other', jti, 60, start), 1, 'in another space')
      expectSame(await store.countAttempt('login', jti, 60, start + 59), 9, 'just before the end of the window')
      expectSame(await store.countAttempt('login', jti, 60, start + 60), 1, 'at the end of the window')
      await store.clearAttempts('login', jti)
      expectSame(await store.countAttempt('login', jti, 60, start + 61), 1, 'after they were cleared')
    },
  },
  {
    name: 'a lease wanted by 8 owners at once → one has it, until it ends',
    async run(...stores) {
      const [store] = stores
      const had = await eightTimes(stores, (each, index) => each.lease('keys', `node${index}`, start + 60, start))
      expectCount(had, true, 1, 'owners that have it')
      const owner = `node${had.indexOf(true)}`
      expectSame(await store.lease('other', 'node9', start + 60, start), true, 'another lease')
      expectSame(
        await store.lease('keys', 'node9', start + 90, start + 59),
        false,
        'another owner, just before its end',
      )
      expectSame(await store.lease('keys', owner, start + 70, start + 59), true, 'its owner keeps it')
      expectSame(await store.lease('keys', 'node9', start + 90, start + 69), false, 'another owner, before the new end')
      expectSame(await store.lease('keys', 'node9', start + 130, start + 70), true, 'another owner, at the new end')
      expectSame(await store.lease('keys', owner, start + 130, start + 71), false, 'the owner before')
    },
  },
]
