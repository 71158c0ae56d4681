/** draft-ietf-oauth-client-id-metadata-document-01: what is a client by its document, and what is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastReason } from '../support/provider.ts'
import { body, form, request } from '../support/requests.ts'
import { clientId, good, makeDocumentProvider, publish, site, type Published } from './fixture.ts'

const refusedUrls: readonly (readonly [name: string, id: string])[] = [
  ['http', 'http://app.example/client.json'],
  ['no path', 'https://app.example'],
  ['nothing but the root', 'https://app.example/'],
  ['a query', 'https://app.example/client.json?v=1'],
  ['an empty query', 'https://app.example/client.json?'],
  ['a fragment', 'https://app.example/client.json#a'],
  ['credentials', 'https://user:secret@app.example/client.json'],
  ['an empty user', 'https://@app.example/client.json'],
  ['a dot segment', 'https://app.example/a/../client.json'],
  ['an encoded dot segment', 'https://app.example/a/%2e%2E/client.json'],
  ['a dot segment at the end', 'https://app.example/a/.'],
  ['the default port', 'https://app.example:443/client.json'],
  ['capital letters in the host', 'https://App.example/client.json'],
  ['a backslash', 'https://app.example\\client.json'],
  ['another spelling of an address', 'https://0x7f.1/client.json'],
  ['256 characters', `https://app.example/${'a'.repeat(236)}`],
]
for (const [name, id] of refusedUrls) {
  test(`§3: a client_id with ${name} → shown to the user, and nothing is asked`, async () => {
    const asked: string[] = []
    const provider = await makeDocumentProvider(
      {},
      { outbound: { resolveHost: async (host) => (asked.push(host), []) } },
    )
    const response = await provider.authorize({ client_id: id })
    assert.ok(response !== 'shown')
    assert.equal(response.status, 400)
    assert.equal(lastReason(provider), 'client_id_url_invalid')
    assert.deepEqual(asked, [])
  })
}

const refused: readonly (readonly [name: string, published: Published, reason: string])[] = [
  ['status 404', { status: 404, body: good }, 'client_document_unusable'],
  ['status 201', { status: 201, body: good }, 'client_document_unusable'],
  ['status 503', { status: 503, body: good }, 'client_document_unavailable'],
  ['a redirect', { status: 302, headers: { location: clientId }, body: '' }, 'client_document_unusable'],
  ['HTML', { type: 'text/html', body: good }, 'client_document_unusable'],
  ['5121 bytes', { body: JSON.stringify(good).padEnd(5121) }, 'client_document_unusable'],
  ['no JSON', { body: '{' }, 'client_document_invalid'],
  ['an array', { body: [good] }, 'client_document_invalid'],
  ['a member twice', { body: `{"client_name":"a",${JSON.stringify(good).slice(1)}` }, 'client_document_invalid'],
  ['no client_id', { body: { ...good, client_id: undefined } }, 'client_document_invalid'],
  ['another client_id', { body: { ...good, client_id: `${clientId}/` } }, 'client_document_invalid'],
  ['a secret', { body: { ...good, client_secret: 'x' } }, 'client_document_invalid'],
  ['an expiry of a secret', { body: { ...good, client_secret_expires_at: 0 } }, 'client_document_invalid'],
  ...['client_secret_basic', 'client_secret_post', 'client_secret_jwt'].map(
    (method) => [method, { body: { ...good, token_endpoint_auth_method: method } }, 'client_document_invalid'] as const,
  ),
  [
    'private_key_jwt without keys',
    { body: { ...good, token_endpoint_auth_method: 'private_key_jwt' } },
    'client_document_invalid',
  ],
  ['a secret key', { body: { ...good, jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } } }, 'client_document_invalid'],
  ['no redirect_uris', { body: { ...good, redirect_uris: [] } }, 'client_document_invalid'],
  ['an unsafe redirect URI', { body: { ...good, redirect_uris: ['javascript:alert(1)'] } }, 'client_document_invalid'],
  ['a name that turns text around', { body: { ...good, client_name: 'bank\u202e' } }, 'client_document_invalid'],
  ['no grant of this server', { body: { ...good, grant_types: ['client_credentials'] } }, 'client_document_invalid'],
  ['no scope of this server', { body: { ...good, scope: 'root' } }, 'client_document_invalid'],
]
for (const [name, published, reason] of refused) {
  test(`§4: a document with ${name} → ${reason}, told to the user and to no redirect URI, and not kept`, async () => {
    const provider = await makeDocumentProvider()
    publish(published)
    const response = await provider.authorize()
    assert.ok(response !== 'shown')
    assert.equal(response.status, reason === 'client_document_unavailable' ? 503 : 400)
    assert.equal(lastReason(provider), reason)
    const grant = { grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId }
    const { status } = await provider.server.createTokenResponse(form(grant))
    assert.equal(status, reason === 'client_document_unavailable' ? 503 : 401)
    publish({ body: good })
    assert.equal(await provider.authorize(), 'shown')
  })
}

const accepted: readonly (readonly [name: string, change: object, type?: string])[] = [
  ['what is needed and nothing else', { grant_types: undefined, client_name: undefined }],
  ['a type of its own', {}, 'application/cimd+json; charset=utf-8'],
  ['members that nobody knows', { 'x-y': { z: [] } }],
  [
    'grants of other servers beside its own',
    { grant_types: ['authorization_code', 'urn:x'], response_types: ['code', 'x'] },
  ],
  ['scopes of other servers beside its own', { scope: 'read root' }],
]
for (const [name, change, type = 'application/json'] of accepted) {
  test(`§4: a document with ${name} → the user is asked`, async () => {
    const provider = await makeDocumentProvider()
    publish({ type, body: { ...good, ...change } })
    assert.equal(await provider.authorize(), 'shown')
  })
}

test('§4: what the document does not say, nobody has: redirect URIs, grants, scopes', async () => {
  const provider = await makeDocumentProvider()
  publish({ body: { ...good, scope: 'read', grant_types: ['authorization_code'] } })
  for (const [change, reason] of [
    [{ redirect_uri: 'https://app.example/cb2' }, 'redirect_uri_unregistered'],
    [{ scope: 'write' }, 'scope_not_allowed'],
    [{ response_type: 'id_token', nonce: 'n', scope: 'openid' }, 'response_type_not_allowed'],
  ] as const) {
    assert.notEqual(await provider.authorize(change), 'shown')
    assert.equal(lastReason(provider), reason)
  }
  const grant = { grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId }
  assert.equal(body(await provider.server.createTokenResponse(form(grant)))['error'], 'unauthorized_client')
})

test('§5: the metadata says so; without the option nothing does, and the id is unknown', async () => {
  const metadata = async (provider: Awaited<ReturnType<typeof makeDocumentProvider>>) =>
    body(await provider.server.handle(request('GET', '/.well-known/oauth-authorization-server')))
  assert.equal((await metadata(await makeDocumentProvider()))['client_id_metadata_document_supported'], true)
  const off = await makeDocumentProvider({}, { clientIdMetadataDocuments: undefined })
  assert.ok(!('client_id_metadata_document_supported' in (await metadata(off))))
  const before = site.asked.length
  assert.notEqual(await off.authorize(), 'shown')
  assert.equal(lastReason(off), 'client_unknown')
  assert.equal(site.asked.length, before)
})

test('a client that has a record is as that says, and nothing is fetched; one that is blocked is blocked at once', async () => {
  const blocked = new Set<string>()
  const provider = await makeDocumentProvider({ isClientAllowed: (id) => !blocked.has(id) })
  publish({ body: good })
  assert.equal(await provider.authorize(), 'shown')
  blocked.add(clientId)
  assert.notEqual(await provider.authorize(), 'shown')
  assert.equal(lastReason(provider), 'client_document_not_allowed')
  const before = site.asked.length
  await provider.store.createClient({ id: clientId, redirectUris: ['https://app.example/cb'], scopes: ['read'] })
  assert.equal(await provider.authorize(), 'shown')
  assert.equal(site.asked.length, before)
})

test('§6.5: a host that leads inside → 503, and no connection', async () => {
  for (const address of ['10.0.0.1', '127.0.0.1', '169.254.169.254', '::1', '64:ff9b::7f00:1']) {
    const provider = await makeDocumentProvider({}, { outbound: { resolveHost: async () => [address] } })
    const response = await provider.authorize({ client_id: 'https://app.example/client.json' })
    assert.ok(response !== 'shown')
    assert.equal(response.status, 503)
    assert.equal(lastReason(provider), 'client_document_unavailable')
    assert.doesNotMatch(response.body, new RegExp(address.replaceAll('.', '\\.')))
  }
})
