/** An API in Fastify behind an authorization server of its own. Run it: node examples/fastify.ts */
import Fastify from 'fastify'
import { registerClient, Server, StoreValidator } from 'grantry'
import { requireToken, serve, tokenOf } from 'grantry/fastify'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'

const store = new MemoryStore()
const { secret } = await registerClient(store, { id: 'app', grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const guard = protect({ validator: new StoreValidator(store), allowAnyAudience: true }) // its tokens are for this API alone
const port = Number(process.env['PORT'] ?? 3000)

const app = Fastify()
await app.register(serve(server)) // /token and the other endpoints
app.get('/files', { preHandler: requireToken(guard, { scopes: ['read'] }) }, async (request) => ({
  owner: tokenOf(guard, request).clientId,
}))

const url = await app.listen({ port, host: 'localhost' })
console.log(
  `${url}/files needs a token: curl -u app:${secret} -d grant_type=client_credentials -d scope=read ${url}/token`,
)
