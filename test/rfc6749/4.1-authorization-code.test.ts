import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { approve, lastReason, makeProvider, obtainCode, redeem } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'

const good = {
  response_type: 'code',
  client_id: 'app',
  redirect_uri: 'https://app.example/cb',
  scope: 'read',
  state: 'a b&c',
  code_challenge: pkce().challenge,
  code_challenge_method: 'S256',
}

describe('Requests whose client or redirect URI cannot be trusted are never redirected (§4.1.2.1)', () => {
  const fatal: readonly [name: string, change: Readonly<Record<string, string>>, reason: string][] = [
    ['no client_id', { client_id: '' }, 'parameter_missing'],
    ['unknown client', { client_id: 'nobody' }, 'client_unknown'],
    ['another host', { redirect_uri: 'https://evil.example/cb' }, 'redirect_uri_unregistered'],
    ['a slash at the end', { redirect_uri: 'https://app.example/cb/' }, 'redirect_uri_unregistered'],
    ['a query more', { redirect_uri: 'https://app.example/cb?x=1' }, 'redirect_uri_unregistered'],
    ['dot segments', { redirect_uri: 'https://app.example/x/../cb' }, 'redirect_uri_unregistered'],
    ['dot segments behind it', { redirect_uri: 'https://app.example/cb/../x' }, 'redirect_uri_unregistered'],
    ['a subdomain', { redirect_uri: 'https://a.app.example/cb' }, 'redirect_uri_unregistered'],
    ['upper case host', { redirect_uri: 'https://APP.example/cb' }, 'redirect_uri_unregistered'],
    ['the default port', { redirect_uri: 'https://app.example:443/cb' }, 'redirect_uri_unregistered'],
    ['an encoded letter', { redirect_uri: 'https://app.example/%63b' }, 'redirect_uri_unregistered'],
    ['userinfo', { redirect_uri: 'https://app.example@evil.example/cb' }, 'redirect_uri_unregistered'],
    ['a backslash', { redirect_uri: 'https://app.example\\@evil.example/cb' }, 'redirect_uri_unregistered'],
    ['userinfo with a port', { redirect_uri: 'https://app.example:443@evil.example/cb' }, 'redirect_uri_unregistered'],
    ['an encoded @', { redirect_uri: 'https://app.example%40evil.example/cb' }, 'redirect_uri_unregistered'],
    ['a backslash and a dot', { redirect_uri: 'https://app.example\\.evil.example/cb' }, 'redirect_uri_unregistered'],
    ['a backslash before @', { redirect_uri: 'https://evil.example\\@app.example/cb' }, 'redirect_uri_unregistered'],
    ['backslashes for slashes', { redirect_uri: 'https:\\\\app.example/cb' }, 'redirect_uri_unregistered'],
    ['a fragment', { redirect_uri: 'https://app.example/cb#x' }, 'redirect_uri_unregistered'],
    [
      'a bad response_type as well',
      { redirect_uri: 'https://evil.example/cb', response_type: 'x' },
      'redirect_uri_unregistered',
    ],
    ['a bad scope as well', { redirect_uri: 'https://evil.example/cb', scope: 'admin' }, 'redirect_uri_unregistered'],
  ]
  for (const [name, change, reason] of fatal) {
    test(`${name} → 400 without Location`, async () => {
      const { server, events } = await makeProvider()
      const response = await approve(server, { ...good, ...change })
      assert.equal(response.status, 400)
      assert.equal(response.headers['Location'], undefined)
      assert.equal(response.headers['Cache-Control'], 'no-store')
      assert.equal(body(response)['error'], 'invalid_request')
      assert.equal(lastReason({ events }), reason)
    })
  }

  const large: readonly [name: string, change: Readonly<Record<string, string>>, status: number][] = [
    ['a state of 100 KB', { state: 'x'.repeat(100_000) }, 413],
    ['a redirect_uri of 1 MB', { redirect_uri: `https://app.example/${'x'.repeat(1_000_000)}` }, 413],
    ['10,000 parameters', Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`p${index}`, ''])), 413],
    ['101 parameters', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`p${index}`, '1'])), 400],
  ]
  for (const [name, change, status] of large) {
    test(`${name} → ${status} in less than 50 ms, without Location`, async () => {
      const { server } = await makeProvider()
      const url = `/authorize?${new URLSearchParams({ ...good, ...change }).toString()}`
      const times: number[] = []
      for (let round = 0; round < 3; round++) {
        const start = performance.now()
        const validation = await server.validateAuthorizationRequest(request('GET', url))
        times.push(performance.now() - start)
        assert.ok(!validation.ok)
        assert.equal(validation.response.status, status)
        assert.equal(validation.response.headers['Location'], undefined)
      }
      assert.ok(Math.min(...times) < 50, `${times.join()} ms`)
    })
  }

  for (const name of ['client_id', 'redirect_uri']) {
    test(`${name} twice → 400 without Location`, async () => {
      const { server } = await makeProvider()
      const query = new URLSearchParams(good)
      query.append(name, query.get(name) ?? '')
      const validation = await server.validateAuthorizationRequest(request('GET', `/authorize?${query.toString()}`))
      assert.ok(!validation.ok)
      assert.equal(validation.response.headers['Location'], undefined)
    })
  }

  test('redirect_uri left out with two registered → 400, with one → that one', async () => {
    const two = await makeProvider(
      {},
      { client: { redirectUris: ['https://app.example/cb', 'https://app.example/cb2'] } },
    )
    assert.equal((await approve(two.server, { ...good, redirect_uri: '' })).status, 400)
    const one = await makeProvider()
    assert.match(
      (await approve(one.server, { ...good, redirect_uri: '' })).headers['Location'] ?? '',
      /^https:\/\/app\.example\/cb\?code=/,
    )
  })
})

