/** OpenID Connect by `openid-client`: every ID token is validated by the library, against the published keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientRegistration } from 'grantry'
import * as client from 'openid-client'
import { Browser, findForm } from '../server/browser.ts'
import { runExample, sourceOf } from '../support/example.ts'
import { startInteropServer } from './server.ts'

const { issuer, confidential, publicClient, redirectUri, afterLogout, user, newBrowser, approve, ...server } =
  await startInteropServer()
const { register, addAfterLogout } = server
// the server speaks http on localhost, which this library calls insecure
const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks] // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests
const url = new URL(issuer)
const discover = (
  id: string,
  secret?: string,
  metadata?: Partial<client.ClientMetadata>,
): Promise<client.Configuration> =>
  client.discovery(url, id, { client_secret: secret, ...metadata }, secret === undefined ? client.None() : undefined, {
    execute,
  })
const config = await discover(confidential.id, confidential.secret)
const publicConfig = await discover(publicClient.id)

const codeFlow = async (
  configuration: client.Configuration,
  parameters: Record<string, string> = {},
  browser = newBrowser(),
) => {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  const ask = client.buildAuthorizationUrl(configuration, {
    ...{ redirect_uri: redirectUri, scope: 'openid profile email', state: expectedState, nonce: expectedNonce },
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    ...{ code_challenge_method: 'S256', ...parameters },
  })
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  const maxAge = parameters['max_age'] === undefined ? {} : { maxAge: Number(parameters['max_age']) }
  return client.authorizationCodeGrant(configuration, await approve(ask, browser), { ...checks, ...maxAge })
}

test('discovery (OpenID Connect Discovery §4)', () => {
  const metadata = config.serverMetadata()
  assert.equal(metadata.issuer, issuer)
  assert.equal(metadata.end_session_endpoint, `${issuer}/logout`)
  assert.ok(metadata.scopes_supported?.includes('openid'))
  assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256', 'ES256'])
})

for (const [name, configuration] of [
  ['confidential', config],
  ['public', publicConfig],
] as const) {
  test(`${name}: code with PKCE and nonce, ID token, UserInfo, refresh with an ID token`, async () => {
    const tokens = await codeFlow(configuration)
    const claims = tokens.claims() ?? assert.fail()
    assert.ok(claims.iat - Number(claims['auth_time']) <= 30, 'the login was just now')
    const info = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub)
    assert.equal(info.email, 'dev@example.com')
    const refreshed = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '')
    assert.equal(refreshed.claims()?.sub, claims.sub)
    assert.equal(refreshed.claims()?.['auth_time'], claims['auth_time'])
  })
}

test('max_age and prompt=login: the library finds the login as fresh as it asked for', async () => {
  const browser = newBrowser()
  const first = await codeFlow(config, { max_age: '600' }, browser)
  const again = await codeFlow(config, { prompt: 'login', max_age: '0' }, browser)
  assert.ok(Number(again.claims()?.['auth_time']) >= Number(first.claims()?.['auth_time']))
})

test('prompt=none: login_required without a session, a code with one', async () => {
  await assert.rejects(codeFlow(config, { prompt: 'none' }), (error: unknown) => {
    assert.ok(error instanceof client.AuthorizationResponseError)
    assert.equal(error.error, 'login_required')
    return true
  })
  const browser = newBrowser()
  const hint = (await codeFlow(config, {}, browser)).id_token ?? ''
  assert.ok((await codeFlow(config, { prompt: 'none', id_token_hint: hint }, browser)).claims())
})

test('ES256 and a pairwise sub for a client that is registered for them', async () => {
  const secret = await register({ id: 'pairwise', subjectType: 'pairwise', idTokenSigningAlgorithm: 'ES256' })
  const metadata = { id_token_signed_response_alg: 'ES256' }
  const tokens = await codeFlow(await discover('pairwise', secret, metadata))
  const { sub = '' } = tokens.claims() ?? {}
  assert.doesNotMatch(sub, /^user_/)
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, sub)).sub, sub)
})

test('hybrid (code id_token): both ID tokens, c_hash, the answer in the fragment', async () => {
  const hybrid = await discover(confidential.id, confidential.secret)
  client.useCodeIdTokenResponseType(hybrid)
  const tokens = await codeFlow(hybrid)
  assert.equal(tokens.claims()?.aud, confidential.id)
})

test('implicit (id_token)', async () => {
  const implicit = await discover(confidential.id, confidential.secret)
  client.useIdTokenResponseType(implicit)
  const expectedNonce = client.randomNonce()
  const ask = client.buildAuthorizationUrl(implicit, {
    redirect_uri: redirectUri,
    scope: 'openid email',
    nonce: expectedNonce,
  })
  const claims = await client.implicitAuthentication(implicit, await approve(ask), expectedNonce)
  assert.equal(claims['email'], 'dev@example.com')
})

test('device flow, approved on the page by its URL', async () => {
  const device = await discover(publicClient.id)
  const codes = await client.initiateDeviceAuthorization(device, { scope: 'openid email' })
  const browser = newBrowser()
  const { pathname, search } = new URL(codes.verification_uri_complete ?? '')
  const login = await browser.follow(await browser.get(pathname + search))
  const entry = await browser.follow(await browser.submit(login, 'login', user))
  assert.ok(findForm(entry, 'device'))
  await browser.submit(await browser.submit(entry, 'device'), 'consent', { decision: 'approve' })
  const tokens = await client.pollDeviceAuthorizationGrant(device, { ...codes, interval: 0 }) // it is approved: there is nothing to wait for
  const info = await client.fetchUserInfo(device, tokens.access_token, tokens.claims()?.sub ?? '')
  assert.equal(info.email, 'dev@example.com')
})

test('end session: sent back with state; the next request needs a login', async () => {
  const browser = newBrowser()
  const tokens = await codeFlow(config, {}, browser)
  const parameters = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: afterLogout, state: 'bye' }
  const { pathname, search } = client.buildEndSessionUrl(config, parameters)
  assert.equal((await browser.get(pathname + search)).location, `${afterLogout}?state=bye`)
  await assert.rejects(codeFlow(config, { prompt: 'none' }, browser))
})

test('examples/openid-client.ts: 80 lines at most; log in, out, and an answer in another browser is refused', async () => {
  assert.ok(sourceOf('openid-client.ts').split('\n').length <= 80)
  const CLIENT_SECRET = await register({ id: 'shop' })
  const env = { ISSUER: issuer, CLIENT_ID: 'shop', CLIENT_SECRET, NODE_ENV: 'test' } // Express prints no errors in tests
  await runExample('openid-client.ts', env, async (line) => {
    const url = /http\S+/.exec(line)?.[0] ?? assert.fail(line)
    await addAfterLogout('shop', `${url}/`)
    const [atApp, atServer, thief] = [new Browser(url), newBrowser(), new Browser(url)]
    const logIn = async (): Promise<string> => {
      const { pathname, search } = await approve((await atApp.get('/login')).location, atServer)
      return pathname + search
    }
    assert.equal((await thief.get(await logIn())).status, 400)
    assert.match((await atApp.follow(await atApp.get(await logIn()))).text, /dev@example\.com .*Log out/)
    const out = new URL((await atApp.post('/logout', {})).location)
    assert.equal((await atServer.get(out.pathname + out.search)).location, `${url}/`)
    assert.match((await atApp.get('/')).text, /Log in/)
    assert.match((await atServer.get('/account')).location, /^\/login/)
  })
})

test('pushed, signed and answered in a JWT: PAR, JAR and JARM at once', async () => {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const jwks = {
    keys: [{ ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'k' }],
  } as ClientRegistration['jwks']
  const must = { requirePushedAuthorizationRequests: true, requireSignedRequestObject: true } as const
  const secret = await register({ id: 'careful', jwks, ...must })
  const careful = await discover('careful', secret)
  client.useJwtResponseMode(careful)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  const asked = {
    ...{ redirect_uri: redirectUri, scope: 'openid', state: expectedState, nonce: expectedNonce },
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    ...{ code_challenge_method: 'S256', response_mode: 'jwt' },
  }
  const signed = await client.buildAuthorizationUrlWithJAR(careful, asked, { key: privateKey, kid: 'k' })
  const pushed = await client.buildAuthorizationUrlWithPAR(careful, signed.searchParams)
  assert.deepEqual([...pushed.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  const answer = await approve(pushed)
  assert.deepEqual([...answer.searchParams.keys()], ['response'])
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  const tokens = await client.authorizationCodeGrant(careful, answer, checks)
  assert.ok(tokens.claims()?.sub)
})

test('a request that must be signed stays so over login and consent: what the browser carries is a reference', async () => {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    ...(['sign', 'verify'] as const),
  ])
  const jwks = {
    keys: [{ ...(await crypto.subtle.exportKey('jwk', publicKey)), kid: 'k' }],
  } as ClientRegistration['jwks']
  const signing = await discover('signing', await register({ id: 'signing', jwks, requireSignedRequestObject: true }))
  const asked = { redirect_uri: redirectUri, scope: 'openid', code_challenge_method: 'S256', state: 'signed' }
  const code_challenge = await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier())
  const key = { key: privateKey, kid: 'k' }
  const answer = await approve(await client.buildAuthorizationUrlWithJAR(signing, { ...asked, code_challenge }, key))
  assert.equal(answer.searchParams.get('state'), 'signed')
  assert.ok(answer.searchParams.get('code'))
})
