/** OpenID Connect by `oauth4webapi`, step by step. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { startInteropServer } from './server.ts'

const { issuer, confidential, redirectUri, approve } = await startInteropServer()
// the server speaks http on localhost, which this library calls insecure
const http = { [oauth.allowInsecureRequests]: true } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
const url = new URL(issuer)
const as = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...http, algorithm: 'oidc' }))
const client: oauth.Client = { client_id: confidential.id, require_auth_time: true, default_max_age: 600 }
const secret = oauth.ClientSecretBasic(confidential.secret)

const ask = async (change: Readonly<Record<string, string>>) => {
  const [verifier, nonce, state] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomNonce(),
    oauth.generateRandomState(),
  ]
  const request = new URL(as.authorization_endpoint ?? '')
  request.search = new URLSearchParams({
    ...{
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email',
      state,
      nonce,
    },
    ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...change },
  }).toString()
  return { verifier, nonce, state, answered: await approve(request) }
}

const redeem = async (answer: URLSearchParams, verifier: string, expectedNonce: string) => {
  const response = await oauth.authorizationCodeGrantRequest(as, client, secret, answer, redirectUri, verifier, http)
  const check = { expectedNonce, requireIdToken: true, maxAge: 600 }
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, check)
  await oauth.validateApplicationLevelSignature(as, response, http)
  return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens) ?? assert.fail() }
}

test('code: nonce, auth_time, signature of the ID token; UserInfo of the same sub', async () => {
  const { verifier, nonce, state, answered } = await ask({ max_age: '600' })
  const { tokens, claims } = await redeem(oauth.validateAuthResponse(as, client, answered, state), verifier, nonce)
  const response = await oauth.userInfoRequest(as, client, tokens.access_token, http)
  const info = await oauth.processUserInfoResponse(as, client, claims.sub, response)
  assert.equal(info.email, 'dev@example.com')
})

test('code id_token: c_hash and s_hash as FAPI wants them, or c_hash alone', async () => {
  const { verifier, nonce, state, answered } = await ask({ response_type: 'code id_token' })
  const answer = await oauth.validateCodeIdTokenResponse(as, client, answered, nonce, state, 600, http)
  assert.equal((await redeem(answer, verifier, nonce)).claims.nonce, nonce)
})
