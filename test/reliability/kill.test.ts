/** The short form of `reliability/kill.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killLateServer, killServer } from '../../reliability/kill.ts'

test('a killed server -> what it acknowledged is there, and nothing is spent twice', async () => {
  const { kills, acknowledged, codesOfPages, lost, revived, doubles, refused } = await killServer(3)
  assert.deepEqual(
    { kills, lost, revived, doubles, refused },
    { kills: 3, lost: 0, revived: 0, doubles: 0, refused: 0 },
  )
  assert.ok(acknowledged >= 60, `${acknowledged} acknowledged`)
  assert.ok(codesOfPages > 0)
})

test('a killed server that answers before it writes -> tokens are lost, and codes work again', async () => {
  const { lost, doubles } = await killLateServer(1)
  assert.ok(lost > 0)
  assert.ok(doubles > 0)
})
