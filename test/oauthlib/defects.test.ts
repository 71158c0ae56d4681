/**
 * Defects of oauthlib that are not ours, by their numbers in `docs/reference/oauthlib-parity.md`. Those that another test shows already are
 * named there.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  LegacyApplicationServer,
  MobileApplicationServer,
  OpenIdServer,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type AuthorizationCode,
  type HttpResponse,
  type OAuthRequest,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { decodeJwt } from 'jose'
import { allTypes, authorize, issuer, keys, makeOpenId, Validator } from '../openid/provider.ts'
import { approve, makeProvider, obtainCode, registration, redeem } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }

test('1: implicit: the scope of the JWT is what the user granted, not what was asked for', async () => {
  const tokenGenerator = signedTokenGenerator(privateKey, { issuer: 'foobar' })
  const { server } = await makeProvider(
    { tokenGenerator },
    { server: (validator, options) => new MobileApplicationServer(validator, options) },
  )
  const asked = { response_type: 'token', client_id: 'app', scope: 'read write' }
  const answer = redirected(await approve(server, asked, { scopes: ['read'] }))
  assert.equal(decodeJwt(answer.get('access_token') ?? '')['scope'], 'read')
  assert.equal(answer.get('scope'), 'read')
})

test('12: a refresh token that a password request carries along is neither echoed nor saved', async () => {
  class AnyPassword extends StoreValidator {
    override validateUser(username: string) {
      return { id: username }
    }
  }
  const { server, app } = await makeProvider(
    {},
    { validator: (store) => new AnyPassword(store), server: (v, options) => new LegacyApplicationServer(v, options) },
  )
  const grant = { grant_type: 'password', username: 'alice', password: 'x', refresh_token: 'chosen-by-an-attacker' }
  assert.notEqual(text(await server.createTokenResponse(form(grant, app)), 'refresh_token'), 'chosen-by-an-attacker')
  const later = { grant_type: 'refresh_token', refresh_token: 'chosen-by-an-attacker' }
  assert.equal(body(await server.createTokenResponse(form(later, app)))['error'], 'invalid_grant')
})

describe('13: parameters never shadow what the server knows', () => {
  const posing = {
    ...{ user: 'admin', client: 'other', scopes: 'admin', claims: '{"admin":true}', state: 'st', grantId: 'g' },
    ...{ extra_credentials: 'x', expires_in: '999999', token: 't', now: '0' },
  }
  class Seeing extends StoreValidator {
    readonly seen: object[] = []
    override validateClientId(clientId: string, oauth: OAuthRequest) {
      const { user, client, scopes, claims, state, now } = oauth
      this.seen.push({ user, client, scopes, claims: { ...claims }, state: { ...state }, now })
      return super.validateClientId(clientId, oauth)
    }
  }
  const fresh = { user: undefined, client: undefined, scopes: undefined, claims: {}, state: {}, now: 1_800_000_000 }

  test('at the authorization and token endpoints', async () => {
    let validator: Seeing | undefined
    const provider = await makeProvider({}, { validator: (store) => (validator = new Seeing(store)) })
    const response = await redeem(provider, posing)
    assert.equal(response.status, 200)
    assert.equal(body(response)['expires_in'], 600)
    assert.equal(body(response)['scope'], 'profile')
    const { access_token } = body(response)
    const used = await provider.server.verifyRequest(
      request('GET', '/', { headers: { authorization: `Bearer ${String(access_token)}` } }),
    )
    assert.deepEqual(used.ok && [used.token.user, used.token.claims], [{ id: 'alice' }, {}])
    for (const seen of validator?.seen ?? []) assert.deepEqual(seen, fresh)
  })

  test('in an implicit request', async () => {
    const { server } = await makeProvider(
      {},
      { server: (validator, options) => new MobileApplicationServer(validator, options) },
    )
    const answer = await approve(server, { response_type: 'token', client_id: 'app', scope: 'read', ...posing })
    assert.equal(redirected(answer).get('expires_in'), '600')
  })
})

describe('15: response types are a set of words, in any order', () => {
  for (const type of ['token id_token', 'id_token code', 'token code', 'id_token token code']) {
    test(type, async () => {
      const answer = redirected(await authorize(await makeOpenId(), { response_type: type }))
      const members = { code: 'code', token: 'access_token', id_token: 'id_token' }
      for (const [word, member] of Object.entries(members))
        assert.equal(answer.has(member), type.split(' ').includes(word), member)
    })
  }
  for (const type of ['notcodeatall', 'code fish', 'CODE', 'code code'])
    test(`${type} → unsupported_response_type`, async () => {
      const answer = redirected(await authorize(await makeOpenId(), { response_type: type }))
      assert.equal(answer.get('error'), 'unsupported_response_type')
    })
})

test('16: response_type=none saves no code', async () => {
  const saved: AuthorizationCode[] = []
  class Codes extends StoreValidator {
    override saveAuthorizationCode(_code: string, record: AuthorizationCode): Promise<void> {
      saved.push(record)
      return Promise.resolve()
    }
  }
  const { server } = await makeProvider({}, { validator: (store) => new Codes(store) })
  const answer = await approve(server, { response_type: 'none', client_id: 'app', state: 's' })
  assert.deepEqual([...redirected(answer)], [['state', 's']])
  assert.deepEqual(saved, [])
})

describe('18: every endpoint answers whatever a client sends, by the same kind of result', () => {
  const device = { verificationUri: 'https://as.example/device' }
  class Broken extends Validator {
    override validateBearerToken(): never {
      throw new Error('no database')
    }
  }
  const bad: readonly [name: string, send: (server: OpenIdServer) => Promise<HttpResponse>, status: number][] = [
    ['token: GET', (server) => server.createTokenResponse(request('GET', '/token')), 405],
    ['token: parameters in the URL', (server) => server.createTokenResponse(request('POST', '/token?code=x')), 400],
    ['token: body that is no UTF-8', (server) => server.createTokenResponse(form('grant_type=%ff')), 400],
    ['revocation: broken percent', (server) => server.createRevocationResponse(form('token=%zz')), 400],
    ['introspection: no client', (server) => server.createIntrospectionResponse(form('token=x')), 401],
    ['device: no client', (server) => server.createDeviceAuthorizationResponse(form('')), 401],
    ['device: no content type', (server) => server.createDeviceAuthorizationResponse(request('POST', '/')), 400],
    [
      'userinfo: a validator that throws',
      (server) => server.handle(request('GET', '/userinfo', { headers: { authorization: 'Bearer x' } })),
      500,
    ],
    [
      'authorization: a query that cannot be decoded',
      async (server) => {
        const checked = await server.validateAuthorizationRequest(request('GET', '/authorize?state=%zz'))
        assert.ok(!checked.ok)
        return checked.response
      },
      400,
    ],
  ]
  for (const [name, send, status] of bad) {
    test(`${name} → ${status}`, async () => {
      const server = new OpenIdServer(new Broken(new MemoryStore()), { issuer, openid: { keys }, device })
      const response = await send(server)
      assert.equal(response.status, status)
      assert.equal(typeof body(response)['error'], 'string')
      assert.equal(response.headers['Content-Type'], 'application/json')
    })
  }

  test('userinfo: no token → 401, with a challenge and nothing else (RFC 6750 §3.1)', async () => {
    const server = new OpenIdServer(new Broken(new MemoryStore()), { issuer, openid: { keys }, device })
    const { status, body: text, headers } = await server.handle(request('GET', '/userinfo'))
    assert.deepEqual([status, text, headers['WWW-Authenticate']], [401, '', 'Bearer realm="api", scope="openid"'])
  })
})

test('20: what checks a token is configured; its shape decides nothing', async () => {
  const tokenGenerator = () => 'eyJhbGciOiJub25lIn0.e30.x'
  const { server, app } = await makeProvider({ tokenGenerator })
  const token = text(await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app)), 'access_token')
  const use = (value: string) => request('GET', '/', { headers: { authorization: `Bearer ${value}` } })
  assert.ok((await server.verifyRequest(use(token))).ok, 'looked up, though it looks like a JWT')
  const signed = signedTokenGenerator(privateKey, { issuer: 'foobar' })
  const other = await makeProvider({ tokenGenerator: signed, tokenVerifier: signed.verifier })
  assert.ok(!(await other.server.verifyRequest(use(token))).ok)
})

describe('21: two servers in one process never influence each other', () => {
  const query = { response_type: 'id_token', client_id: 'app', nonce: 'n', scope: 'read', ...challenge }

  test('response types, grants and metadata of one are not those of another, however many are made', async () => {
    const { server } = await makeProvider({ issuer }, { client: { ...registration, responseTypes: allTypes } })
    const before = (await server.createMetadataResponse()).body
    for (let made = 0; made < 5; made++) await makeOpenId()
    assert.equal((await server.createMetadataResponse()).body, before)
    assert.equal(redirected(await approve(server, query)).get('error'), 'unsupported_response_type')
    const later = await makeProvider({ issuer })
    assert.equal((await later.server.createMetadataResponse()).body, before)
  })

  test('options that are changed afterwards change nothing', async () => {
    const grants: Record<string, never> = {}
    const options = { issuer, grants, responseTypes: {} as Record<string, never> }
    const server = new Server(new StoreValidator(new MemoryStore()), options)
    const before = (await server.createMetadataResponse()).body
    Object.assign(grants, { evil: { authorize: () => ({}) } })
    Object.assign(options.responseTypes, { evil: { defaultMode: 'query', respond: () => ({}) } })
    assert.equal((await server.createMetadataResponse()).body, before)
  })

  test('random strings come from the platform, not from a state that a program can set', async (t) => {
    t.mock.method(Math, 'random', () => 0.5)
    const { server } = await makeProvider()
    const codes = await Promise.all(Array.from({ length: 20 }, () => obtainCode(server)))
    assert.equal(new Set(codes.map(({ code }) => code)).size, 20)
  })
})
