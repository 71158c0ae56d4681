/** The official client of MCP against an MCP server that `protect` guards: it finds the way to a token by itself. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { registerClient, Server, signedTokenGenerator, StoreValidator, type HttpHandler } from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { MemoryStore } from 'grantry/storage/memory'
import { createAdaptorServer } from '@hono/node-server'
import { mcpHandler } from '../../examples/mcp-server.ts'

const listen = async (server: ReturnType<typeof createServer>): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a TCP server has an AddressInfo
}

let handle: HttpHandler = () => ({ status: 500, headers: {}, body: '' })
const issuer = await listen(createServer(toNodeHandler({ handle: (request) => handle(request) })))
// the port is known only once something listens there
const placeholder = createServer()
const resource = `${await listen(placeholder)}/mcp`
await new Promise((resolve) => placeholder.close(resolve))
const mcp = createAdaptorServer({ fetch: mcpHandler(issuer, resource) })
await new Promise<void>((resolve) => mcp.listen(Number(new URL(resource).port), '127.0.0.1', resolve))
after(() => {
  mcp.close()
})

const store = new MemoryStore()
const { secret = '' } = await registerClient(store, {
  id: 'agent',
  grantTypes: ['client_credentials'],
  scopes: ['mcp'],
})
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const tokenGenerator = signedTokenGenerator(privateKey, { issuer, audience: issuer, profile: 'at+jwt' })
const server = new Server(new StoreValidator(store), { issuer, tokenGenerator, resources: [resource] })
handle = (request) => server.handle(request)

const connect = async (clientSecret: string): Promise<Client> => {
  const authProvider = new ClientCredentialsProvider({
    clientId: 'agent',
    clientSecret,
    scope: 'mcp',
    expectedIssuer: issuer,
  })
  const client = new Client({ name: 'test', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(resource), { authProvider }))
  return client
}

test('the client reads the challenge, finds the server, gets a token for this resource and calls a tool', async () => {
  const client = await connect(secret)
  assert.deepEqual((await client.callTool({ name: 'whoami' })).content, [{ type: 'text', text: 'agent' }])
  await client.close()
})

test('without a token there is nothing but the way to one', async () => {
  const refused = await fetch(resource, { method: 'POST', body: '{}' })
  assert.equal(refused.status, 401)
  const metadata = `${new URL(resource).origin}/.well-known/oauth-protected-resource/mcp`
  assert.equal(
    refused.headers.get('www-authenticate'),
    `Bearer realm="api", scope="mcp", resource_metadata="${metadata}"`,
  )
  assert.deepEqual(((await (await fetch(metadata)).json()) as { resource: string }).resource, resource)
})

test('a client that cannot get a token cannot call a tool', async () => {
  await assert.rejects(connect('wrong'))
})