describe('Other errors go to the client with its state (§4.1.2.1)', () => {
  const redirects: readonly [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['no response_type', { response_type: '' }, 'invalid_request'],
    ['an unknown response_type', { response_type: 'magic' }, 'unsupported_response_type'],
    ['upper case', { response_type: 'CODE' }, 'unsupported_response_type'],
    ['code twice', { response_type: 'code code' }, 'unsupported_response_type'],
    ['a name that contains code', { response_type: 'notcodeatall' }, 'unsupported_response_type'],
    ['token, which this server does not offer', { response_type: 'token' }, 'unsupported_response_type'],
    ['an unknown scope', { scope: 'admin' }, 'invalid_scope'],
    ['a malformed scope', { scope: 'read "write"' }, 'invalid_scope'],
    ['an unknown response_mode', { response_mode: 'carrier_pigeon' }, 'invalid_request'],
  ]
  for (const [name, change, error] of redirects) {
    test(`${name} → ${error}`, async () => {
      const { server } = await makeProvider()
      const response = await approve(server, { ...good, ...change })
      assert.equal(response.status, 303)
      assert.equal(redirected(response).get('error'), error)
      assert.equal(redirected(response).get('state'), 'a b&c')
      assert.match(redirected(response).get('error_description') ?? '', /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    })
  }

  test('a repeated parameter → invalid_request', async () => {
    const { server } = await makeProvider()
    const url = `/authorize?${new URLSearchParams(good).toString()}&scope=write`
    const validation = await server.validateAuthorizationRequest(request('GET', url))
    assert.ok(!validation.ok)
    assert.equal(redirected(validation.response).get('error'), 'invalid_request')
  })

  test('the same parameter in query and body → invalid_request', async () => {
    const { server } = await makeProvider()
    const url = `/authorize?${new URLSearchParams(good).toString()}`
    const posted = request('POST', url, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'scope=write',
    })
    const validation = await server.validateAuthorizationRequest(posted)
    assert.ok(!validation.ok)
    assert.equal(redirected(validation.response).get('error'), 'invalid_request')
  })

  test('the user denies → access_denied', async () => {
    const { server } = await makeProvider()
    const http = request('GET', `/authorize?${new URLSearchParams(good).toString()}`)
    const validation = await server.validateAuthorizationRequest(http)
    assert.ok(validation.ok)
    const response = await server.createAuthorizationResponse(http, validation.request, { approved: false })
    assert.equal(redirected(response).get('error'), 'access_denied')
  })

  test('a decision that grants more than was asked → invalid_scope, no code', async () => {
    const { server } = await makeProvider()
    const response = await approve(server, good, { scopes: ['read', 'write'] })
    assert.equal(redirected(response).get('error'), 'invalid_scope')
    assert.equal(redirected(response).get('code'), null)
  })

  test('a tampered session cannot send the code elsewhere: the answer is checked again', async () => {
    const { server } = await makeProvider()
    const http = request('GET', `/authorize?${new URLSearchParams(good).toString()}`)
    const validation = await server.validateAuthorizationRequest(http)
    assert.ok(validation.ok)
    const parameters = { ...validation.request.parameters, redirect_uri: 'https://evil.example/cb' }
    const tampered = { ...validation.request, parameters, redirectUri: 'https://evil.example/cb' }
    const response = await server.createAuthorizationResponse(http, tampered, {
      approved: true,
      user: { id: 'alice' },
      scopes: ['read'],
    })
    assert.equal(response.headers['Location'], undefined)
    const onlyResult = { ...validation.request, redirectUri: 'https://evil.example/cb' }
    const second = await server.createAuthorizationResponse(http, onlyResult, {
      approved: true,
      user: { id: 'alice' },
      scopes: ['read'],
    })
    assert.match(second.headers['Location'] ?? '', /^https:\/\/app\.example\/cb\?/)
  })
})

