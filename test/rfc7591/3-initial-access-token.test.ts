/** RFC 7591 §1.2, §3: initial access tokens. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createInitialAccessToken, StoreValidator, type HttpResponse } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { lastReason } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'
import { request } from '../support/requests.ts'
import { json } from './registration-fixture.ts'

const challenge = ({ headers }: HttpResponse) => headers['WWW-Authenticate']

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
