/** Small things that oauthlib exports and that no other test holds. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BearerToken,
  ConfigurationError,
  isPublicClient,
  OAuthError,
  OpenIdServer,
  prepareBearerBody,
  prepareBearerHeaders,
  prepareBearerUri,
  registerClient,
  StoreValidator,
  type Client,
  type TokenContext,
  type TokenResponse,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { authorize, issuer, keys, redeem, Validator } from '../openid/provider.ts'
import { makeProvider, registration } from '../support/provider.ts'
import { body, form, redirected, request, text } from '../support/requests.ts'

describe('Sending a bearer token', () => {
  test('in headers, which are copied', () => {
    const headers = { Accept: 'text/html' }
    assert.deepEqual(prepareBearerHeaders('a.b-c', headers), { Accept: 'text/html', Authorization: 'Bearer a.b-c' })
    assert.deepEqual(headers, { Accept: 'text/html' })
  })

  test('in a body, behind what is there', () => {
    assert.equal(prepareBearerBody('a+b='), 'access_token=a%2Bb%3D')
    assert.equal(prepareBearerBody('t', 'x=1'), 'x=1&access_token=t')
  })

  const uris: readonly [uri: string, expected: string][] = [
    ['https://api.example/', 'https://api.example/?access_token=t'],
    ['https://api.example/?x=1', 'https://api.example/?x=1&access_token=t'],
    ['https://api.example/?', 'https://api.example/?access_token=t'],
    ['https://api.example/#part', 'https://api.example/?access_token=t#part'],
  ]
  for (const [uri, expected] of uris) test(`in a URI: ${uri}`, () => assert.equal(prepareBearerUri('t', uri), expected))

  test('what is no bearer token → ConfigurationError', () => {
    for (const send of [prepareBearerHeaders, prepareBearerBody])
      assert.throws(() => send('a b\r\nX: y'), ConfigurationError)
    assert.throws(() => prepareBearerUri('', 'https://api.example/'), ConfigurationError)
  })

  test('what is prepared is what validateRequest reads', async () => {
    const validator = new StoreValidator(new MemoryStore())
    const bearer = new BearerToken(validator, { allowFormBodyToken: true, legacyQueryToken: true })
    const { access_token } = await bearer.createToken({ client: { id: 'app' }, scopes: ['read'], grantType: 'mine' })
    const formType = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const http of [
      request('GET', '/', { headers: prepareBearerHeaders(access_token) }),
      request('GET', prepareBearerUri(access_token, '/files?x=1')),
      request('POST', '/', { headers: formType, body: prepareBearerBody(access_token, 'x=1') }),
    ])
      assert.ok((await bearer.validateRequest(http, ['read'])).ok)
  })
})

test('an error of your own reaches the client with its code, status and headers (CustomOAuth2Error)', async () => {
  class QuotaError extends OAuthError {
    override get headers() {
      return { 'Retry-After': '60' }
    }
  }
  const refuse = () => {
    throw new QuotaError({ code: 'quota_exceeded', status: 429, description: 'Say "when"\n.' }, 'hook_refused')
  }
  const { server, app } = await makeProvider({ hooks: { preToken: [refuse] } })
  const response = await server.createTokenResponse(form({ grant_type: 'client_credentials' }, app))
  assert.equal(response.status, 429)
  assert.deepEqual(body(response), { error: 'quota_exceeded', error_description: "Say 'when'?." })
  assert.equal(response.headers['Retry-After'], '60')
})

test('a client without an id of its own gets a random one, and a secret unless it is public', async () => {
  const store = new MemoryStore()
  const { client, secret } = await registerClient(store, { scopes: ['read'] })
  assert.match(client.id, /^[\w-]{22}$/)
  assert.match(secret ?? '', /^[\w-]{43}$/)
  const open = await registerClient(store, { authMethods: ['none'] })
  assert.deepEqual([open.secret, isPublicClient(open.client), isPublicClient(client)], [undefined, true, false])
})

test('a request reads headers and parameters without regard to how they are written', async () => {
  const seen: unknown[] = []
  const { server, app } = await makeProvider({
    hooks: { preToken: [({ headers, parameters }) => void seen.push(headers.get('X-Trace'), parameters.get('note'))] },
  })
  await server.createTokenResponse(form('grant_type=client_credentials&note=a+%C3%A9', { ...app, 'x-trace': '7' }))
  assert.deepEqual(seen, ['7', 'a é'])
})

test('a refresh may go without a new ID token (refresh_id_token)', async () => {
  class Sparing extends Validator {
    override async saveToken(token: TokenResponse, context: TokenContext): Promise<TokenResponse | false | undefined> {
      const saved = await super.saveToken(token, context)
      if (saved === false || context.grantType !== 'refresh_token') return saved
      return { ...token, id_token: undefined }
    }
  }
  const provider = await makeProvider(
    { issuer },
    {
      validator: (store) => new Sparing(store),
      server: (validator, all) => new OpenIdServer(validator, { ...all, issuer, openid: { keys } }),
      client: { ...registration, scopes: ['openid'] },
    },
  )
  const answer = await authorize(provider, {})
  const first = await redeem(provider, redirected(answer).get('code') ?? '', answer.verifier)
  assert.ok(body(first)['id_token'])
  const renewal = { grant_type: 'refresh_token', refresh_token: text(first, 'refresh_token') }
  const second = await provider.server.createTokenResponse(form(renewal, provider.app))
  assert.equal(second.status, 200)
  assert.equal(body(second)['id_token'], undefined)
})

test('a validator may answer at once or later', async () => {
  const client: Client = { id: 'app', grantTypes: ['client_credentials'] }
  const slow = async <Value>(value: Value): Promise<Value> => value
  const answer = { validateClientId: () => client, authenticateClient: () => true, validateScopes: () => ['read'] }
  const later = {
    validateClientId: () => slow(client),
    authenticateClient: () => slow(true),
    validateScopes: () => slow(['read']),
  }
  for (const methods of [answer, later]) {
    const validator = (store: MemoryStore) => Object.assign(new StoreValidator(store), methods)
    const { server, app } = await makeProvider({}, { validator })
    const asked = form({ grant_type: 'client_credentials', scope: 'read' }, app)
    assert.equal((await server.createTokenResponse(asked)).status, 200)
  }
})
