import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as client from 'openid-client'
import { startInteropServer } from './server.ts'

const { issuer, confidential, publicClient, redirectUri, approve } = await startInteropServer()
// the server speaks http on localhost, which this library calls insecure
const options = { algorithm: 'oauth2' as const, execute: [client.allowInsecureRequests] } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
const config = await client.discovery(new URL(issuer), confidential.id, confidential.secret, undefined, options)
const publicConfig = await client.discovery(new URL(issuer), publicClient.id, undefined, client.None(), options)

const codeFlow = async (configuration: client.Configuration) => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const ask = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: 'read',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
  })
  return client.authorizationCodeGrant(configuration, await approve(ask), { pkceCodeVerifier, expectedState })
}

for (const [name, configuration] of [
  ['confidential', config],
  ['public', publicConfig],
] as const) {
  test(`${name}: authorization code with PKCE and refresh`, async () => {
    const token = await codeFlow(configuration)
    assert.equal(token.scope, 'read')
    assert.ok(token.refresh_token)
    const refreshed = await client.refreshTokenGrant(configuration, token.refresh_token)
    assert.notEqual(refreshed.access_token, token.access_token)
  })
}

test('client credentials, introspection, revocation', async () => {
  const token = await client.clientCredentialsGrant(config, { scope: 'write' })
  assert.equal((await client.tokenIntrospection(config, token.access_token)).active, true)
  await client.tokenRevocation(config, token.access_token)
  assert.equal((await client.tokenIntrospection(config, token.access_token)).active, false)
})

test('a refusal arrives as the error that it is', async () => {
  await assert.rejects(client.clientCredentialsGrant(config, { scope: 'admin' }), (error: unknown) => {
    assert.ok(error instanceof client.ResponseBodyError)
    assert.equal(error.error, 'invalid_scope')
    return true
  })
})
