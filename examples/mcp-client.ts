/**
 * A program that connects to an MCP server, of which it knows nothing but the URL. It prints where to log in, and calls a tool:
 *
 *     node examples/mcp-client.ts http://localhost:8080/mcp whoami
 */
import { createServer } from 'node:http'
import { UnauthorizedError, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js'

const [url = 'http://localhost:8080/mcp', tool = 'whoami'] = process.argv.slice(2)
const redirectUrl = 'http://127.0.0.1:8081/callback'

/** The code with which the browser comes back. */
const waitForCode = (): Promise<string> =>
  new Promise((resolve) => {
    const landing = createServer((request, response) => {
      response.end('Done. You can close this page.')
      landing.close()
      resolve(new URL(request.url ?? '/', redirectUrl).searchParams.get('code') ?? '')
    }).listen(8081, '127.0.0.1')
  })

let client: OAuthClientInformationMixed | undefined
let tokens: OAuthTokens | undefined
let verifier = ''

/** What the program is, and where it keeps what it is given: in a file, if it is to be remembered. */
const program: OAuthClientProvider = {
  redirectUrl,
  clientMetadata: { client_name: 'Example', redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none' },
  clientInformation: () => client,
  saveClientInformation: (information) => void (client = information),
  tokens: () => tokens,
  saveTokens: (given) => void (tokens = given),
  codeVerifier: () => verifier,
  saveCodeVerifier: (made) => void (verifier = made),
  redirectToAuthorization: (page) => console.log(`Log in at ${page.href}`),
}

/** Runs something; where the user is needed first, once more after that. */
const withUser = async (run: (transport: StreamableHTTPClientTransport) => Promise<unknown>): Promise<unknown> => {
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: program })
  const code = waitForCode()
  try {
    return await run(transport)
  } catch (thrown) {
    if (!(thrown instanceof UnauthorizedError)) throw thrown
    await transport.finishAuth(await code)
    return withUser(run)
  }
}

const answer = await withUser(async (transport) => {
  const connection = new Client({ name: 'example', version: '1.0.0' })
  await connection.connect(transport)
  return connection.callTool({ name: tool })
})
console.log(JSON.stringify(answer))
process.exit()
