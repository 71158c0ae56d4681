/** The short form of `reliability/lifecycle.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryLifecycles, postgresLifecycles, sqliteLifecycles, wrongLifecycles } from '../../reliability/lifecycle.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const backends: [name: string, run: typeof memoryLifecycles, amount: number, whyNot?: string][] = [
  ['MemoryStore', memoryLifecycles, 100],
  ['SqliteStore, two realms at a time', sqliteLifecycles, 100],
  ['PostgresStore, two realms at a time', postgresLifecycles, 30, whyNoPostgres],
]
for (const [name, run, amount, whyNot] of backends) {
  test(`life cycles over ${name} -> as the reference says`, { skip: whyNot ?? false }, async () => {
    const { runs, failure } = await run(amount)
    assert.equal(failure, undefined, failure)
    assert.equal(runs, amount)
  })
}

test('stores that do not keep their contract -> each is found', async () => {
  for (const [wrong, { failure }] of Object.entries(await wrongLifecycles(100))) assert.ok(failure, wrong)
})
