/** OpenID Connect Core §6.2: signed authorization requests by reference, and keys behind `jwks_uri` for what is signed and encrypted. */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { RequestListener, ServerResponse } from 'node:http'
import { describe, test } from 'node:test'
import { type Client, type HttpResponse, type OpenIdServerOptions } from 'grantry'
import { compactDecrypt, SignJWT, type JWTPayload } from 'jose'
import { startOtherServer } from '../support/other-server.ts'
import { lastReason } from '../support/provider.ts'
import { body, redirected } from '../support/requests.ts'
import {
  authorize,
  changeClient,
  codeFlow,
  issuer,
  makeOpenId,
  redeem,
  verified,
  type OpenIdProvider,
} from './provider.ts'

const [own, next] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
assert.ok(own && next)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicJwk = ({ publicKey }: Pick<typeof own, 'publicKey'>, label: object) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...label,
})
const ownKeys = { keys: [publicJwk(own, { kid: 'k' })] }
const jwks = ownKeys as unknown as NonNullable<Client['jwks']> // the types of Node say less than the keys do
const sign = (claims: JWTPayload, { privateKey } = own, kid = 'k'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)

/** What other servers answer, by path. */
let pages: Record<string, RequestListener> = {}
const serve: RequestListener = (request, response) => (pages[request.url ?? ''] ?? notFound)(request, response)
const notFound: RequestListener = (_request, response) => response.writeHead(404).end()
const other = await startOtherServer(serve)
const inside = await startOtherServer(serve) // a host that nobody named
const send =
  (text: string, type = 'application/oauth-authz-req+jwt', headers: object = {}): RequestListener =>
  (_request, response: ServerResponse) =>
    response.writeHead(200, { 'content-type': type, ...headers }).end(text)

const uri = `${other.origin}/r`
const claims = { iss: 'app', aud: issuer, client_id: 'app', response_type: 'code', state: 'in' }
const options = { outbound: { allowPrivateHosts: [`127.0.0.1:${other.port}`], timeoutMs: 500 } }

const make = async (
  change: Partial<Client> = {},
  requestObjects: OpenIdServerOptions['requestObjects'] = { byReference: true },
  more: Partial<OpenIdServerOptions> = {},
): Promise<OpenIdProvider> => {
  const provider = await makeOpenId({}, {}, { ...options, requestObjects, ...more })
  await changeClient(provider, { jwks, requestUris: [uri], ...change })
  other.asked.length = 0
  inside.asked.length = 0
  return provider
}

/** The error of an answer, and its state; `code` for none. */
const outcome = (response: HttpResponse): string => {
  const parameters = redirected(response)
  return `${parameters.get('error') ?? 'code'} ${String(parameters.get('state'))}`
}

