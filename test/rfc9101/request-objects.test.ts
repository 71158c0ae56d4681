/** RFC 9101: authorization requests in JWTs at a server without OpenID Connect, where nothing beside the JWT counts. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigurationError, Server, StoreValidator, type Client, type HttpRequest, type ServerOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { CompactEncrypt, SignJWT, type JWTPayload } from 'jose'
import { lastReason, makeProvider, type Provider } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sealing = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'k' }] } as unknown as Client['jwks']

const asked = { response_type: 'code', redirect_uri: 'https://app.example/cb', scope: 'read', state: 'inside' }
const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }
const good = { iss: 'app', aud: issuer, client_id: 'app', ...asked, ...challenge }

const sign = (claims: JWTPayload, typ = 'oauth-authz-req+jwt'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k', typ }).sign(own.privateKey)

const make = (options: ServerOptions = {}, client: object = {}) =>
  makeProvider({ issuer, requestObjects: {}, ...options }, { client: { jwks, ...client } })

const arrive = ({ server }: Provider<Server>, sent: Readonly<Record<string, string>>) =>
  server.validateAuthorizationRequest(arrival({ client_id: 'app', ...sent }))

const arrival = (sent: Readonly<Record<string, string>>): HttpRequest =>
  request('GET', `/authorize?${new URLSearchParams(sent).toString()}`)

describe('request objects without OpenID Connect', () => {
  test('hold the whole request: what stands beside them is passed over (§6.3)', async () => {
    const outside = { scope: 'write', state: 'outside', response_mode: 'fragment', request: await sign(good) }
    const validation = await arrive(await make(), outside)
    assert.ok(validation.ok)
    const { scopes, state, responseMode } = validation.request
    assert.deepEqual([scopes, state, responseMode], [['read'], 'inside', 'query'])
  })

  const without: [name: string, claims: JWTPayload, error: string][] = [
    ['PKCE, which stands beside it', { ...good, code_challenge: undefined }, 'invalid_request'],
    ['client_id', { ...good, client_id: undefined }, 'invalid_request_object'],
    ['its own client_id', { ...good, client_id: 'spa' }, 'invalid_request_object'],
    ['this server as audience', { ...good, aud: 'https://other.example' }, 'invalid_request_object'],
  ]
  for (const [name, claims, error] of without) {
    test(`one without ${name} is refused`, async () => {
      const validation = await arrive(await make(), { ...challenge, request: await sign(claims) })
      assert.ok(!validation.ok)
      assert.equal(redirected(validation.response).get('error'), error)
    })
  }

  test('encrypted to a key that the server publishes (§6.1)', async () => {
    const provider = await make({ requestObjects: { decryptionKeys: [sealing.privateKey] } })
    const { keys } = body(await provider.server.createJwksResponse()) as {
      keys: { use: string; alg: string; d?: string }[]
    }
    assert.deepEqual(
      keys.map(({ use, alg, d }) => [use, alg, d]),
      [['enc', 'ECDH-ES', undefined]],
    )
    const metadata = body(await provider.server.createMetadataResponse())
    assert.equal(metadata['jwks_uri'], `${issuer}/jwks`)
    assert.ok((metadata['request_object_encryption_alg_values_supported'] as string[]).includes('ECDH-ES'))
    const seal = async (text: string): Promise<string> =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'oauth-authz-req+jwt' })
        .encrypt(sealing.publicKey)
    assert.ok((await arrive(provider, { request: await seal(await sign(good)) })).ok)
    assert.ok(!(await arrive(provider, { request: await seal(JSON.stringify(good)) })).ok) // encrypted, and signed by nobody
    const other = await arrive(await make(), { request: await seal(await sign(good)) })
    assert.ok(!other.ok)
  })

  for (const [name, options, client] of [
    ['server', { requestObjects: { isRequired: true } }, {}],
    ['client', {}, { requireSignedRequestObject: true }],
  ] as const) {
    test(`are the only way where the ${name} says so (§10.5)`, async () => {
      const provider = await make(options, client)
      const plain = await arrive(provider, { ...asked, ...challenge })
      assert.ok(!plain.ok)
      assert.equal(lastReason(provider), 'request_object_required')
      const validation = await arrive(provider, { request: await sign(good) })
      assert.ok(validation.ok)
      const decision = { approved: true, user: { id: 'alice' }, scopes: ['read'] } as const
      const response = await provider.server.createAuthorizationResponse(arrival({}), validation.request, decision)
      assert.ok(redirected(response).get('code'))
    })
  }

  test('may be pushed (RFC 9126 §3)', async () => {
    const provider = await make({ pushedRequests: {}, requestObjects: { isRequired: true } })
    const { server, app } = provider
    const plain = await server.createPushedAuthorizationResponse(form({ ...asked, ...challenge }, app))
    assert.equal(body(plain)['error'], 'invalid_request')
    const response = await server.createPushedAuthorizationResponse(form({ request: await sign(good) }, app))
    const validation = await arrive(provider, { request_uri: text(response, 'request_uri') })
    assert.ok(validation.ok)
    assert.equal(validation.request.state, 'inside')
  })

  test('without an issuer there is no audience → ConfigurationError', () => {
    const validator = new StoreValidator(new MemoryStore())
    assert.throws(() => new Server(validator, { requestObjects: {} }), ConfigurationError)
  })
})
