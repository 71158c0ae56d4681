/** The port for metrics, health and version. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startServer, type RunningServer } from 'grantry-server'
import { createMetrics } from '../../packages/server/src/telemetry/metrics.ts'
import { createPrometheus } from '../../packages/server/src/telemetry/prometheus.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { grantryServer } from './command.ts'
import { namedByDashboard } from './dashboard.ts'
import { migrateUp, safeSettings, startNode, urlOf } from './nodes.ts'
import { startOpenId } from './openid-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-metrics-'))
after(() => rmSync(folder, { recursive: true }))

type Samples = ReadonlyMap<string, number>

const parse = (text: string): Samples =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )

const scrape = async ({ metricsUrl }: RunningServer): Promise<string> => {
  const response = await fetch(`${metricsUrl ?? assert.fail('no metrics')}/metrics`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return response.text()
}

/** What a server on SQLite has not that asks no other server and does not fail. */
const elsewhere = async (): Promise<string> => {
  const prometheus = createPrometheus()
  const metrics = createMetrics(prometheus.meter)
  metrics.watchPool(() => ({ busy: 1, idle: 1, waiting: 0 }))
  metrics.observe({ kind: 'outbound', name: 'GET', ms: 1, problem: undefined })
  metrics.observe({ kind: 'database', name: 'select', ms: 1, problem: 'failed' })
  metrics.count({ type: 'request.answered', route: '/token', status: 500, ms: 1 })
  const names = /^grantry_(?:database_|outbound_|requests_total)/
  return (await prometheus.render()).body
    .split('\n')
    .filter((line) => names.test(line))
    .join('\n')
}

const openid = await startOpenId({ metricsPort: 0, metricsHost: '127.0.0.1' })

describe('metrics', () => {
  const token = (fields: Record<string, string>) => openid.post('/token', fields)
  const dev = (): Record<string, string> => ({
    grant_type: 'client_credentials',
    client_id: 'dev-client',
    client_secret: openid.server.firstStart?.clientSecret ?? '',
  })
  const rows: [name: string, act: () => Promise<unknown>, sample: string][] = [
    ['a token', () => token(dev()), 'grantry_tokens_issued_total{grant="client_credentials",client="dev-client"}'],
    [
      'the request for it',
      () => token(dev()),
      'grantry_requests_total{endpoint="/token",grant="client_credentials",result="ok"}',
    ],
    [
      'its calls of the database',
      () => token(dev()),
      'grantry_database_query_duration_seconds_count{operation="findClient"}',
    ],
    ['its time', () => token(dev()), 'grantry_request_duration_seconds_count{endpoint="/token"}'],
    [
      'a refused one',
      () => token({ ...dev(), client_secret: 'made-up-secret' }),
      'grantry_refusals_total{endpoint="token",reason="client_secret_wrong"}',
    ],
    [
      'a grant that a client made up',
      () => token({ ...dev(), grant_type: 'made-up' }),
      'grantry_requests_total{endpoint="/token",grant="other",result="refused"}',
    ],
    [
      'a path that there is not',
      async () => (await fetch(`${openid.server.url}/made-up`)).text(),
      'grantry_requests_total{endpoint="other",grant="none",result="refused"}',
    ],
    [
      'a login that fails',
      async () => {
        const browser = openid.browser()
        await browser.submit(await browser.get('/login'), 'login', { username: 'made-up', password: 'x' })
      },
      'grantry_login_events_total{outcome="refused"}',
    ],
    ['a login', () => openid.loggedIn(), 'grantry_login_events_total{outcome="accepted"}'],
  ]
  for (const [name, act, sample] of rows)
    test(`${name} -> ${sample}`, async () => {
      const earlier = parse(await scrape(openid.server)).get(sample) ?? 0
      await act()
      assert.equal(parse(await scrape(openid.server)).get(sample), earlier + 1)
    })

  const reuse = async (): Promise<void> => {
    await openid.changeClient('spa', {})
    const { username, password } = openid
    const path = openid.path({ client_id: 'spa', scope: 'openid offline_access', prompt: 'consent' })
    const answer = await openid.browser().clickThrough(path, username, password)
    const code = new URL(answer.location).searchParams.get('code') ?? ''
    const redeemed = await token({
      ...{ grant_type: 'authorization_code', code, client_id: 'spa' },
      ...{ redirect_uri: 'https://app.example/cb', code_verifier: 'v'.repeat(43) },
    })
    const refresh = { grant_type: 'refresh_token', client_id: 'spa' }
    let last = String(redeemed['refresh_token'])
    for (let count = 0; count < 2; count++)
      last = String((await token({ ...refresh, refresh_token: last }))['refresh_token'])
    await token({ ...refresh, refresh_token: String(redeemed['refresh_token']) })
  }
  let reused: Promise<void> | undefined

  test('a refresh token that is used again -> an alarm', async () => {
    await (reused ??= reuse())
    const samples = parse(await scrape(openid.server))
    assert.equal(samples.get('grantry_refresh_token_rotations_total{outcome="rotated"}'), 2)
    assert.equal(samples.get('grantry_refresh_token_rotations_total{outcome="reused"}'), 1)
  })

  test('every metric and label that the dashboard of Grafana names is there', async () => {
    await Promise.all([(reused ??= reuse()), token(dev())])
    const lines = `${await scrape(openid.server)}\n${await elsewhere()}`.split('\n')
    const wrong = namedByDashboard().filter(({ metric, labels, values }) => {
      const own = lines.filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
      const isThere = own.some((line) => labels.every((label) => line.includes(`${label}="`)))
      return !isThere || !values.every(([label, value]) => own.some((line) => line.includes(`${label}="${value}"`)))
    })
    assert.deepEqual(wrong, [])
  })

  test('nothing that a stranger typed is in them, and no secret', async () => {
    const text = await scrape(openid.server)
    const secrets = [openid.password, openid.server.firstStart?.clientSecret ?? assert.fail()]
    for (const typed of ['made-up', ...secrets]) assert.ok(!text.includes(typed), typed)
  })

  test('event loop, process and version are there', async () => {
    const text = await scrape(openid.server)
    assert.match(text, /^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m)
    assert.match(text, /^process_resident_memory_bytes \d+$/m)
    assert.match(text, /^grantry_build_info\{version="\d+\.\d+\.\d+"\} 1$/m)
    assert.match(text, /^grantry_keys_events_total\{outcome="rotated"\} 0$/m)
  })

  const paths: [method: string, path: string, status: number][] = [
    ['GET', '/health/live', 200],
    ['GET', '/health/ready', 200],
    ['GET', '/version', 200],
    ['HEAD', '/metrics', 200],
    ['POST', '/metrics', 405],
    ['GET', '/token', 404],
    ['GET', '/login', 404],
    ['GET', '/', 404],
  ]
  for (const [method, path, status] of paths)
    test(`${method} ${path} at the port for metrics -> ${status}`, async () => {
      const response = await fetch((openid.server.metricsUrl ?? '') + path, { method })
      await response.text()
      assert.equal(response.status, status)
    })

  test('the port for everyone has health and version, and no metrics', async () => {
    const at = async (path: string) => {
      const response = await fetch(openid.server.url + path)
      return [response.status, await response.text()] as const
    }
    assert.deepEqual(await at('/version'), [200, '{"name":"grantry-server","version":"0.1.0"}'])
    assert.equal((await at('/health/ready'))[0], 200)
    assert.equal((await at('/metrics'))[0], 404)
  })
})