describe('request_uri', () => {
  test('the request is what it leads to, which is asked each time: its content may change', async () => {
    const provider = await make()
    pages = { '/r': send(await sign({ ...claims, nonce: 'one' }), undefined, { 'cache-control': 'max-age=3600' }) }
    const first = await codeFlow(provider, { request_uri: uri, nonce: 'outside' })
    assert.equal((await verified(provider, first['id_token'])).claims['nonce'], 'one')
    pages = { '/r': send(await sign({ ...claims, nonce: 'two' })) }
    const second = await codeFlow(provider, { request_uri: uri, nonce: 'outside' })
    assert.equal((await verified(provider, second['id_token'])).claims['nonce'], 'two')
    assert.deepEqual(other.asked, ['GET /r', 'GET /r'])
  })

  test('the checked request has its parameters and no request_uri, so that it is not asked again', async () => {
    const provider = await make()
    pages = { '/r': send(await sign({ ...claims, scope: 'openid email', redirect_uri: 'https://app.example/cb' })) }
    const http = { method: 'GET', headers: { get: () => null }, text: () => Promise.resolve('') }
    const query = new URLSearchParams({ client_id: 'app', response_type: 'code', request_uri: uri, code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }) // prettier-ignore
    const checked = await provider.server.validateAuthorizationRequest({
      ...http,
      url: `/authorize?${query.toString()}`,
    })
    assert.ok(checked.ok)
    assert.deepEqual(checked.request.scopes, ['openid', 'email'])
    assert.ok(!('request_uri' in checked.request.parameters))
  })

  const hash = createHash('sha256').update('one').digest('base64url')
  const fragments: [name: string, registered: string, sent: string, expected: string][] = [
    ['registered as it is', uri, uri, 'code in'],
    ['registered with this fragment', `${uri}#${hash}`, `${uri}#${hash}`, 'code in'],
    ['registered without, sent with one: another version', uri, `${uri}#${hash}`, 'code in'],
    ['registered with a fragment, sent without', `${uri}#${hash}`, uri, 'invalid_request_uri st'],
    ['registered with another fragment', `${uri}#${hash}`, `${uri}#x`, 'invalid_request_uri st'],
    ['another path', uri, `${uri}/`, 'invalid_request_uri st'],
    ['another query', uri, `${uri}?a`, 'invalid_request_uri st'],
    ['another host', uri, `${inside.origin}/r`, 'invalid_request_uri st'],
    ['a longer one', uri, `${uri}2`, 'invalid_request_uri st'],
    ['another spelling', uri, uri.replace('http:', 'HTTP:'), 'invalid_request_uri st'],
    ['credentials', uri, uri.replace('//', '//a:b@'), 'invalid_request_uri st'],
    ['no URL', uri, 'x', 'invalid_request_uri st'],
    ['a pushed request', uri, 'urn:ietf:params:oauth:request_uri:abc', 'invalid_request_uri st'],
  ]
  for (const [name, registered, sent, expected] of fragments) {
    test(`${name} → ${expected}, asked without its fragment or not at all`, async () => {
      const provider = await make({ requestUris: [registered] })
      pages = { '/r': send(await sign(claims)) }
      assert.equal(outcome(await authorize(provider, { request_uri: sent })), expected)
      assert.deepEqual([...other.asked, ...inside.asked], expected.startsWith('code') ? ['GET /r'] : [])
      if (!expected.startsWith('code')) assert.equal(lastReason(provider), 'request_uri_unregistered')
    })
  }

  test('a client without any → invalid_request_uri', async () => {
    const provider = await make({ requestUris: undefined })
    assert.equal(outcome(await authorize(provider, { request_uri: uri })), 'invalid_request_uri st')
  })

  const answers: [name: string, page: (token: string) => RequestListener, expected: string][] = [
    ['application/jwt', (token) => send(token, 'application/jwt'), 'code in'],
    ['a text file with a line end', (token) => send(`${token}\n`, 'text/plain; charset=utf-8'), 'code in'],
    ['a page', (token) => send(token, 'text/html'), 'invalid_request_uri st'],
    ['no type', (token) => (_request, response) => response.end(token), 'invalid_request_uri st'],
    ['nothing there', () => notFound, 'invalid_request_uri st'],
    ['an error', (token) => (_request, response) => response.writeHead(500).end(token), 'invalid_request_uri st'],
    [
      'a redirect, even to itself',
      () => (_request, response) => response.writeHead(302, { location: uri }).end(),
      'invalid_request_uri st',
    ],
    ['more than 16 KiB', (token) => send(token + ' '.repeat(16_384)), 'invalid_request_uri st'],
    ['no answer in time', () => () => undefined, 'invalid_request_uri st'],
    [
      'a drip that does not end',
      () => (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/jwt', 'content-length': '100' }).write('e'),
      'invalid_request_uri st',
    ],
    ['bytes that are no text', () => send('\u00ff', 'application/jwt'), 'invalid_request_object st'],
    ['nothing', () => send(''), 'invalid_request_object st'],
    ['no JWT', () => send('abc'), 'invalid_request_object st'],
    ['an unsigned one', () => send(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`), 'invalid_request_object st'],
  ] // prettier-ignore
  for (const [name, page, expected] of answers) {
    test(`it leads to ${name} → ${expected}`, async () => {
      const provider = await make()
      pages = { '/r': page(await sign(claims)) }
      assert.equal(outcome(await authorize(provider, { request_uri: uri })), expected)
      assert.equal(other.asked.length, 1)
    })
  }

  const objects: [name: string, object: () => Promise<string>][] = [
    ['by the key of somebody else', () => sign(claims, next)],
    ['of another client', () => sign({ ...claims, client_id: 'spa' })],
    ['for another server', () => sign({ ...claims, aud: 'https://other.example' })],
    ['that is over', () => sign({ ...claims, exp: 1_799_999_990 })],
    ['with another request_uri inside', () => sign({ ...claims, request_uri: uri })],
    ['with a request inside', () => sign({ ...claims, request: 'x' })],
    ['of another response type than outside', () => sign({ ...claims, response_type: 'id_token' })],
  ]
  for (const [name, object] of objects) {
    test(`it leads to one ${name} → invalid_request_object`, async () => {
      const provider = await make()
      pages = { '/r': send(await object()) }
      assert.equal(outcome(await authorize(provider, { request_uri: uri })), 'invalid_request_object st')
    })
  }

  test('with request as well → invalid_request, and nothing is asked', async () => {
    const provider = await make()
    const request = await sign(claims)
    assert.equal(outcome(await authorize(provider, { request, request_uri: uri })), 'invalid_request st')
    assert.equal(lastReason(provider), 'request_object_twice')
    assert.deepEqual(other.asked, [])
  })

  test('twice → invalid_request, and nothing is asked', async () => {
    const provider = await make()
    const http = { method: 'GET', headers: { get: () => null }, text: () => Promise.resolve('') }
    const query = `client_id=app&response_type=code&state=st&request_uri=${encodeURIComponent(uri)}&request_uri=x`
    const checked = await provider.server.validateAuthorizationRequest({ ...http, url: `/authorize?${query}` })
    assert.ok(!checked.ok)
    assert.equal(outcome(checked.response), 'invalid_request st')
    assert.deepEqual(other.asked, [])
  })

  test('with no redirect URI to trust → shown, not sent', async () => {
    const provider = await make({ redirectUris: ['https://app.example/cb', 'https://app.example/two'] })
    const response = await authorize(provider, { request_uri: 'https://app.example/unknown', redirect_uri: '' })
    assert.deepEqual([response.status, response.headers['Location']], [400, undefined])
    assert.equal(body(response)['error'], 'invalid_request_uri')
  })

  const guarded: [name: string, registered: string, outbound: OpenIdServerOptions['outbound'], log: RegExp][] = [
    ['http to a host that nobody named', `${inside.origin}/r`, options.outbound, /http: is not https/],
    ['an address inside', 'https://10.0.0.1/r', options.outbound, /10\.0\.0\.1 is not public/],
    ['the metadata of a cloud', 'https://169.254.169.254/r', options.outbound, /is not public/],
    ['a name that leads inside', 'https://app.example/r', { resolveHost: () => Promise.resolve(['127.0.0.1']) }, /leads to 127\.0\.0\.1/],
    ['a file', 'file:///etc/passwd', options.outbound, /file: is not https/],
  ] // prettier-ignore
  for (const [name, registered, outbound, log] of guarded) {
    test(`registered: ${name} → invalid_request_uri, the cause only in the log`, async () => {
      const provider = await make({ requestUris: [registered] }, undefined, { outbound })
      const response = await authorize(provider, { request_uri: registered })
      assert.equal(outcome(response), 'invalid_request_uri st')
      const event = provider.events.at(-1)
      assert.ok(event?.type === 'request.refused' && event.reason === 'request_uri_unusable')
      assert.match(String(event.detail), log)
      assert.doesNotMatch(String(redirected(response).get('error_description')), log)
      assert.deepEqual([...other.asked, ...inside.asked], [])
    })
  }

  test('many at once share a request; a failure is the answer for 10 seconds', async () => {
    const provider = await make()
    pages = {}
    const many = await Promise.all(Array.from({ length: 20 }, () => authorize(provider, { request_uri: uri })))
    assert.deepEqual([...new Set(many.map(outcome))], ['invalid_request_uri st'])
    pages = { '/r': send(await sign(claims)) }
    assert.equal(outcome(await authorize(provider, { request_uri: uri })), 'invalid_request_uri st')
    assert.equal(other.asked.length, 1)
    provider.clock.now += 10
    assert.equal(outcome(await authorize(provider, { request_uri: uri })), 'code in')
  })

  const off = { requestObjects: undefined }
  const switches: [options: Partial<OpenIdServerOptions>, sent: string, error: string][] = [
    [{ requestObjects: {} }, 'request_uri', 'request_uri_not_supported'],
    [off, 'request_uri', 'request_uri_not_supported'],
    [off, 'request', 'request_not_supported'],
  ]
  for (const [switched, sent, error] of switches) {
    test(`${sent} with ${JSON.stringify(switched)} → ${error}, and nothing is asked`, async () => {
      const provider = await make({}, undefined, switched)
      const value = sent === 'request' ? await sign(claims) : uri
      assert.equal(outcome(await authorize(provider, { [sent]: value })), `${error} st`)
      assert.deepEqual(other.asked, [])
    })
  }

  const promised: [options: Partial<OpenIdServerOptions>, request: boolean, byUri: boolean][] = [
    [{}, true, true],
    [{ requestObjects: {} }, true, false],
    [off, false, false],
  ]
  for (const [switched, request, byUri] of promised) {
    test(`discovery with ${JSON.stringify(switched)} promises request ${request}, request_uri ${byUri}`, async () => {
      const metadata = body(await (await make({}, undefined, switched)).server.createMetadataResponse())
      assert.equal(metadata['request_parameter_supported'], request)
      assert.equal(metadata['request_uri_parameter_supported'], byUri)
      assert.equal(metadata['require_request_uri_registration'], byUri || undefined)
    })
  }
})

const withKeys = { jwks: undefined, jwksUri: `${other.origin}/jwks` }
const fetched = { registration: {} } // where clients register, keys are fetched

describe('keys behind jwks_uri', () => {
  const set = (...keys: object[]): RequestListener => send(JSON.stringify({ keys }), 'application/json')

  test('a request object is checked by them; a new kid is looked for', async () => {
    const provider = await make(withKeys, undefined, fetched)
    pages = { '/jwks': set(...ownKeys.keys) }
    assert.equal(outcome(await authorize(provider, { request: await sign(claims) })), 'code in')
    assert.equal(outcome(await authorize(provider, { request: await sign(claims, next) })), 'invalid_request_object st')
    pages = { '/jwks': set(publicJwk(next, { kid: 'k2' })) }
    provider.clock.now += 60
    assert.equal(outcome(await authorize(provider, { request: await sign(claims, next, 'k2') })), 'code in')
    assert.deepEqual(other.asked, ['GET /jwks', 'GET /jwks'])
  })

  test('they cannot be fetched → invalid_request_object', async () => {
    pages = {}
    const provider = await make(withKeys, undefined, fetched)
    assert.equal(outcome(await authorize(provider, { request: await sign(claims) })), 'invalid_request_object st')
    const unfetched = await make(withKeys)
    assert.equal(outcome(await authorize(unfetched, { request: await sign(claims) })), 'invalid_request_object st')
    assert.match(JSON.stringify(unfetched.events.at(-1)), /no option fetchKeys/)
  })

  const encryption = publicJwk(rsa, { use: 'enc', kid: 'e' })
  const decrypt = async (token: unknown): Promise<string> =>
    new TextDecoder().decode((await compactDecrypt(String(token), rsa.privateKey)).plaintext)

  test('ID tokens and UserInfo are encrypted to them', async () => {
    const provider = await make({ ...withKeys, idTokenEncryption: {}, userInfoEncryption: {} }, undefined, fetched)
    pages = { '/jwks': set(...ownKeys.keys, encryption) }
    const tokens = await codeFlow(provider)
    assert.equal((await verified(provider, await decrypt(tokens['id_token']))).claims.sub, 'alice')
    const headers = { authorization: `Bearer ${String(tokens['access_token'])}` }
    const response = await provider.server.fetch(new Request(`${issuer}/userinfo`, { headers }))
    assert.equal(response.headers.get('content-type'), 'application/jwt')
    assert.equal((await verified(provider, await decrypt(await response.text()))).claims.sub, 'alice')
    assert.deepEqual(other.asked, ['GET /jwks'])
  })

  const unreachable: [name: string, page: RequestListener | undefined, more?: Partial<OpenIdServerOptions>][] = [
    ['nothing there', undefined],
    ['no answer in time', () => undefined],
    ['no JSON', send('<html>', 'application/json')],
    ['no key to encrypt to', set(...ownKeys.keys)],
    ['only a key for signatures', set(publicJwk(rsa, { use: 'sig' }))],
    ['a key that is broken', set({ kty: 'RSA', e: 'AQAB', use: 'enc' })],
    ['a key that is too short', set(publicJwk(generateKeyPairSync('rsa', { modulusLength: 1024 }), { use: 'enc' }))],
    ['no fetcher', set(encryption), { registration: undefined }],
    ['a fetcher that has none', set(encryption), { fetchKeys: () => undefined }],
    ['what is no key set', undefined, { fetchKeys: () => '<html>' as unknown as { keys: [] } }],
  ]
  for (const [name, page, more] of unreachable) {
    test(`${name} → server_error, never in the clear`, async () => {
      const provider = await make({ ...withKeys, idTokenEncryption: {} }, undefined, { ...fetched, ...more })
      pages = page === undefined ? {} : { '/jwks': page }
      const response = await authorize(provider, {})
      const issued = await redeem(provider, redirected(response).get('code') ?? '', response.verifier)
      assert.deepEqual([issued.status, body(issued)['error']], [500, 'server_error'])
      assert.equal(lastReason(provider), 'client_keys_unavailable')
      const hybrid = await authorize(provider, { response_type: 'code id_token' })
      assert.deepEqual([redirected(hybrid).get('error'), redirected(hybrid).get('id_token')], ['server_error', null])
    })
  }

  test('UserInfo without keys in reach → server_error, never in the clear', async () => {
    const provider = await make({ ...withKeys, userInfoEncryption: {} }, undefined, fetched)
    pages = {}
    const headers = { authorization: `Bearer ${String((await codeFlow(provider))['access_token'])}` }
    const response = await provider.server.fetch(new Request(`${issuer}/userinfo`, { headers }))
    assert.deepEqual([response.status, ((await response.json()) as { error: string }).error], [500, 'server_error'])
  })
})
