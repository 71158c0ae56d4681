import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { startInteropServer } from './server.ts'

const { issuer, confidential, publicClient, redirectUri, approve } = await startInteropServer()
// the server speaks http on localhost, which this library calls insecure
const http = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(
  url,
  await oauth.discoveryRequest(url, { ...http, algorithm: 'oauth2' }),
)
const client: oauth.Client = { client_id: confidential.id }
const secret = oauth.ClientSecretBasic(confidential.secret)

const codeFlow = async (
  who: oauth.Client,
  auth: oauth.ClientAuth,
  more: { readonly DPoP?: oauth.DPoPHandle } = {},
): Promise<oauth.TokenEndpointResponse> => {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const ask = new URL(as.authorization_endpoint ?? '')
  ask.search = new URLSearchParams({
    client_id: who.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'read write',
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const answer = oauth.validateAuthResponse(as, who, await approve(ask), state) // checks state and iss (RFC 9207)
  const options = { ...http, ...more }
  const response = await oauth.authorizationCodeGrantRequest(as, who, auth, answer, redirectUri, verifier, options)
  return oauth.processAuthorizationCodeResponse(as, who, response)
}

test('discovery (RFC 8414)', () => {
  assert.equal(as.issuer, issuer)
  assert.deepEqual(as.code_challenge_methods_supported, ['S256'])
})

test('client credentials, by Basic and by the body, and the token passes RFC 9068 validation', async () => {
  for (const auth of [secret, oauth.ClientSecretPost(confidential.secret)]) {
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, { scope: 'read' }, http)
    const token = await oauth.processClientCredentialsResponse(as, client, response)
    const call = new Request('https://api.example/', { headers: { authorization: `Bearer ${token.access_token}` } })
    const claims = await oauth.validateJwtAccessToken(as, call, issuer, http)
    assert.equal(claims.client_id, confidential.id)
    assert.equal(claims.scope, 'read')
  }
})

test('authorization code with PKCE, refresh with rotation, for a public client', async () => {
  const who = { client_id: publicClient.id }
  const token = await codeFlow(who, oauth.None())
  assert.equal(token.scope, 'read write')
  const response = await oauth.refreshTokenGrantRequest(as, who, oauth.None(), token.refresh_token ?? '', http)
  const refreshed = await oauth.processRefreshTokenResponse(as, who, response)
  assert.notEqual(refreshed.refresh_token, token.refresh_token)
})

test('DPoP, which the server offers as it is started: token, refresh, and no bearer token of it', async () => {
  assert.ok(as.dpop_signing_alg_values_supported?.includes('ES256'))
  const who = { client_id: publicClient.id }
  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  const token = await codeFlow(who, oauth.None(), { DPoP })
  assert.equal(token.token_type, 'dpop')
  const refresh = (more: object) =>
    oauth.refreshTokenGrantRequest(as, who, oauth.None(), token.refresh_token ?? '', { ...http, ...more })
  assert.equal((await refresh({})).status, 400)
  assert.equal((await oauth.processRefreshTokenResponse(as, who, await refresh({ DPoP }))).token_type, 'dpop')
})

test('introspection and revocation', async () => {
  const token = await codeFlow(client, secret)
  const ask = async () =>
    oauth.processIntrospectionResponse(
      as,
      client,
      await oauth.introspectionRequest(as, client, secret, token.access_token, http),
    )
  assert.equal((await ask()).active, true)
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, secret, token.access_token, http))
  assert.deepEqual(await ask(), { active: false })
})

test('a wrong secret is told as such, with its challenge', async () => {
  const wrong = oauth.ClientSecretBasic('wrong')
  const response = await oauth.clientCredentialsGrantRequest(as, client, wrong, { scope: 'read' }, http)
  await assert.rejects(oauth.processClientCredentialsResponse(as, client, response), (error: unknown) => {
    assert.ok(error instanceof oauth.WWWAuthenticateChallengeError)
    assert.equal(error.status, 401)
    assert.equal(error.cause[0]?.scheme, 'basic')
    return true
  })
})
