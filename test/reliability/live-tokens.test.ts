/** The short form of `reliability/live-tokens.ts`: 50,000 tokens in SQLite. Ratios of times are for the long form. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveTokensOnSqlite } from '../../reliability/live-tokens.ts'

test('50,000 live tokens -> each is found, in at most 200 bytes; without the index, slowly', async () => {
  const figures = await liveTokensOnSqlite({ tokens: 50_000, rounds: 1, roundMs: 200 })
  assert.equal(figures.missed, 0)
  assert.ok(figures.bytesPerToken <= 200, `${figures.bytesPerToken} bytes`)
  assert.ok(figures.unindexedP50Ms > 10 * figures.indexedP50Ms)
})
