import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import {
  BackendApplicationServer,
  MobileApplicationServer,
  Server,
  signedTokenGenerator,
  type AuthorizationServer,
} from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { generateKeyPairSync } from 'node:crypto'
import { makeProvider } from '../support/provider.ts'
import { redirected, request } from '../support/requests.ts'

const issuer = 'https://as.example/tenant'
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const tokenGenerator = signedTokenGenerator(privateKey, { issuer })
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

describe('fetch', () => {
  test('routes every endpoint below the issuer by exact path', async () => {
    const { server, app } = await makeProvider({ issuer, tokenGenerator })
    const post = (path: string, body: string) =>
      server.fetch(
        new Request(`https://as.example${path}`, { method: 'POST', headers: { ...formHeaders, ...app }, body }),
      )
    const issued = await post('/tenant/token', 'grant_type=client_credentials')
    assert.equal(issued.status, 200)
    const { access_token } = (await issued.json()) as { access_token: string }
    assert.equal((await post('/tenant/introspect', `token=${access_token}`)).status, 200)
    assert.equal((await post('/tenant/revoke', `token=${access_token}`)).status, 200)
    const keys = await server.fetch(new Request('https://as.example/tenant/jwks'))
    const set = (await keys.json()) as { keys: { kty: string; d?: string }[] }
    assert.deepEqual(
      set.keys.map(({ kty, d }) => [kty, d]),
      [['EC', undefined]],
    )
    assert.equal(keys.headers.get('access-control-allow-origin'), '*')
    for (const path of [
      '/token',
      '/tenant/token/',
      '/tenant//token',
      '/tenant/Token',
      '/tenant/%74oken',
      '/tenant/token;x',
      '/',
    ]) {
      assert.equal((await post(path, '')).status, 404, path)
    }
  })

  test('metadata is at the inserted path and promises only what is there (RFC 8414 §3.1)', async () => {
    const { server } = await makeProvider({ issuer, tokenGenerator, scopes: ['read'] })
    const response = await server.fetch(new Request('https://as.example/.well-known/oauth-authorization-server/tenant'))
    const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
    const algorithms = [...rsa, 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
    assert.deepEqual(await response.json(), {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      scopes_supported: ['read'],
      response_types_supported: ['code', 'none'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint: `${issuer}/revoke`,
      revocation_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'none',
        'private_key_jwt',
      ],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint: `${issuer}/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    })
    assert.equal((await server.fetch(new Request(`${issuer}/.well-known/oauth-authorization-server`))).status, 404)
  })

  test('metadata of a server for machines knows no authorization endpoint, that of an implicit one no token endpoint', async () => {
    const members = async (server: AuthorizationServer) =>
      Object.keys(JSON.parse((await server.createMetadataResponse()).body) as object)
    const machines = await makeProvider(
      { issuer },
      { server: (validator, options) => new BackendApplicationServer(validator, options) },
    )
    const backend = await members(machines.server)
    assert.ok(backend.includes('token_endpoint'))
    for (const absent of [
      'authorization_endpoint',
      'jwks_uri',
      'code_challenge_methods_supported',
      'authorization_response_iss_parameter_supported',
    ]) {
      assert.ok(!backend.includes(absent), absent)
    }
    const implicit = await makeProvider(
      { issuer },
      { server: (validator, options) => new MobileApplicationServer(validator, options) },
    )
    assert.ok(!(await members(implicit.server)).includes('token_endpoint'))
  })

  test('documents take GET and HEAD only', async () => {
    const { server } = await makeProvider({ issuer })
    const url = 'https://as.example/.well-known/oauth-authorization-server/tenant'
    const head = await server.fetch(new Request(url, { method: 'HEAD' }))
    assert.equal(head.status, 200)
    assert.equal(await head.text(), '')
    const post = await server.fetch(new Request(url, { method: 'POST' }))
    assert.equal(post.status, 405)
    assert.equal(post.headers.get('allow'), 'GET, HEAD')
  })

  test('asks the user through interact, and shows what it returns', async () => {
    const page = { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<h1>Log in</h1>' }
    let loggedIn = false
    const { server } = await makeProvider({
      interact: ({ request: { scopes } }) => (loggedIn ? { approved: true, user: { id: 'alice' }, scopes } : page),
    })
    const url = `https://as.example/authorize?response_type=code&client_id=app&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`
    assert.equal(await (await server.fetch(new Request(url))).text(), page.body)
    loggedIn = true
    const response = await server.fetch(new Request(url))
    assert.equal(response.status, 303)
    assert.match(response.headers.get('location') ?? '', /^https:\/\/app\.example\/cb\?code=/)
    assert.ok(
      redirected({ status: 303, headers: { Location: response.headers.get('location') ?? '' }, body: '' }).has('code'),
    )
  })

  test('a body that never ends is cut off at the limit', async () => {
    const { server, app } = await makeProvider()
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16_384).fill(97))
      },
    })
    const init = { method: 'POST', headers: { ...formHeaders, ...app }, body: endless, duplex: 'half' as const }
    const response = await server.fetch(new Request('https://as.example/token', init))
    assert.equal(response.status, 413)
    assert.ok(pulled < 10)
  })
})

describe('The node:http handler', () => {
  const listen = async (server: AuthorizationServer): Promise<{ port: number; close: () => void }> => {
    const http = createServer(toNodeHandler(server)).listen(0, '127.0.0.1')
    await once(http, 'listening')
    return { port: (http.address() as AddressInfo).port, close: () => http.close() } // a TCP server has an AddressInfo
  }

  test('answers like fetch', async (t) => {
    const { server, app } = await makeProvider()
    const { port, close } = await listen(server)
    t.after(close)
    const url = `http://127.0.0.1:${port}/token`
    const response = await fetch(url, {
      method: 'POST',
      headers: app,
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal((await fetch(url)).status, 405)
    const large = await fetch(url, {
      method: 'POST',
      headers: app,
      body: new URLSearchParams({ x: 'a'.repeat(1_000_000) }),
    })
    assert.equal(large.status, 413)
  })

  test('sees a second Authorization header (RFC 6750 §2)', async (t) => {
    const { server, secret } = await makeProvider()
    const { port, close } = await listen(server)
    t.after(close)
    const socket = connect(port, '127.0.0.1')
    const credentials = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`
    const body = 'grant_type=client_credentials'
    const lines = [
      'POST /token HTTP/1.1',
      'Host: x',
      `Authorization: ${credentials}`,
      `Authorization: ${credentials}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    assert.match(answer, /^HTTP\/1\.1 401 /)
  })
})

test('a server without issuer has no metadata document', async () => {
  const { server } = await makeProvider()
  assert.equal((await server.handle(request('GET', '/.well-known/oauth-authorization-server'))).status, 404)
  await assert.rejects(server.createMetadataResponse(), /needs the option issuer/)
  assert.ok(server instanceof Server)
})
