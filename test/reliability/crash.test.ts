/** The short form of `reliability/crash.ts`: the two flows that spend something. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashEverywhere, crashSavesFirst } from '../../reliability/crash.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const backends: [backend: 'SQLite' | 'PostgreSQL', flows: readonly string[], whyNot?: string][] = [
  ['SQLite', ['code redemption', 'refresh with rotation']],
  ['PostgreSQL', ['code redemption'], whyNoPostgres],
]
for (const [backend, flows, whyNot] of backends) {
  const skip = whyNot ?? false
  test(
    `${backend}: a crash at every store call -> a code is redeemed once, a rotation has one successor`,
    { skip },
    async () => {
      const { points, calls, violations } = await crashEverywhere(backend, flows)
      assert.deepEqual(violations, [])
      assert.equal(
        points,
        Object.values(calls).reduce((sum, each) => sum + 3 * each, 0),
      )
      assert.ok(points >= 6 * flows.length, `${points} points`)
    },
  )
}

test('a crash where tokens are saved before the code is taken -> a double', async () => {
  const { violations } = await crashSavesFirst('SQLite')
  assert.ok(violations.some((each) => each.includes('redeemed again')))
})
