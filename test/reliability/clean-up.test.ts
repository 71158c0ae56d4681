/** The short form of `reliability/clean-up.ts`: a small SQLite file, two nodes. Ratios of times are for the long form. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanUp, cleanUpAtOnce, onSqlite } from '../../reliability/clean-up.ts'

test('two nodes clean up beside requests -> every request is answered, what expired goes and what lives stays', async () => {
  const figures = await cleanUp(onSqlite, { rows: 5000, turns: 1, secondsPerTurn: 0.5 })
  const { wrong, failures, deadlocks, expiredLeft, liveDeleted, rowsPerSecond } = figures
  assert.deepEqual(
    { wrong, failures, deadlocks, expiredLeft, liveDeleted },
    { wrong: 0, failures: [], deadlocks: 0, expiredLeft: 0, liveDeleted: 0 },
  )
  assert.ok(rowsPerSecond > 0)
})

test('everything in one statement -> requests wait for it', async () => {
  const { longestMs, statementMs } = await cleanUpAtOnce(onSqlite, 20_000, 0.5)
  assert.ok(longestMs > 0.5 * statementMs, `${longestMs} of ${statementMs} ms`)
})
