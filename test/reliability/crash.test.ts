/** The short form of `reliability/crash.ts`: the two flows that spend something. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashEverywhere, crashSavesFirst } from '../../reliability/crash.ts'

test('a crash at every store call -> a code is redeemed once, a rotation has one successor', async () => {
  const { points, calls, violations } = await crashEverywhere(['code redemption', 'refresh with rotation'])
  assert.deepEqual(violations, [])
  assert.equal(
    points,
    Object.values(calls).reduce((sum, each) => sum + 3 * each, 0),
  )
  assert.ok(points >= 12, `${points} points`)
})

test('a crash where tokens are saved before the code is taken -> a double', async () => {
  const { violations } = await crashSavesFirst()
  assert.ok(violations.some((each) => each.includes('redeemed again')))
})
