/** What a refused request is told (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1), and the metadata document (RFC 9728 §3). */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigurationError, type HttpRequest } from 'grantry'
import { protect, type TokenRequirement } from 'grantry/resource'
import { form, request } from '../support/requests.ts'
import { audience, call, startIssuer } from './issuer.ts'

const server = await startIssuer()
const { issuer, sign, common, clock } = server
const guard = protect({ issuer, scopes: ['read'], ...common })

const described = (error: string): string => `error="${error}", error_description="[^"]+"`
const anonymous = request('GET', '/files')

const refusals: [
  name: string,
  http: () => HttpRequest,
  requirement: TokenRequirement,
  status: number,
  challenge: RegExp,
][] = [
  ['no token', () => anonymous, {}, 401, /^Bearer realm="api", scope="read"$/],
  ['another scheme', () => request('GET', '/', { headers: { authorization: 'Basic YTpi' } }), {}, 401, /^Bearer realm="api", scope="read"$/], // prettier-ignore
  ['a DPoP token where there is no DPoP', () => request('GET', '/', { headers: { authorization: `DPoP ${sign()}` } }), {}, 401, /^Bearer realm="api", scope="read"$/], // prettier-ignore
  ['no token at a route that needs more', () => anonymous, { scopes: ['admin'], maxAge: 1 }, 401, /^Bearer realm="api", scope="read admin"$/], // prettier-ignore
  [
    'a token in the query',
    () => request('GET', `/?access_token=${sign()}`),
    {},
    401,
    /^Bearer realm="api", scope="read"$/,
  ],
  ['a token in a body', () => form({ access_token: sign() }), {}, 401, /^Bearer realm="api", scope="read"$/],
  ['two tokens', () => call(`${sign()}, Bearer ${sign()}`), {}, 400, new RegExp(`^Bearer realm="api", ${described('invalid_request')}, scope="read"$`)], // prettier-ignore
  ['a forged token', () => call(`${sign()}A`), {}, 401, new RegExp(`^Bearer realm="api", ${described('invalid_token')}, scope="read"$`)], // prettier-ignore
  ['a scope too few', () => call(sign()), { scopes: ['admin'] }, 403, new RegExp(`^Bearer realm="api", ${described('insufficient_scope')}, scope="read admin"$`)], // prettier-ignore
]

describe('Challenges', () => {
  for (const [name, http, requirement, status, challenge] of refusals) {
    test(`${name} → ${status}`, async () => {
      const result = await guard.verify(http(), requirement)
      assert.ok(!result.ok)
      assert.equal(result.response.status, status)
      assert.match(result.response.headers['WWW-Authenticate'] ?? '', challenge)
      assert.equal(result.response.headers['Cache-Control'], 'no-store')
      assert.equal(result.response.body === '', status === 401 && !challenge.source.includes('error'))
    })
  }

  test('an issuer that cannot be asked → 503 with Retry-After, and no word of why', async () => {
    const away = protect({ issuer: { issuer: 'https://gone.example', jwksUri: 'http://127.0.0.1:9/jwks' }, ...common })
    const result = await away.verify(call(sign({ iss: 'https://gone.example' })))
    assert.ok(!result.ok)
    assert.equal(result.response.status, 503)
    assert.ok(Number(result.response.headers['Retry-After']) > 0)
    assert.equal(result.response.headers['WWW-Authenticate'], undefined)
    assert.doesNotMatch(result.response.body, /127\.0\.0\.1|gone|ECONN/)
    assert.equal(server.lastRefusal()?.reason, 'token_unverifiable')
  })
})

describe('Step-up (RFC 9470)', () => {
  const rows: [name: string, claims: Record<string, unknown>, requirement: TokenRequirement, challenge?: RegExp][] = [
    ['acr is one of those', { acr: 'mfa' }, { acrValues: ['hwk', 'mfa'] }],
    ['acr is another', { acr: 'pwd' }, { acrValues: ['hwk', 'mfa'] }, /acr_values="hwk mfa"$/],
    ['acr is missing', {}, { acrValues: ['mfa'] }, /acr_values="mfa"$/],
    ['acr is a list', { acr: ['mfa'] }, { acrValues: ['mfa'] }, /acr_values="mfa"$/],
    ['auth_time is young enough', { auth_time: clock.now - 60 }, { maxAge: 60 }],
    ['auth_time is too old', { auth_time: clock.now - 61 }, { maxAge: 60 }, /max_age="60"$/],
    ['auth_time is missing', {}, { maxAge: 60 }, /max_age="60"$/],
    ['auth_time is text', { auth_time: '2000000000' }, { maxAge: 60 }, /max_age="60"$/],
    ['max_age 0, and a login before', { auth_time: clock.now - 1 }, { maxAge: 0 }, /max_age="0"$/],
    ['both, and only one of them met', { acr: 'mfa', auth_time: 1 }, { acrValues: ['mfa'], maxAge: 60 }, /acr_values="mfa", max_age="60"$/], // prettier-ignore
  ]
  for (const [name, claims, requirement, challenge] of rows) {
    test(`${name} → ${challenge === undefined ? 'let through' : '401'}`, async () => {
      const result = await guard.verify(call(sign(claims)), requirement)
      assert.equal(result.ok, challenge === undefined)
      if (result.ok || challenge === undefined) return
      const header = result.response.headers['WWW-Authenticate'] ?? ''
      assert.equal(result.response.status, 401)
      assert.match(
        header,
        new RegExp(`^Bearer realm="api", ${described('insufficient_user_authentication')}, scope="read"`),
      )
      assert.match(header, challenge)
    })
  }
})

