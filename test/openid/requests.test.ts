/** OpenID Connect Core §3.1.2: what a request asks of the pages, UserInfo (§5.3), and discovery. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Server, OpenIdServer, StoreValidator, type Claims, type KnownLogin, type OpenIdServerOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { lastReason } from '../support/provider.ts'
import { body, redirected, request } from '../support/requests.ts'
import {
  authorize,
  changeClient,
  codeFlow,
  issuer,
  keys,
  login,
  makeOpenId,
  redirectUri,
  verified,
  type OpenIdProvider,
} from './provider.ts'

type Known = Omit<KnownLogin, 'subject'> & { readonly userId: string | undefined }

const loggedIn: Known = { userId: 'alice', authentication: login, hasConsent: true }

const stepFor = async (
  provider: OpenIdProvider,
  parameters: Readonly<Record<string, string>>,
  known: Partial<Known> = {},
) => {
  const all = {
    ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope: 'openid' },
    ...{ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...parameters },
  }
  const http = request('GET', `/authorize?${new URLSearchParams(all).toString()}`)
  const validation = await provider.server.validateAuthorizationRequest(http)
  assert.ok(validation.ok)
  const next = await provider.server.nextStep(validation.request, validation.client, { ...loggedIn, ...known })
  return next.step === 'refuse' ? next.error.code : next.step
}

describe('next step', () => {
  const nobody = { userId: undefined, authentication: undefined }
  const rows: [name: string, parameters: Readonly<Record<string, string>>, known: Partial<Known>, step: string][] = [
    ['logged in, consented', {}, {}, 'approve'],
    ['nobody', {}, nobody, 'login'],
    ['no consent', {}, { hasConsent: false }, 'consent'],
    ['no consent before, given now', {}, { hasConsent: false, done: ['consent'] }, 'approve'],
    ['prompt=none, logged in', { prompt: 'none' }, {}, 'approve'],
    ['prompt=none, nobody', { prompt: 'none' }, nobody, 'login_required'],
    ['prompt=none, no consent', { prompt: 'none' }, { hasConsent: false }, 'consent_required'],
    ['prompt=login', { prompt: 'login' }, {}, 'login'],
    ['prompt=login, done', { prompt: 'login' }, { done: ['login'] }, 'approve'],
    ['prompt=consent', { prompt: 'consent' }, {}, 'consent'],
    ['prompt=select_account', { prompt: 'select_account' }, {}, 'select_account'],
    ['prompt=select_account, done', { prompt: 'select_account' }, { done: ['select_account'] }, 'approve'],
    ['prompt=create', { prompt: 'create' }, {}, 'create'],
    ['prompt=login consent', { prompt: 'login consent' }, { done: ['login'] }, 'consent'],
    ['max_age not over', { max_age: '10' }, {}, 'approve'],
    ['max_age over', { max_age: '9' }, {}, 'login'],
    ['max_age=0, just logged in', { max_age: '0' }, { done: ['login'] }, 'approve'],
    ['max_age over, prompt=none', { max_age: '9', prompt: 'none' }, {}, 'login_required'],
    ['essential acr met', { claims: '{"id_token":{"acr":{"essential":true,"values":["high"]}}}' }, {}, 'approve'],
    ['essential acr not met', { claims: '{"id_token":{"acr":{"essential":true,"value":"top"}}}' }, {}, 'login'],
    ['acr_values not met: only a wish', { acr_values: 'top' }, {}, 'approve'],
    ['another sub wanted', { claims: '{"id_token":{"sub":{"value":"bob"}}}', prompt: 'none' }, {}, 'login_required'],
    ['this sub wanted', { claims: '{"id_token":{"sub":{"value":"alice"}}}', prompt: 'none' }, {}, 'approve'],
  ]
  for (const [name, parameters, known, step] of rows) {
    test(`${name} → ${step}`, async () => assert.equal(await stepFor(await makeOpenId(), parameters, known), step))
  }

  test('default_max_age of the client, where the request has none', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { defaultMaxAge: 5 })
    assert.equal(await stepFor(provider, {}), 'login')
    assert.equal(await stepFor(provider, { max_age: '60' }), 'approve')
  })

  test('id_token_hint: an old one is good; of another user → login', async () => {
    const provider = await makeOpenId()
    const hint = String((await codeFlow(provider))['id_token'])
    provider.clock.now += 10 * 86_400
    assert.equal(await stepFor(provider, { id_token_hint: hint, prompt: 'none' }), 'approve')
    assert.equal(await stepFor(provider, { id_token_hint: hint, prompt: 'none' }, { userId: 'bob' }), 'login_required')
    assert.equal(await stepFor(provider, { id_token_hint: hint }, { userId: 'bob' }), 'login')
  })

  test('id_token_hint that is forged, or of another client → InvalidRequestError', async () => {
    const provider = await makeOpenId()
    const hint = String((await codeFlow(provider))['id_token'])
    const forged = hint.slice(0, -6) + 'AAAAAA'
    await assert.rejects(stepFor(provider, { id_token_hint: forged }), { name: 'InvalidRequestError' })
    await assert.rejects(stepFor(provider, { id_token_hint: hint, client_id: 'spa' }), { name: 'InvalidRequestError' })
  })
})

describe('parameters', () => {
  test('without redirect_uri → shown, not sent, although one alone is registered (§3.1.2.1)', async () => {
    const provider = await makeOpenId()
    for (const response_type of ['code', 'id_token', 'code id_token token']) {
      const response = await authorize(provider, { response_type, redirect_uri: '' })
      assert.deepEqual([response.status, response.headers['Location']], [400, undefined], response_type)
      assert.equal(lastReason(provider), 'redirect_uri_missing')
    }
    assert.ok(redirected(await authorize(provider, { scope: 'read', redirect_uri: '' })).has('code'), 'OAuth alone')
  })

  const refused: [name: string, change: Readonly<Record<string, string>>, error: string][] = [
    ['prompt=none login', { prompt: 'none login' }, 'invalid_request'],
    ['an unknown prompt', { prompt: 'dance' }, 'invalid_request'],
    ['max_age=-1', { max_age: '-1' }, 'invalid_request'],
    ['max_age=soon', { max_age: 'soon' }, 'invalid_request'],
    ['claims that are not JSON', { claims: '{' }, 'invalid_request'],
    ['claims that are a list', { claims: '[]' }, 'invalid_request'],
    ['claims with a member of text', { claims: '{"userinfo":{"email":"x"}}' }, 'invalid_request'],
    ['request', { request: 'a.b.c' }, 'request_not_supported'],
    ['request_uri', { request_uri: 'https://app.example/r' }, 'request_uri_not_supported'],
    ['registration', { registration: '{}' }, 'registration_not_supported'],
  ]
  for (const [name, change, error] of refused) {
    test(`${name} → ${error}, with state`, async () => {
      const parameters = redirected(await authorize(await makeOpenId(), change))
      assert.deepEqual([parameters.get('error'), parameters.get('state')], [error, 'st'])
    })
  }

  test('unknown ones and wishes do no harm (§15.1)', async () => {
    const wishes = { display: 'hologram', ui_locales: 'tlh de', claims_locales: 'de', acr_values: 'x', extra: '1' }
    assert.ok(redirected(await authorize(await makeOpenId(), wishes)).has('code'))
  })
})

describe('UserInfo (§5.3)', () => {
  const ask = async ({ server }: OpenIdProvider, token: unknown, init: RequestInit = {}) =>
    server.fetch(new Request(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${String(token)}` }, ...init }))

  test('the claims of the granted scopes, those asked for one by one, and sub; nothing else', async () => {
    const provider = await makeOpenId()
    const claims = JSON.stringify({ userinfo: { shoe_size: null, iss: null } })
    const tokens = await codeFlow(provider, { scope: 'openid email', claims })
    const response = await ask(provider, tokens['access_token'])
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const expected = { sub: 'alice', email: 'alice@example.com', email_verified: true, shoe_size: 38 }
    assert.deepEqual(await response.json(), expected)
  })

  test('GET and POST, with the token in the header or in a form', async () => {
    const provider = await makeOpenId()
    const token = String((await codeFlow(provider))['access_token'])
    assert.equal((await ask(provider, token, { method: 'POST' })).status, 200)
    const form = { method: 'POST', headers: {}, body: new URLSearchParams({ access_token: token }) }
    assert.equal((await ask(provider, '', form)).status, 200)
    assert.equal((await ask(provider, token, { method: 'PUT' })).status, 405)
  })

  test('no token → 401 without an error; without openid → 403 that names it; unknown → 401', async () => {
    const provider = await makeOpenId()
    const bare = await provider.server.fetch(new Request(`${issuer}/userinfo`))
    assert.deepEqual([bare.status, bare.headers.get('www-authenticate')?.includes('error')], [401, false])
    const { access_token } = await codeFlow(provider, { scope: 'read' })
    const narrow = await ask(provider, access_token)
    assert.equal(narrow.status, 403)
    assert.match(narrow.headers.get('www-authenticate') ?? '', /error="insufficient_scope".*scope="openid"/)
    assert.equal((await ask(provider, 'unknown')).status, 401)
  })

  test('a client that wants it signed → application/jwt with iss and aud', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { userInfoSigningAlgorithm: 'ES256' })
    const response = await ask(provider, (await codeFlow(provider, { scope: 'openid email' }))['access_token'])
    assert.equal(response.headers.get('content-type'), 'application/jwt')
    const { claims, alg } = await verified(provider, await response.text())
    assert.equal(alg, 'ES256')
    assert.deepEqual(claims, {
      iss: issuer,
      aud: 'app',
      sub: 'alice',
      email: 'alice@example.com',
      email_verified: true,
    })
  })

  test('ends with the grant', async () => {
    const provider = await makeOpenId()
    const { access_token, refresh_token } = await codeFlow(provider)
    const revoke = new Request(`${issuer}/revoke`, {
      method: 'POST',
      headers: provider.app,
      body: new URLSearchParams({ token: String(refresh_token) }),
    })
    await provider.server.fetch(revoke)
    assert.equal((await ask(provider, access_token)).status, 401)
  })
})

describe('discovery', () => {
  test('one document, at the places where clients look', async () => {
    const { server } = await makeOpenId({ pairwiseSalt: 'x'.repeat(32), acrValues: ['high'] })
    const paths = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']
    const documents = await Promise.all(
      paths.map(async (path) => (await server.fetch(new Request(issuer + path))).json() as Promise<Claims>),
    )
    const [document = {}] = documents
    assert.deepEqual(documents[1], document)
    assert.equal(document['userinfo_endpoint'], `${issuer}/userinfo`)
    assert.equal(document['jwks_uri'], `${issuer}/jwks`)
    assert.deepEqual(document['id_token_signing_alg_values_supported'], ['RS256', 'PS256', 'ES256', 'EdDSA'])
    assert.deepEqual(document['subject_types_supported'], ['public', 'pairwise'])
    assert.deepEqual(document['acr_values_supported'], ['high'])
    const types = document['response_types_supported'] as string[]
    assert.ok(['code', 'id_token', 'id_token token', 'code id_token token'].every((type) => types.includes(type)))
    assert.equal('backchannel_logout_supported' in document, false)
  })

  test('an issuer with a path: before it and after it', async () => {
    const tenant = `${issuer}/tenant`
    const { server } = await makeOpenId({}, {}, { issuer: tenant })
    const urls = [
      `${tenant}/.well-known/openid-configuration`,
      `${issuer}/.well-known/openid-configuration/tenant`,
      `${issuer}/.well-known/oauth-authorization-server/tenant`,
    ]
    for (const url of urls) assert.equal((await server.fetch(new Request(url))).status, 200, url)
  })

  test('Server has none of it', async () => {
    const server = new Server(new StoreValidator(new MemoryStore()), { issuer })
    assert.equal((await server.fetch(new Request(`${issuer}/.well-known/openid-configuration`))).status, 404)
    assert.equal('userinfo_endpoint' in body(await server.createMetadataResponse()), false)
  })
})

describe('profile openid', () => {
  const bare = { code_challenge: '', code_challenge_method: '' }

  test('a confidential client may do without PKCE for an ID token, a public one never; it is said in the log', async () => {
    const provider = await makeOpenId({ profile: 'openid' })
    assert.deepEqual(provider.events, [
      { type: 'server.relaxed', time: provider.clock.now, relaxations: ['allowMissingPkce'] },
    ])
    assert.ok(redirected(await authorize(provider, bare)).has('code'))
    const plain = await authorize(provider, { ...bare, scope: 'read' })
    assert.equal(redirected(plain).get('error'), 'invalid_request')
    const app = await authorize(provider, { ...bare, client_id: 'spa' })
    assert.equal(redirected(app).get('error'), 'invalid_request')
  })

  test('without it PKCE is for all', async () => {
    const provider = await makeOpenId()
    assert.equal(redirected(await authorize(provider, bare)).get('error'), 'invalid_request')
    assert.equal(
      provider.events.some(({ type }) => type === 'server.relaxed'),
      false,
    )
  })

  test('an unknown profile → ConfigurationError', async () => {
    await assert.rejects(makeOpenId({ profile: 'fapi' as never }), { name: 'ConfigurationError', message: /fapi/ })
  })
})

describe('set-up', () => {
  class Validator extends StoreValidator {
    getUserClaims() {
      return {}
    }
  }
  const make = (options: object) => () =>
    new OpenIdServer(new Validator(new MemoryStore()), options as OpenIdServerOptions)

  test('no issuer, no keys, no openid, an unknown option → ConfigurationError', () => {
    assert.throws(make({ openid: { keys } }), { name: 'ConfigurationError', message: /issuer/ })
    assert.throws(make({ issuer }), { name: 'ConfigurationError', message: /openid/ })
    assert.throws(make({ issuer, openid: { keys: [] } }), { name: 'ConfigurationError', message: /openid.keys/ })
    assert.throws(make({ issuer, openid: { keys }, foo: 1 }), { name: 'ConfigurationError', message: /foo/ })
  })

  test('a validator without getUserClaims → ConfigurationError that names it', () => {
    const bare = Object.assign(new Validator(new MemoryStore()), { getUserClaims: undefined as never })
    assert.throws(() => new OpenIdServer(bare, { issuer, openid: { keys } }), { message: /getUserClaims/ })
  })
})
