/** The short form of `reliability/clock-jump.ts` and `reliability/clock-difference.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differByClock, differWithoutGrace } from '../../reliability/clock-difference.ts'
import { jumpClock, jumpWrongClock } from '../../reliability/clock-jump.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const jumps: [name: string, seconds: number, tokenFormat: 'opaque' | 'jwt'][] = [
  ['1 hour ahead', 3600, 'opaque'],
  ['1 hour ahead', 3600, 'jwt'],
  ['2 hours behind', -7200, 'jwt'],
  ['10 years ahead', 10 * 365 * 86_400, 'opaque'],
]
for (const [name, seconds, tokenFormat] of jumps) {
  const title = `a clock that is ${name} for a while, ${tokenFormat} tokens -> nothing that was revoked or used comes back`
  test(title, async () => {
    const { ended, revived, lost, early } = await jumpClock(seconds, { backend: 'SQLite', tokenFormat })
    assert.ok(ended > 0)
    assert.equal(revived, 0)
    if (seconds < 0) assert.deepEqual({ lost, early }, { lost: 0, early: 0 })
  })
}

test('clean-up that believes a clock that is 1 hour ahead -> revoked tokens without a row come back', async () => {
  const { revived } = await jumpClock(3600, { backend: 'SQLite', tokenFormat: 'jwt', trustsClock: true })
  assert.ok(revived > 0)
})

test('a store that dates revocations, 2 hours behind -> they are undone', async () => {
  const { revived } = await jumpWrongClock(-7200)
  assert.ok(revived > 0)
})

const options = { skip: whyNoPostgres ?? false }

test('two nodes whose clocks are 5 seconds apart -> as if they agreed', options, async () => {
  const { alarms, refused, inactive, revived } = await differByClock(5)
  assert.deepEqual({ alarms, refused, inactive, revived }, { alarms: 0, refused: 0, inactive: 0, revived: 0 })
})

test('two nodes without a grace, 5 seconds apart -> a repeated refresh is taken for theft', options, async () => {
  const { alarms } = await differWithoutGrace(5)
  assert.ok(alarms > 0)
})
