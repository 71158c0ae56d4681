/** A client that is known by its document alone: it gets tokens, refreshes and revokes them, and no record of it is made. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { approve } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'
import { clientId, good, makeDocumentProvider, publish, redirectUri, type DocumentProvider } from './fixture.ts'

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
