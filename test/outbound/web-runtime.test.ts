/** The guarded client as on runtimes that are not Node, which resolve names by themselves: what remains of the guard. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { OutboundProblem } from 'grantry'
import { startOtherServer } from '../support/other-server.ts'
import '../support/web-platform.ts'

const { guardedFetch } = await import('#grantry/outbound/guarded-fetch')

const bomb = gzipSync(Buffer.alloc(50_000_000))
const json = { 'content-type': 'application/json' }
const other = await startOtherServer((request, response) => {
  if (request.url === '/to') return response.writeHead(302, { location: '/good' }).end()
  if (request.url === '/silent') return undefined
  if (request.url === '/gzip') return response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb)
  return response.writeHead(200, json).end('{"a":1}')
})
const options = { accepts: ['application/json'], allowPrivateHosts: ['127.0.0.1'], timeoutMs: 1000 }

const rows: [url: string, problem: OutboundProblem | undefined][] = [
  [`${other.origin}/good`, undefined],
  [`${other.origin}/to`, 'redirect'],
  [`${other.origin}/gzip`, 'too_large'],
  [`${other.origin}/silent`, 'timeout'],
  ['https://169.254.169.254/', 'address'],
  ['https://[::ffff:10.0.0.1]/', 'address'],
  ['https://2130706433/', 'address'],
  ['https://localhost/', 'address'],
  ['https://metadata.google.internal/', 'address'],
]
for (const [url, problem] of rows) {
  test(`${new URL(url).hostname}${new URL(url).pathname} → ${problem ?? 'read'}`, async () => {
    const asking = guardedFetch(url, { ...options, ...(problem === 'address' && { allowPrivateHosts: [] }) })
    if (problem === undefined) assert.equal((await asking).text, '{"a":1}')
    else await assert.rejects(asking, { name: 'OutboundError', problem })
  })
}

test('redirects that may be followed are', async () => {
  assert.equal((await guardedFetch(`${other.origin}/to`, { ...options, maxRedirects: 1 })).text, '{"a":1}')
})
