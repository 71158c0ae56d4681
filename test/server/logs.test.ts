/** What is logged of requests: ids, one record each, levels, and no secret. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startServer, type LogRecord, type RunningServer, type ServerOptions } from 'grantry-server'
import { openLog } from '../../packages/server/src/log.ts'
import type { LogLevel } from '../../packages/server/src/telemetry/levels.ts'
import { grantryServer } from './command.ts'

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
  openLog(level, { stream })(record)
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
