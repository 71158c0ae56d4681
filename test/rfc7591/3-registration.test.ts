/** RFC 7591 §3: the registration endpoint. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AccessDeniedError, RequestValidator, Server, StoreValidator } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { lastReason, obtainCode } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told } from '../support/registration.ts'
import { basic, body, form, request, text } from '../support/requests.ts'
import { json } from './registration-fixture.ts'

describe('the answer (§3.2.1)', () => {
  test('201, not to be cached, with all that was registered and defaults', async () => {
    const { register, clock } = await makeRegistrar()
    const response = await register({ ...good, client_name: 'App' })
    assert.equal(response.status, 201)
    assert.deepEqual(
      ['Content-Type', 'Cache-Control', 'Pragma'].map((name) => response.headers[name]),
      ['application/json', 'no-store', 'no-cache'],
    )
    const { client_id, client_secret, registration_access_token, ...rest } = body(response)
    assert.match(String(client_id), /^[\w-]{22}$/)
    assert.match(String(client_secret), /^[\w-]{43}$/)
    assert.match(String(registration_access_token), /^[\w-]{43}$/)
    assert.deepEqual(rest, {
      client_id_issued_at: clock.now,
      client_secret_expires_at: 0,
      registration_client_uri: `https://as.example/register/${String(client_id)}`,
      redirect_uris: ['https://app.example/cb'],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      client_name: 'App',
      scope: 'read write',
    })
  })

  for (const method of ['none', 'private_key_jwt']) {
    test(`${method} → no secret, and no time at which it expires`, async () => {
      const { register } = await makeRegistrar()
      const metadata = { ...good, token_endpoint_auth_method: method, jwks_uri: 'https://app.example/jwks' }
      const answer = told(await register(metadata)).body
      assert.deepEqual(['client_secret' in answer, 'client_secret_expires_at' in answer], [false, false])
    })
  }

  test('secrets are stored as digests alone', async () => {
    const { register, store } = await makeRegistrar()
    const { id, secret = '', token } = told(await register(good))
    const stored = JSON.stringify(store.findClient(id))
    assert.ok(stored.includes('sha256:'))
    for (const each of [secret, token]) assert.equal(stored.includes(each), false)
  })

  test('the client works: a code for its redirect URI, and tokens for its secret by its method alone', async () => {
    const { register, server } = await makeRegistrar()
    const { id, secret = '' } = told(await register(good))
    const code = await obtainCode(server, { client_id: id, scope: 'read', redirect_uri: 'https://app.example/cb' })
    const grant = { grant_type: 'authorization_code', redirect_uri: 'https://app.example/cb', ...code }
    assert.equal(
      (await server.createTokenResponse(form({ ...grant, client_id: id, client_secret: secret }))).status,
      401,
    )
    assert.equal((await server.createTokenResponse(form(grant, basic(id, secret)))).status, 200)
  })

  test('the metadata document names the endpoint, below the path of the issuer, where it is on', async () => {
    const { server } = await makeRegistrar(
      {},
      { issuer: 'https://as.example/tenant', paths: { registration: '/clients' } },
    )
    const document = body(await server.createMetadataResponse())
    assert.equal(document['registration_endpoint'], 'https://as.example/tenant/clients')
    const headers = { 'content-type': 'application/json; charset=UTF-8' }
    const http = request('POST', '/tenant/clients', { headers, body: JSON.stringify(good) })
    const uri = text(await server.handle(http), 'registration_client_uri')
    assert.match(uri, /^https:\/\/as\.example\/tenant\/clients\/[\w-]{22}$/)

    const off = new Server(new StoreValidator(new MemoryStore()), { issuer: 'https://as.example' })
    assert.equal('registration_endpoint' in body(await off.createMetadataResponse()), false)
    assert.equal((await off.handle(request('POST', '/register', { headers: json, body: '{}' }))).status, 404)
  })

  test('an event for the operator', async () => {
    const { register, events, clock } = await makeRegistrar()
    const { id } = told(await register(good))
    assert.deepEqual(events, [{ type: 'client.registered', time: clock.now, clientId: id }])
  })
})

describe('requests that are not right (§3.1, §3.2.2)', () => {
  const post = async (headers: Readonly<Record<string, string>>, sent: string, method = 'POST') => {
    const registrar = await makeRegistrar()
    const response = await registrar.server.handle(request(method, '/register', { headers, body: sent }))
    return { response, reason: lastReason(registrar) }
  }
  const sent = JSON.stringify(good)
  const refused: [
    name: string,
    headers: Readonly<Record<string, string>>,
    sent: string,
    status: number,
    error: string,
    reason: string,
  ][] = [
    [
      'a form',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'redirect_uris=x',
      400,
      'invalid_request',
      'content_type_wrong',
    ],
    ['no media type', {}, sent, 400, 'invalid_request', 'content_type_wrong'],
    [
      'two media types',
      { 'content-type': 'application/json, text/plain' },
      sent,
      400,
      'invalid_request',
      'content_type_wrong',
    ],
    [
      'UTF-16',
      { 'content-type': 'application/json; charset=utf-16' },
      sent,
      400,
      'invalid_request',
      'content_type_wrong',
    ],
    ['no JSON', json, '{', 400, 'invalid_client_metadata', 'json_malformed'],
    ['nothing', json, '', 400, 'invalid_client_metadata', 'json_malformed'],
    ['a list', json, '[]', 400, 'invalid_client_metadata', 'json_malformed'],
    ['null', json, 'null', 400, 'invalid_client_metadata', 'json_malformed'],
    ['text', json, '"x"', 400, 'invalid_client_metadata', 'json_malformed'],
    ['60,000 brackets', json, '['.repeat(60_000), 400, 'invalid_client_metadata', 'json_malformed'],
    [
      'a deep list',
      json,
      `{"redirect_uris":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      400,
      'invalid_client_metadata',
      'json_malformed',
    ],
    ['more than the limit', json, ' '.repeat(65_537), 413, 'invalid_request', 'body_too_large'],
  ]
  for (const [name, headers, content, status, error, expected] of refused) {
    test(`${name} → ${status} ${error}`, async () => {
      const { response, reason } = await post(headers, content)
      assert.deepEqual([response.status, errorOf(response), reason], [status, error, expected])
      assert.equal(response.headers['Cache-Control'], 'no-store')
    })
  }

  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
    test(`${method} → 405 with Allow`, async () => {
      const { response } = await post(json, sent, method)
      assert.deepEqual([response.status, response.headers['Allow']], [405, 'POST'])
    })
  }
})

describe('the policy', () => {
  test('narrows what is registered, and the answer says so (§3.2.1)', async () => {
    const { register } = await makeRegistrar({ policy: (draft) => ({ ...draft, scopes: ['read'], name: undefined }) })
    const answer = told(await register({ ...good, client_name: 'App', scope: 'read write' })).body
    assert.deepEqual([answer['scope'], 'client_name' in answer], ['read', false])
  })

  test('refuses → invalid_client_metadata, or the error that it throws', async () => {
    const refusing = await makeRegistrar({ policy: () => false })
    assert.equal(errorOf(await refusing.register(good)), 'invalid_client_metadata')
    assert.equal(lastReason(refusing), 'registration_refused')
    const throwing = await makeRegistrar({ policy: () => Promise.reject(new AccessDeniedError('hook_refused')) })
    assert.equal(errorOf(await throwing.register(good)), 'access_denied')
  })

  test('fails → 500 that says nothing', async () => {
    const { register } = await makeRegistrar({
      policy: () => {
        throw new Error('password of the database')
      },
    })
    const response = await register(good)
    assert.equal(response.status, 500)
    assert.equal(response.body.includes('password'), false)
  })

  test('is asked for what is settled, and sees the headers', async () => {
    const seen: unknown[] = []
    const { register } = await makeRegistrar({
      policy: (draft, context) => {
        seen.push(draft.grantTypes, context.headers.get('content-type'), context.previous)
        return draft
      },
    })
    told(await register(good))
    assert.deepEqual(seen, [['authorization_code'], 'application/json', undefined])
  })
})

describe('set-up', () => {
  const make = (options: object) => () =>
    new Server(new StoreValidator(new MemoryStore()), { issuer: 'https://as.example', ...options })
  const wrong: [name: string, options: object, message: RegExp][] = [
    ['no issuer', { issuer: undefined, registration: {} }, /registration needs the option issuer/],
    ['a lifetime of half a second', { registration: { maxClientLifetime: 0.5 } }, /maxClientLifetime/],
    ['a limit of none', { registration: { rateLimit: { most: 0, windowSeconds: 60 } } }, /rateLimit/],
    [
      'an option that does not exist',
      { registration: { allowOpenly: true } },
      /registration: unknown option allowOpenly/,
    ],
    ['a grant that the server does not have', { registration: { grantTypes: ['magic'] } }, /grantTypes: magic/],
    [
      'a response type that the server does not have',
      { registration: { responseTypes: ['token'] } },
      /responseTypes: token/,
    ],
  ]
  for (const [name, options, message] of wrong) {
    test(`${name} → ConfigurationError`, () => assert.throws(make(options), { name: 'ConfigurationError', message }))
  }

  test('a validator without the methods → ConfigurationError that names them', () => {
    abstract class Own extends RequestValidator {}
    const bare = Object.create(Own.prototype) as StoreValidator
    assert.throws(() => new Server(bare, { issuer: 'https://as.example', registration: {} }), {
      name: 'ConfigurationError',
      message: /findInitialAccess, useInitialAccess, allowRegistration, createRegistration, findRegistration/,
    })
  })

  test('a store that keeps no tickets → ConfigurationError that says so', () => {
    const store = new MemoryStore()
    const features = store.capabilities().features.filter((feature) => feature !== 'tickets')
    const poor = Object.assign(Object.create(store) as MemoryStore, {
      capabilities: () => ({ ...store.capabilities(), features }),
    })
    assert.throws(() => new Server(new StoreValidator(poor), { issuer: 'https://as.example', registration: {} }), {
      name: 'ConfigurationError',
      message: /cannot keep tickets/,
    })
  })
})
