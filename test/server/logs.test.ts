/** What is logged of requests: ids, one record each, levels, and no secret. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { deviceCodeGrantType } from 'grantry'
import { startServer, type LogRecord, type RunningServer, type ServerOptions } from 'grantry-server'
import { openLog } from '../../packages/server/src/log.ts'
import type { LogLevel } from '../../packages/server/src/telemetry/levels.ts'
import { grantryServer } from './command.ts'
import { redirectUri, startOpenId } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-logs-'))
const running: RunningServer[] = []
after(async () => {
  await Promise.all(running.map((server) => server.close()))
  rmSync(folder, { recursive: true })
})

const records: LogRecord[] = []
const log = (record: LogRecord): void => void records.push(record)
const start = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const data = join(folder, String(Math.random()).slice(2))
  const server = await startServer({ port: 0, host: '127.0.0.1', data, log, ...options })
  running.push(server)
  return server
}

const given = 'req-0123456789'
const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const idOf = async (server: RunningServer, headers: Record<string, string>): Promise<string> => {
  records.length = 0
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  const response = await fetch(`${server.url}/token`, { method: 'POST', body, headers })
  await response.text()
  const id = response.headers.get('x-request-id') ?? assert.fail('no id')
  assert.deepEqual(
    records.map(({ type, requestId }) => [type, requestId]),
    [
      ['request.refused', id],
      ['request.answered', id],
    ],
  )
  return id
}

describe('X-Request-Id', () => {
  const uuid = /^[0-9a-f-]{36}$/
  const rows: [name: string, trusted: string[], id: string, expected: RegExp][] = [
    ['of a trusted proxy -> kept', ['127.0.0.1'], given, new RegExp(`^${given}$`)],
    ['of anyone else -> a new one', [], given, uuid],
    ['none -> a new one', ['127.0.0.1'], '', uuid],
    ['too short -> a new one', ['127.0.0.1'], 'x', uuid],
    ['too long -> a new one', ['127.0.0.1'], 'x'.repeat(65), uuid],
    ['with what could forge a line -> a new one', ['127.0.0.1'], 'id-0001","type":"x', uuid],
  ]
  for (const [name, trustedProxies, id, expected] of rows)
    test(name, async () => {
      assert.match(await idOf(await start({ trustedProxies }), id === '' ? {} : { 'X-Request-Id': id }), expected)
    })

  test('every answer has one of its own: pages, documents, what is not there', async () => {
    const { url } = await start()
    const ids = new Set<string | null>()
    for (const path of ['/', '/login', '/jwks', '/health/live', '/nowhere', '/authorize'])
      ids.add((await fetch(url + path)).headers.get('x-request-id'))
    assert.equal(ids.size, 6)
    assert.ok(!ids.has(null))
  })
})

const traces: [name: string, traceparent: string, traceId: string | undefined][] = [
  ['well formed', `00-${trace}-00f067aa0ba902b7-01`, trace],
  ['of a later version', `01-${trace}-00f067aa0ba902b7-01-more`, trace],
  ['of the version that is not to be', `ff-${trace}-00f067aa0ba902b7-01`, undefined],
  ['without trace', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
  ['without parent', `00-${trace}-${'0'.repeat(16)}-01`, undefined],
  ['in capitals', `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
]
describe('traceparent (W3C Trace Context §3.2)', () => {
  let server: RunningServer
  before(async () => {
    server = await start()
  })
  for (const [name, traceparent, traceId] of traces)
    test(`${name} -> ${traceId ?? 'nothing'} is logged`, async () => {
      await idOf(server, { traceparent })
      for (const record of records) assert.equal(record['traceId'], traceId)
    })
})

describe('request.answered', () => {
  const rows: [method: string, path: string, members: Record<string, unknown>][] = [
    ['GET', '/health/live?probe=1', { route: '/health/live', status: 200 }],
    ['GET', '/.well-known/openid-configuration', { route: '/.well-known/*', status: 200 }],
    ['GET', '/register/some-client', { route: '/register/*', status: 404 }],
    ['GET', '/secret-in-path/abc', { route: 'other', status: 404 }],
    ['GET', '/token?client_secret=s3cret', { route: '/token', status: 405 }],
    ['DELETE', '/login', { route: '/login', status: 405 }],
    ['GET', '/authorize?client_id=dev-client&state=hush', { route: '/authorize', clientId: 'dev-client', status: 400 }],
    ['GET', '/authorize?client_id=made-up', { route: '/authorize', clientId: undefined, status: 400 }],
  ]
  let server: RunningServer
  before(async () => {
    server = await start()
  })
  for (const [method, path, members] of rows)
    test(`${method} ${path} -> ${JSON.stringify(members)}`, async () => {
      records.length = 0
      await (await fetch(server.url + path, { method })).text()
      const { requestId, ms, ...record } = records.find(({ type }) => type === 'request.answered') ?? assert.fail()
      assert.ok(typeof requestId === 'string' && typeof ms === 'number' && ms >= 0)
      const expected = { type: 'request.answered', method, clientId: undefined, grantType: undefined, ...members }
      assert.deepEqual(record, expected)
    })

  test('requests at once -> each record has the id of its own', async () => {
    records.length = 0
    const names = Array.from({ length: 20 }, (_, index) => `grant-${index}`)
    const ids = await Promise.all(
      names.map(async (name) => {
        const body = new URLSearchParams({ grant_type: name, client_id: 'dev-client', client_secret: 'x' })
        const response = await fetch(`${server.url}/token`, { method: 'POST', body })
        await response.text()
        return response.headers.get('x-request-id')
      }),
    )
    for (const [index, name] of names.entries()) {
      const own = records.filter(({ requestId }) => requestId === ids[index])
      assert.deepEqual(
        own.map(({ grantType }) => grantType),
        [name, name],
      )
    }
  })
})

const linesAt = (level: LogLevel, record: LogRecord): readonly Record<string, unknown>[] => {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) }
  openLog(level, stream)(record)
  return lines
}

describe('levels', () => {
  const rows: [record: LogRecord, level: string][] = [
    [{ type: 'token.issued' }, 'info'],
    [{ type: 'request.refused', status: 400 }, 'info'],
    [{ type: 'request.refused', status: 503 }, 'error'],
    [{ type: 'request.answered', status: 200, route: '/token' }, 'info'],
    [{ type: 'request.answered', status: 200, route: '/health/ready' }, 'debug'],
    [{ type: 'request.answered', status: 503, route: '/health/ready' }, 'info'],
    [{ type: 'refresh_token.rotation', outcome: 'rotated' }, 'info'],
    [{ type: 'refresh_token.rotation', outcome: 'reused' }, 'warn'],
    [{ type: 'store.failed' }, 'error'],
    [{ type: 'keys.load_failed' }, 'error'],
    [{ type: 'sweep.done' }, 'debug'],
    [{ type: 'login.limited' }, 'warn'],
  ]
  const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off']
  for (const [record, level] of rows)
    test(`${JSON.stringify(record)} -> ${level}, and nothing above`, () => {
      for (const asked of order) {
        const expected = order.indexOf(asked) <= order.findIndex((each) => each === level) ? [level] : []
        assert.deepEqual(
          linesAt(asked, record).map((line) => line['level']),
          expected,
        )
      }
    })
})

const random = 'aB3_'.repeat(11)
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.${'x'.repeat(20)}`
describe('what looks like a secret -> hidden in lines', () => {
  const rows: [name: string, members: object, secret: string][] = [
    ['a token in text', { detail: `unknown: ${random}` }, random],
    ['a JWT', { detail: `bad ${jwt}, sorry` }, jwt],
    ['an encrypted one', { detail: 'eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc' }, 'bbbb'],
    ['a header', { detail: 'Authorization: Basic ZGV2OnNlY3JldA==' }, 'ZGV2OnNlY3JldA'],
    ['a parameter', { detail: '/cb?code=abc&state=x' }, 'abc'],
    ['a parameter of a client', { detail: 'client_secret=hunter2&x=1' }, 'hunter2'],
    ['a private key', { detail: '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----' }, 'MIIabc'],
    ['a password of a database', { detail: 'postgres://grantry:hunter2@db/x' }, 'hunter2'],
    ['a sealed key', { detail: 'sealed:1:abcdefgh:xyz' }, 'xyz'],
    ['by its name', { password: 'hunter2' }, 'hunter2'],
    ['by its name, below', { client: { clientSecret: 'hunter2' } }, 'hunter2'],
    ['in a list', { list: [`x ${random}`] }, random],
    ['in the message of an error', { cause: new Error(`no ${random}`) }, random],
    ['in the cause of an error', { cause: new Error('no', { cause: new Error(random) }) }, random],
  ]
  for (const [name, members, secret] of rows)
    test(name, () => {
      const line = JSON.stringify(linesAt('debug', { type: 'x', ...members }))
      assert.ok(!line.includes(secret), line)
      assert.ok(line.includes('(hidden)'))
    })

  const kept: [name: string, members: Record<string, unknown>][] = [
    ['ids', { clientId: 'aB3_'.repeat(5), userId: '0190cafe-1111-7222-8333-444455556666', keyId: 'Ab1-Ab1-Ab1-Ab1-' }],
    ['numbers and flags', { refreshToken: true, ms: 1.5, scopes: ['read', 'openid'] }],
    ['the id of a request', { requestId: 'aB3_'.repeat(16) }],
  ]
  for (const [name, members] of kept)
    test(`${name} -> shown`, () => {
      const { level, time, ...shown } = linesAt('debug', { type: 'x', ...members })[0] ?? {}
      assert.ok(level === 'debug' || (level === 'info' && typeof time === 'string'))
      assert.deepEqual(shown, { type: 'x', ...members })
    })
})

test('a journey with all that is secret, and requests that go wrong -> none of it is logged or told', async () => {
  const raw: string[] = []
  const lines: string[] = []
  const toLines = openLog('debug', { write: (line) => lines.push(line) })
  const openid = await startOpenId({
    requestObjects: true,
    registration: 'open',
    metricsPort: 0,
    log: (record) => {
      const { cause } = record
      raw.push(JSON.stringify(record), cause instanceof Error ? `${cause.message} ${cause.stack ?? ''}` : '')
      toLines(record)
    },
  })
  const { server, username, password } = openid
  const secrets = new Map<string, string>([['password', password]])
  const bodies: string[] = []
  const send = async (path: string, fields?: Record<string, string>, headers: Record<string, string> = {}) => {
    const init = fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }
    const response = await fetch(server.url + path, { ...init, headers, redirect: 'manual' })
    const text = await response.text()
    if (response.status >= 400) bodies.push(text)
    return text
  }
  const keep = (name: string, value: unknown): string => {
    assert.ok(typeof value === 'string' && value.length >= 8, name)
    secrets.set(name, value)
    return value
  }
  const clientSecret = keep('client secret', server.firstStart?.clientSecret)
  const basic = { Authorization: `Basic ${keep('basic', btoa(`dev-client:${clientSecret}`))}` }
  const tokens = JSON.parse(await send('/token', { grant_type: 'client_credentials' }, basic)) as Record<string, string>
  keep('access token of a client', tokens['access_token'])

  const browser = openid.browser()
  const extra = { nonce: keep('nonce', 'marked-nonce-0001'), state: keep('state', 'marked-state-0001') }
  const answer = await browser.clickThrough(
    openid.path({ ...extra, scope: 'openid profile offline_access' }),
    username,
    password,
  )
  const code = keep('code', new URL(answer.location).searchParams.get('code'))
  for (const [name, value] of browser.cookies) keep(`cookie ${name}`, value)
  const issued = await openid.redeem(answer)
  for (const name of ['access_token', 'refresh_token', 'id_token']) keep(name, issued[name])
  await openid.redeem(answer) // reused
  const refresh = secrets.get('refresh_token') ?? ''
  const rotated = await openid.post('/token', { grant_type: 'refresh_token', refresh_token: refresh })
  keep('code again', code)
  if (typeof rotated['refresh_token'] === 'string') keep('rotated', rotated['refresh_token'])

  const wrong = keep('wrong secret', 'marked-wrong-secret-0001')
  const bad = keep('bad token', 'marked.bad.token-0001')
  const assertion = keep('assertion', `${btoa('{"alg":"HS256"}')}.${btoa('{"sub":"app"}')}.c2lnbmF0dXJl`)
  const device = JSON.parse(await send('/device_authorization', { scope: 'read' }, basic)) as Record<string, string>
  const deviceCode = keep('device code', device['device_code'])
  keep('user code', device['user_code'])
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const posts: [path: string, fields: Record<string, string>, headers?: Record<string, string>][] = [
    ['/token', { grant_type: 'client_credentials', client_id: 'dev-client', client_secret: wrong }],
    ['/token', { grant_type: 'client_credentials', client_id: wrong, client_secret: wrong }],
    [`/token?client_secret=${wrong}&code=${wrong}`, { grant_type: 'client_credentials' }, basic],
    ['/token', { grant_type: 'client_credentials', client_assertion: assertion, client_assertion_type: type }],
    ['/token', { grant_type: 'authorization_code', code: wrong, redirect_uri: redirectUri }, basic],
    ['/token', { grant_type: 'authorization_code', code, code_verifier: wrong, redirect_uri: redirectUri }, basic],
    ['/token', { grant_type: 'refresh_token', refresh_token: wrong }, basic],
    ['/token', { grant_type: 'password', username, password }, basic],
    ['/token', { grant_type: deviceCodeGrantType, device_code: deviceCode }, basic],
    ['/token', { grant_type: 'client_credentials' }, { Authorization: `Basic ${wrong}` }],
    ['/token', { grant_type: 'client_credentials' }, { Authorization: `Bearer ${wrong}` }],
    ['/introspect', { token: bad }, basic],
    ['/introspect', { token: bad }],
    ['/revoke', { token: bad, token_type_hint: wrong }, basic],
    ['/userinfo', { access_token: bad }],
    ['/userinfo', {}, { Authorization: `Bearer ${bad}` }],
    ['/register', { initial: wrong }, { Authorization: `Bearer ${bad}` }],
    [`/register/${wrong}`, {}, { Authorization: `Bearer ${bad}` }],
    ['/login', { username, password: wrong, csrf: wrong, to: '/' }, { Cookie: `grantry-login=${wrong}` }],
    ['/device', { user_code: wrong }, { Cookie: `grantry-session=${wrong}` }],
    ['/logout', { id_token_hint: bad }],
    [`/authorize?client_id=app&request=${assertion}`, {}],
    [openid.path({ code_challenge: wrong, login_hint: wrong, id_token_hint: bad }), {}],
    [`/${wrong}/${bad}`, {}],
  ]
  for (const [path, fields, headers] of posts) await send(path, fields, headers)
  await send(`/userinfo?access_token=${bad}`)
  const metrics = [await (await fetch(`${server.metricsUrl ?? ''}/metrics`)).text()]
  assert.ok(lines.length > 40 && bodies.length > 12, `${lines.length} lines, ${bodies.length} refusals`)
  // What an unknown client calls itself is logged as it is: it is no secret unless somebody puts one there.
  const isUnknownClient = (line: string): boolean => line.includes(`"clientId":"${wrong}"`)
  for (const [name, secret] of secrets)
    for (const [where, texts] of Object.entries({ raw, lines, bodies, metrics })) {
      const found = texts.find((text) => text.includes(secret) && !isUnknownClient(text))
      assert.equal(found, undefined, `${name} in ${where}`)
    }
})

test('start --log-level: lines on standard error from that level on', async () => {
  for (const [level, lines] of [
    ['info', /^\{"level":"info","time":"\d{4}-[^"]+Z","type":"request.answered","method":"GET","route":"\/jwks"/m],
    ['off', /^$/],
  ] as const) {
    const server = grantryServer(['start', '--port', '0', '--data', join(folder, level), '--log-level', level])
    const url = await server.line(/^Issuer: (.*)/)
    await (await fetch(`${url}/jwks`)).text()
    server.process.kill('SIGTERM')
    const { code, stderr } = await server.ended
    assert.equal(code, 0)
    assert.match(stderr, lines)
  }
  const refused = await grantryServer(['start', '--log-level', 'loud']).ended
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /--log-level must be one of debug, info, warn, error, off, not "loud"/)
})