describe('Tokens in other places', () => {
  test('a form body, by option', async () => {
    const bodies = protect({ issuer, allowFormBodyToken: true, ...common })
    assert.ok((await bodies.verify(form({ access_token: sign() }))).ok)
    assert.ok(!(await bodies.verify(form({ access_token: sign() }, { authorization: `Bearer ${sign()}` }))).ok)
  })

  test('the query, by the legacy option, and then no shared cache may keep the answer (RFC 6750 §2.3)', async () => {
    const legacy = protect({ issuer, legacyQueryToken: true, ...common })
    const result = await legacy.verify(request('GET', `/?access_token=${sign()}`))
    assert.ok(result.ok)
    assert.deepEqual(result.headers, { 'Cache-Control': 'private' })
    const inHeader = await legacy.verify(call(sign()))
    assert.ok(inHeader.ok)
    assert.deepEqual(inHeader.headers, {})
  })
})

describe('The metadata document (RFC 9728)', () => {
  const rows: [resource: string, url: string][] = [
    ['https://api.example', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example/', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example/mcp', 'https://api.example/.well-known/oauth-protected-resource/mcp'],
    ['https://api.example/a/b/', 'https://api.example/.well-known/oauth-protected-resource/a/b/'],
    ['https://api.example:8443/a?k=v', 'https://api.example:8443/.well-known/oauth-protected-resource/a?k=v'],
  ]
  for (const [resource, url] of rows) {
    test(`of ${resource} is at ${url}`, async () => {
      const described = protect({ issuer, ...common, audience: resource, metadata: { scopes: ['read'] } })
      assert.equal(described.metadataUrl, url)
      const answer = described.metadata(request('GET', url.replace(/^https:\/\/[^/]+/, '')))
      assert.equal(answer?.status, 200)
      assert.equal(answer.headers['Content-Type'], 'application/json')
      assert.equal(answer.headers['Access-Control-Allow-Origin'], '*')
      const members = {
        resource,
        authorization_servers: [issuer],
        scopes_supported: ['read'],
        bearer_methods_supported: ['header'],
      }
      assert.deepEqual(JSON.parse(answer.body), members)
      const refused = await described.verify(anonymous)
      assert.ok(!refused.ok)
      assert.equal(refused.response.headers['WWW-Authenticate'], `Bearer realm="api", resource_metadata="${url}"`)
    })
  }

  const guarded = protect({ issuer, ...common, metadata: { resource: 'https://api.example/mcp', name: 'Files', more: { resource_policy_uri: 'https://api.example/policy' } } }) // prettier-ignore
  const path = '/.well-known/oauth-protected-resource/mcp'

  test('other requests, other methods, preflights of browsers', () => {
    assert.equal(guarded.metadata(anonymous), undefined)
    assert.equal(guarded.metadata(request('GET', '/.well-known/oauth-protected-resource')), undefined)
    assert.equal(guarded.metadata(request('POST', path))?.status, 405)
    assert.equal(guarded.metadata(request('OPTIONS', path))?.status, 204)
    const { body = '' } = guarded.metadata(request('GET', `${path}?x`)) ?? {}
    assert.match(body, /"resource_name":"Files","resource_policy_uri"/)
    assert.equal(guard.metadata(request('GET', path)), undefined)
  })

  test('an audience that is no URL, and no resource → ConfigurationError', () => {
    assert.throws(() => protect({ issuer, ...common, audience: 'files', metadata: {} }), ConfigurationError)
  })

  test('a fetch handler serves it, refuses, and leaves the rest to you', async () => {
    const legacy = protect({ issuer, ...common, metadata: {}, legacyQueryToken: true, allowFormBodyToken: true })
    const handle = legacy.handler(
      async (http, token) => new Response(`${token.user?.id ?? ''} sent ${await http.text()}`),
      { scopes: ['read'] },
    )
    const ask = (url: string, init?: RequestInit) => handle(new Request(audience + url, init))
    const document = await ask('/.well-known/oauth-protected-resource')
    assert.deepEqual(((await document.json()) as { resource: string }).resource, audience)
    const refused = await ask('/files')
    assert.equal(refused.status, 401)
    assert.match(refused.headers.get('www-authenticate') ?? '', /resource_metadata/)
    const good = await ask('/files', { headers: { authorization: `Bearer ${sign()}` } })
    assert.equal(await good.text(), 'alice sent ')
    assert.equal(good.headers.get('cache-control'), null)
    const byQuery = await ask(`/files?access_token=${sign()}`)
    assert.equal(byQuery.headers.get('cache-control'), 'private')
    const body = new URLSearchParams({ access_token: sign(), a: '1' })
    assert.equal(await (await ask('/files', { method: 'POST', body })).text(), `alice sent ${body.toString()}`)
    const large = new URLSearchParams({ access_token: sign(), a: 'x'.repeat(70_000) })
    assert.equal((await ask('/files', { method: 'POST', body: large })).status, 413)
  })
})
