/** The short form of `reliability/kill.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killLateServer, killServer, type KillOptions } from '../../reliability/kill.ts'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'

const variants: [kills: number, options: KillOptions, whyNot?: string][] = [
  [2, { backend: 'SQLite', tokenFormat: 'opaque' }],
  [1, { backend: 'PostgreSQL', tokenFormat: 'jwt' }, whyNoPostgres],
]
for (const [kills, options, whyNot] of variants) {
  const name = `a killed server on ${options.backend}, ${options.tokenFormat} -> what it acknowledged is there, and nothing is spent twice`
  test(name, { skip: whyNot ?? false }, async () => {
    const { acknowledged, codesOfPages, lost, revived, doubles, refused } = await killServer(kills, options)
    assert.deepEqual({ lost, revived, doubles, refused }, { lost: 0, revived: 0, doubles: 0, refused: 0 })
    assert.ok(acknowledged >= 20 * kills, `${acknowledged} acknowledged`)
    assert.ok(codesOfPages > 0)
  })
}

test('a killed server that answers before it writes -> tokens are lost, and codes work again', async () => {
  const { lost, doubles } = await killLateServer(1)
  assert.ok(lost > 0)
  assert.ok(doubles > 0)
})
