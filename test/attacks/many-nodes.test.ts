/** A code or a device code that reaches many nodes at once (RFC 6749 §4.1.2, RFC 8628 §3.4). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceCodeGrantType, registerClient, Server, StoreValidator } from 'grantry'
import { describePostgres, freshStores, rounds, times } from '../storage/postgres-fixture.ts'
import { obtainCode, registration } from '../support/provider.ts'
import { basic, form, text } from '../support/requests.ts'

/** Two servers over pools of their own. */
const startNodes = async () => {
  const stores = freshStores()
  const grantTypes = [...(registration.grantTypes ?? []), deviceCodeGrantType]
  const { secret = '' } = await registerClient(stores[0], { ...registration, grantTypes, id: 'app' })
  const issuer = 'https://as.example'
  const options = { issuer, device: { verificationUri: `${issuer}/device` }, now: () => 1_800_000_000 }
  const nodes = stores.map((store) => new Server(new StoreValidator(store, { sweepEvery: 0 }), options))
  const [first = assert.fail(), second = assert.fail()] = nodes
  return { nodes: [first, second] as const, app: basic('app', secret) }
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

  test('20 device codes, 16 polls at once for each -> 20 token responses', async () => {
    const { nodes, app } = await startNodes()
    await rounds(20, async () => {
      const codes = await nodes[0].createDeviceAuthorizationResponse(form({ scope: 'read' }, app))
      const decision = { approved: true, user: { id: 'alice' }, scopes: ['read'] } as const
      assert.equal(await nodes[1].device?.decide(text(codes, 'user_code'), decision), true)
      const polled = { grant_type: deviceCodeGrantType, device_code: text(codes, 'device_code') }
      const answers = await times(16, (index) => nodes[index % 2 === 0 ? 0 : 1].createTokenResponse(form(polled, app)))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    })
  })
})
