/** Clients that register for bound tokens alone (RFC 9449 §5.2). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'

const asked: Json = { ...good, dpop_bound_access_tokens: true }

test('dpop_bound_access_tokens is kept, and told', async () => {
  const registrar = await makeRegistrar({}, { dpop: true })
  const response = await registrar.register(asked)
  assert.equal(told(response).body['dpop_bound_access_tokens'], true)
  const client = (await registrar.store.listClients('', 10)).find(({ dpopBoundAccessTokens }) => dpopBoundAccessTokens)
  assert.equal(client?.dpopBoundAccessTokens, true)
})

const refused: [name: string, change: Json, dpop: boolean][] = [
  ['a server without DPoP', {}, false],
  ['text', { dpop_bound_access_tokens: 'true' }, true],
]
for (const [name, change, dpop] of refused) {
  test(`${name} → invalid_client_metadata`, async () => {
    const registrar = await makeRegistrar({}, { dpop })
    assert.equal(errorOf(await registrar.register({ ...asked, ...change })), 'invalid_client_metadata')
  })
}
