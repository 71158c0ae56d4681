/** OpenID Connect Registration §2: the members that it adds, and scopes. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { OpenIdServer, StoreValidator, type Client, type Claims } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'
import { request } from '../support/requests.ts'
import { check, uri } from './metadata-fixture.ts'

class Validator extends StoreValidator {
  getUserClaims(): Claims {
    return {}
  }
}

describe('members of OpenID Connect (OpenID Connect Registration §2)', () => {
  check([
    ['application_type desktop', { application_type: 'desktop' }, 'invalid_client_metadata'],
    ['web with https', { application_type: 'web' }, undefined],
    [
      'web with a private-use scheme',
      { application_type: 'web', ...uri('com.example.app:/cb') },
      'invalid_redirect_uri',
    ],
    ['native with a private-use scheme', { application_type: 'native', ...uri('com.example.app:/cb') }, undefined],
    [
      'native with http on the loopback interface',
      { application_type: 'native', ...uri('http://127.0.0.1/cb') },
      undefined,
    ],
    ['native with a claimed https URI (RFC 8252 §7.2)', { application_type: 'native' }, undefined],
    [
      'native with https on localhost',
      { application_type: 'native', ...uri('https://localhost/cb') },
      'invalid_redirect_uri',
    ],
    ['subject_type pairwise, which is not offered', { subject_type: 'pairwise' }, 'invalid_client_metadata'],
    ['subject_type of another kind', { subject_type: 'private' }, 'invalid_client_metadata'],
    ['ID tokens without signature', { id_token_signed_response_alg: 'none' }, 'invalid_client_metadata'],
    ['ID tokens signed by the client secret', { id_token_signed_response_alg: 'HS256' }, 'invalid_client_metadata'],
    ['ID tokens signed by ES256', { id_token_signed_response_alg: 'ES256' }, undefined],
    ['default_max_age below 0', { default_max_age: -1 }, 'invalid_client_metadata'],
    ['default_max_age as text', { default_max_age: '60' }, 'invalid_client_metadata'],
    ['default_max_age 1.5', { default_max_age: 1.5 }, 'invalid_client_metadata'],
    ['default_max_age 0', { default_max_age: 0 }, undefined],
    ['require_auth_time as text', { require_auth_time: 'true' }, 'invalid_client_metadata'],
    ['initiate_login_uri by http', { initiate_login_uri: 'http://app.example/' }, 'invalid_client_metadata'],
    ['default_acr_values with a space', { default_acr_values: ['a b'] }, 'invalid_client_metadata'],
    [
      'post_logout_redirect_uris that run script',
      { post_logout_redirect_uris: ['javascript:1'] },
      'invalid_client_metadata',
    ],
    ['post_logout_redirect_uris', { post_logout_redirect_uris: ['https://app.example/bye'] }, undefined],
    ['backchannel_logout_uri by http', { backchannel_logout_uri: 'http://app.example/' }, 'invalid_client_metadata'],
    [
      'backchannel_logout_uri with a fragment',
      { backchannel_logout_uri: 'https://app.example/#x' },
      'invalid_client_metadata',
    ],
    [
      'backchannel_logout_uri',
      { backchannel_logout_uri: 'https://app.example/bc', backchannel_logout_session_required: true },
      undefined,
    ],
    [
      'frontchannel_logout_uri elsewhere',
      { frontchannel_logout_uri: 'https://other.example/' },
      'invalid_client_metadata',
    ],
    ['frontchannel_logout_uri', { frontchannel_logout_uri: 'https://app.example/fc' }, undefined],
    ['request objects without signature', { request_object_signing_alg: 'none' }, 'invalid_client_metadata'],
    ['request objects signed by the secret', { request_object_signing_alg: 'HS256' }, 'invalid_client_metadata'],
    ['request objects signed by ES256', { request_object_signing_alg: 'ES256' }, undefined],
    ['request_uris', { request_uris: ['https://app.example/r', 'https://app.example/r2#hash'] }, undefined],
    ['request_uris as text', { request_uris: 'https://app.example/r' }, 'invalid_client_metadata'],
    ['request_uris with null', { request_uris: [null] }, 'invalid_client_metadata'],
    ['request_uris by http', { request_uris: ['http://app.example/r'] }, 'invalid_client_metadata'],
    ['request_uris with credentials', { request_uris: ['https://a:b@app.example/r'] }, 'invalid_client_metadata'],
    ['request_uris that are files', { request_uris: ['file:///etc/passwd'] }, 'invalid_client_metadata'],
    ['request_uris that are urns', { request_uris: ['urn:example:r'] }, 'invalid_client_metadata'],
    ['a request_uri of 512 characters', { request_uris: [`https://app.example/${'r'.repeat(492)}`] }, undefined],
    [
      'a request_uri of 513 characters',
      { request_uris: [`https://app.example/${'r'.repeat(493)}`] },
      'invalid_client_metadata',
    ],
    [
      '51 request_uris',
      { request_uris: Array.from({ length: 51 }, (_, index) => `https://app.example/${index}`) },
      'invalid_client_metadata',
    ],
  ])

  const keyed = { jwks_uri: 'https://app.example/jwks' }
  const encrypted = { id_token_encrypted_response_alg: 'ECDH-ES' }
  check([
    ['encrypted ID tokens', { ...keyed, ...encrypted }, undefined],
    ['encrypted ID tokens without keys', encrypted, 'invalid_client_metadata'],
    ['encrypted UserInfo without keys', { userinfo_encrypted_response_alg: 'ECDH-ES' }, 'invalid_client_metadata'],
    ['RSA1_5', { ...keyed, id_token_encrypted_response_alg: 'RSA1_5' }, 'invalid_client_metadata'],
    ['an alg that is a list', { ...keyed, id_token_encrypted_response_alg: ['ECDH-ES'] }, 'invalid_client_metadata'],
    ['enc alone', { ...keyed, id_token_encrypted_response_enc: 'A256GCM' }, 'invalid_client_metadata'],
    [
      'an enc that is not offered',
      { ...keyed, ...encrypted, id_token_encrypted_response_enc: 'A128CBC-HS256' },
      'invalid_client_metadata',
    ],
    ['an empty alg says nothing', { id_token_encrypted_response_alg: '' }, undefined],
  ])

  test('without _enc a client is told that it is A256GCM', async () => {
    const { register, store } = await makeRegistrar()
    const userinfo = { userinfo_encrypted_response_alg: 'RSA-OAEP-256', userinfo_encrypted_response_enc: 'A128GCM' }
    const { id, body } = told(await register({ ...good, ...keyed, ...encrypted, ...userinfo }))
    assert.deepEqual(
      [body['id_token_encrypted_response_alg'], body['id_token_encrypted_response_enc']],
      ['ECDH-ES', 'A256GCM'],
    )
    assert.equal(body['userinfo_encrypted_response_enc'], 'A128GCM')
    const { idTokenEncryption, userInfoEncryption } = store.findClient(id) as Client // it was registered
    assert.deepEqual(idTokenEncryption, { keyManagement: 'ECDH-ES', contentEncryption: 'A256GCM' })
    assert.deepEqual(userInfoEncryption, { keyManagement: 'RSA-OAEP-256', contentEncryption: 'A128GCM' })
  })

  test('what the server asks may be http on hosts that its operator named, and only there', async () => {
    const { register } = await makeRegistrar({}, { outbound: { allowPrivateHosts: ['localhost:8080'] } })
    for (const name of ['jwks_uri', 'sector_identifier_uri', 'request_uris']) {
      const change = (url: string): Json => ({ [name]: name === 'request_uris' ? [url] : url })
      const there = await register({ ...good, ...change('http://localhost:8080/x') })
      const expected = name === 'sector_identifier_uri' ? /cannot be fetched/ : /"client_id"/ // nothing listens there
      assert.match(there.body, expected)
      const elsewhere = await register({ ...good, ...change('http://localhost:8081/x') })
      assert.match(elsewhere.body, new RegExp(`${name} must be an https URL`))
    }
  })

  const pairwise = { subject_type: 'pairwise' }
  const severalHosts = uri('https://app.example/cb', 'https://app2.example/cb')

  test('pairwise, where it is offered: redirect URIs of several hosts need a sector → invalid_client_metadata', async () => {
    const { register } = await makeRegistrar({ subjectTypes: ['public', 'pairwise'] })
    assert.equal(told(await register({ ...good, ...pairwise })).body['subject_type'], 'pairwise')
    assert.equal(errorOf(await register({ ...pairwise, ...severalHosts })), 'invalid_client_metadata')
  })

  test('tokens from the authorization endpoint: https, and not on localhost, unless native', async () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const store = new MemoryStore()
    const server = new OpenIdServer(new Validator(store), {
      issuer: 'https://as.example',
      openid: { keys: [key] },
      registration: { allowOpen: true },
    })
    const register = (metadata: Json) =>
      server.handle(
        request('POST', '/register', {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(metadata),
        }),
      )
    const implicit = { response_types: ['id_token'] }
    assert.equal(errorOf(await register({ ...implicit, ...uri('http://localhost/cb') })), 'invalid_redirect_uri')
    assert.equal(errorOf(await register({ ...implicit, ...uri('https://localhost/cb') })), 'invalid_redirect_uri')
    const native = { application_type: 'native', ...uri('http://localhost/cb') }
    assert.equal(errorOf(await register({ ...implicit, ...native })), undefined)
    const { body } = told(await register({ ...good, response_types: ['id_token code'] }))
    assert.deepEqual(
      [body['response_types'], body['grant_types']],
      [['code id_token'], ['authorization_code', 'implicit']],
    )
    assert.equal(errorOf(await register({ ...good, response_types: ['id_token token'] })), 'invalid_client_metadata')
    for (const name of ['id_token_signed_response_alg', 'userinfo_signed_response_alg']) {
      const unsignable = await register({ ...good, [name]: 'ES256' }) // the server has a key for RS256 alone
      assert.match(unsignable.body, new RegExp(`${name}: ES256 is not offered; choose of RS256`))
      assert.equal(errorOf(await register({ ...good, [name]: 'RS256' })), undefined)
    }
  })

  test('all of it reaches the record by the names of the toolkit', async () => {
    const { register, store } = await makeRegistrar()
    const { id } = told(
      await register({
        ...good,
        client_name: 'App',
        'client_name#de': 'Anwendung',
        client_uri: 'https://app.example/',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks_uri: 'https://app.example/jwks',
        default_max_age: 60,
        require_auth_time: true,
        id_token_signed_response_alg: 'ES256',
        userinfo_signed_response_alg: 'RS256',
        request_object_signing_alg: 'PS256',
        request_uris: ['https://app.example/r#x'],
      }),
    )
    const { registration, ...client } = store.findClient(id) as Client // it was registered
    assert.ok(registration)
    assert.deepEqual(client, {
      id,
      redirectUris: ['https://app.example/cb'],
      authMethods: ['private_key_jwt'],
      assertionSigningAlgorithm: 'ES256',
      grantTypes: ['authorization_code'],
      responseTypes: ['code'],
      name: 'App',
      localized: { 'client_name#de': 'Anwendung' },
      uri: 'https://app.example/',
      scopes: ['read', 'write'],
      jwksUri: 'https://app.example/jwks',
      idTokenSigningAlgorithm: 'ES256',
      userInfoSigningAlgorithm: 'RS256',
      requestObjectSigningAlgorithm: 'PS256',
      requestUris: ['https://app.example/r#x'],
      defaultMaxAge: 60,
      requireAuthTime: true,
    })
  })
})

describe('scope (§2)', () => {
  const rows: [name: string, scope: unknown, registered: string | undefined][] = [
    ['none named → all on offer', undefined, 'read write'],
    ['some', 'read', 'read'],
    ['more than on offer → those that are', 'read admin', 'read'],
    ['none of them on offer → refused', 'admin', undefined],
    ['a list → refused', ['read'], undefined],
    ['malformed → refused', 'read "write"', undefined],
  ]
  for (const [name, scope, registered] of rows) {
    test(name, async () => {
      const response = await (await makeRegistrar()).register({ ...good, scope })
      if (registered === undefined) assert.equal(errorOf(response), 'invalid_client_metadata')
      else assert.equal(told(response).body['scope'], registered)
    })
  }
})
