/** The profile of FAPI 2.0 in the server: a client library gets through by it, a client with a secret does not. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { startServer, type ServerOptions } from 'grantry-server'
import { decodeProtectedHeader, importPKCS8 } from 'jose'
import * as client from 'openid-client'
import type { Jwk } from 'grantry'
import { settingsOf, toRecord } from '../../packages/server/src/client-record.ts'
import { redirectUri, startOpenId } from './openid-fixture.ts'

const openid = await startOpenId({ profile: 'fapi2', now: () => Math.floor(Date.now() / 1000) })
const { server, post, changeClient, browser, username, password } = openid

test('a client with a key: pushed, bound by DPoP, all signed by ES256', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k' } as Jwk
  await changeClient('app', { authMethods: ['private_key_jwt'], jwks: { keys: [jwk] } })
  const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const authentication = client.PrivateKeyJwt({ key: await importPKCS8(pem, 'ES256'), kid: 'k' })
  const options = { execute: [client.allowInsecureRequests] } // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
  const metadata = { id_token_signed_response_alg: 'ES256' }
  const config = await client.discovery(new URL(server.issuer), 'app', metadata, authentication, options)
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const asked = {
    ...{ redirect_uri: redirectUri, scope: 'openid read offline_access' },
    ...{ code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' },
  }
  const { pathname, search } = await client.buildAuthorizationUrlWithPAR(config, asked, { DPoP })
  const back = new URL((await browser().clickThrough(pathname + search, username, password)).location)
  const checks = { pkceCodeVerifier, idTokenExpected: true }
  const token = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP })
  assert.equal(token.token_type, 'dpop')
  assert.deepEqual([token.access_token, token.id_token ?? ''].map((jwt) => decodeProtectedHeader(jwt).alg), ['ES256', 'ES256']) // prettier-ignore
  const refreshed = await client.refreshTokenGrant(config, token.refresh_token ?? '', undefined, { DPoP })
  assert.equal(refreshed.refresh_token, token.refresh_token)
})

test('a public client, and a request that was not pushed, do not get through', async () => {
  const asked = { client_id: 'spa', grant_type: 'refresh_token', refresh_token: 'x' }
  assert.equal((await post('/token', asked))['error'], 'invalid_client')
  const { location } = await browser().get(openid.path())
  assert.equal(new URL(location).searchParams.get('error'), 'invalid_request')
})

const refused: [name: string, options: ServerOptions, message: RegExp][] = [
  [
    'without anything to bind tokens',
    { profile: 'fapi2', dpop: 'off' },
    /needs --dpop on, or --client-certificate-header/,
  ],
  ['with the console', { profile: 'fapi2-message-signing', adminPort: 0 }, /goes without --admin-port/],
]
for (const [name, options, message] of refused) {
  test(`${name}: does not start`, async () => {
    await assert.rejects(startServer({ port: 0, data: openid.data, log: () => undefined, ...options }), message)
  })
}

test('what operators say of a client with a key, and back', () => {
  const settings = {
    ...{ jwksUri: 'https://app.example/jwks', requirePushedAuthorizationRequests: true },
    ...{ requireSignedRequestObject: true, authorizationSigningAlgorithm: 'ES256' as const },
  }
  const record = { id: 'app', ...toRecord(settings) }
  assert.deepEqual(record.authMethods, ['private_key_jwt'])
  assert.deepEqual(settingsOf(record), { ...settings, grantTypes: ['authorization_code', 'refresh_token'] })
  const registered = { id: 'own', jwksUri: 'https://own.example/jwks' } // for encryption
  assert.equal({ ...registered, ...toRecord(settingsOf(registered)) }.jwksUri, registered.jwksUri)
})
