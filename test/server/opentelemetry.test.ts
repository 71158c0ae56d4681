/** Traces and metrics by OpenTelemetry: what a receiver of OTLP over HTTP gets of requests, and what no span has in it. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { LogRecord } from 'grantry-server'
import { StartError } from '../../packages/server/src/errors.ts'
import { resolveSettings } from '../../packages/server/src/settings.ts'
import { whyNoPostgres, startPostgres } from '../storage/postgres-server.ts'
import { migrateUp, safeSettings, secretsOf, startNode, tokenStatus, urlOf } from './nodes.ts'
import { startOpenId, type OpenId } from './openid-fixture.ts'
import { startReceiver } from './receiver.ts'

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: number }
}

interface Point {
  readonly attributes: readonly Attribute[]
  readonly asDouble?: number
  readonly count?: number
}

interface Metric {
  readonly name: string
  readonly sum?: { readonly dataPoints: readonly Point[] }
  readonly histogram?: { readonly dataPoints: readonly Point[] }
}

/** A receiver of OTLP/HTTP in JSON, and how to read what it has. */
const startCollector = async () => {
  const receiver = await startReceiver('/otlp')
  const read = () => {
    const spans: Span[] = []
    const metrics: Metric[] = []
    const resources: Attribute[] = []
    for (const { path, body } of receiver.posted) {
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(body) as {
        resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[]
        resourceMetrics?: { scopeMetrics: { metrics: Metric[] }[] }[]
      }
      assert.equal(path, resourceSpans.length > 0 ? '/otlp/v1/traces' : '/otlp/v1/metrics')
      resources.push(...resourceSpans.flatMap(({ resource }) => resource.attributes))
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
      metrics.push(...resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)))
    }
    return { spans, metrics, resources }
  }
  return { ...receiver, read }
}