describe('The answer (§4.1.2)', () => {
  test('a registered query is kept and the parameters are appended', async () => {
    const redirectUris = ['https://app.example/cb?state=x']
    const { server } = await makeProvider({ issuer: 'https://as.example' }, { client: { redirectUris } })
    const response = await approve(server, { ...good, redirect_uri: redirectUris[0] ?? '', state: '' })
    assert.match(
      response.headers['Location'] ?? '',
      /^https:\/\/app\.example\/cb\?state=x&code=[\w-]{43}&iss=https%3A%2F%2Fas\.example$/,
    )
  })

  test('iss is in successes and errors (RFC 9207 §2)', async () => {
    const { server } = await makeProvider({ issuer: 'https://as.example' })
    assert.equal(redirected(await approve(server, good)).get('iss'), 'https://as.example')
    assert.equal(redirected(await approve(server, { ...good, scope: 'admin' })).get('iss'), 'https://as.example')
  })

  test('a native app may choose its loopback port, and nothing else (RFC 8252 §7.3)', async () => {
    const { server } = await makeProvider(
      {},
      { client: { redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'http://localhost/cb'] } },
    )
    const outcomes: readonly [uri: string, status: number][] = [
      ['http://127.0.0.1:5000/cb', 303],
      ['http://[::1]:5000/cb', 303],
      ['http://127.0.0.1:5000/other', 400],
      ['https://127.0.0.1:5000/cb', 400],
      ['http://localhost:5000/cb', 400],
      ['http://127.0.0.2:5000/cb', 400],
      ['http://127.0.0.1:5000@evil.example/cb', 400],
    ]
    for (const [redirect_uri, status] of outcomes) {
      assert.equal((await approve(server, { ...good, redirect_uri })).status, status, redirect_uri)
    }
  })

  test('response_type=none asks for consent and issues nothing', async () => {
    const { server } = await makeProvider()
    const response = await approve(server, { ...good, response_type: 'none' })
    assert.deepEqual([...redirected(response).keys()], ['state'])
  })

  test('response_mode=fragment puts the code behind the #', async () => {
    const { server } = await makeProvider()
    assert.match(
      (await approve(server, { ...good, response_mode: 'fragment' })).headers['Location'] ?? '',
      /^https:\/\/app\.example\/cb#code=/,
    )
  })
})

