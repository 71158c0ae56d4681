/** Two live secrets of a client, so that it can change over without an outage. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startServer } from 'grantry-server'
import { grantryServer, type Ended } from './command.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-secrets-'))
const data = join(folder, 'data')
const fileSecret = 'f'.repeat(43)
const server = await startServer({
  ...{ port: 0, data, log: () => undefined },
  clients: [{ id: 'of-file', secret: fileSecret, grantTypes: ['client_credentials'] }],
})
after(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const client = (...args: string[]): Promise<Ended> => grantryServer(['client', ...args, '--data', data]).ended

const rotate = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await client('rotate-secret', 'dev-client', '--json', ...args)
  assert.equal(code, 0, stderr)
  const { clientId, clientSecret } = JSON.parse(stdout) as { clientId: string; clientSecret: string }
  assert.equal(clientId, 'dev-client')
  return clientSecret
}

const statusOf = async (secret: string): Promise<number> => {
  const headers = { Authorization: `Basic ${btoa(`dev-client:${secret}`)}` }
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  const response = await fetch(`${server.url}/token`, { method: 'POST', headers, body })
  await response.text()
  return response.status
}

test('rotate-secret --keep-old -> both work beside a running server, never three; drop-old-secret -> the new one', async () => {
  const first = server.firstStart?.clientSecret ?? assert.fail()
  const second = await rotate('--keep-old')
  assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200])
  const third = await rotate('--keep-old')
  assert.deepEqual([await statusOf(first), await statusOf(second), await statusOf(third)], [401, 200, 200])
  const dropped = await client('drop-old-secret', 'dev-client')
  assert.deepEqual([dropped.code, dropped.stdout], [0, 'The newest secret is the only one.'])
  assert.deepEqual([await statusOf(second), await statusOf(third)], [401, 200])
  const { stdout } = await client('drop-old-secret', 'dev-client', '--json')
  assert.deepEqual(JSON.parse(stdout), { clientId: 'dev-client', droppedSecrets: 0, liveSecrets: 1 })
  assert.equal(await statusOf(third), 200)
})

test('rotate-secret without --keep-old -> the old ones end at once', async () => {
  const old = [await rotate(), await rotate('--keep-old')]
  const { stdout } = await client('rotate-secret', 'dev-client')
  const now = /client secret +(\S+)/.exec(stdout)?.[1] ?? assert.fail(stdout)
  assert.deepEqual(await Promise.all([...old, now].map(statusOf)), [401, 401, 200])
  assert.ok(!stdout.includes('old one'))
})

test('rotate-secret --keep-old, for people -> says how the old one ends', async () => {
  const { stdout } = await client('rotate-secret', 'dev-client', '--keep-old')
  assert.match(stdout, /The old one works too, until: grantry-server client drop-old-secret dev-client$/)
})

describe('refused', () => {
  const rows: [args: string[], text: RegExp][] = [
    [['rotate-secret', 'nope'], /There is no client "nope" in /],
    [['drop-old-secret', 'nope'], /There is no client "nope" in /],
    [['rotate-secret', 'of-file'], /is of the configuration file: change it there/],
    [['drop-old-secret', 'of-file'], /is of the configuration file: change it there/],
  ]
  for (const [args, text] of rows)
    test(`${args.join(' ')} -> one line`, async () => {
      const { code, stdout, stderr } = await client(...args)
      assert.deepEqual([code, stdout, stderr.trimEnd().split('\n').length], [1, '', 1])
      assert.match(stderr, text)
    })
})
