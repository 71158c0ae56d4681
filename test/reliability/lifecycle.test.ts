/** The short form of `reliability/lifecycle.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryLifecycles, sqliteLifecycles, wrongLifecycles } from '../../reliability/lifecycle.ts'

const backends: [name: string, run: typeof memoryLifecycles][] = [
  ['MemoryStore', memoryLifecycles],
  ['SqliteStore', sqliteLifecycles],
]
for (const [name, run] of backends) {
  test(`life cycles over ${name} -> as the reference says`, async () => {
    const { runs, failure } = await run(100)
    assert.equal(failure, undefined, failure)
    assert.equal(runs, 100)
  })
}

test('stores that do not keep their contract -> each is found', async () => {
  for (const [wrong, { failure }] of Object.entries(await wrongLifecycles(100))) assert.ok(failure, wrong)
})
