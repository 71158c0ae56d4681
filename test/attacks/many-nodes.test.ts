/** A code that reaches many nodes at once (RFC 6749 §4.1.2). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerClient, Server, StoreValidator, type Store } from 'grantry'
import { describePostgres, freshStores, rounds, times } from '../storage/postgres-fixture.ts'
import { obtainCode, registration } from '../support/provider.ts'
import { basic, form } from '../support/requests.ts'

/** Two servers over pools of their own. */
const startNodes = async () => {
  const stores = freshStores()
  const { secret = '' } = await registerClient(stores[0], { ...registration, id: 'app' })
  const make = (store: Store) => new Server(new StoreValidator(store, { sweepEvery: 0 }), { now: () => 1_800_000_000 })
  return { nodes: [make(stores[0]), make(stores[1])] as const, app: basic('app', secret) }
}

describePostgres('two nodes', () => {
  test('100 codes, 16 requests at once for each -> 100 token responses', async () => {
    const { nodes, app } = await startNodes()
    await rounds(100, async () => {
      const code = { grant_type: 'authorization_code', ...(await obtainCode(nodes[0])) }
      const answers = await times(16, (index) => nodes[index % 2 === 0 ? 0 : 1].createTokenResponse(form(code, app)))
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array<number>(15).fill(400)])
    })
  })
})
