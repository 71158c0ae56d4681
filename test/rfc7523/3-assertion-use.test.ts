/** RFC 7523 §3: assertions are used once; keys at a `jwks_uri`; servers and clients that can have the method. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  allStoreFeatures,
  ComposedStore,
  ConfigurationError,
  PrivateKeyJwt,
  registerClient,
  Server,
  StoreValidator,
  type Client,
  type ClientKeyFetcher,
  type GrantryEvent,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { interceptStore } from '#grantry/testing/intercept-store'
import { registration } from '../support/provider.ts'
import { assertionParameters, writeJwt, type Members } from '../support/assertions.ts'
import { body, form } from '../support/requests.ts'
import { ed25519, issuer, now, p256, rsa } from '../tokens/fixtures.ts'
import { type Change, type Row, attacker, claims, header, jwkOf, jwks, makeRow } from './assertion-fixture.ts'

describe('An assertion is used once (§3, jti)', () => {
  test('a second time → refused, also at another endpoint', async () => {
    const { server, send, told } = await makeRow()
    const again = writeJwt(header, claims(), p256.privateKey)
    assert.equal((await send({ assertion: again })).status, 200)
    const expected = '401 invalid_client client_assertion_replayed app: client_assertion_replayed'
    assert.equal((await send({ assertion: again })).status, 401)
    assert.equal(told(), expected)
    const elsewhere = form({ token: 'x', ...assertionParameters(again) })
    assert.equal((await server.createIntrospectionResponse(elsewhere)).status, 401)
    assert.equal((await server.createRevocationResponse(elsewhere)).status, 401)
    assert.equal((await send()).status, 200)
  })

  test('the same jti from another client → a token', async () => {
    const { send, told } = await makeRow()
    assert.equal((await send({ claims: { jti: 'j' } })).status, 200)
    const other = { header: { alg: 'EdDSA', kid: undefined }, key: ed25519.privateKey }
    assert.equal((await send({ ...other, claims: { jti: 'j', iss: 'other', sub: 'other' } })).status, 200, told())
  })

  test('to the last second in which it would be accepted, and no marker is swept before', async () => {
    const store = new MemoryStore()
    const { send, clock, told } = await makeRow({}, store)
    const again = writeJwt(header, { ...claims(), exp: now + 60 }, p256.privateKey)
    assert.equal((await send({ assertion: again })).status, 200)
    for (const later of [1, 60, 69]) {
      clock.now = now + later
      await store.sweep(clock.now + 10, 1000) // by a node whose clock is ahead
      assert.equal((await send({ assertion: again })).status, 401, `${later} s later`)
      assert.match(told(), /replayed/)
    }
    clock.now = now + 70
    await send({ assertion: again })
    assert.match(told(), /exp has passed/)
  })

  test('an assertion that is refused is not used up', async () => {
    const { send, clock } = await makeRow()
    const early = writeJwt(header, { ...claims(), nbf: now + 30 }, p256.privateKey)
    assert.equal((await send({ assertion: early })).status, 401)
    clock.now = now + 30
    assert.equal((await send({ assertion: early })).status, 200)
  })

  for (const [name, open] of [
    ['MemoryStore', () => new MemoryStore()],
    ['SqliteStore', () => new SqliteStore(':memory:')],
  ] as const) {
    test(`8 at once on ${name} → one token`, async () => {
      const { send } = await makeRow({}, open())
      for (let round = 0; round < 5; round++) {
        const again = writeJwt(header, claims(), p256.privateKey)
        const responses = await Promise.all(Array.from({ length: 8 }, () => send({ assertion: again })))
        assert.deepEqual(responses.map(({ status }) => status).sort(), [200, ...Array<number>(7).fill(401)])
      }
    })
  }

  test('a store that cannot note it → 503 and no token', async () => {
    const store = interceptStore(new MemoryStore(), ({ name, run }) => {
      if (name === 'markSeen') throw new Error('down')
      return run()
    })
    const { send, told } = await makeRow({}, store)
    assert.equal((await send()).status, 503)
    assert.match(told(), /store_failed/)
  })
})

describe('The work tells nothing', () => {
  const verified = async (send: Row['send'], change: Change): Promise<number> => {
    const verify = crypto.subtle.verify.bind(crypto.subtle)
    let count = 0
    crypto.subtle.verify = (...given) => {
      count++
      return verify(...given)
    }
    await send(change)
    Reflect.deleteProperty(crypto.subtle, 'verify') // the one of the prototype is back
    return count
  }

  const causes: readonly [name: string, change: Change][] = [
    ['a wrong key', { key: attacker.privateKey }],
    ['an unknown client', { claims: { iss: 'nobody', sub: 'nobody' } }],
    ['a client of another method', { claims: { iss: 'by-secret', sub: 'by-secret' } }],
    ['a client without a key that fits', { claims: { iss: 'other', sub: 'other' } }],
    ['a client without jwks', { client: { jwks: undefined, jwksUri: 'https://app.example/jwks' } }],
    ['expired claims', { claims: { exp: 1 } }],
    ['RSA and no such key', { header: { alg: 'PS256' }, claims: { iss: 'other', sub: 'other' }, key: rsa.privateKey }],
  ]
  for (const [name, change] of causes) {
    test(`${name} → one signature is verified`, async () => {
      const { send } = await makeRow(change.client)
      assert.equal(await verified(send, change), 1)
    })
  }
})

test('whatever JSON the header and the claims are → a refusal of the client, never a 5xx', async () => {
  const { send, told } = await makeRow()
  const member = fc.oneof(fc.constantFrom<unknown>('ES256', 'k1', 'app', issuer, now, null, -0), fc.jsonValue())
  const members = (...names: string[]) =>
    fc.dictionary(fc.constantFrom(...names, '__proto__', 'toString'), member, { noNullPrototype: true })
  const any = fc.tuple(
    members('alg', 'kid', 'typ', 'crit', 'jwk', 'zip', 'cty'),
    members('iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'),
  )
  const check = async ([head, body]: [Members, Members]): Promise<void> => {
    const response = await send({ header: head, claims: body })
    assert.ok(response.status === 200 || response.status === 401, `${response.status} ${told()}`)
  }
  await fc.assert(fc.asyncProperty(any, check), { numRuns: 500 })
})

describe('jwksUri', () => {
  const asked: unknown[] = []
  const fetchKeys: ClientKeyFetcher = (client, at, keyId) => {
    asked.push([client.jwksUri, at.now, keyId])
    return jwks
  }
  const client = { jwks: undefined, jwksUri: 'https://app.example/jwks' }

  test('its keys are those of fetchKeys, which is told the kid', async () => {
    const { send, told } = await makeRow(client, new MemoryStore(), { fetchKeys })
    assert.equal((await send()).status, 200, told())
    assert.deepEqual(asked, [['https://app.example/jwks', now, 'k1']])
  })

  test('fetchKeys is not asked for clients with jwks, nor for those of another method', async () => {
    asked.length = 0
    await (await makeRow({}, new MemoryStore(), { fetchKeys })).send()
    await (await makeRow({ ...client, authMethods: ['client_secret_post'] }, new MemoryStore(), { fetchKeys })).send()
    assert.deepEqual(asked, [])
  })

  test('fetchKeys has none → 401', async () => {
    const { send, told } = await makeRow(client, new MemoryStore(), { fetchKeys: () => undefined })
    await send()
    assert.equal(told(), '401 invalid_client client_keys_unavailable app: its jwksUri gave none')
  })

  test('fetchKeys fails → 401, with the cause in the log', async () => {
    const store = new MemoryStore()
    const failed = new Error('no such host')
    await registerClient(store, { ...registration, authMethods: ['private_key_jwt'], ...client, id: 'app' })
    const events: GrantryEvent[] = []
    const server = new Server(new StoreValidator(store), {
      issuer,
      now: () => now,
      events: (event) => events.push(event),
      fetchKeys: () => Promise.reject(failed),
    })
    const parameters = assertionParameters(writeJwt(header, claims(), p256.privateKey))
    const response = await server.createTokenResponse(form({ grant_type: 'client_credentials', ...parameters }))
    assert.equal(response.status, 401)
    const [event] = events
    assert.ok(event?.type === 'request.refused' && event.reason === 'client_keys_unavailable')
    assert.equal(event.cause, failed)
  })

  test('what is fetched is no key set → 401', async () => {
    const html = '<html>' as unknown as { keys: [] } // what a web server may give
    const { send, told } = await makeRow(client, new MemoryStore(), { fetchKeys: () => html })
    await send()
    assert.equal(told(), '401 invalid_client client_keys_unavailable app: its jwksUri gave none')
  })
})

describe('The method is offered where it can work', () => {
  const offered = async (server: Server): Promise<unknown> => {
    const { token_endpoint_auth_methods_supported: methods } = body(await server.createMetadataResponse())
    return methods
  }

  test('metadata names it with its algorithms, for each endpoint (RFC 8414 §2)', async () => {
    const { server } = await makeRow()
    const document = body(await server.createMetadataResponse())
    for (const endpoint of ['token', 'revocation', 'introspection']) {
      const methods = document[`${endpoint}_endpoint_auth_methods_supported`] as readonly string[] // a list in every document
      const algorithms = document[`${endpoint}_endpoint_auth_signing_alg_values_supported`] as readonly string[] // as above
      assert.ok(methods.includes('private_key_jwt'), endpoint)
      assert.ok(!methods.includes('client_secret_jwt'), endpoint)
      assert.ok(algorithms.includes('ES256') && algorithms.includes('PS256'), endpoint)
      assert.ok(!algorithms.some((algorithm) => /^HS|none/.test(algorithm)), endpoint)
    }
  })

  test('at introspection and revocation as well', async () => {
    const { server } = await makeRow()
    const parameters = () => ({ token: 'x', ...assertionParameters(writeJwt(header, claims(), p256.privateKey)) })
    assert.deepEqual(body(await server.createIntrospectionResponse(form(parameters()))), { active: false })
    assert.equal((await server.createRevocationResponse(form(parameters()))).status, 200)
  })

  test('not without issuer: there is no audience', async () => {
    const { send, told } = await makeRow({}, new MemoryStore(), { issuer: undefined })
    await send({ parameters: { client_id: 'app' } })
    assert.equal(told(), '401 invalid_client client_assertion_unsupported')
  })

  test('not where the validator or its store cannot note what was used; fetchKeys says so', async () => {
    const store = new MemoryStore()
    const features = allStoreFeatures.filter((feature) => feature !== 'seen')
    const parts = { clients: store, grants: store, tickets: store, markers: store, keys: store }
    const composed = new ComposedStore({
      ...parts,
      capabilities: { ...store.capabilities(), name: 'Composed', features },
      ping: () => undefined,
      sweep: () => 0,
    })
    const validator = new StoreValidator(composed)
    assert.deepEqual(await offered(new Server(validator, { issuer })), [
      'client_secret_basic',
      'client_secret_post',
      'none',
    ])
    const message = (told: RegExp) => (error: unknown) =>
      error instanceof ConfigurationError && told.test(error.message)
    assert.throws(() => new Server(validator, { issuer, fetchKeys: () => undefined }), message(/fetchKeys.*markSeen/))
    assert.throws(
      () => new Server(new StoreValidator(store), { fetchKeys: () => undefined }),
      message(/fetchKeys.*issuer/),
    )
    assert.throws(() => new PrivateKeyJwt(validator, { issuer }), message(/^PrivateKeyJwt: Composed cannot keep seen/))
    assert.throws(() => new PrivateKeyJwt(new StoreValidator(store), { issuer: '' }), message(/needs the issuer/))
    // @ts-expect-error -- markSeen is missing
    assert.throws(() => new PrivateKeyJwt({}, { issuer }), message(/lacks markSeen/))
  })

  test('a method given to the server takes the place of that of the same name', async () => {
    const validator = new StoreValidator(new MemoryStore())
    const own = new PrivateKeyJwt(validator, { issuer })
    const methods = await offered(new Server(validator, { issuer, clientAuthentication: [own] }))
    assert.deepEqual(methods, ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'])
  })
})

describe('registerClient', () => {
  const client = { authMethods: ['private_key_jwt'], jwks }

  test('gives a client with keys no secret', async () => {
    const { secret, client: made } = await registerClient(new MemoryStore(), client)
    assert.equal(secret, undefined)
    assert.equal(made.secrets, undefined)
    assert.ok(
      (await registerClient(new MemoryStore(), { ...client, authMethods: ['private_key_jwt', 'client_secret_basic'] }))
        .secret,
    )
  })

  const wrong: readonly [name: string, change: Partial<Client>, message: RegExp][] = [
    ['no keys', { jwks: undefined }, /^authMethods: private_key_jwt needs/],
    ['an empty set', { jwks: { keys: [] } }, /^authMethods: private_key_jwt needs/],
    ['jwks and jwksUri', { jwksUri: 'https://app.example/jwks' }, /^jwksUri: .* not both/],
    ['jwksUri over http', { jwks: undefined, jwksUri: 'http://app.example/jwks' }, /^jwksUri: .*https/],
    ['a private key', { jwks: { keys: [jwkOf(p256, { d: 'AAAA' })] } }, /^jwks: .*only public keys/],
    ['a secret', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, /^jwks: .*only public keys/],
  ]
  for (const [name, change, message] of wrong) {
    test(`${name} → ConfigurationError`, async () => {
      await assert.rejects(
        registerClient(new MemoryStore(), { ...client, ...change }),
        (error: unknown) => error instanceof ConfigurationError && message.test(error.message),
      )
    })
  }
})
