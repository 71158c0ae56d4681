/** The short form of `reliability/graceful-stop.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stopUnderLoad, type StopOptions } from '../../reliability/graceful-stop.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const backends: [backend: StopOptions['backend'], stops: number, whyNot?: string][] = [
  ['SQLite', 2],
  ['PostgreSQL', 1, whyNoPostgres],
]
for (const [backend, stops, whyNot] of backends) {
  test(`SIGTERM under load on ${backend} -> what is in flight is answered`, { skip: whyNot ?? false }, async () => {
    const { inFlight, dropped, refused, lost, longestMs, clean } = await stopUnderLoad(stops, {
      backend,
      signal: 'SIGTERM',
    })
    assert.deepEqual({ dropped, refused, lost, clean }, { dropped: 0, refused: 0, lost: 0, clean: stops })
    assert.ok(inFlight > 0 && longestMs < 10_000, `${inFlight} in flight, ${longestMs} ms`)
  })
}

test('SIGKILL under load -> requests are dropped', async () => {
  const { dropped } = await stopUnderLoad(4, { backend: 'SQLite', signal: 'SIGKILL' })
  assert.ok(dropped > 0)
})
