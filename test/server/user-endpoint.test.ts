/** Users of an endpoint of the operator: what it is asked, what its answers mean, and what happens while it is away. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { StartError, startServer, type ServerOptions } from 'grantry-server'
import { EndpointSource } from '../../packages/server/src/users/endpoint-source.ts'
import type { Page } from './browser.ts'
import { clock, startOpenId } from './openid-fixture.ts'

const secret = 's'.repeat(43)
const ann = { id: '7', username: 'ann', version: '1', claims: { name: 'Ann', email: 'ann@example.com' } }

interface Asked {
  readonly path: string | undefined
  readonly authorization: string | undefined
  readonly body: Readonly<Record<string, string>>
}
type Answer = (to: ServerResponse, asked: Asked) => unknown

const say =
  (user: unknown): Answer =>
  (to) =>
    to.end(JSON.stringify({ user }))
const good: Answer = (to, { path, body }) => {
  const isAnn =
    path === '/users/login' ? body['username'] === 'ann' && body['password'] === 'right' : body['id'] === '7'
  to.end(JSON.stringify({ user: isAnn ? ann : null }))
}

/** An endpoint that answers as it is told. */
const endpoint = { answer: good, asked: [] as Asked[], connections: 0 }
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, string>
    const asked = { path: request.url, authorization: request.headers.authorization, body }
    endpoint.asked.push(asked)
    endpoint.answer(response, asked)
  })
})
server.on('connection', () => endpoint.connections++)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
after(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/users`

const refused: [name: string, answer: Answer, says: RegExp][] = [
  ['500', (to) => to.writeHead(500).end(), /status 500/],
  ['401', (to) => to.writeHead(401).end(JSON.stringify({ user: null })), /status 401/],
  ['404', (to) => to.writeHead(404).end(JSON.stringify({ user: null })), /status 404/],
  ['a redirect', (to) => to.writeHead(302, { location: url }).end(), /fetch failed/],
  ['no JSON', (to) => to.end('<h1>Welcome</h1>'), /no JSON/],
  ['JSON without a user', (to) => to.end('{}'), /not as agreed: user/],
  ['a user without a version', say({ ...ann, version: undefined }), /not as agreed: user\.version/],
  ['a number as an id', say({ ...ann, id: 7 }), /not as agreed: user\.id/],
  [
    'more than is read',
    (to) => to.end(JSON.stringify({ user: { ...ann, username: 'a'.repeat(70_000) } })),
    /larger than/,
  ],
  ['nothing', (to) => to.destroy(), /fetch failed/],
]

describe('answers', () => {
  const source = () => new EndpointSource({ endpoint: url, secret, now: () => clock.now, log: () => undefined })
  for (const [name, answer, says] of refused) {
    test(`${name} -> an error, not a user who is gone`, async () => {
      endpoint.answer = answer
      const attempt = { username: 'ann', password: 'right', matches: async () => false }
      await assert.rejects(source().login(attempt), says)
    })
  }

  test('none in time -> an error', async () => {
    endpoint.answer = () => undefined
    await assert.rejects(source().find('7'), /timeout/)
  })

  test('null -> nobody', async () => {
    endpoint.answer = say(null)
    assert.equal(await source().find('7'), undefined)
  })
})

describe('a server with an endpoint', async () => {
  const openid = await startOpenId({ userEndpoint: `${url}/`, userEndpointSecret: secret })
  const login = async (username: string, password: string): Promise<Page> => {
    const browser = openid.browser()
    return browser.submit(await browser.get('/login'), 'login', { username, password })
  }

  test('what was typed is posted with the secret, and the user goes on with the claims', async () => {
    endpoint.answer = good
    endpoint.asked.length = 0
    const browser = openid.browser()
    const tokens = await openid.redeem(
      await browser.clickThrough(openid.path({ scope: 'openid email' }), 'ann', 'right'),
    )
    assert.equal((await openid.claimsOf(tokens['id_token'])).sub, 'users:7')
    const authorization = `Bearer ${secret}`
    assert.deepEqual(endpoint.asked[0], {
      path: '/users/login',
      authorization,
      body: { username: 'ann', password: 'right' },
    })
    const headers = { Authorization: `Bearer ${String(tokens['access_token'])}` }
    const claims = await (await fetch(`${openid.server.url}/userinfo`, { headers })).json()
    assert.deepEqual(claims, { sub: 'users:7', email: 'ann@example.com' })
    assert.deepEqual(endpoint.asked.at(-1), { path: '/users/user', authorization, body: { id: '7' } })
    assert.equal((await login('ann', 'wrong')).status, 400)
  })

  test('connections are kept', async () => {
    endpoint.answer = good
    await login('ann', 'right')
    const before = endpoint.connections
    for (let index = 0; index < 4; index++) await login('ann', 'right')
    assert.equal(endpoint.connections, before)
  })

  test('it fails five times in a row -> it is left alone for ten seconds, then asked once; the log has it, and no password', async () => {
    endpoint.answer = (to) => to.writeHead(500).end()
    for (let index = 0; index < 5; index++) assert.equal((await login('ann', 'right')).status, 503)
    endpoint.asked.length = 0
    endpoint.answer = good
    const page = await login('ann', 'right')
    assert.deepEqual([page.status, page.headers.get('retry-after')], [503, '1'])
    clock.now += 9
    assert.equal((await login('ann', 'right')).status, 503)
    assert.equal(endpoint.asked.length, 0)
    clock.now += 1
    assert.equal((await login('ann', 'right')).location, '/')
    assert.equal((await login('ann', 'right')).location, '/')
    const told = openid.records.filter(({ type }) => type === 'source.unreachable')
    assert.deepEqual(
      told.map(({ cause }) => String(cause)),
      ['Error: The answer has the status 500.'],
    )
    assert.doesNotMatch(JSON.stringify(openid.records), /"right"|wrong|ssssss/)
  })
})

describe('settings', () => {
  const rows: [name: string, options: ServerOptions, problem: RegExp][] = [
    [
      'http to another machine',
      { userEndpoint: 'http://users.example', userEndpointSecret: secret },
      /--user-endpoint must be an https URL/,
    ],
    [
      'credentials in the URL',
      { userEndpoint: 'https://a:b@users.example', userEndpointSecret: secret },
      /without query, fragment and credentials\.$/,
    ],
    ['no secret', { userEndpoint: url }, /userEndpointSecret must have at least 32 characters/],
    ['a short secret', { userEndpoint: url, userEndpointSecret: 'short' }, /at least 32 characters/],
    [
      'a view as well',
      {
        userEndpoint: url,
        userEndpointSecret: secret,
        userView: { table: 't', id: 'i', username: 'u', password: 'p' },
      },
      /userView and userEndpoint are both set/,
    ],
  ]
  for (const [name, options, problem] of rows) {
    test(`${name} -> the start ends, and says so`, () =>
      assert.rejects(startServer(options), (thrown: unknown) => {
        assert.ok(thrown instanceof StartError && thrown.exitCode === 2)
        assert.match(thrown.message, problem)
        return true
      }))
  }
})
