import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LegacyApplicationServer, MobileApplicationServer, Server, StoreValidator, type Client } from 'grantry'
import type { MemoryStore } from 'grantry/storage/memory'
import { approve, makeProvider } from '../support/provider.ts'
import { body, form, redirected, request, text } from '../support/requests.ts'

class Passwords extends StoreValidator {
  override validateUser(username: string, password: string, client: Client) {
    return username === 'alice' && password === 'wonderland' && client.id === 'app' ? { id: 'user-1' } : undefined
  }
}
const legacy = {
  validator: (store: MemoryStore) => new Passwords(store),
  server: (validator: Passwords, options: ConstructorParameters<typeof LegacyApplicationServer>[1]) =>
    new LegacyApplicationServer(validator, options),
}
const mobile = {
  server: (validator: StoreValidator, options: ConstructorParameters<typeof MobileApplicationServer>[1]) =>
    new MobileApplicationServer(validator, options),
}

describe('The password grant (§4.3)', () => {
  const good = { grant_type: 'password', username: 'alice', password: 'wonderland', scope: 'read' }
  const outcomes: readonly [name: string, change: Readonly<Record<string, string>>, error: string | undefined][] = [
    ['right', {}, undefined],
    ['a wrong password', { password: 'x' }, 'invalid_grant'],
    ['an unknown user', { username: 'bob' }, 'invalid_grant'],
    ['no password', { password: '' }, 'invalid_request'],
    ['no user name', { username: '' }, 'invalid_request'],
    ['a scope too much', { scope: 'read admin' }, 'invalid_scope'],
  ]
  for (const [name, change, error] of outcomes) {
    test(`${name} → ${error ?? 'a token with a refresh token'}`, async () => {
      const { server, app } = await makeProvider({}, legacy)
      const response = await server.createTokenResponse(form({ ...good, ...change }, app))
      assert.equal(body(response)['error'], error)
      if (error !== undefined) return
      assert.equal(text(response, 'scope'), 'read')
      const refresh = form({ grant_type: 'refresh_token', refresh_token: text(response, 'refresh_token') }, app)
      assert.equal((await server.createTokenResponse(refresh)).status, 200)
    })
  }

  test('a token without a refresh token ends with the grants of the user as well', async () => {
    const { server, app, store, clock } = await makeProvider({}, { ...legacy, client: { grantTypes: ['password'] } })
    const token = text(await server.createTokenResponse(form(good, app)), 'access_token')
    assert.equal(await store.revokeGrants({ userId: 'user-1' }, clock.now), 1)
    assert.deepEqual(body(await server.createIntrospectionResponse(form({ token }, app))), { active: false })
  })

  test('the other presets do not offer it', async () => {
    const { server, app } = await makeProvider(
      {},
      { ...legacy, server: (validator, options) => new Server(validator, options) },
    )
    assert.equal(body(await server.createTokenResponse(form(good, app)))['error'], 'unsupported_grant_type')
  })

  test('a user with the id of the client gets no token: nobody could tell the two apart (RFC 9068 §5)', async () => {
    class Confusing extends StoreValidator {
      override validateUser() {
        return { id: 'app' }
      }
    }
    const { server, app } = await makeProvider(
      {},
      {
        validator: (store) => new Confusing(store),
        server: (validator, options) => new LegacyApplicationServer(validator, options),
      },
    )
    assert.equal(body(await server.createTokenResponse(form(good, app)))['error'], 'invalid_grant')
  })
})

describe('The implicit grant (§4.2)', () => {
  const good = { response_type: 'token', client_id: 'app', scope: 'read', state: 's' }

  test('a token in the fragment, without refresh token', async () => {
    const { server } = await makeProvider({}, mobile)
    const response = await approve(server, good)
    assert.match(response.headers['Location'] ?? '', /^https:\/\/app\.example\/cb#/)
    const answer = redirected(response)
    assert.deepEqual([...answer.keys()].sort(), ['access_token', 'expires_in', 'scope', 'state', 'token_type'])
    const bearer = { authorization: `Bearer ${answer.get('access_token') ?? ''}` }
    assert.ok((await server.verifyRequest(request('GET', '/', { headers: bearer }), ['read'])).ok)
  })

  test('response_mode=query is refused, in the fragment', async () => {
    const { server } = await makeProvider({}, mobile)
    const response = await approve(server, { ...good, response_mode: 'query' })
    assert.match(response.headers['Location'] ?? '', /^https:\/\/app\.example\/cb#error=invalid_request/)
  })

  test('errors are in the fragment as well', async () => {
    const { server } = await makeProvider({}, mobile)
    assert.match((await approve(server, { ...good, scope: 'admin' })).headers['Location'] ?? '', /#error=invalid_scope/)
  })

  test('a client that is not registered for it → unauthorized_client', async () => {
    const { server } = await makeProvider({}, { ...mobile, client: { responseTypes: ['code'] } })
    assert.equal(redirected(await approve(server, good)).get('error'), 'unauthorized_client')
  })
})