const attributesOf = ({ attributes }: Pick<Span, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'
const traceparent = `00-${trace}-${parent}-01`
const marked = 'marked-secret-0001'

describe('a server with --otlp-endpoint', () => {
  let receiver: Awaited<ReturnType<typeof startCollector>>
  let openid: OpenId
  const token = async (fields: Record<string, string>, headers: Record<string, string> = {}): Promise<void> => {
    const client = { client_id: 'dev-client', client_secret: openid.server.firstStart?.clientSecret ?? '' }
    const body = new URLSearchParams({ ...client, grant_type: 'client_credentials', ...fields })
    await (await fetch(`${openid.server.url}/token`, { method: 'POST', body, headers })).text()
  }
  before(async () => {
    receiver = await startCollector()
    openid = await startOpenId({ otlpEndpoint: `${receiver.url}/`, otlpHeaders: [`x-api-key=${marked}`] })
    await token({}, { traceparent })
    await token({ client_secret: marked })
    await (await fetch(`${openid.server.url}/health/ready`)).text()
    await openid.loggedIn()
    await openid.server.close()
  })

  const requestSpan = (name: string, status: number): Span =>
    receiver
      .read()
      .spans.find((span) => span.name === name && attributesOf(span)['http.response.status_code'] === status) ??
    assert.fail(
      receiver
        .read()
        .spans.map((span) => span.name)
        .join(),
    )

  test('the span of a request goes on with its trace, and says what it was', () => {
    const span = requestSpan('POST /token', 200)
    assert.deepEqual([span.traceId, span.parentSpanId, span.kind], [trace, parent, 2])
    assert.deepEqual(attributesOf(span), {
      ...{ 'http.request.method': 'POST', 'http.route': '/token', 'http.response.status_code': 200 },
      ...{ 'grantry.client': 'dev-client', 'grantry.grant': 'client_credentials', 'grantry.result': 'ok' },
    })
  })

  test('a refused one says why; the trace that it begins is the one in the log', () => {
    const span = requestSpan('POST /token', 401)
    const { 'grantry.reason': reason, 'grantry.result': result } = attributesOf(span)
    assert.deepEqual([reason, result, span.parentSpanId], ['client_secret_wrong', 'refused', undefined])
    const records = openid.records.filter(({ traceId }) => traceId === span.traceId)
    assert.deepEqual(
      records.map(({ type }) => type),
      ['request.refused', 'request.answered'],
    )
  })

  test('calls of the store and statements are spans of their request, with places for values and no values', () => {
    const within = (span: Span): Span[] =>
      receiver.read().spans.filter(({ parentSpanId }) => parentSpanId === span.spanId)
    const calls = within(requestSpan('POST /token', 200))
    assert.ok(calls.some(({ name, kind }) => name === 'findClient' && kind === 3))
    const statements = within(requestSpan('POST /login', 303)).filter((span) => 'db.query.text' in attributesOf(span))
    const inserted = statements.find(({ name }) => name === 'insert session') ?? assert.fail()
    assert.match(String(attributesOf(inserted)['db.query.text']), /^insert into "session" .*\?/)
    for (const span of statements) assert.doesNotMatch(String(attributesOf(span)['db.query.text']), /'[^$']+'/)
  })

  test('metrics are those of Prometheus', () => {
    const requests =
      receiver
        .read()
        .metrics.filter(({ name }) => name === 'grantry.requests')
        .at(-1)?.sum?.dataPoints ?? []
    const found = requests.find((point) => attributesOf(point)['result'] === 'refused')
    assert.deepEqual(found && [attributesOf(found), found.asDouble], [
      { endpoint: '/token', grant: 'client_credentials', result: 'refused' },
      1,
    ])
    const times = receiver
      .read()
      .metrics.filter(({ name }) => name === 'grantry.database_query_duration')
      .at(-1)
    const operations = times?.histogram?.dataPoints.map((point) => attributesOf(point)['operation'])
    assert.ok(operations?.includes('insert session') && operations.includes('findClient'), operations?.join())
  })

  test('who asks whether it lives makes no span; it is known which server it is; headers are sent', () => {
    assert.ok(!receiver.read().spans.some((span) => attributesOf(span)['http.route'] === '/health/ready'))
    assert.equal(attributesOf({ attributes: receiver.read().resources })['service.name'], 'grantry-server')
    for (const { headers } of receiver.posted) assert.equal(headers['x-api-key'], marked)
  })

  test('no secret is in what is sent', () => {
    const secrets = [marked, openid.password, openid.server.firstStart?.clientSecret ?? assert.fail()]
    for (const secret of secrets) assert.ok(!receiver.bodies.some((text) => text.includes(secret)))
  })
})

test('on PostgreSQL -> statements have numbered places', { skip: whyNoPostgres ?? false }, async () => {
  const receiver = await startCollector()
  const database = await startPostgres(safeSettings)
  await migrateUp(urlOf(database))
  const node = await startNode(urlOf(database), { otlpEndpoint: receiver.url })
  assert.equal(await tokenStatus(node, secretsOf(node)), 200)
  await (await fetch(`${node.url}/account`, { headers: { cookie: `grantry-session=${'x'.repeat(43)}` } })).text()
  await node.close()
  await database.remove()
  const texts = receiver.read().spans.map((span) => attributesOf(span)['db.query.text'])
  assert.ok(
    texts.some((text) => /from "grantry"."session".*\$1/.test(String(text))),
    texts.join(),
  )
})

test('--otlp-sampling 0 -> no traces, whatever the request says; the log knows the trace all the same', async () => {
  const receiver = await startCollector()
  const openid = await startOpenId({ otlpEndpoint: receiver.url, otlpSampling: 0 })
  await (await fetch(`${openid.server.url}/jwks`, { headers: { traceparent } })).text()
  await openid.server.close()
  assert.deepEqual(receiver.read().spans, [])
  assert.ok(receiver.read().metrics.length > 0)
  assert.ok(openid.records.some(({ type, traceId }) => type === 'request.answered' && traceId === trace))
})

test('nobody takes it -> the server works, says so, and ends within seconds', async () => {
  const openid = await startOpenId({ otlpEndpoint: 'http://127.0.0.1:1' })
  await openid.loggedIn()
  const start = performance.now()
  await openid.server.close()
  assert.ok(performance.now() - start < 8000)
  const failed: LogRecord[] = openid.records.filter(({ type }) => type === 'otlp.failed')
  assert.ok(failed.length >= 2, `${failed.length}`)
})

describe('settings that cannot work', () => {
  const rows: [name: string, options: object, message: RegExp][] = [
    ['no URL', { otlpEndpoint: 'collector' }, /--otlp-endpoint must be an https or http URL/],
    ['credentials in it', { otlpEndpoint: 'http://a:b@collector' }, /without credentials/],
    ['no header', { otlpHeaders: [marked] }, /^otlpHeaders must be headers as name=value\.$/],
  ]
  for (const [name, options, message] of rows)
    test(`${name} -> refused`, () => {
      const isExpected = (thrown: unknown): boolean => thrown instanceof StartError && message.test(thrown.message)
      assert.throws(() => resolveSettings(options), isExpected)
    })
})
