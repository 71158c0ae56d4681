/** Attacks on the token endpoint that have no section of their own (RFC 6749 §2.3, §5, RFC 9700 §2.4, RFC 6819 §4.3). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Server } from 'grantry'
import { deviceCodeGrantType, registerClient, type ClientRegistration } from 'grantry'
import { makeProvider, obtainCode, redeem, registration } from '../support/provider.ts'
import { makeRegistrar } from '../support/registration.ts'
import { basic, body, form, request, text } from '../support/requests.ts'
import { p256 } from '../tokens/fixtures.ts'

const issuer = 'https://as.example'
const machine = { grant_type: 'client_credentials', scope: 'read' }
const withKeys: Partial<ClientRegistration> = {
  authMethods: ['private_key_jwt'],
  jwks: { keys: [{ ...(p256.publicKey.export({ format: 'jwk' }) as { kty: string }) }] }, // JsonWebKey of Node is one
}

describe('a client by another method than the registered one → 401 invalid_client', () => {
  const ways: [
    name: string,
    parameters: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
  ][] = [
    ['a secret by Basic', {}, basic('app', 'secret')],
    ['a secret in the body', { client_id: 'app', client_secret: 'secret' }, {}],
    ['its id alone', { client_id: 'app' }, {}],
    ['an empty secret', {}, basic('app', '')],
  ]
  for (const [name, parameters, headers] of ways) {
    test(`private_key_jwt registered, ${name} sent`, async () => {
      const { server } = await makeProvider({ issuer }, { client: withKeys })
      const response = await server.createTokenResponse(form({ ...machine, ...parameters }, headers))
      assert.deepEqual([response.status, body(response)['error']], [401, 'invalid_client'])
    })
  }

  const spoofed = ['X-SSL-Cert', 'X-SSL-Client-Verify', 'X-Forwarded-Client-Cert', 'X-Client-Cert', 'Client-Cert']
  for (const name of spoofed) {
    test(`a certificate in ${name} proves nothing`, async () => {
      const { server } = await makeProvider({ issuer }, { client: { authMethods: ['client_secret_basic'] } })
      const sent = form({ ...machine, client_id: 'app' }, { [name]: 'SUCCESS' })
      assert.equal((await server.createTokenResponse(sent)).status, 401)
    })
  }

  test('mTLS is not promised, and a client cannot register for it', async () => {
    const { server, register } = await makeRegistrar()
    const metadata = body(await server.createMetadataResponse())
    assert.doesNotMatch(JSON.stringify(metadata), /tls/)
    for (const method of ['tls_client_auth', 'self_signed_tls_client_auth']) {
      const sent = { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: method }
      assert.equal(body(await register(sent))['error'], 'invalid_client_metadata')
    }
  })
})

describe('a grant that the client may not use → unauthorized_client', () => {
  const all = [...(registration.grantTypes ?? []), deviceCodeGrantType]
  const requests: [grant: string, parameters: Readonly<Record<string, string>>][] = [
    ['authorization_code', { code: 'x' }],
    ['refresh_token', { refresh_token: 'x' }],
    ['client_credentials', {}],
    [deviceCodeGrantType, { device_code: 'x' }],
  ]
  for (const [grant, parameters] of requests) {
    test(grant, async () => {
      const device = { verificationUri: `${issuer}/device` }
      const client = { grantTypes: all.filter((other) => other !== grant) }
      const { server, app } = await makeProvider({ issuer, device }, { client })
      const response = await server.createTokenResponse(form({ grant_type: grant, ...parameters }, app))
      assert.deepEqual([response.status, body(response)['error']], [400, 'unauthorized_client'])
    })
  }
})

describe('a grant that there is not → unsupported_grant_type', () => {
  const grants = [
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:saml2-bearer',
    '__proto__',
    'constructor',
  ]
  for (const grant_type of grants) {
    test(grant_type, async () => {
      const { server, app } = await makeProvider({ issuer })
      const sent = { grant_type, username: 'a', password: 'b', subject_token: 'x', assertion: 'x.y.z' }
      const response = await server.createTokenResponse(form(sent, app))
      assert.deepEqual([response.status, body(response)['error']], [400, 'unsupported_grant_type'])
      assert.ok(
        !(body(await server.createMetadataResponse())['grant_types_supported'] as string[]).includes(grant_type),
      )
    })
  }
})

test('a default scope that the client may not have is not granted', async () => {
  const client = { scopes: ['read'], defaultScopes: ['admin', 'read'] }
  const provider = await makeProvider({ issuer }, { client })
  const response = await provider.server.createTokenResponse(form({ grant_type: 'client_credentials' }, provider.app))
  assert.doesNotMatch(response.body, /admin/)
  assert.doesNotMatch((await redeem(provider)).body, /admin/)
})

test('a new code is 43 random characters, and no two of 1,000 are alike', async () => {
  const { server } = await makeProvider()
  const codes = await Promise.all(Array.from({ length: 1000 }, async () => (await obtainCode(server)).code))
  assert.equal(new Set(codes).size, 1000)
  assert.ok(codes.every((code) => /^[\w-]{43}$/.test(code)))
})

describe('no answer is kept or guessed at: no-store, nosniff, JSON', () => {
  const make = () => makeRegistrar({}, { issuer, device: { verificationUri: `${issuer}/device` } })
  type Made = Awaited<ReturnType<typeof make>>
  const post = (path: string, parameters: Readonly<Record<string, string>>, headers = {}) => {
    const body = new URLSearchParams(parameters).toString()
    return request('POST', path, { headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body })
  }
  const answers: [name: string, status: number, ask: (made: Made) => ReturnType<Server['handle']>][] = [
    ['a token', 200, ({ server, app }) => server.handle(post('/token', machine, app))],
    ['a refused token', 400, ({ server, app }) => server.handle(post('/token', { grant_type: 'no' }, app))],
    ['an unknown client', 401, ({ server }) => server.handle(post('/token', machine, basic('no', 'x')))],
    ['a method that is none', 405, ({ server }) => server.handle(request('GET', '/token'))],
    ['introspection', 200, ({ server, app }) => server.handle(post('/introspect', { token: 'x' }, app))],
    ['refused introspection', 401, ({ server }) => server.handle(post('/introspect', { token: 'x' }))],
    ['refused revocation', 401, ({ server }) => server.handle(post('/revoke', { token: 'x' }))],
    ['device codes', 400, ({ server, app }) => server.handle(post('/device_authorization', { scope: 'read' }, app))],
    ['a registration', 201, ({ register }) => register({ redirect_uris: ['https://app.example/cb'] })],
    ['a refused registration', 400, ({ register }) => register({ redirect_uris: ['javascript:1'] })],
    ['a client that asks about itself', 401, ({ manage }) => manage('GET', 'app', 'wrong')],
  ]
  for (const [name, status, ask] of answers) {
    test(`${name} → ${status}`, async () => {
      const { headers, ...response } = await ask(await make())
      assert.equal(response.status, status, response.body)
      assert.deepEqual(
        [headers['Cache-Control'], headers['X-Content-Type-Options'], headers['Content-Type']],
        ['no-store', 'nosniff', 'application/json'],
      )
    })
  }

  test('a revocation has no body, and is not kept either', async () => {
    const { server, app } = await make()
    const { status, headers, body } = await server.handle(post('/revoke', { token: 'x' }, app))
    assert.deepEqual(
      [status, body, headers['Cache-Control'], headers['X-Content-Type-Options']],
      [200, '', 'no-store', 'nosniff'],
    )
  })
})

test('secrets of clients cannot be guessed: 43 random characters that the server chose', async () => {
  const { store } = await makeProvider()
  const made = await Promise.all(
    Array.from({ length: 200 }, (_, index) => registerClient(store, { ...registration, id: `c${index}` })),
  )
  const secrets = made.map(({ secret = '' }) => secret)
  assert.equal(new Set(secrets).size, 200)
  assert.ok(secrets.every((secret) => /^[\w-]{43}$/.test(secret)))
})

test('fifty wrong secrets do not lock the client out', async () => {
  const { server, app } = await makeProvider()
  for (let tries = 0; tries < 50; tries++)
    assert.equal((await server.createTokenResponse(form(machine, basic('app', `wrong${tries}`)))).status, 401)
  assert.match(text(await server.createTokenResponse(form(machine, app)), 'access_token'), /./)
})
