import assert from 'node:assert/strict'
import { scryptSync, timingSafeEqual } from 'node:crypto'
import { describe, test } from 'node:test'
import { registerClient, Server, StoreValidator, type SecretHash } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { makeProvider, registration } from '../support/provider.ts'
import { basic, body, form } from '../support/requests.ts'

const grant = { grant_type: 'client_credentials' }
const header = (value: string) => ({ authorization: value })
const encoded = (text: string | Uint8Array) => `Basic ${Buffer.from(text).toString('base64')}`

describe('Client authentication (§2.3)', () => {
  test('by Basic and by the body → a token', async () => {
    const { server, app, secret } = await makeProvider()
    assert.equal((await server.createTokenResponse(form(grant, app))).status, 200)
    assert.equal(
      (await server.createTokenResponse(form({ ...grant, client_id: 'app', client_secret: secret }))).status,
      200,
    )
    assert.equal(
      (await server.createTokenResponse(form({ ...grant, client_id: 'app' }, app))).status,
      200,
      'the same id beside Basic',
    )
  })

  const refused: readonly [
    name: string,
    parameters: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
    expected: string,
  ][] = [
    ['nothing', {}, {}, '401 invalid_client client_credentials_missing'],
    ['a wrong secret by Basic', {}, basic('app', 'wrong'), '401 invalid_client client_secret_wrong'],
    [
      'a wrong secret by the body',
      { client_id: 'app', client_secret: 'wrong' },
      {},
      '401 invalid_client client_secret_wrong',
    ],
    ['an empty secret', { client_id: 'app', client_secret: '' }, {}, '401 invalid_client client_method_not_allowed'],
    ['an unknown client', {}, basic('nobody', 'wrong'), '401 invalid_client client_unknown'],
    ['a confidential client by its id alone', { client_id: 'app' }, {}, '401 invalid_client client_method_not_allowed'],
    ['a secret without id', { client_secret: 'x' }, {}, '400 invalid_request parameter_missing'],
    [
      'both methods',
      { client_id: 'app', client_secret: 'x' },
      basic('app', 'x'),
      '400 invalid_request client_credentials_repeated',
    ],
    ['another id in the body', { client_id: 'spa' }, basic('app', 'x'), '400 invalid_request client_id_mismatch'],
    ['Basic that is not base64', {}, header('Basic %%%'), '401 invalid_client client_credentials_malformed'],
    ['Basic without colon', {}, header(encoded('app')), '401 invalid_client client_credentials_malformed'],
    ['Basic with nothing', {}, header('Basic'), '401 invalid_client client_credentials_malformed'],
    [
      'Basic with broken percent-encoding',
      {},
      header(encoded('app:%zz')),
      '401 invalid_client client_credentials_malformed',
    ],
    [
      'Basic that is not UTF-8',
      {},
      header(encoded(Uint8Array.of(0xff, 0x3a, 0xfe))),
      '401 invalid_client client_credentials_malformed',
    ],
    ['Basic with NUL', {}, header(encoded('app:%00')), '401 invalid_client client_credentials_malformed'],
    [
      'two Basic headers, joined',
      {},
      header(`${encoded('app:x')}, ${encoded('app:x')}`),
      '401 invalid_client client_credentials_malformed',
    ],
    ['another scheme', {}, header('Digest username="app"'), '401 invalid_client client_credentials_malformed'],
  ]
  for (const [name, parameters, headers, expected] of refused) {
    test(`${name} → ${expected}`, async () => {
      const { server, events } = await makeProvider()
      const response = await server.createTokenResponse(form({ ...grant, ...parameters }, headers))
      const event = events.at(-1)
      assert.ok(event?.type === 'request.refused')
      assert.equal(`${response.status} ${String(body(response)['error'])} ${event.reason}`, expected)
      if (response.status === 401) assert.match(response.headers['WWW-Authenticate'] ?? '', /^Basic realm="/)
      assert.equal(response.headers['Cache-Control'], 'no-store')
    })
  }

  test('an unknown client and a wrong secret get the same answer', async () => {
    const { server } = await makeProvider()
    const [unknown, wrong] = await Promise.all([
      server.createTokenResponse(form(grant, basic('nobody', 'x'))),
      server.createTokenResponse(form(grant, basic('app', 'x'))),
    ])
    assert.deepEqual(unknown, wrong)
  })

  test('id and secret are form-encoded in Basic (§2.3.1)', async () => {
    const store = new MemoryStore()
    const id = 'ä:p%p+ ✓'
    const { secret } = await registerClient(store, { ...registration, id })
    const server = new Server(new StoreValidator(store))
    assert.equal((await server.createTokenResponse(form(grant, basic(id, secret ?? '')))).status, 200)
  })

  test('a client registered for one method may not use the other', async () => {
    const { server, app, secret } = await makeProvider({}, { client: { authMethods: ['client_secret_post'] } })
    assert.equal((await server.createTokenResponse(form(grant, app))).status, 401)
    assert.equal(
      (await server.createTokenResponse(form({ ...grant, client_id: 'app', client_secret: secret }))).status,
      200,
    )
  })

  test('a public client may not use client_credentials (§4.4)', async () => {
    const { server } = await makeProvider()
    assert.equal(
      body(await server.createTokenResponse(form({ ...grant, client_id: 'spa' })))['error'],
      'unauthorized_client',
    )
  })

  test('two live secrets: both work, an old one does not', async () => {
    const { server, store, app } = await makeProvider()
    const client = await store.findClient('app')
    assert.ok(client)
    const second = await registerClient(store, { ...registration, id: 'second' })
    await store.putClient({ ...client, secrets: [...(client.secrets ?? []), ...(second.client.secrets ?? [])] })
    assert.equal((await server.createTokenResponse(form(grant, app))).status, 200)
    assert.equal((await server.createTokenResponse(form(grant, basic('app', second.secret ?? '')))).status, 200)
    await store.putClient({ ...client, secrets: second.client.secrets })
    assert.equal((await server.createTokenResponse(form(grant, app))).status, 401)
  })

  test('generated secrets are stored as SHA-256, chosen ones by the slow hash, which also runs for unknown clients', async () => {
    let runs = 0
    const slow: SecretHash = {
      hash: (secret) => `scrypt:${scryptSync(secret, 'salt', 32).toString('hex')}`,
      verify(secret, stored) {
        runs++
        return timingSafeEqual(scryptSync(secret, 'salt', 32), Buffer.from(stored.slice('scrypt:'.length), 'hex'))
      },
    }
    const store = new MemoryStore()
    const generated = await registerClient(store, { ...registration, id: 'generated' })
    assert.match(generated.client.secrets?.[0] ?? '', /^sha256:[\w-]{43}$/)
    assert.ok(!JSON.stringify(generated.client).includes(generated.secret ?? 'x'))
    await store.putClient({ ...generated.client, id: 'chosen', secrets: [await slow.hash('correct horse')] })
    const server = new Server(new StoreValidator(store, { secretHash: slow }))
    assert.equal(
      (await server.createTokenResponse(form(grant, basic('generated', generated.secret ?? '')))).status,
      200,
    )
    assert.equal(runs, 0)
    assert.equal((await server.createTokenResponse(form(grant, basic('chosen', 'correct horse')))).status, 200)
    assert.equal((await server.createTokenResponse(form(grant, basic('chosen', 'wrong')))).status, 401)
    assert.equal(runs, 2)
    assert.equal((await server.createTokenResponse(form(grant, basic('nobody', 'wrong')))).status, 401)
    assert.equal(runs, 3)
  })
})
