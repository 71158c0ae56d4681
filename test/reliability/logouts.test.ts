/** The short form of `reliability/logouts.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killAmongLogouts } from '../../reliability/logouts.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const backends: [backend: 'SQLite' | 'PostgreSQL', kills: number, whyNot?: string][] = [
  ['SQLite', 2],
  ['PostgreSQL', 1, whyNoPostgres],
]
for (const [backend, kills, whyNot] of backends) {
  test(
    `kill -9 among logouts on ${backend} -> every client is told in the end`,
    { skip: whyNot ?? false },
    async () => {
      const { acknowledged, untold, alive, refreshable } = await killAmongLogouts(kills, backend)
      assert.ok(acknowledged > 0)
      assert.deepEqual({ untold, alive, refreshable }, { untold: 0, alive: 0, refreshable: 0 })
    },
  )
}
