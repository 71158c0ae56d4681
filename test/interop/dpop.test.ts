/** DPoP by the client libraries that have it: code, refresh and client credentials, with and without nonces of the server (RFC 9449). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { registerClient, Server, StoreValidator, type ServerOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { calculateJwkThumbprint, exportJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'

const issuer = 'https://as.example'
const redirectUri = 'https://app.example/cb'
const shared = {
  redirectUris: [redirectUri],
  ...{ grantTypes: ['authorization_code', 'refresh_token'], scopes: ['read'], defaultScopes: ['read'] },
}

/** A server whose user agrees to everything, and what clients fetch from: its endpoints, and a resource below `/files`. */
const start = async (dpop: ServerOptions['dpop']) => {
  const store = new MemoryStore()
  const { secret = '' } = await registerClient(store, {
    id: 'machine',
    grantTypes: ['client_credentials'],
    scopes: ['read'],
  })
  await registerClient(store, { ...shared, id: 'app', authMethods: ['none'] })
  const server = new Server(new StoreValidator(store), {
    ...{ issuer, dpop },
    interact: ({ request }) => ({ approved: true, user: { id: 'alice' }, scopes: request.scopes }),
  })
  const asked: string[] = []
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init)
    asked.push(new URL(url).pathname)
    if (!url.startsWith(`${issuer}/files`)) return server.fetch(request)
    const result = await server.verifyRequest(request, ['read'])
    return result.ok
      ? Response.json({ claims: result.token.claims }, { headers: result.headers })
      : new Response(result.response.body, result.response)
  }
  const approve = async (url: URL): Promise<URL> =>
    new URL((await server.fetch(new Request(url))).headers.get('location') ?? '')
  return { fetch, approve, secret, asked }
}

type Site = Awaited<ReturnType<typeof start>>

const modes: [name: string, dpop: ServerOptions['dpop']][] = [
  ['without nonces', true],
  ['with nonces', { nonceSecret: 'n'.repeat(32) }],
]

const withOauth4webapi = async ({ fetch, approve, secret }: Site): Promise<void> => {
  const options = { [oauth.customFetch]: fetch }
  const url = new URL(issuer)
  const as = await oauth.processDiscoveryResponse(
    url,
    await oauth.discoveryRequest(url, { ...options, algorithm: 'oauth2' }),
  )
  const app: oauth.Client = { client_id: 'app' }
  const keys = await oauth.generateKeyPair('ES256')
  const DPoP = oauth.DPoP(app, keys)
  const again = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run()
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return run() // with the nonce, which the handle has seen
    }
  }
  const verifier = oauth.generateRandomCodeVerifier()
  const ask = new URL(as.authorization_endpoint ?? '')
  ask.search = new URLSearchParams({
    ...{ client_id: 'app', redirect_uri: redirectUri, response_type: 'code', scope: 'read', state: 's' },
    ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
    dpop_jkt: await DPoP.calculateThumbprint(),
  }).toString()
  const answer = oauth.validateAuthResponse(as, app, await approve(ask), 's')
  const all = { DPoP, ...options }
  const token = await again(
    async () =>
    oauth.processAuthorizationCodeResponse(as, app, await oauth.authorizationCodeGrantRequest(as, app, oauth.None(), answer, redirectUri, verifier, all)), // prettier-ignore
  )
  assert.equal(token.token_type, 'dpop')
  const refreshed = await again(
    async () =>
    oauth.processRefreshTokenResponse(as, app, await oauth.refreshTokenGrantRequest(as, app, oauth.None(), token.refresh_token ?? '', all)), // prettier-ignore
  )
  assert.equal(refreshed.token_type, 'dpop')
  const used = await again(() => oauth.protectedResourceRequest(refreshed.access_token, 'GET', new URL(`${issuer}/files?a=b`), new Headers(), null, all)) // prettier-ignore
  const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey))
  assert.deepEqual(await used.json(), { claims: { cnf: { jkt } } })
  const machine = { client_id: 'machine' }
  const own = { ...options, DPoP: oauth.DPoP({}, keys) }
  const got = await again(
    async () =>
    oauth.processClientCredentialsResponse(as, machine, await oauth.clientCredentialsGrantRequest(as, machine, oauth.ClientSecretPost(secret), { scope: 'read' }, own)), // prettier-ignore
  )
  assert.equal(got.token_type, 'dpop')
}

const withOpenidClient = async ({ fetch, approve, secret }: Site): Promise<void> => {
  const options = { [client.customFetch]: fetch as client.CustomFetch, algorithm: 'oauth2' as const }
  const config = await client.discovery(new URL(issuer), 'app', undefined, client.None(), options)
  const keys = await client.randomDPoPKeyPair('EdDSA')
  const DPoP = client.getDPoPHandle(config, keys)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const ask = client.buildAuthorizationUrl(config, {
    ...{ redirect_uri: redirectUri, scope: 'read', dpop_jkt: await DPoP.calculateThumbprint() },
    ...{ code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' },
  })
  const back = await approve(ask)
  const token = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier }, undefined, { DPoP })
  assert.equal(token.token_type, 'dpop')
  const refreshed = await client.refreshTokenGrant(config, token.refresh_token ?? '', undefined, { DPoP })
  const used = await client.fetchProtectedResource(config, refreshed.access_token, new URL(`${issuer}/files`), 'GET', null, new Headers(), { DPoP }) // prettier-ignore
  assert.equal(used.status, 200)
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token ?? ''), { error: 'invalid_grant' })
  const machine = await client.discovery(new URL(issuer), 'machine', secret, undefined, options)
  const own = client.getDPoPHandle(machine, keys)
  const got = await client.clientCredentialsGrant(machine, { scope: 'read' }, { DPoP: own })
  assert.equal(got.token_type, 'dpop')
}

for (const [name, dpop] of modes) {
  describe(name, () => {
    test('oauth4webapi', async () => withOauth4webapi(await start(dpop)))

    test('openid-client, which comes again by itself where a nonce is missing', async () => {
      const site = await start(dpop)
      await withOpenidClient(site)
      const most = name === 'with nonces' ? 6 : 4
      assert.equal(site.asked.filter((path) => path === '/token').length, most)
    })
  })
}
