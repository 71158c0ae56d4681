/** Other people's clients authenticate by assertions, over HTTP. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, suite, test } from 'node:test'
import { registerClient, Server, StoreValidator, type Client, type Jwk } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { MemoryStore } from 'grantry/storage/memory'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

// the server speaks http on localhost, which these libraries call insecure
const http = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
const execute = [openid.allowInsecureRequests] // eslint-disable-line @typescript-eslint/no-deprecated -- as above

const secret = 'the-secret-of-the-client-which-has-at-least-32-bytes'
const store = new MemoryStore()
const shared = { grantTypes: ['client_credentials'], scopes: ['read'], defaultScopes: ['read'] }

class KnowsSecrets extends StoreValidator {
  findClientSecrets({ id }: Client): readonly string[] {
    return id === 'by-secret' ? [secret] : []
  }
}

const listener = createServer()
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
after(() => listener.close())
const issuer = `http://127.0.0.1:${(listener.address() as AddressInfo).port}` // it listens to a port, not a pipe
const server = new Server(new KnowsSecrets(store), { issuer })
const handle = toNodeHandler(server)
listener.on('request', handle)
const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(
  url,
  await oauth.discoveryRequest(url, { ...http, algorithm: 'oauth2' }),
)

const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'Ed25519']

/** Registers a client with a new key, and gives that. */
const makeClient = async (id: string, algorithm = 'ES256') => {
  const { privateKey, publicKey } = await oauth.generateKeyPair(algorithm, { extractable: true })
  const { kty, crv, x, y, n, e } = (await crypto.subtle.exportKey('jwk', publicKey)) as Jwk // JsonWebKey is one
  const jwks = { keys: [{ kty, crv, x, y, n, e, kid: id }] }
  await registerClient(store, { ...shared, id, authMethods: ['private_key_jwt'], jwks })
  return { key: privateKey, kid: id }
}

suite('oauth4webapi', () => {
  const request = async (id: string, auth: oauth.ClientAuth) => {
    const client = { client_id: id }
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: 'read' }, http)
    return oauth.processClientCredentialsResponse(as, client, response)
  }

  for (const algorithm of algorithms) {
    test(`PrivateKeyJwt, ${algorithm}`, async () => {
      const key = await makeClient(`oauth-${algorithm}`, algorithm)
      const token = await request(key.kid, oauth.PrivateKeyJwt(key))
      assert.equal(token.scope, 'read')
      const auth = oauth.PrivateKeyJwt(key)
      const client = { client_id: key.kid }
      const answer = await oauth.introspectionRequest(as, client, auth, token.access_token, http)
      assert.equal((await oauth.processIntrospectionResponse(as, client, answer)).active, true)
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token.access_token, http))
    })
  }

  test('ClientSecretJwt', async () => {
    await registerClient(store, { ...shared, id: 'by-secret', authMethods: ['client_secret_jwt'] })
    assert.equal((await request('by-secret', oauth.ClientSecretJwt(secret))).scope, 'read')
    await assert.rejects(request('by-secret', oauth.ClientSecretJwt(`${secret}!`)))
  })

  test('the key of another client → invalid_client', async () => {
    await makeClient('victim')
    const thief = await makeClient('thief')
    await assert.rejects(request('victim', oauth.PrivateKeyJwt(thief)), (error: unknown) => {
      assert.ok(error instanceof oauth.WWWAuthenticateChallengeError || error instanceof oauth.ResponseBodyError)
      assert.equal(error.status, 401)
      return true
    })
  })
})

suite('openid-client', () => {
  test('PrivateKeyJwt, token, introspection and revocation', async () => {
    const key = await makeClient('openid')
    const options = { algorithm: 'oauth2' as const, execute }
    const config = await openid.discovery(url, 'openid', undefined, openid.PrivateKeyJwt(key), options)
    const token = await openid.clientCredentialsGrant(config, { scope: 'read' })
    assert.equal((await openid.tokenIntrospection(config, token.access_token)).active, true)
    await openid.tokenRevocation(config, token.access_token)
    assert.equal((await openid.tokenIntrospection(config, token.access_token)).active, false)
  })

  test('ClientSecretJwt', async () => {
    await store.deleteClient('by-secret')
    await registerClient(store, { ...shared, id: 'by-secret', authMethods: ['client_secret_jwt'] })
    const options = { algorithm: 'oauth2' as const, execute }
    const config = await openid.discovery(url, 'by-secret', undefined, openid.ClientSecretJwt(secret), options)
    assert.equal((await openid.clientCredentialsGrant(config, { scope: 'read' })).scope, 'read')
  })
})
