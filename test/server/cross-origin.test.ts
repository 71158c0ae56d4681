/** Which pages of other origins may read the answers of the server (RFC 9700 §2.6). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, startOpenId } from './openid-fixture.ts'

const { server, path, changeClient } = await startOpenId()
await changeClient('spa', { allowedCorsOrigins: ['http://localhost:5173'] })

const allowed = async (origin: string, at: string, method: string): Promise<string | null> => {
  const preflight = { 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' }
  const headers = { Origin: origin, ...(method === 'OPTIONS' && preflight) }
  const response = await fetch(server.url + at, { method, headers, redirect: 'manual' })
  await response.text()
  assert.equal(response.headers.get('access-control-allow-credentials'), null)
  if (response.headers.get('access-control-allow-origin') !== '*' && !at.startsWith('/authorize'))
    assert.equal(response.headers.get('vary'), 'Origin', at)
  return response.headers.get('access-control-allow-origin')
}

const origins: [origin: string, isAllowed: boolean][] = [
  ['https://app.example', true],
  ['http://localhost:5173', true],
  ['https://app.example:8443', false],
  ['http://app.example', false],
  ['http://127.0.0.1:8080', false],
  ['https://evil.example', false],
  ['null', false],
]
for (const [origin, isAllowed] of origins) {
  test(`${origin} -> ${isAllowed ? 'allowed' : 'refused'}`, async () => {
    for (const at of ['/token', '/userinfo', '/revoke'])
      for (const method of ['OPTIONS', 'POST'])
        assert.equal(await allowed(origin, at, method), isAllowed ? origin : null, `${method} ${at}`)
  })
}

test('metadata and keys -> any origin', async () => {
  for (const at of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/jwks'])
    assert.equal(await allowed('https://evil.example', at, 'GET'), '*')
})

test('pages -> no origin', async () => {
  for (const at of [path(), '/login', '/device', '/logout'])
    assert.equal(
      (await fetch(server.url + at, { headers: { Origin: 'https://app.example' } })).headers.get(
        'access-control-allow-origin',
      ),
      null,
    )
})

test('a new client is known within half a minute', async () => {
  await changeClient('own', { redirectUris: ['https://new.example/cb'] })
  assert.equal(await allowed('https://new.example', '/token', 'OPTIONS'), null)
  clock.now += 30
  assert.equal(await allowed('https://new.example', '/token', 'OPTIONS'), 'https://new.example')
})
