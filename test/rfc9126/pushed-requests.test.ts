/** RFC 9126: a client leaves its authorization request with the server, and the browser brings a reference alone. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError, Server, type StoreValidator, type HttpRequest, type ServerOptions } from 'grantry'
import { makeProver, provedForm, type Prover } from '../support/dpop.ts'
import { lastReason, makeProvider, type Provider } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const redirectUri = 'https://app.example/cb'

const make = (options: ServerOptions = {}, client: object = {}) =>
  makeProvider({ issuer, pushedRequests: {}, resources: ['https://api.example/'], ...options }, { client })

const asked = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...{ response_type: 'code', redirect_uri: redirectUri, scope: 'read', state: 'st' },
  ...{ code_challenge: pkce().challenge, code_challenge_method: 'S256', ...more },
})

const push = ({ server, app }: Provider<Server>, more: Readonly<Record<string, string>> = {}, headers: object = app) =>
  server.createPushedAuthorizationResponse(form(asked(more), { ...headers }))

const pushed = async (provider: Provider<Server>, more: Readonly<Record<string, string>> = {}): Promise<string> => {
  const response = await push(provider, more)
  assert.equal(response.status, 201, response.body)
  return text(response, 'request_uri')
}

const arrival = (parameters: Readonly<Record<string, string>>): HttpRequest =>
  request('GET', `/authorize?${new URLSearchParams(parameters).toString()}`)

const arrive = ({ server }: Provider<Server>, request_uri: string, more: Readonly<Record<string, string>> = {}) =>
  server.validateAuthorizationRequest(arrival({ client_id: 'app', request_uri, ...more }))

const approve = async (provider: Provider<Server>, request_uri: string) => {
  const validation = await arrive(provider, request_uri)
  assert.ok(validation.ok)
  const { request: authorization } = validation
  const decision = { approved: true, user: { id: 'alice' }, scopes: authorization.scopes } as const
  return provider.server.createAuthorizationResponse(arrival({}), authorization, decision)
}

describe('the endpoint', () => {
  test('gives a reference that nobody guesses, and says for how long (§2.2)', async () => {
    const provider = await make({ pushedRequests: { expiresIn: 90 } })
    const response = await push(provider)
    assert.equal(response.status, 201)
    assert.equal(response.headers['Cache-Control'], 'no-store')
    const { request_uri: uri, expires_in: seconds } = body(response)
    assert.match(String(uri), /^urn:ietf:params:oauth:request_uri:[\w-]{32,}$/)
    assert.equal(seconds, 90)
  })

  const refused: [name: string, sent: Readonly<Record<string, string>>, error: string][] = [
    ['a request_uri (§2.1)', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'invalid_request'],
    ['another redirect_uri', { redirect_uri: 'https://evil.example/cb' }, 'invalid_request'],
    ['an unknown scope', { scope: 'admin' }, 'invalid_scope'],
    ['a response type that is not offered', { response_type: 'device' }, 'unsupported_response_type'],
    ['no PKCE', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['another client', { client_id: 'spa' }, 'invalid_request'],
    ['an unknown resource', { resource: 'https://other.example/' }, 'invalid_target'],
  ]
  for (const [name, sent, error] of refused) {
    test(`${name} → 400 ${error}, before a user is asked (§2.3)`, async () => {
      const response = await push(await make(), sent)
      assert.deepEqual([response.status, body(response)['error']], [400, error])
    })
  }

  test('a client that does not prove who it is → 401; a GET → 405', async () => {
    const provider = await make()
    assert.equal((await push(provider, { client_id: 'app' }, {})).status, 401)
    const wrong = { authorization: `Basic ${Buffer.from('app:wrong').toString('base64')}` }
    assert.equal((await push(provider, {}, wrong)).status, 401)
    assert.equal((await provider.server.createPushedAuthorizationResponse(request('GET', '/par'))).status, 405)
  })

  test('a public client may push as well', async () => {
    const response = await push(await make(), { client_id: 'spa' }, {})
    assert.equal(response.status, 201)
  })

  test('it is there at /par, and in the metadata, by the option alone (§5)', async () => {
    const on = body(await (await make({ pushedRequests: { isRequired: true } })).server.createMetadataResponse())
    assert.equal(on['pushed_authorization_request_endpoint'], `${issuer}/par`)
    assert.equal(on['require_pushed_authorization_requests'], true)
    const provider = await make({ pushedRequests: undefined })
    const off = body(await provider.server.createMetadataResponse())
    assert.ok(!('pushed_authorization_request_endpoint' in off || 'require_pushed_authorization_requests' in off))
    assert.equal((await provider.server.handle(request('POST', '/par'))).status, 404)
    assert.throws(() => provider.server.createPushedAuthorizationResponse(form({})), ConfigurationError)
  })

  test('a validator without the methods → ConfigurationError that names them', () => {
    assert.throws(
      () => new Server({} as unknown as StoreValidator, { pushedRequests: {} }),
      (error) => error instanceof ConfigurationError && error.message.includes('savePushedRequest'),
    )
  })
})

describe('a pushed request', () => {
  test('is what was pushed: nothing in the URL changes it (§4)', async () => {
    const provider = await make()
    const uri = await pushed(provider, { resource: 'https://api.example/' })
    const validation = await arrive(provider, uri, {
      scope: 'write',
      state: 'evil',
      redirect_uri: 'https://evil.example/',
    })
    assert.ok(validation.ok)
    const { scopes, state, resources } = validation.request
    assert.deepEqual([scopes, state, resources], [['read'], 'st', ['https://api.example/']])
    const response = await approve(provider, uri)
    const parameters = redirected(response)
    assert.deepEqual([parameters.get('state'), parameters.get('iss')], ['st', issuer])
    assert.ok(parameters.get('code'))
  })

  test('is shown as often as login takes pages, and answered once', async () => {
    const provider = await make()
    const uri = await pushed(provider)
    assert.ok((await arrive(provider, uri)).ok)
    provider.clock.now += 600 // the user takes long to log in
    assert.ok(redirected(await approve(provider, uri)).get('code'))
    const again = await arrive(provider, uri)
    assert.ok(!again.ok)
    assert.deepEqual([again.response.status, body(again.response)['error']], [400, 'invalid_request_uri'])
  })

  test('is answered once by eight that answer at the same time', async () => {
    const provider = await make()
    const uri = await pushed(provider)
    const responses = await Promise.all(Array.from({ length: 8 }, () => approve(provider, uri)))
    const codes = responses.filter(({ headers }) => headers['Location']?.includes('code=') === true)
    assert.equal(codes.length, 1)
    const reasons = provider.events.flatMap((event) => (event.type === 'request.refused' ? [event.reason] : []))
    assert.deepEqual(
      reasons,
      Array.from({ length: 7 }, () => 'pushed_request_used'),
    )
  })

  test('nobody arrives in time → invalid_request_uri', async () => {
    const provider = await make()
    const uri = await pushed(provider)
    provider.clock.now += 60
    assert.ok(!(await arrive(provider, uri)).ok)
    assert.equal(lastReason(provider), 'pushed_request_unknown')
  })

  test('of another client → invalid_request_uri', async () => {
    const provider = await make()
    assert.ok(!(await arrive(provider, await pushed(provider), { client_id: 'spa' })).ok)
    assert.equal(lastReason(provider), 'pushed_request_unknown')
  })

  test('is not kept as it could be used: the store has a digest', async () => {
    const provider = await make()
    const uri = await pushed(provider)
    const id = uri.slice(uri.lastIndexOf(':') + 1)
    assert.equal(await provider.store.findTicket('pushed_request', id, provider.clock.now), undefined)
  })

  for (const [name, options, client] of [
    ['server', { pushedRequests: { isRequired: true } }, {}],
    ['client', {}, { requirePushedAuthorizationRequests: true }],
  ] as const) {
    test(`is the only way where the ${name} says so (§5, §6)`, async () => {
      const provider = await make(options, client)
      const validation = await provider.server.validateAuthorizationRequest(arrival(asked({ client_id: 'app' })))
      assert.ok(!validation.ok)
      assert.deepEqual(
        [redirected(validation.response).get('error'), lastReason(provider)],
        ['invalid_request', 'pushed_request_required'],
      )
      assert.ok(redirected(await approve(provider, await pushed(provider))).get('code'))
    })
  }
})

describe('a proof of a key with a pushed request', () => {
  const clock = { now: 1_800_000_000 }
  const push = async (provider: Provider<Server>, prover: Prover, more: Readonly<Record<string, string>> = {}) =>
    provider.server.createPushedAuthorizationResponse({
      ...provedForm(asked(more), prover.proof({ htu: `${issuer}/par` }), provider.app),
      url: '/par',
    })

  test('binds the code, as dpop_jkt does (RFC 9449 §10.1)', async () => {
    const [provider, prover] = [await make({ dpop: true }), await makeProver(clock)]
    const validation = await arrive(provider, text(await push(provider, prover), 'request_uri'))
    assert.ok(validation.ok)
    assert.equal(validation.request.parameters['dpop_jkt'], prover.jkt)
  })

  test('of another key than dpop_jkt → invalid_dpop_proof', async () => {
    const [provider, prover, other] = [await make({ dpop: true }), await makeProver(clock), await makeProver(clock)]
    assert.equal((await push(provider, prover, { dpop_jkt: prover.jkt })).status, 201)
    const response = await push(provider, prover, { dpop_jkt: other.jkt })
    assert.deepEqual([response.status, body(response)['error']], [400, 'invalid_dpop_proof'])
  })

  test('may need a nonce, which the answer brings', async () => {
    const [provider, prover] = [await make({ dpop: { nonceSecret: 'n'.repeat(43) } }), await makeProver(clock)]
    const response = await push(provider, prover)
    assert.deepEqual([response.status, body(response)['error']], [400, 'use_dpop_nonce'])
    assert.ok(response.headers['DPoP-Nonce'])
  })
})
