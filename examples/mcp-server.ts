/**
 * An MCP server that takes access tokens of any authorization server:
 *
 *     ISSUER=https://id.example RESOURCE=http://localhost:8080/mcp node examples/mcp-server.ts
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { fromNodeRequest, sendNodeResponse } from 'grantry/node'
import { protect, type VerifiedToken } from 'grantry/resource'

/** The tools of one request: they know who asks. */
const toolsFor = (token: VerifiedToken): McpServer => {
  const server = new McpServer({ name: 'files', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Who is asking' }, () => ({
    content: [{ type: 'text', text: token.user?.id ?? token.clientId ?? 'nobody' }],
  }))
  return server
}

/** Answers a request that was let through: one server and transport for each, so that nothing is shared between clients. */
const respond = async (message: IncomingMessage, to: ServerResponse, token: VerifiedToken): Promise<void> => {
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
  await toolsFor(token).connect(transport)
  await transport.handleRequest(message, to)
}

/** A server of the tools at `resource`, for tokens of `issuer` that have the scope `mcp`. */
export const mcpServer = (issuer: string, resource: string): Server => {
  const guard = protect({ issuer, audience: resource, scopes: ['mcp'], metadata: { scopes: ['mcp'], name: 'Files' } })
  const answer = async (message: IncomingMessage, to: ServerResponse): Promise<void> => {
    const request = fromNodeRequest(message)
    const document = guard.metadata(request)
    const result = await guard.verify(request)
    if (document !== undefined) sendNodeResponse(document, message, to)
    else if (result.ok) await respond(message, to, result.token)
    else sendNodeResponse(result.response, message, to)
  }
  return createServer((message, to) => void answer(message, to).catch(() => to.destroy()))
}

if (import.meta.main) {
  const { ISSUER = 'http://localhost:9000', RESOURCE = 'http://localhost:8080/mcp' } = process.env
  mcpServer(ISSUER, RESOURCE).listen(new URL(RESOURCE).port, () => console.log(`MCP server at ${RESOURCE}`))
}
