/** The short form of `reliability/database-restarts.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restartDatabase, restartLateDatabase } from '../../reliability/database-restarts.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const options = { skip: whyNoPostgres ?? false }
if (whyNoPostgres !== undefined) console.log(`Restarts of the database are not tested: ${whyNoPostgres}.`)

test('PostgreSQL ends under load -> 503 with Retry-After until it is back, and nothing is lost', options, async () => {
  const figures = await restartDatabase(['fast', 'immediate', 'kill -9'])
  const { lost, revived, doubles, withoutRetryAfter, broken, unexpected, failed } = figures
  assert.deepEqual(
    { lost, revived, doubles, withoutRetryAfter, broken, unexpected, failed },
    { lost: 0, revived: 0, doubles: 0, withoutRetryAfter: 0, broken: 0, unexpected: 0, failed: 0 },
  )
  assert.ok(figures.unavailable > 0 && figures.isAlive)
  assert.ok(figures.longestGapMs < 1000, `${figures.longestGapMs} ms`)
})

test('PostgreSQL that answers before it writes -> acknowledged tokens are lost', options, async () => {
  const { lost } = await restartLateDatabase(1)
  assert.ok(lost > 0)
})
