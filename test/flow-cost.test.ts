import assert from 'node:assert/strict'
import test from 'node:test'
import { limits, measureFlowCost } from '../tools/flow-cost-measure.ts'

const { statements, files, chain } = await measureFlowCost()

test(`an authorization_code request runs at most ${limits.statements} statements between endpoint and validator`, () => {
  const grant = files.find(({ file }) => file === 'grants/authorization-code.ts')
  assert.ok(
    grant !== undefined && grant.statements >= 10,
    'the grant itself must have been seen, else the measurement is broken',
  )
  assert.ok(statements <= limits.statements, files.map((file) => `${file.statements} ${file.file}`).join('\n'))
})

test(`at most ${limits.calls} calls lie between createTokenResponse and the string of the token`, () => {
  assert.equal(chain[0], 'createTokenResponse')
  assert.ok(chain.includes('createToken'), 'the chain must lead through BearerToken, else the measurement is broken')
  assert.ok(chain.length - 1 <= limits.calls, chain.join(' -> '))
})