describe('Redeeming (§4.1.3)', () => {
  const redirect_uri = 'https://app.example/cb'
  const refused: readonly [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['no code', { code: '' }, 'invalid_request'],
    ['an unknown code', { code: 'nope' }, 'invalid_grant'],
    ['another redirect_uri', { redirect_uri: 'https://app.example/cb/' }, 'invalid_grant'],
    ['no redirect_uri though one was sent', { redirect_uri: '' }, 'invalid_grant'],
  ]
  for (const [name, change, error] of refused) {
    test(`${name} → ${error}`, async () => {
      const { server, app } = await makeProvider()
      const code = await obtainCode(server, { redirect_uri })
      const response = await server.createTokenResponse(
        form({ grant_type: 'authorization_code', ...code, redirect_uri, ...change }, app),
      )
      assert.equal(response.status, 400)
      assert.equal(body(response)['error'], error)
    })
  }

  test('by another client → invalid_grant, and the owner can still use it', async () => {
    const { server, app } = await makeProvider()
    const code = { grant_type: 'authorization_code', ...(await obtainCode(server)) }
    assert.equal(body(await server.createTokenResponse(form({ ...code, client_id: 'spa' })))['error'], 'invalid_grant')
    assert.equal((await server.createTokenResponse(form(code, app))).status, 200)
  })

  test('after its 60 seconds → invalid_grant', async () => {
    const { server, app, clock } = await makeProvider()
    const code = { grant_type: 'authorization_code', ...(await obtainCode(server)) }
    clock.now += 60
    assert.equal(body(await server.createTokenResponse(form(code, app)))['error'], 'invalid_grant')
  })

  test('twice → invalid_grant, and all that was issued from it is dead (§4.1.2)', async () => {
    const provider = await makeProvider()
    const { server, app } = provider
    const code = { grant_type: 'authorization_code', ...(await obtainCode(server)) }
    const first = await server.createTokenResponse(form(code, app))
    assert.equal(body(await server.createTokenResponse(form(code, app)))['error'], 'invalid_grant')
    const bearer = { authorization: `Bearer ${text(first, 'access_token')}` }
    const used = await server.verifyRequest(request('GET', '/', { headers: bearer }))
    assert.ok(!used.ok)
    const refresh = { grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') }
    assert.equal(body(await server.createTokenResponse(form(refresh, app)))['error'], 'invalid_grant')
  })

  test('sixteen at once → exactly one token response', async () => {
    const { server, app } = await makeProvider()
    for (let round = 0; round < 20; round++) {
      const code = { grant_type: 'authorization_code', ...(await obtainCode(server)) }
      const responses = await Promise.all(Array.from({ length: 16 }, () => server.createTokenResponse(form(code, app))))
      assert.equal(responses.filter(({ status }) => status === 200).length, 1)
    }
  })

  test('a bad resource is refused before the code is spent', async () => {
    const { server, app } = await makeProvider()
    const code = { grant_type: 'authorization_code', ...(await obtainCode(server)) }
    const bad = await server.createTokenResponse(form({ ...code, resource: 'https://other.example' }, app))
    assert.equal(body(bad)['error'], 'invalid_target')
    assert.equal((await server.createTokenResponse(form(code, app))).status, 200)
  })

  test('a refresh token comes only to clients that may use one', async () => {
    const without = await makeProvider({}, { client: { grantTypes: ['authorization_code'] } })
    assert.equal(body(await redeem(without))['refresh_token'], undefined)
    assert.match(text(await redeem(await makeProvider()), 'refresh_token'), /^[\w-]{43}$/)
  })

  test('refresh_token=X in a code request is neither echoed nor saved', async () => {
    const provider = await makeProvider()
    const code = {
      grant_type: 'authorization_code',
      ...(await obtainCode(provider.server)),
      refresh_token: 'fixed-by-the-client',
    }
    const response = await provider.server.createTokenResponse(form(code, provider.app))
    assert.notEqual(text(response, 'refresh_token'), 'fixed-by-the-client')
    const refresh = form({ grant_type: 'refresh_token', refresh_token: 'fixed-by-the-client' }, provider.app)
    assert.equal(body(await provider.server.createTokenResponse(refresh))['error'], 'invalid_grant')
  })
})
