/** Documents of other servers: kept for a while, asked for once at a time, failures remembered. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OutboundClient } from 'grantry'
import { startOtherServer } from '../support/other-server.ts'

const accepts = ['application/json']
let counter = 0
const other = await startOtherServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://other')
  const cacheControl = searchParams.get('cache')
  const headers = {
    'content-type': 'application/json',
    ...(cacheControl !== null && { 'cache-control': cacheControl }),
  }
  if (pathname === '/slow') return void setTimeout(() => response.writeHead(200, headers).end('{}'), 100)
  if (pathname === '/failing') return response.writeHead(500).end()
  return response.writeHead(200, headers).end(String(++counter))
})
const makeClient = () => new OutboundClient({ allowPrivateHosts: ['127.0.0.1'] })
const fetchAt = (client: OutboundClient, path: string, now: number, maxAge?: number) =>
  client.fetchDocument(other.origin + path, { accepts, now, maxAge })

describe('how long a document is kept', () => {
  test('maxAge 0: asked anew, and nothing is kept of it; what was kept before stays', async () => {
    const client = makeClient()
    const first = await fetchAt(client, '/none', 1000, 0)
    const second = await fetchAt(client, '/none', 1000)
    assert.notEqual(first.text, second.text)
    assert.notEqual((await fetchAt(client, '/none', 1000, 0)).text, second.text)
    assert.equal((await fetchAt(client, '/none', 1000)).text, second.text)
  })

  const lifetimes: [cache: string, seconds: number][] = [
    ['', 300],
    ['max-age=60', 300],
    ['public, max-age=3600', 3600],
    ['max-age="600"', 600],
    ['max-age=999999', 86_400],
    ['no-store', 0],
    ['private, no-cache, max-age=3600', 0],
    ['x-no-store=1, max-age=400', 400],
  ]
  for (const [cache, seconds] of lifetimes) {
    test(`${cache || 'nothing said'} → ${seconds} seconds`, async () => {
      const client = makeClient()
      const path = `/document?cache=${encodeURIComponent(cache)}`
      const first = await fetchAt(client, path, 1000)
      const again = async (now: number) => (await fetchAt(client, path, now)).text === first.text
      if (seconds > 0) assert.equal(await again(1000 + seconds - 1), true)
      assert.equal(await again(1000 + seconds), false)
    })
  }

  test('a copy that is too old for who asks → fetched anew', async () => {
    const client = makeClient()
    const first = await fetchAt(client, '/document', 1000)
    assert.equal((await fetchAt(client, '/document', 1029, 30)).text, first.text)
    assert.notEqual((await fetchAt(client, '/document', 1030, 30)).text, first.text)
  })

  test('at most 200 are kept, the oldest goes first', async () => {
    const client = makeClient()
    const first = await fetchAt(client, '/document?0', 1000)
    for (let index = 1; index < 200; index++) await fetchAt(client, `/document?${index}`, 1000)
    assert.equal((await fetchAt(client, '/document?0', 1000)).text, first.text)
    await fetchAt(client, '/document?200', 1000)
    assert.notEqual((await fetchAt(client, '/document?0', 1000)).text, first.text)
  })
})

test('1,000 who want one document at once → one request', async () => {
  const client = makeClient()
  const before = other.asked.length
  await Promise.all(Array.from({ length: 1000 }, () => fetchAt(client, '/slow', 1000)))
  assert.equal(other.asked.length - before, 1)
})

test('a failure is remembered for 10 seconds', async () => {
  const client = makeClient()
  const before = other.asked.length
  for (const now of [1000, 1009, 1010]) await assert.rejects(fetchAt(client, '/failing', now), { problem: 'status' })
  assert.equal(other.asked.length - before, 2)
})

test('more than 32 different ones at once → busy', async () => {
  const client = makeClient()
  const all = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => fetchAt(client, `/slow?${index}`, 1000)),
  )
  const refused = all.filter((each) => each.status === 'rejected')
  assert.deepEqual([...new Set(refused.map(({ reason }) => (reason as { problem: string }).problem))], ['busy'])
  assert.equal(refused.length, 8)
})

for (const timeoutMs of [0, 0.5, 60_000]) {
  test(`timeoutMs ${timeoutMs} → ConfigurationError`, () => {
    assert.throws(() => new OutboundClient({ timeoutMs }), {
      name: 'ConfigurationError',
      message: /outbound\.timeoutMs/,
    })
  })
}
