/** FAPI 2.0 by the client libraries that have it: with DPoP, with a certificate, and with Message Signing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importPKCS8 } from 'jose'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { issuer, keyOfApp, makeFapi, redirectUri } from '../fapi2/fixture.ts'

const now = () => Math.floor(Date.now() / 1000)
const pem = keyOfApp.privateKey.export({ format: 'pem', type: 'pkcs8' })
const key = { key: await importPKCS8(String(pem), 'ES256'), kid: 'k' }

const start = async (profile?: 'fapi2-message-signing', headers: Readonly<Record<string, string>> = {}) => {
  const { server } = await makeFapi(profile, { options: { now } })
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init)
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
    return server.fetch(request)
  }
  const approve = async (url: URL): Promise<URL> =>
    new URL((await server.fetch(new Request(url))).headers.get('location') ?? '')
  return { server, fetch, approve }
}

for (const profile of [undefined, 'fapi2-message-signing'] as const) {
  test(`openid-client with private_key_jwt and DPoP, ${profile ?? 'fapi2'}`, async () => {
    const { fetch, approve } = await start(profile)
    const options = { [client.customFetch]: fetch as client.CustomFetch }
    const metadata = { ...{ id_token_signed_response_alg: 'PS256', authorization_signed_response_alg: 'PS256' } }
    const config = await client.discovery(new URL(issuer), 'app', metadata, client.PrivateKeyJwt(key), options)
    if (profile !== undefined) client.useJwtResponseMode(config)
    const keys = await client.randomDPoPKeyPair('ES256')
    const DPoP = client.getDPoPHandle(config, keys)
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const plain = {
      ...{ redirect_uri: redirectUri, scope: 'openid read' },
      ...{ code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' },
    }
    const asked =
      profile === undefined ? plain : (await client.buildAuthorizationUrlWithJAR(config, plain, key)).searchParams
    const back = await approve(await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP }))
    const checks = { pkceCodeVerifier, idTokenExpected: true }
    const token = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP })
    assert.equal(token.token_type, 'dpop')
    assert.equal(token.claims()?.sub, 'alice')
    const refreshed = await client.refreshTokenGrant(config, token.refresh_token ?? '', undefined, { DPoP })
    assert.equal(refreshed.refresh_token, token.refresh_token)
    const user = await client.fetchUserInfo(config, refreshed.access_token, 'alice', { DPoP })
    assert.equal(user.sub, 'alice')
    await assert.rejects(client.refreshTokenGrant(config, token.refresh_token ?? ''))
  })
}

test('oauth4webapi with a certificate', async () => {
  const { fetch, approve, server } = await start(undefined, { 'x-cert': 'own' })
  const options = { [oauth.customFetch]: fetch }
  const url = new URL(issuer)
  const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options))
  const app: oauth.Client = { client_id: 'tls', id_token_signed_response_alg: 'PS256' }
  const verifier = oauth.generateRandomCodeVerifier()
  const asked = new URLSearchParams({
    ...{ client_id: 'tls', redirect_uri: redirectUri, response_type: 'code', scope: 'openid read', state: 's' },
    ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
  })
  const tls = oauth.TlsClientAuth()
  const pushed = await oauth.processPushedAuthorizationResponse(as, app, await oauth.pushedAuthorizationRequest(as, app, tls, asked, options)) // prettier-ignore
  const ask = new URL(as.authorization_endpoint ?? '')
  ask.search = new URLSearchParams({ client_id: 'tls', request_uri: pushed.request_uri }).toString()
  const answer = oauth.validateAuthResponse(as, app, await approve(ask), 's')
  const issued = await oauth.authorizationCodeGrantRequest(as, app, tls, answer, redirectUri, verifier, options)
  const token = await oauth.processAuthorizationCodeResponse(as, app, issued, { requireIdToken: true })
  assert.equal(oauth.getValidatedIdTokenClaims(token)?.sub, 'alice')
  const call = (headers: Readonly<Record<string, string>>) =>
    server.verifyRequest(
      new Request(`${issuer}/files`, { headers: { authorization: `Bearer ${token.access_token}`, ...headers } }),
    )
  assert.ok((await call({ 'x-cert': 'own' })).ok)
  assert.ok(!(await call({})).ok)
})
