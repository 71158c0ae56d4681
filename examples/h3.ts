/** An API in h3 (and Nitro) behind an authorization server of its own. Run it on Node: node examples/h3.ts */
import { registerClient, Server, StoreValidator } from 'grantry'
import { requireToken, serve, tokenOf } from 'grantry/h3'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'
import { H3, serve as listen } from 'h3'

const store = new MemoryStore()
const { secret } = await registerClient(store, { id: 'app', grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const guard = protect({ validator: new StoreValidator(store), allowAnyAudience: true }) // its tokens are for this API alone
const port = Number(process.env['PORT'] ?? 3000)

const app = new H3({ silent: true })
app.use(serve(server)) // /token and the other endpoints; everything else goes on
app.use('/files', requireToken(guard, { scopes: ['read'] }))
app.get('/files', (event) => ({ owner: tokenOf(guard, event).clientId }))

const http = await listen(app, { port, hostname: 'localhost', silent: true }).ready()
const url = (http.url ?? '').replace(/\/$/, '')
console.log(
  `${url}/files needs a token: curl -u app:${secret} -d grant_type=client_credentials -d scope=read ${url}/token`,
)
