/** An API on node:http alone, behind an authorization server of its own. Run it: node examples/node.ts */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { registerClient, Server, StoreValidator } from 'grantry'
import { fromNodeRequest, sendNodeResponse, toNodeHandler } from 'grantry/node'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'

const store = new MemoryStore()
const { secret } = await registerClient(store, { id: 'app', grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const guard = protect({ validator: new StoreValidator(store), allowAnyAudience: true }) // its tokens are for this API alone
const port = Number(process.env['PORT'] ?? 3000)

const grantry = toNodeHandler(server)
const files = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const checked = await guard.verify(fromNodeRequest(request), { scopes: ['read'] })
  if (checked.ok)
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ owner: checked.token.clientId }))
  else sendNodeResponse(checked.response, request, response)
}

const http = createServer((request, response) => {
  if (request.url === '/files') void files(request, response)
  else grantry(request, response)
}).listen(port, 'localhost')
await once(http, 'listening')
const url = `http://localhost:${(http.address() as AddressInfo).port}`
console.log(
  `${url}/files needs a token: curl -u app:${secret} -d grant_type=client_credentials -d scope=read ${url}/token`,
)
