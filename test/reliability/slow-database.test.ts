/** The short form of `reliability/slow-database.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'
import { slowDatabase, slowDatabaseWithoutLimits } from '../../reliability/slow-database.ts'

const skip = whyNoPostgres ?? false
if (whyNoPostgres !== undefined) console.log(`A slow database is not tested: ${whyNoPostgres}.`)

const options = { delaysMs: [400], requests: 1, stallMs: 2600, lockMs: 2600, lockRequests: 130 }

test(
  'round trips of 400 ms -> served; a database that stalls, or a full pool -> 503 in time; then served again',
  { skip },
  async () => {
    const { delays, stall, lock } = await slowDatabase(options)
    assert.deepEqual(
      delays.map(({ errors }) => errors),
      [0],
    )
    assert.deepEqual([stall.others, lock.others], [0, 0])
    assert.ok(stall.longestMs < 2500, `${stall.longestMs} ms`)
    assert.ok(stall.probeP50Ms < 50, `${stall.probeP50Ms} ms for what needs no database`)
    for (const { recoveryMs } of [stall, lock]) assert.ok(recoveryMs < 2000, `${recoveryMs} ms until all are served`)
  },
)

test('a node without limits -> clients wait', { skip }, async () => {
  const { stall } = await slowDatabaseWithoutLimits({ ...options, delaysMs: [], lockMs: 10, lockRequests: 1 })
  assert.ok(stall.longestMs > 2500, `${stall.longestMs} ms`)
})
