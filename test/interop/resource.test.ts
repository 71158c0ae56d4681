/** `protect` between other people's code: tokens of oidc-provider, and oauth4webapi as the client that calls. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { dpopProofs, introspect, memoryReplay, protect, privateKeyJwt, type ResourceGuard } from 'grantry/resource'
import * as oauth from 'oauth4webapi'
import { Provider } from 'oidc-provider'

const audience = 'https://api.example'
const clientJwk = {
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
  kid: 'c',
}
const publicClientJwk = { ...clientJwk, d: undefined }
const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })

let answer: RequestListener = (_message, response) => response.writeHead(500).end()
const http = createServer((message, response) => answer(message, response))
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
after(() => {
  http.closeAllConnections()
  http.close()
})
const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}` // a TCP server has an AddressInfo

const api = {
  ...{ redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  id_token_signed_response_alg: 'ES256',
}
answer = new Provider(issuer, {
  clients: [
    { client_id: 'app', client_secret: 'secret', ...api },
    { client_id: 'api', client_secret: 'api-secret', ...api },
    { client_id: 'api-key', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicClientJwk] }, ...api },
  ],
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
  jwks: { keys: [{ ...signingKey, kid: 's', use: 'sig' }] },
  scopes: ['read', 'write'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context: unknown, resource: string) => ({
        ...{ scope: 'read write', audience, accessTokenTTL: 600 },
        ...(resource.endsWith('/opaque')
          ? { accessTokenFormat: 'opaque' }
          : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
      }),
    },
  },
}).callback()

// both speak http on localhost, which this library calls insecure
const insecure = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), insecure),
)
const client: oauth.Client = { client_id: 'app' }
const secret = oauth.ClientSecretBasic('secret')

const issue = async (resource: string, DPoP?: oauth.DPoPHandle): Promise<string> => {
  const parameters = { scope: 'read', resource }
  const options = { ...insecure, ...(DPoP && { DPoP }) }
  const response = await oauth.clientCredentialsGrantRequest(as, client, secret, parameters, options)
  return (await oauth.processClientCredentialsResponse(as, client, response)).access_token
}

/** Calls an API as the library does; what the API is asked does not leave this process. */
const ask = (guard: ResourceGuard, token: string, DPoP?: oauth.DPoPHandle, scopes = ['read']): Promise<Response> => {
  const handler = guard.handler((_request, { clientId }) => Response.json({ clientId }), { scopes })
  const customFetch = (url: string, options: object) => handler(new Request(url, options))
  const options = { [oauth.customFetch]: customFetch, ...(DPoP && { DPoP }) }
  return oauth.protectedResourceRequest(token, 'GET', new URL(`${audience}/files`), undefined, undefined, options)
}

const challengesOf = async (asking: Promise<Response>): Promise<oauth.WWWAuthenticateChallenge[]> => {
  try {
    await asking
  } catch (error) {
    assert.ok(error instanceof oauth.WWWAuthenticateChallengeError)
    return error.cause
  }
  return []
}

const signed = protect({ issuer, audience })

describe('Tokens of oidc-provider', () => {
  test('signed ones, by discovery of OpenID Connect', async () => {
    const response = await ask(signed, await issue('https://api.example/jwt'))
    assert.deepEqual(await response.json(), { clientId: 'app' })
  })

  test('opaque ones, by introspection with a secret and with a key', async () => {
    const token = await issue('https://api.example/opaque')
    const ways = [
      introspect({ issuer, clientId: 'api', clientSecret: 'api-secret' }),
      introspect({ issuer, clientId: 'api-key', assertion: privateKeyJwt(clientJwk) }),
    ]
    for (const introspection of ways) {
      const response = await ask(protect({ introspection, audience }), token)
      assert.deepEqual(await response.json(), { clientId: 'app' })
    }
  })

  for (const format of ['jwt', 'opaque']) {
    test(`${format}, bound to a key: with a proof of the library, with a nonce, and never without`, async () => {
      const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
      const token = await issue(`https://api.example/${format}`, DPoP)
      const introspection = introspect({ clientId: 'api', clientSecret: 'api-secret' })
      const dpop = dpopProofs({ replay: memoryReplay(), nonceSecret: 'n'.repeat(32) })
      const guard = protect({ issuer, introspection, audience, dpop })
      await assert.rejects(ask(guard, token, DPoP), (error) => oauth.isDPoPNonceError(error))
      assert.equal((await ask(guard, token, DPoP)).status, 200)
      assert.equal((await ask(guard, token, DPoP)).status, 200)
      const [bearer, proof] = await challengesOf(ask(guard, token))
      assert.deepEqual([bearer?.scheme, bearer?.parameters.error], ['bearer', 'invalid_token'])
      assert.equal(proof?.scheme, 'dpop')
      assert.match(proof.parameters.algs ?? '', /^ES256 /)
      const other = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
      assert.equal((await challengesOf(ask(guard, token, other)))[1]?.parameters.error, 'invalid_token')
    })
  }
})

describe('oauth4webapi reads', () => {
  test('the challenge for a scope', async () => {
    const [challenge] = await challengesOf(
      ask(signed, await issue('https://api.example/jwt'), undefined, ['read', 'write']),
    )
    assert.equal(challenge?.parameters.error, 'insufficient_scope')
    assert.equal(challenge.parameters.scope, 'read write')
  })

  test('the metadata that a challenge leads to', async () => {
    const resource = `${audience}/mcp`
    const guard = protect({ issuer, audience: resource, metadata: { scopes: ['read'] } })
    const [challenge] = await challengesOf(ask(guard, 'wrong'))
    const handler = guard.handler(() => Response.json({}))
    const customFetch = (where: string, options: object) => {
      assert.equal(where, challenge?.parameters['resource_metadata'])
      return handler(new Request(where, options))
    }
    const response = await oauth.resourceDiscoveryRequest(new URL(resource), { [oauth.customFetch]: customFetch })
    const found = await oauth.processResourceDiscoveryResponse(new URL(resource), response)
    assert.deepEqual(found.authorization_servers, [issuer])
  })

  test('a token as its validateJwtAccessToken does', async () => {
    const headers = { authorization: `Bearer ${await issue('https://api.example/jwt')}` }
    const request = () => new Request(`${audience}/files`, { headers })
    const claims = await oauth.validateJwtAccessToken(as, request(), audience, insecure)
    const result = await signed.verify(request())
    assert.ok(result.ok)
    assert.deepEqual(result.token.claims, claims)
    for (const wrong of ['https://other.example', `${audience}/`]) {
      await assert.rejects(oauth.validateJwtAccessToken(as, request(), wrong, insecure))
      assert.ok(!(await protect({ issuer, audience: wrong }).verify(request())).ok)
    }
  })
})
