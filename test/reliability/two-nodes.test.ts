/** The short form of `reliability/two-nodes.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNoPostgres } from '../../reliability/postgres-bench.ts'
import { killTwoNodes, killWrongNodes } from '../../reliability/two-nodes.ts'

const options = { skip: whyNoPostgres ?? false }
if (whyNoPostgres !== undefined) console.log(`Two nodes are not tested: ${whyNoPostgres}.`)

test(
  'one of two nodes is killed -> nothing is lost or spent twice, and clients go on at the other',
  options,
  async () => {
    const { acknowledged, broken, doubles, lost, revived, failed, unexpected } = await killTwoNodes(2)
    assert.deepEqual(
      { doubles, lost, revived, failed, unexpected },
      { doubles: 0, lost: 0, revived: 0, failed: 0, unexpected: 0 },
    )
    assert.ok(broken > 0)
    assert.ok(acknowledged >= 100, `${acknowledged} acknowledged`)
  },
)

test('two nodes that check, then write -> codes and refresh tokens are spent twice', options, async () => {
  const { doubles } = await killWrongNodes(1)
  assert.ok(doubles > 0)
})
