/** RFC 7591 §2: client metadata. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { deviceCodeGrantType } from 'grantry'
import { errorOf, good, makeRegistrar, told, type Json } from '../support/registration.ts'
import { type Row, check, uri } from './metadata-fixture.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' })
const publicJwk = { kty, crv, x, y, kid: 'k1', use: 'sig' }

const privateJwk = pair.privateKey.export({ format: 'jwk' })

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
