/** RFC 7591 §5: how many may register, and what becomes of those that nobody uses. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createInitialAccessToken, sweepRegistrations, type Client } from 'grantry'
import type { MemoryStore } from 'grantry/storage/memory'
import { obtainCode } from '../support/provider.ts'
import { errorOf, good, makeRegistrar, told } from '../support/registration.ts'
import { basic, form, request, text } from '../support/requests.ts'
import { json } from './registration-fixture.ts'

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

  test('totalLimit: all without a token, from wherever they come; those with one are not counted', async () => {
    const { server, register, store, clock } = await makeRegistrar({
      totalLimit: { most: 2, windowSeconds: 3600 },
      limitBy: ({ headers }) => headers.get('x-from') ?? '',
    })
    const from = async (address: string) => {
      const headers = { ...json, 'x-from': address }
      return server.handle(request('POST', '/register', { headers, body: JSON.stringify(good) }))
    }
    const answers = [await from('a'), await from('b'), await from('c')]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 429],
    )
    assert.equal(answers[2]?.headers['Retry-After'], '3600')
    const token = await createInitialAccessToken(store, { now: clock.now })
    assert.equal((await register(good, token)).status, 201)
    clock.now += 3600
    assert.equal((await from('c')).status, 201)
    await assert.rejects(
      makeRegistrar({ totalLimit: { most: 0, windowSeconds: 1 } }),
      /registration\.totalLimit needs most/,
    )
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