test('many clients -> a hundred have a label, the others share one', async () => {
  const prometheus = createPrometheus()
  const metrics = createMetrics(prometheus.meter)
  for (let index = 0; index < 150; index++)
    metrics.count({ type: 'token.issued', grantType: 'client_credentials', clientId: `c${index}` })
  const samples = parse((await prometheus.render()).body)
  const issued = [...samples].filter(([name]) => name.startsWith('grantry_tokens_issued_total'))
  assert.equal(issued.length, 101)
  assert.equal(samples.get('grantry_tokens_issued_total{grant="client_credentials",client="other"}'), 50)
})

test('without metricsPort there is no second port', async () => {
  const server = await startServer({ port: 0, data: join(folder, 'none'), log: () => undefined })
  assert.equal(server.metricsUrl, undefined)
  await server.close()
})

test('start --metrics-port: printed, and closed with the server; a taken one is named', async () => {
  const args = ['start', '--port', '0', '--data', join(folder, 'flag'), '--metrics-port']
  const server = grantryServer([...args, '0'])
  const url = await server.line(/^Metrics: (http:\/\/localhost:\d+\/metrics)$/)
  assert.equal((await fetch(url)).status, 200)
  server.process.kill('SIGTERM')
  assert.equal((await server.ended).code, 0)
  await assert.rejects(fetch(url))
  const other = createServer().listen(0, 'localhost')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const refused = await grantryServer([...args, String(port)]).ended
  other.close()
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, new RegExp(`^grantry-server: Port ${port} on localhost is taken.*--metrics-port.\n$`))
})

describe('on PostgreSQL', { skip: whyNoPostgres ?? false }, () => {
  let database: PostgresServer
  let server: RunningServer
  before(async () => {
    database = await startPostgres(safeSettings)
    await migrateUp(urlOf(database))
    server = await startNode(urlOf(database), { metricsPort: 0, metricsHost: '127.0.0.1' })
  })
  after(async () => {
    await server.close()
    await database.remove()
  })

  test('connections by state', async () => {
    const samples = parse(await scrape(server))
    for (const state of ['busy', 'idle', 'waiting'])
      assert.equal(typeof samples.get(`grantry_database_connections{state="${state}"}`), 'number')
    const open = ['busy', 'idle'].map((state) => samples.get(`grantry_database_connections{state="${state}"}`) ?? 0)
    assert.ok(Math.max(...open) >= 1)
  })

  test('the database is away -> not ready within two seconds, live and metrics answer', async () => {
    await database.stop()
    const start = performance.now()
    const statuses = await Promise.all(
      ['/health/ready', '/health/live', '/metrics'].map(
        async (path) => (await fetch((server.metricsUrl ?? '') + path)).status,
      ),
    )
    assert.deepEqual(statuses, [503, 200, 200])
    assert.ok(performance.now() - start < 2000)
    await database.start()
  })
})
