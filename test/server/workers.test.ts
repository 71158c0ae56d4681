/** Several processes of one command: `start --workers`. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, test } from 'node:test'
import { startServer } from 'grantry-server'
import { WorkerMetrics } from '../../packages/server/src/cluster/worker-metrics.ts'
import { createMetrics } from '../../packages/server/src/telemetry/metrics.ts'
import { createPrometheus } from '../../packages/server/src/telemetry/prometheus.ts'
import { grantryServer, type Running } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-workers-'))
after(() => rmSync(folder, { recursive: true }))

const config = join(folder, 'grantry.json')
const configure = (settings: object): void =>
  writeFileSync(config, JSON.stringify({ port: 0, metricsPort: 0, data: join(folder, 'data'), ...settings }))

interface LogLine {
  readonly type: string
  readonly worker?: number
  readonly pid?: number
}

/** The log as it is written: resolves with the next record of a type that nobody waited for. */
const follow = ({ process }: Running): ((type: string) => Promise<LogLine>) => {
  const records: LogLine[] = []
  let look: () => void = () => undefined
  createInterface({ input: process.stderr ?? assert.fail() }).on('line', (line) => {
    records.push(JSON.parse(line) as LogLine)
    look()
  })
  return (type) =>
    new Promise((resolve) => {
      look = () => {
        const index = records.findIndex((record) => record.type === type)
        if (index >= 0) resolve(records.splice(index, 1)[0] ?? assert.fail())
      }
      look()
    })
}

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('start --workers 2', async () => {
  configure({ workers: 2 })
  const server = grantryServer(['start', '--config', config])
  const next = follow(server)
  after(() => server.process.kill('SIGKILL'))
  const url = await server.line(/running at (http:\S+)\. /)
  const metricsUrl = await server.line(/^Metrics: (http:\S+)$/)
  const secret = await server.line(/client secret +(\S+)/)
  const workers = [await next('worker.started'), await next('worker.started')]

  const token = async (): Promise<string> => {
    const body = new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: 'dev-client', client_secret: secret },
    })
    const response = await fetch(`${url}/token`, { method: 'POST', body, headers: { connection: 'close' } })
    return ((await response.json()) as { access_token?: string }).access_token ?? assert.fail(String(response.status))
  }
  const sample = async (name: string): Promise<string | undefined> => {
    const text = await (await fetch(metricsUrl)).text()
    return text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1)
  }
  const issued = 'grantry_tokens_issued_total{grant="client_credentials",client="dev-client"}'

  test('both answer, and are counted together', async () => {
    for (let index = 0; index < 4; index++) await token()
    const answered = new Set([(await next('token.issued')).worker, (await next('token.issued')).worker])
    assert.deepEqual([...answered].toSorted(), workers.map(({ worker }) => worker).toSorted())
    assert.deepEqual([await sample(issued), await sample('grantry_workers')], ['4', '2'])
    assert.equal((await fetch(new URL('/health/ready', metricsUrl))).status, 200)
  })

  test('the secrets of the first start are there once', () =>
    assert.equal(server.lines.filter((line) => /client secret|Made for development/.test(line)).length, 2))

  test('a worker is killed -> another follows, and what it counted stays', async () => {
    process.kill(workers[0]?.pid ?? assert.fail(), 'SIGKILL')
    const { worker } = await next('worker.died')
    assert.equal(worker, workers[0]?.worker)
    workers[0] = await next('worker.started')
    assert.deepEqual([await sample(issued), await sample('grantry_workers')], ['4', '2'])
    assert.equal(await sample('grantry_worker_events_total{outcome="died"}'), '1')
  })

  test('SIGHUP with a configuration that is wrong -> nobody is replaced', async () => {
    writeFileSync(config, '{"prot": 9000}')
    server.process.kill('SIGHUP')
    await next('reload.failed')
    await token()
    assert.equal(await sample('grantry_worker_events_total{outcome="ended"}'), '0')
  })

  test('SIGHUP with one that changed -> it holds', async () => {
    assert.match(await token(), /\./)
    configure({ workers: 1, tokenFormat: 'opaque' })
    server.process.kill('SIGHUP')
    await next('reload.done')
    assert.doesNotMatch(await token(), /\./)
    assert.equal(await sample('grantry_workers'), '1')
  })

  test('SIGTERM -> all end', async () => {
    server.process.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
    assert.deepEqual(
      workers.filter(({ pid }) => isThere(pid ?? assert.fail())),
      [],
    )
  })
})

test('the first worker cannot start -> its message and exit code, and no other is tried', async () => {
  const args = [
    'start',
    '--workers',
    '2',
    '--issuer',
    'https://id.example',
    '--allow-unsafe-durability',
    '--log-level',
    'off',
  ]
  const { code, stderr } = await grantryServer([...args, '--data', join(folder, 'refused')]).ended
  assert.equal(code, 2)
  assert.match(stderr, /^grantry-server: --allow-unsafe-durability: .*\n$/)
})

test('metrics of processes: sums, with what those counted that ended; of lags the longest', async () => {
  const count = async (tokens: number): Promise<readonly object[]> => {
    const prometheus = createPrometheus()
    const counted = createMetrics(prometheus.meter)
    for (let index = 0; index < tokens; index++)
      counted.count({ type: 'token.issued', grantType: 'none', clientId: 'app' })
    counted.watchWorkers(() => tokens)
    const lag = {
      type: 'gauge',
      name: 'nodejs_eventloop_lag_p99_seconds',
      help: 'Lag.',
      values: [{ labels: {}, value: tokens }],
    }
    return [...(await prometheus.json()).filter((metric) => !('name' in metric && metric.name === lag.name)), lag]
  }
  const metrics = new WorkerMetrics()
  for (const tokens of [1, 2, 3, 4]) metrics.note(tokens, await count(tokens))
  metrics.end(1)
  metrics.end(2)
  const { body } = await metrics.render()
  assert.match(body, /^grantry_tokens_issued_total\{grant="other",client="app"\} 10$/m)
  assert.match(body, /^grantry_workers 7$/m)
  assert.match(body, /^nodejs_eventloop_lag_p99_seconds 4$/m)
  assert.match(body, /^grantry_build_info\{version="[\d.]+"\} 1$/m)
})

test('stopDelay: first it is not ready and answers, then it ends', async () => {
  const server = await startServer({ port: 0, data: join(folder, 'data'), stopDelay: 1, log: () => undefined })
  const closed = server.close()
  const status = async (path: string): Promise<number> => (await fetch(server.url + path)).status
  assert.deepEqual([await status('/health/ready'), await status('/jwks')], [503, 200])
  await closed
  await assert.rejects(status('/jwks'))
})
