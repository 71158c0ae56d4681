/**
 * An API on Cloudflare Workers, or any runtime with the web standard, behind an authorization server of its own. Its memory is that of one
 * Worker: a store over a database of yours takes its place.
 */
import { hashClientSecret, Server, StoreValidator } from 'grantry'
import { protect } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'

const store = new MemoryStore()
const validator = new StoreValidator(store)
const server = new Server(validator)
const guard = protect({ validator, allowAnyAudience: true }) // its tokens are for this API alone

const files = async (request: Request): Promise<Response> => {
  const result = await guard.verify(request, { scopes: ['read'] })
  if (!result.ok) return new Response(result.response.body, result.response)
  return Response.json({ owner: result.token.clientId })
}

export default {
  async fetch(request: Request, env: { readonly CLIENT_SECRET: string }): Promise<Response> {
    // What a Worker keeps secret, it is told with a request: long and random, as `openssl rand -base64 33` makes it.
    const secrets = [hashClientSecret(env.CLIENT_SECRET)]
    await store.putClient({ id: 'app', secrets, grantTypes: ['client_credentials'], scopes: ['read'] })
    return new URL(request.url).pathname === '/files' ? files(request) : server.fetch(request)
  },
}
