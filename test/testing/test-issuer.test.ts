/** The issuer that applications test against: real clients and verifiers work with it, and it fails when told to. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { createTestIssuer } from 'grantry/testing'
import { startTestIssuer } from 'grantry/testing/node'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as client from 'openid-client'

const redirectUri = 'http://127.0.0.1:8080/cb'
const web = {
  ...{ id: 'web', secret: 'a secret', redirectUris: [redirectUri], scopes: ['openid', 'profile', 'email', 'read'] },
  grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
}
const issuer = await startTestIssuer({
  clients: [web, { id: 'job', secret: 'another', grantTypes: ['client_credentials'], scopes: ['read'] }],
  user: { id: 'alice', claims: { name: 'Alice', email: 'alice@example.com' } },
  audience: 'https://api.example',
})
after(() => issuer.close())

const connect = (id = 'web', secret = 'a secret'): Promise<client.Configuration> =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- only marked so that it stands out; the issuer is on this machine
  client.discovery(new URL(issuer.issuer), id, secret, undefined, { execute: [client.allowInsecureRequests] })

const logIn = async (): Promise<client.TokenEndpointResponse & client.TokenEndpointResponseHelpers> => {
  const config = await connect()
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const asked = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid email read',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const { headers } = await fetch(asked, { redirect: 'manual' })
  return client.authorizationCodeGrant(config, new URL(headers.get('location') ?? ''), { pkceCodeVerifier })
}

/** As an API would. */
const verify = (token: string, currentDate = new Date()) =>
  jwtVerify(token, createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`)), {
    ...{ issuer: issuer.issuer, audience: 'https://api.example', typ: 'at+jwt', currentDate },
  })

describe('openid-client', () => {
  test('logs in as the user of the moment, and asks UserInfo', async () => {
    const tokens = await logIn()
    assert.equal(tokens.claims()?.sub, 'alice')
    const info = await client.fetchUserInfo(await connect(), tokens.access_token, 'alice')
    assert.deepEqual(info, { sub: 'alice', email: 'alice@example.com' })
    const { payload } = await verify(tokens.access_token)
    assert.deepEqual([payload.sub, payload['client_id'], payload['scope']], ['alice', 'web', 'openid email read'])
  })

  test('nobody is logged in -> access_denied', async () => {
    const { user } = issuer
    issuer.user = undefined
    await assert.rejects(logIn(), { error: 'access_denied' })
    issuer.user = user
  })

  test('a device is approved by its code, once', async () => {
    const config = await connect()
    const started = await client.initiateDeviceAuthorization(config, { scope: 'read' })
    assert.equal(await issuer.approveDevice('ABCD-EFGH'), false)
    assert.equal(await issuer.approveDevice(started.user_code), true)
    issuer.advance(started.interval ?? 5)
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...started, interval: 0 })
    assert.equal((await verify(tokens.access_token)).payload.sub, 'alice')
    assert.equal(await issuer.approveDevice(started.user_code), false)
  })
})

describe('tokens without a request', () => {
  test('are those of the token endpoint', async () => {
    const { payload } = await verify(await issuer.token({ scopes: ['read', 'write'], claims: { tenant: 't1' } }))
    const { sub, scope, tenant, client_id: id } = payload
    assert.deepEqual({ sub, scope, tenant, id }, { sub: 'alice', scope: 'read write', tenant: 't1', id: 'web' })
  })

  test('of a client that acts for itself, for another audience', async () => {
    const token = await issuer.token({ client: 'job', user: null, audience: 'https://other.example' })
    await assert.rejects(verify(token), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
    const keys = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`))
    assert.equal((await jwtVerify(token, keys, { audience: 'https://other.example' })).payload.sub, 'job')
  })

  test('that have expired, or will', async () => {
    await assert.rejects(verify(await issuer.token({ age: 700 })), { code: 'ERR_JWT_EXPIRED' })
    await assert.rejects(verify(await issuer.token(), new Date(Date.now() + 700_000)), { code: 'ERR_JWT_EXPIRED' })
    await verify(await issuer.token({ age: 700, expiresIn: 3600 }))
  })

  test('with any claims at all', async () => {
    const token = await issuer.sign({ iss: 'https://evil.example', aud: 'https://api.example' }, 'jwt')
    assert.equal(decodeProtectedHeader(token).typ, 'jwt')
    await assert.rejects(verify(token), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
  })

  test('a client that there is not -> named', async () => {
    await assert.rejects(issuer.token({ client: 'webb' }), /there is no client "webb"/)
  })
})

describe('what goes wrong', () => {
  const jwks = () => fetch(`${issuer.issuer}/jwks`, { signal: AbortSignal.timeout(200) })

  test('an endpoint fails as often as it is told, then works', async () => {
    issuer.fail('/jwks', { status: 503, headers: { 'Retry-After': '1' } }, 2)
    assert.deepEqual([(await jwks()).status, (await jwks()).status, (await jwks()).status], [503, 503, 200])
  })

  test('a connection that breaks; an answer that never comes', async () => {
    issuer.fail('/jwks', 'drop')
    await assert.rejects(jwks(), { name: 'TypeError' })
    issuer.fail('/jwks', 'hang')
    await assert.rejects(jwks(), { name: 'TimeoutError' })
    assert.equal((await jwks()).status, 200)
  })

  test('a path without an endpoint -> told, with those that there are', () => {
    assert.throws(() => issuer.fail('/keys', { status: 500 }), /no endpoint at "\/keys", but at \/authorize, \/token, /)
  })

  test('a new key: tokens of the one before are good until it is forgotten', async () => {
    const old = await issuer.token()
    await issuer.rotateKey()
    await verify(old)
    await verify(await issuer.token())
    await issuer.rotateKey('forget')
    await assert.rejects(verify(old), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
    await verify(await issuer.token())
  })

  test('time goes by: a refresh token expires', async () => {
    const config = await connect()
    const { refresh_token: token = '' } = await logIn()
    issuer.advance(15 * 86_400)
    await assert.rejects(client.refreshTokenGrant(config, token), { error: 'invalid_grant' })
    assert.equal(issuer.events.at(-1)?.type, 'request.refused')
    issuer.advance(-15 * 86_400)
  })
})

test('without a port: fetch alone, with opaque tokens', async () => {
  const quiet = await createTestIssuer({ tokenFormat: 'opaque' })
  const ask = (path: string, fields: Readonly<Record<string, string>>): Promise<Response> => {
    const headers = { authorization: `Basic ${btoa('app:secret')}` }
    return quiet.fetch(
      new Request(`http://localhost${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) }),
    )
  }
  const token = await quiet.token()
  assert.match(token, /^[\w-]{43}$/)
  const introspect = async (): Promise<unknown> => (await ask('/introspect', { token })).json()
  const { active, sub } = (await introspect()) as Record<string, unknown>
  assert.deepEqual([active, sub], [true, 'alice'])
  quiet.advance(601)
  assert.deepEqual(await introspect(), { active: false })
})
