/** Opaque tokens, by asking the authorization server (RFC 7662). */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Reason } from 'grantry'
import { introspect, privateKeyJwt, protect, type IntrospectionOptions } from 'grantry/resource'
import type { Members } from '../support/assertions.ts'
import { audience, call, startIssuer } from './issuer.ts'

const credentials = { clientId: 'api', clientSecret: 's ü:&' }

/** A guard that asks a server of its own, which knows one token. */
const start = async (options: Partial<IntrospectionOptions> = {}, more: object = {}) => {
  const server = await startIssuer()
  const { issuer, common, clock, published } = server
  const live = (change: Members = {}): Members => ({
    ...{ active: true, aud: audience, sub: 'alice', client_id: 'app', scope: 'read', exp: clock.now + 600 },
    ...change,
  })
  const forms: URLSearchParams[] = []
  const headers: (string | undefined)[] = []
  let answer: Members | number = live()
  published.introspect = (form, authorization) => {
    forms.push(form)
    headers.push(authorization)
    return form.get('token')?.startsWith('good') ? answer : { active: false }
  }
  const guard = protect({ introspection: introspect({ issuer, ...credentials, ...options }), ...common, ...more })
  const passes = async (token = 'good') => {
    const result = await guard.verify(call(token))
    return result.ok || result.response.status
  }
  const say = (next: Members | number): void => void (answer = next)
  return { ...server, guard, passes, live, say, forms, headers }
}

describe('An introspected token', () => {
  test('says who, for what and until when; the server is asked as a client asks', async () => {
    const { guard, forms, headers, clock } = await start()
    const result = await guard.verify(call('good'))
    assert.ok(result.ok)
    const { claims, ...token } = result.token
    assert.deepEqual(token, {
      ...{ issuer: undefined, clientId: 'app', user: { id: 'alice' }, scopes: ['read'], audience: [audience] },
      ...{ issuedAt: undefined, expiresAt: clock.now + 600, tokenId: undefined },
    })
    assert.equal('active' in claims, false)
    assert.deepEqual(Object.fromEntries(forms[0] ?? []), { token: 'good', token_type_hint: 'access_token' })
    assert.equal(headers[0], `Basic ${btoa('api:s+%C3%BC%3A%26')}`) // form-encoded (RFC 6749 §2.3.1)
  })

  const rows: [name: string, answer: Members | number, expected: true | number, reason?: Reason][] = [
    ['active', {}, true],
    ['aud a list', { aud: ['x', audience] }, true],
    ['without exp', { exp: undefined }, true],
    ['not active', { active: false }, 401, 'token_invalid'],
    ['aud another', { aud: 'https://other.example' }, 401, 'token_audience_wrong'],
    ['aud missing', { aud: undefined }, 401, 'token_audience_wrong'],
    ['iss another', { iss: 'https://other.example' }, 401, 'token_issuer_unknown'],
    ['exp over', { exp: 1 }, 401, 'token_invalid'],
    ['exp no number', { exp: 'soon' }, 401, 'token_invalid'],
    ['nbf in the future', { nbf: 9_000_000_000 }, 401, 'token_invalid'],
    ['a refresh token', { token_use: 'refresh_token' }, 401, 'token_invalid'],
    ['a refresh token, as others say it', { typ: 'Refresh' }, 401, 'token_invalid'],
    ['active as text', { active: 'true' }, 503, 'token_unverifiable'],
    ['active missing', { active: undefined }, 503, 'token_unverifiable'],
    ['the secret is wrong', 401, 503, 'token_unverifiable'],
    ['the server fails', 500, 503, 'token_unverifiable'],
    ['the server limits us', 429, 503, 'token_unverifiable'],
  ]
  for (const [name, answer, expected, reason] of rows) {
    test(`${name} → ${expected === true ? 'let through' : expected}`, async () => {
      const { passes, say, live, lastRefusal } = await start()
      say(typeof answer === 'number' ? answer : live(answer))
      assert.equal(await passes(), expected)
      if (reason !== undefined) assert.equal(lastRefusal()?.reason, reason)
      assert.ok(!JSON.stringify(lastRefusal() ?? {}).includes('good'), 'the token is in no event')
    })
  }

  test('a server that does not answer in time → 503 with Retry-After', async () => {
    const { guard, published } = await start({}, { outbound: { timeoutMs: 50 } })
    published.down = () => true
    const result = await guard.verify(call('good'))
    assert.ok(!result.ok)
    assert.equal(result.response.status, 503)
    assert.ok(result.response.headers['Retry-After'])
  })

  test('private_key_jwt: the assertion is for the issuer, short, and another one each time', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { passes, forms, issuer, clock, headers } = await start({ clientSecret: undefined, assertion: privateKeyJwt(privateKey) }) // prettier-ignore
    assert.equal(await passes('good-1'), true)
    assert.equal(await passes('good-2'), true)
    const [first, second] = forms.map((form) => {
      const [, claims = ''] = form.get('client_assertion')?.split('.') ?? []
      return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Members
    })
    assert.deepEqual(
      { ...first, jti: 0 },
      { iss: 'api', sub: 'api', aud: issuer, iat: clock.now, exp: clock.now + 60, jti: 0 },
    )
    assert.notEqual(first?.['jti'], second?.['jti'])
    assert.deepEqual(headers, [undefined, undefined])
  })

  test('an endpoint needs no metadata', async () => {
    const server = await startIssuer()
    server.published.introspect = () => ({ active: true, aud: audience })
    const guard = protect({
      introspection: introspect({ endpoint: `${server.origin}/introspect`, ...credentials }),
      ...server.common,
    })
    assert.ok((await guard.verify(call('good'))).ok)
    assert.deepEqual(server.asked, ['POST /introspect'])
  })
})

