/** The short form of `reliability/key-rotation.ts`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rotateKeys } from '../../reliability/key-rotation.ts'

const size = { rotations: 3, tokensPerStep: 3 }

test('3 rotations under load -> no good token is refused, none is signed by a key that caches lack', async () => {
  const { keys, tokens, failed, unpublished } = await rotateKeys(size)
  assert.ok(tokens > 100)
  assert.deepEqual(
    { keys, failed, unpublished },
    { keys: 3, failed: { grantry: 0, jose: 0, oauth4webapi: 0 }, unpublished: 0 },
  )
})

test('keys that sign at once -> each verifier refuses good tokens', async () => {
  const { failed, unpublished } = await rotateKeys({ ...size, mistake: 'switches at once' })
  assert.ok(unpublished > 0)
  for (const [name, count] of Object.entries(failed)) assert.ok(count > 0, name)
})

test('keys that are deleted at once -> good tokens are refused', async () => {
  const { failed } = await rotateKeys({ ...size, mistake: 'deletes at once' })
  assert.ok(failed.grantry > 0)
})
