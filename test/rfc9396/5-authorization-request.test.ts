/** RFC 9396 §2 to §5: authorization details in authorization requests, and what a user makes of them. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { describeDetails, Server, StoreValidator, type Client, type ServerOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { writeJwt } from '../support/assertions.ts'
import { makeRegistrar } from '../support/registration.ts'
import { lastReason } from '../support/provider.ts'
import { body, form, pkce, redirected, text } from '../support/requests.ts'
import { accounts, authorize, makeRar, payment, redeem, sent, types } from './fixture.ts'

const refusal = async (parameters: Readonly<Record<string, string>>, client: Partial<Client> = {}) => {
  const provider = await makeRar({}, client)
  const { response } = await authorize(provider, parameters)
  return [redirected(response).get('error'), lastReason(provider)]
}

describe('a request with authorization_details', () => {
  test('the examples of §2 are shown to the user, and need no scope (§3.1)', async () => {
    const { server } = await makeRar()
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'app', code_challenge_method: 'S256' },
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      ...sent(accounts, payment),
    })
    const http = { method: 'GET', url: `/authorize?${query.toString()}`, headers: new Headers(), text: async () => '' }
    const validation = await server.validateAuthorizationRequest(http)
    assert.ok(validation.ok)
    assert.deepEqual(validation.request.authorizationDetails, [accounts, payment])
    assert.deepEqual(validation.request.scopes, [])
    assert.deepEqual(describeDetails(validation.request.authorizationDetails ?? [], types, 'de'), [
      'account_information (actions: list_accounts, read_balances, read_transactions; locations: https://example.com/accounts)',
      'de: pay Merchant A',
    ])
  })

  const malformed: [name: string, value: string][] = [
    ['no JSON', '{'],
    ['an object', JSON.stringify(payment)],
    ['an empty array', '[]'],
    ['null', 'null'],
    ['an array of texts', '["payment_initiation"]'],
    ['an array of null', '[null]'],
    ['an object without type', JSON.stringify([{ actions: [] }])],
    ['type a list', JSON.stringify([{ ...payment, type: ['payment_initiation'] }])],
    ['more than 50 objects', JSON.stringify(Array.from({ length: 51 }, () => accounts))],
    ['deeper than 16 levels', `${'['.repeat(9000)}${']'.repeat(9000)}`],
    ['a field that is unknown', JSON.stringify([{ ...payment, admin: true }])],
    ['a field that the schema strips', JSON.stringify([{ ...accounts, admin: true }])],
    ['one deeper inside', JSON.stringify([{ ...payment, creditorAccount: { iban: 'DE0', admin: true } }])],
    ['a member named __proto__', `[{"type":"account_information","actions":["x"],"__proto__":{"a":1}}]`],
    ['a field of another kind', JSON.stringify([{ ...payment, creditorName: 1 }])],
    ['a field that is missing', JSON.stringify([{ ...payment, instructedAmount: undefined }])],
  ]
  for (const [name, authorization_details] of malformed) {
    test(`${name} → invalid_authorization_details (§5)`, async () => {
      const expected = ['invalid_authorization_details', 'authorization_details_malformed']
      assert.deepEqual(await refusal({ authorization_details }), expected)
    })
  }

  const notAllowed: [name: string, type: string, client?: Partial<Client>][] = [
    ['a type that is unknown', 'other'],
    ['a type by the name of a member of every object', 'constructor'],
    ['a type that the client is not registered for', 'account_information', { authorizationDetailsTypes: ['limit'] }],
    ['a client that is registered for none', 'account_information', { authorizationDetailsTypes: undefined }],
  ]
  for (const [name, type, client] of notAllowed) {
    test(`${name} → invalid_authorization_details (§5, §10)`, async () => {
      const expected = ['invalid_authorization_details', 'authorization_details_type_not_allowed']
      assert.deepEqual(await refusal(sent({ ...accounts, type }), client), expected)
    })
  }

  test('off: the parameter is passed over, and nothing is in the metadata', async () => {
    const provider = await makeRar({ authorizationDetails: undefined })
    const answer = body(await redeem(provider, await authorize(provider, sent({ type: 'x' }), [payment])))
    assert.equal('authorization_details' in answer, false)
    assert.equal('authorization_details_types_supported' in body(await provider.server.createMetadataResponse()), false)
  })

  test('the metadata names the types (§10)', async () => {
    const { server } = await makeRar()
    const metadata = body(await server.createMetadataResponse())
    assert.deepEqual(metadata['authorization_details_types_supported'], Object.keys(types))
  })

  test('pushed: refused at once, and granted as they were pushed', async () => {
    const provider = await makeRar()
    const { server, app } = provider
    const all = { response_type: 'code', code_challenge_method: 'S256' }
    const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' }
    const push = (details: unknown) =>
      server.createPushedAuthorizationResponse(form({ ...all, ...challenge, ...sent(details) }, app))
    assert.equal(body(await push({ ...accounts, admin: true }))['error'], 'invalid_authorization_details')
    const request_uri = text(await push(accounts), 'request_uri')
    const { response } = await authorize(provider, { request_uri, ...sent(payment) })
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    assert.deepEqual(body(await redeem(provider, { response, verifier }))['authorization_details'], [accounts])
  })
})

test('in a request object they are JSON, and not text', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwks = { keys: [publicKey.export({ format: 'jwk' })] } as Client['jwks']
  const provider = await makeRar({ requestObjects: {} }, { jwks })
  const { verifier, challenge } = pkce()
  const asked = { response_type: 'code', client_id: 'app', code_challenge: challenge, code_challenge_method: 'S256' }
  const object = writeJwt({ alg: 'ES256' }, { ...asked, authorization_details: [accounts] }, privateKey)
  const { response } = await authorize(provider, { request: object, ...sent(payment) })
  assert.deepEqual(body(await redeem(provider, { response, verifier }))['authorization_details'], [accounts])
})

describe('what the user decides (§7)', () => {
  const asked = sent(accounts, payment)
  const rows: [name: string, granted: Parameters<typeof authorize>[2], expected: unknown][] = [
    ['all', undefined, [accounts, payment]],
    ['one of two', [payment], [payment]],
    ['fewer actions', [{ ...accounts, actions: ['read_balances'] }], [{ ...accounts, actions: ['read_balances'] }]],
    ['another action', [{ ...accounts, actions: ['transfer'] }], 'invalid_authorization_details'],
    ['no actions, which could mean all', [{ ...accounts, actions: [] }], 'invalid_authorization_details'],
    [
      'another amount',
      [{ ...payment, instructedAmount: { currency: 'EUR', amount: '9999' } }],
      'invalid_authorization_details',
    ],
    ['without the creditor', [{ type: payment.type, actions: ['initiate'] }], 'invalid_authorization_details'],
    ['with a field more', [{ ...accounts, datatypes: ['x'] }], 'invalid_authorization_details'],
    ['the same payment twice', [payment, payment], 'invalid_authorization_details'],
    ['another type', [{ type: 'limit', most: 1 }], 'invalid_authorization_details'],
    ['nothing, and no scope', 'nothing', 'invalid_scope'],
  ]
  for (const [name, granted, expected] of rows) {
    test(`${name} → ${typeof expected === 'string' ? expected : 'granted'}`, async () => {
      const provider = await makeRar()
      const { response, verifier } = await authorize(provider, asked, granted)
      const error = redirected(response).get('error')
      assert.equal(error, typeof expected === 'string' ? expected : null)
      if (error !== null) return
      assert.deepEqual(body(await redeem(provider, { response, verifier }))['authorization_details'], expected)
    })
  }

  test('a page that does not know of details grants the scopes alone', async () => {
    const provider = await makeRar()
    const answer = body(await redeem(provider, await authorize(provider, { scope: 'read', ...asked }, 'nothing')))
    assert.deepEqual([answer['scope'], answer['authorization_details']], ['read', undefined])
  })

  test('a rule of the type decides what is less', async () => {
    const provider = await makeRar()
    const limit = (most: number) => ({ type: 'limit', most })
    const less = await authorize(provider, sent(limit(10)), [limit(5)])
    assert.deepEqual(body(await redeem(provider, less))['authorization_details'], [limit(5)])
    const more = await authorize(provider, sent(limit(10)), [limit(11)])
    assert.equal(redirected(more.response).get('error'), 'invalid_authorization_details')
  })

  test('each part has a place, whatever the order', async () => {
    const provider = await makeRar()
    const [small, large] = [{ ...accounts, actions: ['list_accounts'] }, accounts]
    const { response } = await authorize(provider, sent(large, small), [small, large])
    assert.ok(redirected(response).has('code'))
  })
})

test('clients register for types that are on offer (§10)', async () => {
  const options: ServerOptions = { authorizationDetails: { types } }
  const { register } = await makeRegistrar({ authorizationDetailsTypes: ['limit'] }, options)
  const good = { redirect_uris: ['https://app.example/cb'] }
  const told = body(await register({ ...good, authorization_details_types: ['limit'] }))
  assert.deepEqual(told['authorization_details_types'], ['limit'])
  const other = body(await register({ ...good, authorization_details_types: ['account_information'] }))
  assert.equal(other['error'], 'invalid_client_metadata')
  await assert.rejects(makeRegistrar({ authorizationDetailsTypes: ['other'] }, options), /other is not of this server/)
})

const wrong: [name: string, options: object, message: RegExp][] = [
  ['no types', { types: {} }, /names no type/],
  ['a type without schema', { types: { x: {} } }, /types\.x needs a schema/],
]
for (const [name, authorizationDetails, message] of wrong) {
  test(`${name} → ConfigurationError`, () => {
    const validator = new StoreValidator(new MemoryStore())
    assert.throws(() => new Server(validator, { authorizationDetails } as ServerOptions), message)
  })
}
