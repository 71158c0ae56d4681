/**
 * draft-ietf-oauth-client-id-metadata-document-01 §4.4: how long documents are kept and how often their servers are asked; and clients that are known by
 * them alone: they get tokens, refresh and revoke them, and no record of them is made.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { approve, lastReason } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'
import { clientId, good, makeDocumentProvider, publish, redirectUri, site, type DocumentProvider } from './fixture.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] }

type Proof = (provider: DocumentProvider) => Promise<Readonly<Record<string, string>>>

const byId: Proof = async () => ({ client_id: clientId })
const byKey: Proof = async ({ clock: { now } }) => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: await new SignJWT({ jti: String(Math.random()) })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience('https://as.example')
    .setExpirationTime(now + 60)
    .sign(privateKey),
})

const clients: readonly (readonly [name: string, document: object, proof: Proof])[] = [
  ['without keys', good, byId],
  ['with its keys inside', { ...good, jwks }, byKey],
  [
    'with its keys elsewhere',
    { ...good, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${clientId}/jwks` },
    byKey,
  ],
]
for (const [name, document, proof] of clients) {
  test(`a client ${name}: code, UserInfo, refresh, introspection, revocation`, async () => {
    const provider = await makeDocumentProvider()
    const { server, store } = provider
    publish({ body: { ...document, ...jwks } }) // the keys elsewhere are the same JSON
    const { verifier, challenge } = pkce()
    const asked = {
      ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'openid read' },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    }
    const back = redirected(await approve(server, asked))
    const post = async (path: string, parameters: Readonly<Record<string, string>>) =>
      server.handle({ ...form({ ...parameters, ...(await proof(provider)) }), url: path })
    const code = { grant_type: 'authorization_code', code: back.get('code') ?? '', redirect_uri: redirectUri }
    const issued = await post('/token', { ...code, code_verifier: verifier })
    assert.equal(issued.status, 200, issued.body)
    const refresh = { grant_type: 'refresh_token', refresh_token: text(issued, 'refresh_token') }
    const refreshed = await post('/token', refresh)
    assert.equal(refreshed.status, 200, refreshed.body)
    const token = text(refreshed, 'access_token')
    const userInfo = () => server.handle(request('GET', '/userinfo', { headers: { authorization: `Bearer ${token}` } }))
    assert.equal(body(await userInfo())['sub'], 'alice')
    const introspected = await post('/introspect', { token })
    assert.equal(introspected.status === 200 && body(introspected)['active'], proof === byKey) // for public clients it is not
    assert.equal((await post('/revoke', { token: text(refreshed, 'refresh_token') })).status, 200)
    assert.equal((await userInfo()).status, 401)
    assert.equal(store.findClient(clientId), undefined)
  })
}

test('a client with keys that shows none, and one whose key is another → 401 invalid_client', async () => {
  const provider = await makeDocumentProvider()
  publish({ body: { ...good, jwks } })
  const grant = { grant_type: 'refresh_token', refresh_token: 'x' }
  const none = await provider.server.createTokenResponse(form({ ...grant, client_id: clientId }))
  assert.deepEqual([none.status, body(none)['error']], [401, 'invalid_client'])
  publish({
    body: {
      ...good,
      jwks: { keys: [{ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'k1' }] },
    },
  })
  provider.clock.now += 300
  const other = await provider.server.createTokenResponse(form({ ...grant, ...(await byKey(provider)) }))
  assert.deepEqual([other.status, body(other)['error']], [401, 'invalid_client'])
})

test('a document without scope: those of the server, and the default where none is asked for', async () => {
  const provider = await makeDocumentProvider({ scopes: ['read', 'write'], defaultScopes: ['read'] })
  publish({ body: good })
  assert.equal(await provider.authorize({ scope: '' }), 'shown')
  assert.equal(await provider.authorize({ scope: 'read write' }), 'shown')
})

test('options that cannot work → a ConfigurationError that names them', async () => {
  await assert.rejects(
    makeDocumentProvider({ defaultScopes: ['admin'] }),
    /defaultScopes: admin is not among the scopes/,
  )
  await assert.rejects(makeDocumentProvider({ allow: true } as object), /unknown option allow/)
})

const lifetimes: readonly (readonly [cacheControl: string, seconds: number])[] = [
  ['', 300],
  ['max-age=0', 300],
  ['max-age=3600', 3600],
  ['public, max-age=99999999', 86_400],
]
for (const [cacheControl, seconds] of lifetimes) {
  test(`Cache-Control: ${cacheControl || 'none'} → kept for ${seconds} seconds`, async () => {
    const provider = await makeDocumentProvider()
    publish({ headers: { 'cache-control': cacheControl }, body: good })
    const before = site.asked.length
    await provider.authorize()
    provider.clock.now += seconds - 1
    await provider.authorize()
    assert.equal(site.asked.length - before, 1)
    provider.clock.now += 1
    await provider.authorize()
    assert.equal(site.asked.length - before, 2)
  })
}

test('no-store → asked for every time', async () => {
  const provider = await makeDocumentProvider()
  publish({ headers: { 'cache-control': 'no-store' }, body: good })
  const before = site.asked.length
  for (let times = 0; times < 3; times++) assert.equal(await provider.authorize(), 'shown')
  assert.equal(site.asked.length - before, 3)
})

test('a thousand requests at once → one fetch', async () => {
  const provider = await makeDocumentProvider()
  publish({ body: good })
  const before = site.asked.length
  const answers = await Promise.all(Array.from({ length: 1000 }, () => provider.authorize()))
  assert.ok(answers.every((answer) => answer === 'shown'))
  assert.equal(site.asked.length - before, 1)
})

test('documents that do not exist, one after the other → their host is asked 60 times a minute', async () => {
  const provider = await makeDocumentProvider()
  publish({ status: 404, body: '' })
  const before = site.asked.length
  for (let times = 0; times < 80; times++) await provider.authorize({ client_id: `${clientId}/${times}` })
  assert.equal(site.asked.length - before, 60)
  assert.equal(lastReason(provider), 'client_document_unavailable')
  provider.clock.now += 60
  publish({ body: good })
  assert.equal(await provider.authorize(), 'shown')
})

test('a document that changed is another client from then on, and one that is gone is none', async () => {
  const provider = await makeDocumentProvider()
  publish({ body: good })
  const find = async () =>
    provider.server.clientDocuments?.find(clientId, { endpoint: 'token', now: provider.clock.now })
  const first = await find()
  assert.equal(first?.metadataDocument?.host, `127.0.0.1:${site.port}`)
  assert.equal(first.metadataDocument.isLoopbackOnly, false)
  provider.clock.now += 300
  publish({ body: { ...good, software_version: '2' } })
  assert.equal((await find())?.metadataDocument?.digest, first.metadataDocument.digest)
  provider.clock.now += 300
  publish({ body: { ...good, redirect_uris: ['http://127.0.0.1/cb', 'http://localhost/cb'] } })
  const changed = await find()
  assert.notEqual(changed?.metadataDocument?.digest, first.metadataDocument.digest)
  assert.equal(changed?.metadataDocument?.isLoopbackOnly, true)
  provider.clock.now += 300
  publish({ status: 404, body: '' })
  await assert.rejects(find(), { reason: 'client_document_unusable' })
})
