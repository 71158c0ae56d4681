/** `reliability/faults.ts`, whole. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { injectFaults } from '../../reliability/faults.ts'

test('a store that fails at any call -> 5xx or a success that holds', async () => {
  const { cases, answers, withoutRetryAfter, violations } = await injectFaults()
  assert.deepEqual(violations, [])
  assert.equal(withoutRetryAfter, 0)
  assert.ok(cases > 200, `${cases} cases`)
  assert.ok(answers['500'] + answers['503'] > cases / 2)
})

test('a failed save that is reported as done -> tokens that are not active', async () => {
  const { violations } = await injectFaults(true)
  assert.ok(violations.some((each) => each.includes('a token of a 200 is not active')))
})
