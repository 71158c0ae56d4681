/** The short form of `reliability/timing.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureTimes } from '../../reliability/timing.ts'

test('wrong in one way or in another -> the same time', async () => {
  for (const { what, microseconds } of await measureTimes(2000))
    assert.ok(Math.abs(microseconds) < 5, `${what}: ${microseconds} µs`)
})

test('a comparison that ends early, and nothing at all for who is unknown -> seen', async () => {
  const [early] = await measureTimes(2000, true)
  assert.ok((early?.t ?? 0) > 4.5 && (early?.microseconds ?? 0) > 0.5, JSON.stringify(early))
})
