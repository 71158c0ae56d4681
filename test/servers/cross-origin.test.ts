/** Pages of other origins (CORS): RFC 9700 §2.6, Fetch §3.2. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServerOptions } from 'grantry'
import { makeOpenId } from '../openid/provider.ts'
import { makeProvider } from '../support/provider.ts'

const app = 'https://app.example'
const issuer = 'https://as.example'
const options: ServerOptions = { issuer, isOriginAllowed: (origin) => origin === app }

const call = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Request =>
  new Request(issuer + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
    ...(body === undefined ? {} : { body }),
  })

const preflight = (path: string, origin: string): Request =>
  call('OPTIONS', path, { origin, 'access-control-request-method': 'POST' })

const allowed = (response: Response): string | null => response.headers.get('access-control-allow-origin')

describe('with isOriginAllowed', () => {
  const answers: [name: string, origin: string, body: string, status: number, expected: string | null][] = [
    ['a token', app, 'grant_type=client_credentials', 200, app],
    ['a refusal', app, 'grant_type=nope', 400, app],
    ['a body that cannot be read', app, 'grant_type=%', 400, app],
    ['another origin', 'https://evil.example', 'grant_type=client_credentials', 200, null],
    ['an opaque origin', 'null', 'grant_type=client_credentials', 200, null],
  ]
  for (const [name, origin, body, status, expected] of answers) {
    test(`${name} → ${expected ?? 'not to be read'}, and caches keep origins apart`, async () => {
      const provider = await makeProvider(options)
      const response = await provider.server.fetch(call('POST', '/token', { ...provider.app, origin }, body))
      assert.deepEqual([response.status, allowed(response)], [status, expected])
      assert.equal(response.headers.get('vary'), 'Origin')
      assert.equal(response.headers.get('access-control-allow-credentials'), null)
    })
  }

  test('a request without origin is answered as ever', async () => {
    const { server, ...provider } = await makeProvider(options)
    const response = await server.fetch(call('POST', '/token', provider.app, 'grant_type=client_credentials'))
    assert.deepEqual([response.status, allowed(response), response.headers.get('vary')], [200, null, 'Origin'])
  })

  for (const path of ['/token', '/revoke', '/userinfo']) {
    test(`preflight of ${path} → 204 for an allowed origin, nothing for others`, async () => {
      const { server } = await makeOpenId({}, {}, options)
      const good = await server.fetch(preflight(path, app))
      assert.deepEqual([good.status, allowed(good)], [204, app])
      assert.match(good.headers.get('access-control-allow-headers') ?? '', /Authorization/)
      const bad = await server.fetch(preflight(path, 'https://evil.example'))
      assert.deepEqual([allowed(bad), bad.headers.get('access-control-allow-methods')], [null, null])
    })
  }

  for (const path of ['/authorize', '/introspect']) {
    test(`${path} is closed to every page`, async () => {
      const { server } = await makeProvider({ ...options, interact: () => ({ approved: false }) })
      for (const request of [preflight(path, app), call('POST', path, { origin: app }, 'token=x')])
        assert.equal(allowed(await server.fetch(request)), null)
    })
  }

  test('documents stay open to all', async () => {
    const { server } = await makeProvider(options)
    const document = call('GET', '/.well-known/oauth-authorization-server', { origin: 'https://evil.example' })
    assert.equal(allowed(await server.fetch(document)), '*')
  })

  test('OPTIONS that is no preflight → 405', async () => {
    const { server } = await makeProvider(options)
    assert.equal((await server.fetch(call('OPTIONS', '/token', { origin: app }))).status, 405)
  })

  test('a judge that throws → 500 that tells nothing', async () => {
    const { server, events } = await makeProvider({ isOriginAllowed: () => Promise.reject(new Error('secret')) })
    const response = await server.fetch(preflight('/token', app))
    assert.equal(response.status, 500)
    assert.ok(!(await response.text()).includes('secret'))
    assert.equal(events.at(-1)?.type, 'request.refused')
  })
})

test('without it no page of another origin can call', async () => {
  const { server } = await makeProvider({ issuer })
  const response = await server.fetch(preflight('/token', app))
  assert.deepEqual([response.status, allowed(response)], [405, null])
})
