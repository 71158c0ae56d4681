/**
 * An MCP server that takes access tokens of any authorization server, on any runtime with the web standard; here on Node:
 *
 *     ISSUER=https://id.example RESOURCE=http://localhost:8080/mcp node examples/mcp-server.ts
 */
import { createAdaptorServer } from '@hono/node-server'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { protect, type VerifiedToken } from 'grantry/resource'

/** What tools need beside the scope `mcp`. */
const scopesOfTools: Readonly<Record<string, readonly string[]>> = { save_note: ['mcp:write'] }

/** The tools of one request: they know who asks. */
const toolsFor = (token: VerifiedToken): McpServer => {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  const say = (text: string) => ({ content: [{ type: 'text' as const, text }] })
  const who = token.user?.id ?? token.clientId ?? 'nobody'
  server.registerTool('whoami', { description: 'Who is asking' }, () => say(who))
  server.registerTool('save_note', { description: 'Saves a note' }, () => say(`saved for ${who}`))
  return server
}

/** What the tool that a request calls needs. */
const scopesOf = async (request: Request): Promise<readonly string[]> => {
  if (request.method !== 'POST') return []
  const call = (await request.clone().json()) as { readonly params?: { readonly name?: string } }
  return scopesOfTools[call.params?.name ?? ''] ?? []
}

/** The tools at `resource`, for tokens of `issuer`: a new server and transport for each request, so that nothing is shared between clients. */
export const mcpHandler = (issuer: string, resource: string): ((request: Request) => Promise<Response>) => {
  const guard = protect({ issuer, audience: resource, scopes: ['mcp'], metadata: { scopes: ['mcp'], name: 'Notes' } })
  return guard.handler(async (request, token) => {
    const allowed = await guard.verify(request, { scopes: await scopesOf(request) })
    if (!allowed.ok) return new Response(allowed.response.body, allowed.response) // 403: the client asks the user for more
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await toolsFor(token).connect(transport)
    return transport.handleRequest(request)
  })
}

if (import.meta.main) {
  const { ISSUER = 'http://localhost:9000', RESOURCE = 'http://localhost:8080/mcp' } = process.env
  const server = createAdaptorServer({ fetch: mcpHandler(ISSUER, RESOURCE) })
  server.listen(new URL(RESOURCE).port, () => console.log(`MCP server at ${RESOURCE}`))
}
