import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { AuthorizationCode, ClientCredentials } from 'simple-oauth2'
import { startInteropServer } from './server.ts'

const { issuer, confidential, redirectUri, approve } = await startInteropServer()
const configuration = { client: confidential, auth: { tokenHost: issuer, tokenPath: '/token', revokePath: '/revoke' } }

for (const authorizationMethod of ['header', 'body'] as const) {
  test(`client credentials, secret in the ${authorizationMethod}`, async () => {
    const oauth = new ClientCredentials({ ...configuration, options: { authorizationMethod } })
    const { token } = await oauth.getToken({ scope: ['read'] })
    assert.equal(token['scope'], 'read')
    assert.equal(token['token_type'], 'Bearer')
  })
}

test('authorization code with PKCE, refresh, revocation', async () => {
  const oauth = new AuthorizationCode({
    ...configuration,
    auth: { ...configuration.auth, authorizePath: '/authorize' },
  })
  const verifier = randomBytes(32).toString('base64url')
  const pkce = {
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  const ask = { redirect_uri: redirectUri, scope: 'read write', state: 'simple', ...pkce }
  const back = await approve(oauth.authorizeURL(ask))
  assert.equal(back.searchParams.get('state'), 'simple')
  const redeemed = { code: back.searchParams.get('code') ?? '', redirect_uri: redirectUri, code_verifier: verifier }
  const token = await oauth.getToken(redeemed)
  assert.equal(token.expired(), false)
  const refreshed = await token.refresh({ scope: 'read' })
  assert.equal(refreshed.token['scope'], 'read')
  await refreshed.revokeAll()
  await assert.rejects(refreshed.refresh())
})
