/** RFC 7591 §2 and OpenID Connect Registration §2: what a client may say of itself, and what must fit together. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { deviceCodeGrantType, OpenIdServer, StoreValidator, type Client, type Claims } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'
import { request } from '../support/requests.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig' }
const privateJwk = pair.privateKey.export({ format: 'jwk' })

class Validator extends StoreValidator {
  getUserClaims(): Claims {
    return {}
  }
}

type Row = readonly [name: string, change: Json, error: string | undefined]

const check = (rows: readonly Row[], base: Json = good): void => {
  for (const [name, change, error] of rows) {
    test(`${name} → ${error ?? 'registered'}`, async () => {
      const registrar = await makeRegistrar()
      const response = await registrar.register({ ...base, ...change })
      assert.equal(errorOf(response), error, response.body)
      assert.equal(response.status, error === undefined ? 201 : 400)
      assert.equal(
        (await registrar.store.listClients('', 10)).length,
        error === undefined ? 3 : 2,
        'a refused client is not saved',
      )
    })
  }
}

const uri = (...uris: unknown[]): Json => ({ redirect_uris: uris })

describe('redirect_uris (§5, RFC 9700 §2.1, §4.1)', () => {
  const bad = [
    ...[
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      ' javascript:alert(1)',
      'java\tscript:alert(1)',
      'data:text/html,x',
    ],
    ...['vbscript:x', 'file:///etc/passwd', 'blob:https://app.example/1', 'about:blank', 'ftp://app.example/'],
    ...[
      'http://app.example/cb',
      'http://192.168.0.1/cb',
      'myapp:/cb',
      'urn:ietf:wg:oauth:2.0:oob',
      'https://app.example/cb#x',
    ],
    ...['https://app.example/cb#', 'https://*.app.example/cb', 'https://app.example/*', 'https://u:p@app.example/cb'],
    ...['https://app.example\\@evil.example/', '/cb', 'app.example/cb', 'https://', 'https://app.example/ä', ''],
    ...[
      'http://127.0.0.1.evil.example/cb',
      'http://localhost.evil.example/cb',
      `https://app.example/${'a'.repeat(2048)}`,
    ],
  ]
  check([
    ...bad.map((each): Row => [each.slice(0, 50), uri('https://app.example/cb', each), 'invalid_redirect_uri']),
    ['missing, for a client with redirects', { redirect_uris: undefined }, 'invalid_redirect_uri'],
    ['none', uri(), 'invalid_redirect_uri'],
    ['null', { redirect_uris: null }, 'invalid_redirect_uri'],
    ['text in place of a list', { redirect_uris: 'https://app.example/cb' }, 'invalid_client_metadata'],
    [
      'an object in place of a list',
      { redirect_uris: { length: 1, 0: 'https://app.example/cb' } },
      'invalid_client_metadata',
    ],
    ['a number in the list', uri(7), 'invalid_redirect_uri'],
    ['a hole in the list', uri(null), 'invalid_redirect_uri'],
    [
      '51 of them',
      uri(...Array.from({ length: 51 }, (_, index) => `https://app.example/${index}`)),
      'invalid_client_metadata',
    ],
    ['none, for a client without redirects', { redirect_uris: undefined, grant_types: ['refresh_token'] }, undefined],
    ['https with a query', uri('https://app.example/cb?x=1'), undefined],
    [
      'http on the loopback interface',
      uri('http://127.0.0.1:8080/cb', 'http://[::1]/cb', 'http://localhost/cb'),
      undefined,
    ],
    ['a reversed domain name', uri('com.example.app:/cb'), undefined],
  ])
})

describe('grants, response types and authentication fit each other (§2.1)', () => {
  check([
    ['nothing said', {}, undefined],
    ['code without its grant', { response_types: ['code'], grant_types: ['refresh_token'] }, 'invalid_client_metadata'],
    [
      'the grant of codes without response type',
      { grant_types: ['authorization_code'], response_types: ['none'] },
      'invalid_client_metadata',
    ],
    ['a response type that is not offered', { response_types: ['token'] }, 'invalid_client_metadata'],
    ['an unknown response type', { response_types: ['code magic'] }, 'invalid_client_metadata'],
    ['a malformed response type', { response_types: ['code  token'] }, 'invalid_client_metadata'],
    ['client credentials, which nobody gave out', { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    ['password', { grant_types: ['password'] }, 'invalid_client_metadata'],
    ['an unknown grant', { grant_types: ['authorization_code', 'magic'] }, 'invalid_client_metadata'],
    ['grants as text', { grant_types: 'authorization_code' }, 'invalid_client_metadata'],
    ['code and refresh token', { grant_types: ['authorization_code', 'refresh_token'] }, undefined],
    ['response types alone', { response_types: ['code', 'none'] }, undefined],
    ['an unknown method', { token_endpoint_auth_method: 'magic' }, 'invalid_client_metadata'],
    ['a method as a list', { token_endpoint_auth_method: ['none'] }, 'invalid_client_metadata'],
    [
      'client_secret_jwt, whose secret would be stored in the clear',
      { token_endpoint_auth_method: 'client_secret_jwt' },
      'invalid_client_metadata',
    ],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, undefined],
    ['none', { token_endpoint_auth_method: 'none' }, undefined],
    ['private_key_jwt without keys', { token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
    [
      'private_key_jwt with keys',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } },
      undefined,
    ],
  ])

  test('client credentials for a public client → invalid_client_metadata, also where the grant is offered', async () => {
    const { register } = await makeRegistrar({ grantTypes: ['client_credentials'] })
    const metadata = { grant_types: ['client_credentials'] }
    assert.equal(
      errorOf(await register({ ...metadata, token_endpoint_auth_method: 'none' })),
      'invalid_client_metadata',
    )
    assert.deepEqual(told(await register(metadata)).body['response_types'], [])
  })

  test('device codes are offered where the server has them, and need no redirect URI', async () => {
    const { register } = await makeRegistrar({}, { device: { verificationUri: 'https://as.example/device' } })
    const metadata = { grant_types: [deviceCodeGrantType, 'refresh_token'], token_endpoint_auth_method: 'none' }
    assert.deepEqual(told(await register(metadata)).body['response_types'], [])
  })
})

describe('names and pages (§2, §2.2)', () => {
  const names = [
    ...[
      'a\u0000b',
      'a\nb',
      'a\u001bb',
      'a\u0085b',
      'a\u200bb',
      'a\u202eb',
      'a\u2066b',
      'a\u2028b',
      'a\u200fb',
      'a\ufeffb',
    ],
    ...['a\u00adb', 'a\ue000b', 'a\u{e0041}b', 'a\ud800b', 'a'.repeat(201)],
  ]
  const shown = (text: string) =>
    JSON.stringify(text.slice(0, 5)).replace(/[^ -~]/gu, (each) => `U+${(each.codePointAt(0) ?? 0).toString(16)}`)
  const pages = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'client_uri#de']
  const links = [
    'javascript:alert(1)',
    'data:image/png,x',
    'http://app.example/',
    'ftp://app.example/',
    'app.example',
    'https://u@app.example/',
  ]
  check([
    ...names.map((name): Row => [`client_name ${shown(name)}`, { client_name: name }, 'invalid_client_metadata']),
    ...names
      .slice(0, 3)
      .map((name): Row => [`client_name#de ${shown(name)}`, { 'client_name#de': name }, 'invalid_client_metadata']),
    ...pages.flatMap((page) =>
      links.map((link): Row => [`${page} ${link}`, { [page]: link }, 'invalid_client_metadata']),
    ),
    ['a name that is a number', { client_name: 7 }, 'invalid_client_metadata'],
    ['a name of any language', { client_name: 'Übung 例え 🎉 عربي', 'client_name#ja-Jpan-JP': '例え' }, undefined],
    ['markup in a name is text, to be escaped by pages', { client_name: '<script>alert(1)</script>' }, undefined],
    [
      '51 languages',
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`client_name#x-${index}`, 'x'])),
      'invalid_client_metadata',
    ],
    ['contacts', { contacts: ['ops@app.example', 'https://app.example/help'] }, undefined],
    ['contacts as text', { contacts: 'ops@app.example' }, 'invalid_client_metadata'],
    ['a contact with a line break', { contacts: ['a@b.example\r\nBcc: c'] }, 'invalid_client_metadata'],
    ['software_id that is an object', { software_id: {} }, 'invalid_client_metadata'],
  ])
})

describe('keys (§2)', () => {
  const jwks = (...keys: unknown[]): Json => ({ jwks: { keys } })
  check([
    ['public keys', jwks(publicJwk), undefined],
    ['keys and their URL', { ...jwks(publicJwk), jwks_uri: 'https://app.example/jwks' }, 'invalid_client_metadata'],
    ['a private key', jwks(privateJwk), 'invalid_client_metadata'],
    ['a private member alone', jwks({ ...publicJwk, d: 'x' }), 'invalid_client_metadata'],
    ['a symmetric key', jwks({ kty: 'oct', k: 'c2VjcmV0' }), 'invalid_client_metadata'],
    ['no key', jwks(), 'invalid_client_metadata'],
    ['a key that is null', jwks(null), 'invalid_client_metadata'],
    ['a key that is not whole', jwks({ kty: 'EC', crv: 'P-256', x: 'x' }), 'invalid_client_metadata'],
    ['a key of an unknown type', jwks({ kty: 'magic' }), 'invalid_client_metadata'],
    ['kty of a prototype', jwks({ kty: 'constructor' }), 'invalid_client_metadata'],
    ['a kid that is a number', jwks({ ...publicJwk, kid: 7 }), 'invalid_client_metadata'],
    ['21 keys', jwks(...Array.from({ length: 21 }, () => publicJwk)), 'invalid_client_metadata'],
    ['a list', { jwks: [publicJwk] }, 'invalid_client_metadata'],
    ['text', { jwks: JSON.stringify({ keys: [publicJwk] }) }, 'invalid_client_metadata'],
    ['null says the same as nothing', { jwks: null }, undefined],
    ['jwks_uri by http', { jwks_uri: 'http://app.example/jwks' }, 'invalid_client_metadata'],
    ['jwks_uri with a fragment', { jwks_uri: 'https://app.example/jwks#x' }, 'invalid_client_metadata'],
    ['jwks_uri', { jwks_uri: 'https://app.example/jwks' }, undefined],
  ])

  test('of a key, only what makes it up and how it is used is kept', async () => {
    const { register } = await makeRegistrar()
    const body = told(
      await register({ ...good, jwks: { keys: [{ ...publicJwk, x5u: 'https://evil.example/' }] } }),
    ).body
    assert.deepEqual(body['jwks'], { keys: [publicJwk] })
  })
})

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

describe('what nobody can ask for is ignored, and not echoed (§2, §3.2.1)', () => {
  test('privileged members, unknown ones, and those of prototypes', async () => {
    const { register, store } = await makeRegistrar()
    const privileged = {
      ...{
        client_id: 'app',
        client_secret: 'chosen',
        id: 'x',
        secrets: ['sha256:x'],
        first_party: true,
        skip_consent: true,
      },
      ...{
        allowMissingPkce: true,
        allow_missing_pkce: true,
        servedResources: ['https://api.example/'],
        legacyPlainPkce: true,
      },
      ...{ registration: { expiresAt: 0 }, refreshTokenRotation: 'never', Client_Name: 'x', scopes: ['admin'] },
    }
    const text = `${JSON.stringify({ ...good, ...privileged }).slice(0, -1)},"__proto__":{"client_name":"x"},"constructor":1}`
    const { id, secret, body } = told(await register(text))
    assert.notEqual(id, 'app')
    assert.notEqual(secret, 'chosen')
    const standard = [
      'client_id',
      'client_secret',
      'client_secret_expires_at',
      'client_id_issued_at',
      'redirect_uris',
      'scope',
    ]
    const more = [
      'grant_types',
      'response_types',
      'token_endpoint_auth_method',
      'registration_access_token',
      'registration_client_uri',
    ]
    assert.deepEqual(Object.keys(body).sort(), [...standard, ...more].sort())
    const members = [
      'authMethods',
      'grantTypes',
      'id',
      'redirectUris',
      'registration',
      'responseTypes',
      'scopes',
      'secrets',
    ]
    assert.deepEqual(Object.keys(store.findClient(id) ?? {}).sort(), members)
  })
})