describe('Answers', () => {
  test('are kept for 10 seconds; a revocation counts after that', async () => {
    const { passes, say, clock, forms } = await start()
    for (let index = 0; index < 5; index++) assert.equal(await passes(), true)
    say({ active: false })
    clock.now += 9
    assert.equal(await passes(), true)
    assert.equal(forms.length, 1)
    clock.now += 1
    assert.equal(await passes(), 401)
    assert.equal(forms.length, 2)
  })

  test('are never kept beyond exp', async () => {
    const { passes, say, live, clock } = await start({ cacheSeconds: 300 }, { clockTolerance: 0 })
    say(live({ exp: clock.now + 5 }))
    assert.equal(await passes(), true)
    clock.now += 5
    assert.equal(await passes(), 401)
  })

  test('that a token is not active are kept for one second', async () => {
    const { passes, say, live, clock, forms } = await start({ cacheSeconds: 300 })
    say({ active: false })
    for (let index = 0; index < 5; index++) assert.equal(await passes(), 401)
    assert.equal(forms.length, 1)
    say(live())
    clock.now += 1
    assert.equal(await passes(), true)
  })

  test('failures are not kept', async () => {
    const { passes, say, live } = await start()
    say(500)
    assert.equal(await passes(), 503)
    say(live())
    assert.equal(await passes(), true)
  })

  test('cacheSeconds 0 → asked every time, but once for all who ask at once', async () => {
    const { passes, forms } = await start({ cacheSeconds: 0 })
    await passes()
    await passes()
    assert.equal(forms.length, 2)
    await Promise.all(Array.from({ length: 20 }, () => passes()))
    assert.equal(forms.length, 3)
  })

  test('unknown tokens do not push out known ones', async () => {
    const { passes, forms } = await start({}, { cacheSize: 2 })
    assert.equal(await passes(), true)
    for (let index = 0; index < 10; index++) assert.equal(await passes(`bad-${index}`), 401)
    const asked = forms.length
    assert.equal(await passes(), true)
    assert.equal(forms.length, asked)
  })

  test('more than 100 tokens at once → the others get 503 at once', async () => {
    const { passes, asked } = await start()
    await passes() // reads the metadata
    const before = asked.length
    const all = await Promise.all(Array.from({ length: 130 }, (_, index) => passes(`good-${index}`)))
    assert.equal(all.filter((each) => each === 503).length, 30)
    assert.equal(asked.length - before, 100)
  })
})

describe('With an issuer as well', () => {
  test('its JWTs are checked here, all else is asked about', async () => {
    const server = await startIssuer()
    const { issuer, sign, common, published } = server
    const forms: string[] = []
    published.introspect = (form) => {
      forms.push(form.get('token') ?? '')
      return { active: true, aud: audience, scope: 'opaque' }
    }
    const guard = protect({ issuer, introspection: introspect(credentials), ...common })
    const scopes = async (token: string): Promise<readonly string[] | undefined> => {
      const result = await guard.verify(call(token))
      return result.ok ? result.token.scopes : undefined
    }
    assert.deepEqual(await scopes(sign()), ['read', 'write'])
    assert.deepEqual(forms, [])
    assert.equal(await scopes(sign({ exp: 1 })), undefined) // one that failed here is not asked about
    assert.equal(await scopes(sign().replace(/[^.]+$/, 'AAAA')), undefined)
    assert.deepEqual(forms, [])
    assert.deepEqual(await scopes('opaque'), ['opaque'])
    assert.deepEqual(await scopes(sign({ iss: 'https://other.example' })), ['opaque'])
    assert.equal(forms.length, 2)
  })
})
