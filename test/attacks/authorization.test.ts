/** Attacks on the authorization endpoint of an OpenID provider (RFC 9700 §4.1, §4.4, OpenID Connect Core §3.1.2). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { authorize, codeFlow, issuer, makeOpenId, redirectUri, verified } from '../openid/provider.ts'
import { body, pkce, redirected, request } from '../support/requests.ts'

const { challenge } = pkce()
const good = {
  ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope: 'openid', state: 'st', nonce: 'n' },
  ...{ code_challenge: challenge, code_challenge_method: 'S256', response_mode: 'query', prompt: 'consent' },
  ...{ max_age: '60', claims: '{}', login_hint: 'alice', ui_locales: 'de', claims_locales: 'de', acr_values: 'high' },
  ...{ display: 'page', id_token_hint: 'x', unknown: 'x' },
}

describe('an error is no way to a redirect URI that is not registered', () => {
  const rows: [name: string, change: Readonly<Record<string, string>>][] = [
    ['prompt=none', { prompt: 'none' }],
    ['an unknown prompt', { prompt: 'dance' }],
    ['max_age=soon', { max_age: 'soon' }],
    ['claims that are no JSON', { claims: '{' }],
    ['a request object', { request: 'a.b.c' }],
    ['a request_uri', { request_uri: 'https://evil.example/r' }],
    ['an ID token without nonce', { response_type: 'id_token', nonce: '' }],
    ['an unknown response type', { response_type: 'magic' }],
    ['an unknown scope', { scope: 'openid admin' }],
    ['no PKCE', { code_challenge: '', code_challenge_method: '' }],
    ['form_post', { response_mode: 'form_post', scope: 'admin' }],
  ]
  for (const requestObjects of [undefined, {}]) {
    for (const [name, change] of rows) {
      test(`${name}, request objects ${requestObjects ? 'on' : 'off'} → 400 here`, async () => {
        const provider = await makeOpenId({}, {}, { requestObjects })
        const response = await authorize(provider, { redirect_uri: 'https://evil.example/cb', ...change })
        assert.deepEqual([response.status, response.headers['Location']], [400, undefined])
        assert.ok(!response.body.includes('evil.example'))
      })
    }
  }
})

describe('a parameter twice', () => {
  for (const name of Object.keys(good)) {
    test(`${name} → ${['client_id', 'redirect_uri'].includes(name) ? '400 here' : 'invalid_request at the client'}`, async () => {
      const { server } = await makeOpenId()
      for (const second of ['same', 'other']) {
        const query = new URLSearchParams(good)
        query.append(name, second === 'same' ? (query.get(name) ?? '') : 'other')
        const validation = await server.validateAuthorizationRequest(request('GET', `/authorize?${query.toString()}`))
        assert.ok(!validation.ok)
        if (name === 'client_id' || name === 'redirect_uri')
          assert.equal(validation.response.headers['Location'], undefined)
        else assert.equal(redirected(validation.response).get('error'), 'invalid_request')
      }
    })
  }

  test('each once in the query and once in the body', async () => {
    const { server } = await makeOpenId()
    for (const name of Object.keys(good)) {
      const http = request('POST', `/authorize?${new URLSearchParams(good).toString()}`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ [name]: 'other' }).toString(),
      })
      assert.equal((await server.validateAuthorizationRequest(http)).ok, false, name)
    }
  })
})

describe('response types that the client is not registered for', () => {
  const rows: [type: string, error: string][] = [
    ['token', 'unauthorized_client'],
    ['id_token', 'unauthorized_client'],
    ['id_token token', 'unauthorized_client'],
    ['code token', 'unauthorized_client'],
    ['token code', 'unauthorized_client'],
    ['code id_token', 'unauthorized_client'],
    ['code id_token token', 'unauthorized_client'],
    ['none', 'unauthorized_client'],
    ['CODE', 'unsupported_response_type'],
    ['Code', 'unsupported_response_type'],
    ['code code', 'unsupported_response_type'],
    ['code token token', 'unsupported_response_type'],
    ['code,token', 'unsupported_response_type'],
    ['code\ttoken', 'unsupported_response_type'],
    ['__proto__', 'unsupported_response_type'],
    ['constructor', 'unsupported_response_type'],
  ]
  for (const [response_type, error] of rows) {
    test(`${JSON.stringify(response_type)} of a client for code alone → ${error}, nothing issued`, async () => {
      const provider = await makeOpenId({}, { responseTypes: ['code'] })
      const response = await authorize(provider, { response_type })
      assert.equal(
        response.headers['Location'] === undefined ? body(response)['error'] : redirected(response).get('error'),
        error,
      )
      assert.doesNotMatch(response.headers['Location'] ?? '', /[?#&](?:code|access_token|id_token)=/)
    })
  }
})

describe('response modes that leak', () => {
  const types = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']
  for (const mode of ['web_message', 'jwt', 'query.jwt', 'QUERY', 'form_post ', '__proto__']) {
    test(`${JSON.stringify(mode)} → invalid_request, by the mode of the type`, async () => {
      for (const response_type of types) {
        const response = await authorize(await makeOpenId(), { response_type, response_mode: mode })
        const separator = response_type === 'code' ? '?' : '#'
        assert.ok(
          response.headers['Location']?.startsWith(`${redirectUri}${separator}error=invalid_request&`),
          response_type,
        )
      }
    })
  }

  test('query with an ID token or access token → invalid_request in the fragment', async () => {
    for (const response_type of types.slice(1)) {
      const response = await authorize(await makeOpenId(), { response_type, response_mode: 'query' })
      assert.ok(response.headers['Location']?.startsWith(`${redirectUri}#error=invalid_request&`), response_type)
    }
  })
})

describe('mix-up: the client can tell who answers (RFC 9207)', () => {
  const rows: [name: string, change: Readonly<Record<string, string>>][] = [
    ['a code', {}],
    ['tokens in the fragment', { response_type: 'code id_token token' }],
    ['an error', { scope: 'openid admin' }],
    ['an error of a response type', { response_type: 'magic' }],
    ['an error in the fragment', { response_type: 'id_token', nonce: '' }],
    ['a parameter twice', { prompt: 'none login' }],
  ]
  for (const mode of ['', 'form_post']) {
    for (const [name, change] of rows) {
      test(`${name}, ${mode === '' ? 'by redirect' : 'by form_post'} → iss, byte for byte`, async () => {
        const response = await authorize(await makeOpenId(), { ...change, response_mode: mode })
        const posted = /name="iss" value="([^"]*)"/.exec(response.body)?.[1]
        assert.equal(response.status === 200 ? posted : redirected(response).get('iss'), issuer)
      })
    }
  }

  test('the metadata promises it', async () => {
    const { server } = await makeOpenId()
    const metadata = body(await server.createMetadataResponse())
    assert.deepEqual([metadata['authorization_response_iss_parameter_supported'], metadata['issuer']], [true, issuer])
  })
})

describe('nonce', () => {
  const nonces = ['n'.repeat(64), 'a b+c/=&%"<>é✓', '0', 'x'.repeat(4000)]
  for (const nonce of nonces) {
    test(`${nonce.slice(0, 20)} of ${nonce.length} characters comes back as it was, for this client alone`, async () => {
      const provider = await makeOpenId()
      const { claims } = await verified(provider, (await codeFlow(provider, { nonce }))['id_token'])
      assert.deepEqual([claims['nonce'], claims.aud], [nonce, 'app'])
      const hybrid = redirected(await authorize(provider, { nonce, response_type: 'code id_token' }))
      assert.equal((await verified(provider, hybrid.get('id_token'))).claims['nonce'], nonce)
    })
  }

  test('none sent → none in the ID token', async () => {
    const provider = await makeOpenId()
    const { claims } = await verified(provider, (await codeFlow(provider, { nonce: '' }))['id_token'])
    assert.equal('nonce' in claims, false)
  })
})
