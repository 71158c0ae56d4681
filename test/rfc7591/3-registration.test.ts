/** RFC 7591 §3: the endpoint, who may use it, and what it answers. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  AccessDeniedError,
  createInitialAccessToken,
  RequestValidator,
  Server,
  StoreValidator,
  sweepRegistrations,
  type Client,
  type HttpResponse,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { lastReason, obtainCode } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'
import { basic, body, form, request, text } from '../support/requests.ts'

const json = { 'content-type': 'application/json' }
const challenge = ({ headers }: HttpResponse) => headers['WWW-Authenticate']

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
      'invalid_redirect_uri',
      'registration_redirect_uri_invalid',
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

describe('initial access tokens (§1.2, §3)', () => {
  const makeClosed = (registration = {}) => makeRegistrar({ allowOpen: false, ...registration })

  test('none sent → 401 with a challenge that names no error', async () => {
    const response = await (await makeClosed()).register(good)
    assert.deepEqual([response.status, challenge(response)], [401, 'Bearer realm="api"'])
  })

  test('good for one client, then used up', async () => {
    const registrar = await makeClosed()
    const token = await createInitialAccessToken(registrar.store, { now: registrar.clock.now })
    told(await registrar.register(good, token))
    const again = await registrar.register(good, token)
    assert.deepEqual([again.status, errorOf(again)], [401, 'invalid_token'])
    assert.match(challenge(again) ?? '', /^Bearer .*error="invalid_token"/)
    assert.equal(lastReason(registrar), 'initial_access_token_invalid')
  })

  test('metadata that is refused does not use it up', async () => {
    const { register, store, clock } = await makeClosed()
    const token = await createInitialAccessToken(store, { now: clock.now })
    assert.equal(errorOf(await register({ redirect_uris: ['javascript:1'] }, token)), 'invalid_redirect_uri')
    told(await register(good, token))
  })

  test('8 requests at once → one client', async () => {
    const { register, store, clock } = await makeClosed()
    const token = await createInitialAccessToken(store, { now: clock.now })
    const responses = await Promise.all(Array.from({ length: 8 }, () => register(good, token)))
    assert.equal(responses.filter(({ status }) => status === 201).length, 1)
  })

  test('reusable → any number of clients, until it expires', async () => {
    const { register, store, clock } = await makeClosed()
    const token = await createInitialAccessToken(store, { now: clock.now, isReusable: true, expiresIn: 60 })
    for (let count = 0; count < 3; count++) told(await register(good, token))
    clock.now += 60
    assert.equal(errorOf(await register(good, token)), 'invalid_token')
  })

  const wrong: [name: string, token: (store: MemoryStore, now: number) => Promise<string>][] = [
    ['unknown', async () => 'x'.repeat(43)],
    ['over', (store, now) => createInitialAccessToken(store, { now: now - 86_400 })],
    ['made under another key', (store, now) => createInitialAccessToken(store, { now, digestKeys: ['k'.repeat(43)] })],
    [
      'a registration access token',
      async (store, now) => {
        const { register } = await makeRegistrar({}, { now: () => now }, () => new StoreValidator(store))
        return told(await register(good)).token
      },
    ],
  ]
  for (const [name, token] of wrong) {
    test(`${name} → 401 invalid_token, also where none is needed`, async () => {
      for (const allowOpen of [false, true]) {
        const { register, store, clock } = await makeRegistrar({ allowOpen })
        const response = await register(good, await token(store, clock.now))
        assert.deepEqual([response.status, errorOf(response)], [401, 'invalid_token'])
      }
    })
  }

  test('malformed → 400 invalid_request', async () => {
    const { server } = await makeClosed()
    const headers = { ...json, authorization: 'Bearer a, b' }
    const response = await server.handle(request('POST', '/register', { headers, body: JSON.stringify(good) }))
    assert.deepEqual([response.status, errorOf(response)], [400, 'invalid_request'])
  })

  test('the store has its digest alone, under the key of the validator', async () => {
    const digestKeys = ['k'.repeat(43)]
    const { register, store, clock } = await makeRegistrar(
      { allowOpen: false },
      {},
      (made) => new StoreValidator(made, { digestKeys }),
    )
    const tickets: unknown[] = []
    const spied = {
      putTicket: (...given: Parameters<MemoryStore['putTicket']>) => {
        tickets.push(given[0])
        return store.putTicket(...given)
      },
    }
    const token = await createInitialAccessToken(spied, { now: clock.now, digestKeys })
    assert.equal(JSON.stringify(tickets).includes(token), false)
    told(await register(good, token))
  })

  test('what was said when it was made reaches the policy', async () => {
    const { register, store, clock } = await makeClosed({
      policy: (draft: object, { initialAccess }: { initialAccess?: { claims: Json } }) => ({
        ...draft,
        softwareId: initialAccess?.claims['team'],
      }),
    })
    const token = await createInitialAccessToken(store, { now: clock.now, claims: { team: 'blue' } })
    assert.equal(told(await register(good, token)).body['software_id'], 'blue')
  })

  test('a lifetime of nothing → ConfigurationError', async () => {
    await assert.rejects(createInitialAccessToken(new MemoryStore(), { now: 0, expiresIn: 0 }), {
      name: 'ConfigurationError',
    })
  })
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

describe('limits (§5)', () => {
  test('more than the limit in a time → 429 with Retry-After, then again', async () => {
    const { register, clock } = await makeRegistrar({ rateLimit: { most: 2, windowSeconds: 60 } })
    for (let count = 0; count < 2; count++) told(await register(good))
    const limited = await register(good)
    assert.deepEqual(
      [limited.status, limited.headers['Retry-After'], errorOf(limited)],
      [429, '60', 'temporarily_unavailable'],
    )
    clock.now += 60
    told(await register(good))
  })

  test('tries that are refused count; each key and each initial access token has a count of its own', async () => {
    const { server, register, store, clock } = await makeRegistrar({
      rateLimit: { most: 1, windowSeconds: 60 },
      limitBy: ({ headers }) => headers.get('x-from') ?? '',
    })
    const from = async (address: string) => {
      const headers = { ...json, 'x-from': address }
      return (await server.handle(request('POST', '/register', { headers, body: '{}' }))).status
    }
    assert.deepEqual([await from('a'), await from('a'), await from('b')], [400, 429, 400])
    const token = await createInitialAccessToken(store, { now: clock.now, isReusable: true })
    assert.deepEqual([(await register(good, token)).status, (await register(good, token)).status], [201, 429])
  })

  test('maxClientLifetime: the secret says when, and the client is unknown from then on', async () => {
    const { register, manage, server, clock } = await makeRegistrar({
      maxClientLifetime: 3600,
      grantTypes: ['client_credentials'],
    })
    const { id, secret = '', token, body: answer } = told(await register({ grant_types: ['client_credentials'] }))
    assert.equal(answer['client_secret_expires_at'], clock.now + 3600)
    const ask = async () => {
      const response = await server.createTokenResponse(
        form({ grant_type: 'client_credentials', scope: 'read' }, basic(id, secret)),
      )
      return errorOf(response)
    }
    clock.now += 3599
    assert.equal(await ask(), undefined)
    clock.now += 1
    assert.equal(await ask(), 'invalid_client')
    assert.equal((await manage('GET', id, token)).status, 401)
  })

  test('1,000 at once → 60 clients', async () => {
    const { register, store } = await makeRegistrar()
    await Promise.all(Array.from({ length: 1000 }, () => register(good)))
    assert.equal((await store.listClients('', 2000)).length, 62)
  })
})

describe('sweepRegistrations', () => {
  const day = 86_400
  const useBy = (registrar: Awaited<ReturnType<typeof makeRegistrar>>, id: string, secret: string) =>
    registrar.server.createTokenResponse(form({ grant_type: 'client_credentials', scope: 'read' }, basic(id, secret)))

  test('deletes clients that nobody used, with their grants, and no client of the operator', async () => {
    const registrar = await makeRegistrar({ grantTypes: ['authorization_code', 'client_credentials'] })
    const { register, store, clock } = registrar
    const machine = { grant_types: ['client_credentials'] }
    const [unused, used] = [told(await register(machine)), told(await register(machine))]
    clock.now += 20 * day
    assert.equal((await useBy(registrar, used.id, used.secret ?? '')).status, 200)
    clock.now += 10 * day
    const sweep = { now: clock.now, unusedFor: 30 * day }
    assert.equal(await sweepRegistrations(store, sweep), 1)
    assert.equal(store.findClient(unused.id), undefined)
    assert.equal((await store.listClients('', 10)).length, 3)
    clock.now += 20 * day
    assert.equal(await sweepRegistrations(store, { ...sweep, now: clock.now }), 1)
    assert.deepEqual(
      (await store.listClients('', 10)).map(({ id }) => id),
      ['app', 'spa'],
    )
  })

  test('neverUsedFor: clients that never were in use go sooner, or they alone', async () => {
    const registrar = await makeRegistrar({ grantTypes: ['authorization_code', 'client_credentials'] })
    const { register, store, clock } = registrar
    const machine = { grant_types: ['client_credentials'] }
    const [unused, used] = [told(await register(machine)), told(await register(machine))]
    assert.equal((await useBy(registrar, used.id, used.secret ?? '')).status, 200)
    const rules = { unusedFor: Infinity, neverUsedFor: 7 * day }
    assert.equal(await sweepRegistrations(store, { ...rules, now: clock.now + 7 * day - 1 }), 0)
    assert.equal(await sweepRegistrations(store, { ...rules, now: clock.now + 7 * day }), 1)
    assert.equal(store.findClient(unused.id), undefined)
    assert.equal(await sweepRegistrations(store, { ...rules, now: clock.now + 9999 * day }), 0)
    assert.equal(await sweepRegistrations(store, { ...rules, unusedFor: 30 * day, now: clock.now + 30 * day }), 1)
  })

  test('use is noted about once a day, also by refresh', async () => {
    const registrar = await makeRegistrar({ grantTypes: ['authorization_code', 'refresh_token'] })
    const { register, server, store, clock } = registrar
    const metadata = {
      ...good,
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    }
    const { id } = told(await register(metadata))
    const lastUse = () => (store.findClient(id) as Client).registration?.lastUsedAt // it was registered
    const code = await obtainCode(server, { client_id: id, scope: 'read' })
    const first = await server.createTokenResponse(form({ grant_type: 'authorization_code', client_id: id, ...code }))
    assert.equal(lastUse(), clock.now)
    const refresh = async (token: string) => {
      const response = await server.createTokenResponse(
        form({ grant_type: 'refresh_token', client_id: id, refresh_token: token }),
      )
      return text(response, 'refresh_token')
    }
    clock.now += day - 1
    const second = await refresh(text(first, 'refresh_token'))
    assert.equal(lastUse(), clock.now - day + 1)
    clock.now += 1
    await refresh(second)
    assert.equal(lastUse(), clock.now)
  })

  test('deletes what is over, at most as many as asked, page by page', async () => {
    const { register, store, clock } = await makeRegistrar({
      maxClientLifetime: 60,
      rateLimit: { most: 1000, windowSeconds: 60 },
    })
    for (let count = 0; count < 230; count++) told(await register(good))
    clock.now += 60
    const sweep = { now: clock.now, unusedFor: 30 * day }
    assert.equal(await sweepRegistrations(store, { ...sweep, limit: 10 }), 10)
    assert.equal(await sweepRegistrations(store, { ...sweep, limit: 1000 }), 220)
    assert.equal(await sweepRegistrations(store, sweep), 0)
  })

  test('a client that is used at this moment lives on', async () => {
    const { register, store, clock } = await makeRegistrar()
    const { id } = told(await register(good))
    clock.now += 30 * day
    const racing = Object.assign(Object.create(store) as MemoryStore, {
      listClients: async (...given: Parameters<MemoryStore['listClients']>) => {
        const page = await store.listClients(...given)
        const client = store.findClient(id) as Client // it is there until it is swept
        if (client.registration?.lastUsedAt === undefined)
          void store.putClient({ ...client, registration: { registeredAt: 0, lastUsedAt: clock.now } })
        return page
      },
      replaceClient: store.replaceClient.bind(store),
      deleteClient: store.deleteClient.bind(store),
      revokeGrants: store.revokeGrants.bind(store),
    })
    assert.equal(await sweepRegistrations(racing, { now: clock.now, unusedFor: 30 * day }), 0)
    assert.ok(store.findClient(id))
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
