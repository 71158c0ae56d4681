/** The same application in every framework: all endpoints of a server, and routes behind tokens. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import * as oauth from 'oauth4webapi'
import { makeProvider } from '../support/provider.ts'
import { guardOver, type Framework } from './app.ts'
import { frameworks as express } from './express-app.ts'
import { frameworks as fastify } from './fastify-app.ts'
import { frameworks as h3 } from './h3-app.ts'
import { frameworks as hono } from './hono-app.ts'
import { frameworks as koa } from './koa-app.ts'
import { frameworks as nest } from './nest-app.ts'
import { frameworks as web } from './web-app.ts'

const all: readonly Framework[] = [...express, ...koa, ...fastify, ...hono, ...h3, ...web, ...nest]
/** Their requests have a body that is read once, by nobody before the route. */
const withoutParser = new Set(['h3 2', 'the web standard', 'route handlers of Next.js'])

const startApp = async (framework: Framework, parser: 'before' | 'none') => {
  const { server, store, app, secret } = await makeProvider({ now: undefined }, { client: { defaultScopes: ['read'] } })
  const errors: unknown[] = []
  const running = await framework.start({
    ...{ server, guard: guardOver(store, 'https://api.example/files'), parser },
    onError: (error) => errors.push(error),
  })
  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return fetch(running.url + path, { method: 'POST', headers: { ...type, ...headers }, body })
  }
  const issue = async (scope: string): Promise<Readonly<Record<'authorization', string>>> => {
    const answer = await post('/token', `grant_type=client_credentials&scope=${scope}`, app)
    const { access_token } = (await answer.json()) as { access_token: string }
    return { authorization: `Bearer ${access_token}` }
  }
  return { ...running, errors, secret, app, post, issue }
}

for (const framework of all) {
  for (const parser of withoutParser.has(framework.name) ? (['none'] as const) : (['before', 'none'] as const)) {
    describe(`${framework.name}, ${parser === 'before' ? 'behind a body parser' : 'without a body parser before it'}`, () => {
      const started = startApp(framework, parser)
      after(async () => (await started).close())

      test('a client gets a token, has it introspected and revokes it', async () => {
        const { url, secret } = await started
        const as = { issuer: url, ...endpointsAt(url) }
        const client = { client_id: 'app' }
        const proof = oauth.ClientSecretBasic(secret)
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- only marked so that it stands out; all is on this machine
        const options = { [oauth.allowInsecureRequests]: true }
        const issued = await oauth.clientCredentialsGrantRequest(as, client, proof, { scope: 'read' }, options)
        const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, issued)
        const introspect = async (): Promise<boolean> => {
          const answer = await oauth.introspectionRequest(as, client, proof, token, options)
          return (await oauth.processIntrospectionResponse(as, client, answer)).active
        }
        assert.equal(await introspect(), true)
        await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, options))
        assert.equal(await introspect(), false)
      })

      test('what is wrong with a request is answered by the protocol: a parameter twice, another type', async () => {
        const { post, app } = await started
        const twice = await post('/token', 'grant_type=client_credentials&scope=read&scope=write', app)
        assert.deepEqual([twice.status, ((await twice.json()) as { error: string }).error], [400, 'invalid_request'])
        const json = await post('/token', '{"grant_type":"client_credentials"}', {
          ...app,
          'content-type': 'application/json',
        })
        assert.deepEqual([json.status, ((await json.json()) as { error: string }).error], [400, 'invalid_request'])
        const empty = await post('/token', '', app)
        assert.deepEqual([empty.status, empty.headers.get('cache-control')], [400, 'no-store'])
      })

      test('other routes are not touched', async () => {
        const { url } = await started
        assert.equal(await (await fetch(`${url}/open`)).text(), 'open')
        assert.equal((await fetch(`${url}/elsewhere`)).status, 404)
      })

      test('the metadata of the protected resource is at its path (RFC 9728 §3.1)', async () => {
        const { url } = await started
        const answer = await fetch(`${url}/.well-known/oauth-protected-resource/files`)
        assert.equal(((await answer.json()) as { resource: string }).resource, 'https://api.example/files')
      })

      test('a protected route: the token of the request, and a body that is still there', async () => {
        const { url, issue, post } = await started
        const headers = await issue('read')
        assert.deepEqual(await (await fetch(`${url}/files`, { headers })).json(), { owner: 'app' })
        const added = await post('/files', '{"name":"a"}', { ...headers, 'content-type': 'application/json' })
        assert.deepEqual(await added.json(), { name: 'a' })
      })

      const refused: [name: string, scope: string | undefined, status: number, challenge: RegExp][] = [
        ['no token', undefined, 401, /^Bearer realm="api", scope="read", resource_metadata="[^"]*files"$/],
        ['a token without the scope', 'write', 403, /^Bearer .*error="insufficient_scope".*scope="read"/],
        ['a token that is none', 'none', 401, /^Bearer .*error="invalid_token"/],
      ]
      for (const [name, scope, status, challenge] of refused) {
        test(`${name} -> ${status} with the challenge, by way of the framework's errors`, async () => {
          const { url, issue, errors } = await started
          const headers = scope === 'none' ? { authorization: 'Bearer none' } : scope && (await issue(scope))
          errors.length = 0
          const answer = await fetch(`${url}/files`, headers ? { headers } : {})
          assert.equal(answer.status, status)
          assert.match(answer.headers.get('www-authenticate') ?? '', challenge)
          if (framework.name === 'the web standard' || framework.name === 'route handlers of Next.js') return // they have no such way
          assert.equal(errors.length, 1)
          const { status: told } = errors[0] as { status?: number } // of NestJS it is a method
          assert.ok(told === status || framework.name.startsWith('NestJS'))
        })
      }

      test('what a route throws is the framework’s to answer', async () => {
        const { url, errors } = await started
        errors.length = 0
        assert.equal((await fetch(`${url}/fails`)).status, 500)
        assert.match(String(errors[0]), /boom/)
      })

      test('a body that is too large -> 413', async () => {
        const { post, app } = await started
        assert.equal((await post('/token', `grant_type=${'x'.repeat(200_000)}`, app)).status, 413)
      })
    })
  }
}

function endpointsAt(url: string) {
  return {
    token_endpoint: `${url}/token`,
    introspection_endpoint: `${url}/introspect`,
    revocation_endpoint: `${url}/revoke`,
  }
}
