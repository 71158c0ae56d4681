/** `grantry-server start --profile mcp` and the official client of MCP: from the URL of an MCP server to a tool that needs more. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { mcpHandler } from '../../examples/mcp-server.ts'
import { grantryServer } from '../server/command.ts'
import { makeCertificate } from '../support/certificates.ts'
import { allow, open, Program, sentBy } from './mcp-user.ts'

const folder = mkdtempSync(join(tmpdir(), 'grantry-mcp-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port // a TCP server has an AddressInfo
}

// the site of a client, over TLS
const certificate = makeCertificate({ subject: ['CN=localhost'], names: [{ type: 'san_dns', value: 'localhost' }] })
writeFileSync(join(folder, 'ca.pem'), certificate.pem)
let asked = 0
const site = createTlsServer({ cert: certificate.pem, key: certificate.keyPem }, (_request, response) => {
  asked += 1
  const { redirectUrl, clientMetadata } = new Program()
  const document = { ...clientMetadata, client_id: clientId, redirect_uris: [redirectUrl] }
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(document))
})
const sitePort = await listen(site)
const clientId = `https://localhost:${sitePort}/oauth/client.json`

// the authorization server: beside the profile, only what this machine needs
const command = grantryServer(
  [
    ...['start', '--profile', 'mcp', '--port', '0', '--data', folder, '--log-level', 'error'],
    ...['--allow-private-host', `localhost:${sitePort}`],
  ],
  { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
)
after(async () => {
  command.process.kill()
  await command.ended
})
const issuer = await command.line(/^Issuer: (\S+)/)
const user = { username: await command.line(/^ +user +(\S+)/), password: await command.line(/^ +password +(\S+)/) }

// the MCP server: its port is in its URL
let handler: (request: Request) => Promise<Response> = () => Promise.reject(new Error('too early'))
const mcp = createAdaptorServer({ fetch: (request: Request) => handler(request) })
const resource = `http://localhost:${await listen(mcp as Server)}/mcp`
handler = mcpHandler(issuer, resource)

/** Connects, by way of the user. */
const connect = async (program: Program) => {
  const first = open(resource, program)
  const url = await sentBy(program, first.client.connect(first.transport))
  await first.transport.finishAuth(await allow(url, user))
  const { client, transport } = open(resource, program)
  await client.connect(transport)
  return { client, transport, url }
}

const textOf = (answer: unknown): string | undefined =>
  (answer as { readonly content: readonly { readonly text: string }[] }).content[0]?.text

test('a client that is known by its document: discovery, login, consent, a tool', async () => {
  const program = new Program({}, clientId)
  const { client, url } = await connect(program)
  assert.equal(url.searchParams.get('client_id'), clientId)
  assert.deepEqual([url.searchParams.get('scope'), url.searchParams.get('resource')], ['mcp', resource])
  assert.ok(textOf(await client.callTool({ name: 'whoami' })))
  assert.equal(asked, 1) // one document for all of it
  await client.close()
})

test('a client that registers itself: the same, under an id of the server', async () => {
  const program = new Program()
  const { client, url } = await connect(program)
  assert.match(url.searchParams.get('client_id') ?? '', /^[\w-]{22}$/)
  assert.ok(textOf(await client.callTool({ name: 'whoami' })))
  await client.close()
})

test('the server forgot the client → invalid_client, and the client registers anew', async () => {
  const program = new Program()
  const first = open(resource, program)
  await sentBy(program, first.client.connect(first.transport))
  program.kept = {
    ...program.kept,
    clientInformation: { client_id: 'swept', issuer },
    tokens: { access_token: 'old', token_type: 'Bearer', refresh_token: 'old', issuer },
  }
  const second = open(resource, program)
  const url = await sentBy(program, second.client.connect(second.transport))
  assert.notEqual(url.searchParams.get('client_id'), 'swept')
})

test('two processes refresh at once → both have tokens that work, and so does the refresh after it', async () => {
  const program = new Program()
  const { client } = await connect(program)
  await client.close()
  const script = fileURLToPath(new URL('mcp-refresh.ts', import.meta.url))
  const processes = await Promise.all(
    [1, 2].map(async () => {
      const child = spawn(process.execPath, [script, resource, JSON.stringify(program.kept)])
      child.stderr.pipe(process.stderr)
      await once(child.stdout, 'data')
      return child
    }),
  )
  const answers = await Promise.all(
    processes.map(async (child) => {
      child.stdin.write('go\n')
      const [data] = (await once(child.stdout, 'data')) as [Buffer]
      return JSON.parse(data.toString()) as { result: string; tokens: NonNullable<Program['kept']['tokens']> }
    }),
  )
  assert.deepEqual(
    answers.map(({ result }) => result),
    ['AUTHORIZED', 'AUTHORIZED'],
  )
  assert.equal(new Set(answers.map(({ tokens }) => tokens.refresh_token)).size, 1)
  for (const { tokens } of answers) {
    program.saveTokens(tokens)
    const { client: again, transport } = open(resource, program)
    await again.connect(transport)
    assert.ok(textOf(await again.callTool({ name: 'whoami' })))
    await again.close()
  }
})

test('a tool needs more → 403 insufficient_scope, and the user is asked for that; then it runs', async () => {
  const program = new Program({ grant_types: ['authorization_code'] }) // with a refresh token the client would refresh, and get no more
  const { client } = await connect(program)
  const url = await sentBy(program, client.callTool({ name: 'save_note' }))
  assert.equal(url.searchParams.get('scope'), 'mcp mcp:write')
  const { transport } = open(resource, program)
  await transport.finishAuth(await allow(url, user))
  const again = open(resource, program)
  await again.client.connect(again.transport)
  assert.match(textOf(await again.client.callTool({ name: 'save_note' })) ?? '', /^saved for /)
  await Promise.all([client.close(), again.client.close()])
})
