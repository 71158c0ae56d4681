/** Whatever a client sends: no method throws, no answer is a 5xx, nothing is issued and nothing is stored. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { registerClient, Server, StoreValidator, type GrantryEvent, type HttpRequest } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { registration } from '../support/provider.ts'
import { request } from '../support/requests.ts'

const events: GrantryEvent[] = []
const store = new MemoryStore()
await registerClient(store, { ...registration, id: 'app' })
await registerClient(store, { ...registration, id: 'spa', authMethods: ['none'] })
const server = new Server(new StoreValidator(store), {
  issuer: 'https://as.example',
  events: (event) => events.push(event),
})
let writes = 0
for (const name of [
  'putClient',
  'putCode',
  'putTokens',
  'rotateRefreshToken',
  'revokeGrant',
  'revokeAccessToken',
] as const) {
  const original: (...args: never[]) => unknown = store[name].bind(store)
  Object.defineProperty(store, name, {
    value: (...args: never[]) => {
      writes++
      return original(...args)
    },
  })
}

const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '%',
    '%zz',
    '%ff',
    '\r\n',
    'a'.repeat(5000),
    '__proto__',
    'constructor',
    '{}',
    '[]',
    '../',
    '"',
    '\\',
  ),
)
const name = fc.oneof(
  fc.constantFrom(
    'grant_type',
    'code',
    'client_id',
    'client_secret',
    'scope',
    'redirect_uri',
    'refresh_token',
    'token',
    'username',
  ),
  fc.constantFrom(
    'code_verifier',
    'code_challenge',
    'code_challenge_method',
    'state',
    'response_type',
    'response_mode',
    'resource',
  ),
  hostileText,
)
const value = fc.oneof(
  fc.constantFrom(
    'authorization_code',
    'client_credentials',
    'refresh_token',
    'password',
    'app',
    'spa',
    'read',
    'code',
    'token',
    'S256',
  ),
  hostileText,
)
const pairs = fc.array(fc.tuple(name, value), { maxLength: 12 })
const encoded = pairs.map((list) => new URLSearchParams(list).toString())
const form = fc.oneof(
  encoded,
  hostileText,
  fc.tuple(encoded, hostileText).map((parts) => parts.join('&')),
)
const header = fc.oneof(
  fc.constantFrom('Basic', 'Basic ', 'Basic YXBwOg==', 'Bearer x', 'bearer', 'Basic YXBwOnNlY3JldA==', 'Digest a="b"'),
  hostileText,
  hostileText.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
)
const hostile: fc.Arbitrary<HttpRequest> = fc
  .record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'HEAD', 'OPTIONS', ''),
    path: fc.constantFrom(
      '/token',
      '/introspect',
      '/revoke',
      '/authorize',
      '/jwks',
      '/.well-known/oauth-authorization-server',
      '/x',
    ),
    query: fc.oneof(fc.constant(''), form),
    body: form,
    type: fc.oneof(
      { weight: 5, arbitrary: fc.constant('application/x-www-form-urlencoded') },
      { weight: 1, arbitrary: hostileText },
    ),
    authorization: fc.option(header, { nil: '' }),
  })
  .map(({ method, path, query, body, type, authorization }) =>
    request(method, `https://as.example${path}?${query}`, { headers: { 'content-type': type, authorization }, body }),
  )

describe('Hostile requests', () => {
  test('every endpoint answers, refuses and keeps nothing', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (http) => {
        const answers = await Promise.all([
          server.handle(http),
          server.createTokenResponse(http),
          server.createIntrospectionResponse(http),
          server.createRevocationResponse(http),
          server.verifyRequest(http, ['read']).then((result) => (result.ok ? undefined : result.response)),
          server.validateAuthorizationRequest(http).then((result) => (result.ok ? undefined : result.response)),
        ])
        for (const answer of answers) {
          if (answer === undefined) continue
          assert.ok(answer.status < 500, `${answer.status} ${answer.body}`)
          for (const text of Object.values(answer.headers)) assert.match(text, /^[\x20-\x7e]*$/)
          const location = answer.headers['Location']
          if (location !== undefined) assert.match(location, /^https:\/\/app\.example\/cb[?#]/)
        }
      }),
      { numRuns: 3000, endOnFailure: true },
    )
    assert.ok(events.length > 3000, 'refusals are told to the operator')
    assert.deepEqual([...new Set(events.map(({ type }) => type))], ['request.refused'])
    assert.equal(writes, 0)
  })
})
