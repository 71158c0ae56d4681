/** An API in Hono behind an authorization server of its own. Run it on Node: node examples/hono.ts */
import { serve as listen } from '@hono/node-server'
import { registerClient, Server, StoreValidator } from 'grantry'
import { requireToken, serve, tokenOf } from 'grantry/hono'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'
import { Hono } from 'hono'

const store = new MemoryStore()
const { secret } = await registerClient(store, { id: 'app', grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const guard = protect({ validator: new StoreValidator(store), allowAnyAudience: true }) // its tokens are for this API alone
const port = Number(process.env['PORT'] ?? 3000)

const app = new Hono()
app.use(serve(server)) // /token and the other endpoints; everything else goes on
app.get('/files', requireToken(guard, { scopes: ['read'] }), (context) =>
  context.json({ owner: tokenOf(guard, context).clientId }),
)

listen({ fetch: app.fetch, port, hostname: 'localhost' }, (address) => {
  const url = `http://localhost:${address.port}`
  console.log(
    `${url}/files needs a token: curl -u app:${secret} -d grant_type=client_credentials -d scope=read ${url}/token`,
  )
})
