/** An API in Express behind an authorization server of its own. Run it: node examples/express.ts */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { registerClient, Server, StoreValidator } from 'grantry'
import { requireToken, serve, tokenOf } from 'grantry/express'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'

const store = new MemoryStore()
const { secret } = await registerClient(store, { id: 'app', grantTypes: ['client_credentials'], scopes: ['read'] })
const server = new Server(new StoreValidator(store))
const guard = protect({ validator: new StoreValidator(store), allowAnyAudience: true }) // its tokens are for this API alone
const port = Number(process.env['PORT'] ?? 3000)

const app = express()
app.use(serve(server)) // /token and the other endpoints; everything else goes on
app.use(express.json())
app.get('/files', requireToken(guard, { scopes: ['read'] }), (request, response) => {
  response.json({ owner: tokenOf(guard, request).clientId })
})

const http = app.listen(port, 'localhost')
await once(http, 'listening')
const url = `http://localhost:${(http.address() as AddressInfo).port}`
console.log(
  `${url}/files needs a token: curl -u app:${secret} -d grant_type=client_credentials -d scope=read ${url}/token`,
)
