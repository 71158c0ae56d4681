/** Tokens of real issuers: servers of this toolkit over HTTP and in process, verifiers, and the types of claims. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import {
  registerClient,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type HttpHandler,
  type HttpRequest,
} from 'grantry'
import { toNodeHandler } from 'grantry/node'
import { introspect, privateKeyJwt, protect, type StandardSchema } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'
import { z } from 'zod'
import { basic, form, text } from '../support/requests.ts'
import { audience, call } from './issuer.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const apiKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A server of this toolkit behind a real socket, with signed or opaque tokens. */
const startServer = async (format: 'signed' | 'self-contained' | 'opaque') => {
  let handle: HttpHandler = () => ({ status: 500, headers: {}, body: '' })
  const http = createServer(toNodeHandler({ maxBodyBytes: 65_536, handle: (request) => handle(request) }))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  after(() => http.close())
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}` // a TCP server has an AddressInfo
  const store = new MemoryStore()
  const grants = { grantTypes: ['client_credentials'], scopes: ['read'] }
  const { secret = '' } = await registerClient(store, { id: 'app', ...grants })
  const api = { servedResources: [audience], grantTypes: [] }
  const { secret: apiSecret = '' } = await registerClient(store, { id: 'api', ...api })
  const jwks = { keys: [apiKey.publicKey.export({ format: 'jwk' })] }
  await registerClient(store, { id: 'api-key', ...api, authMethods: ['private_key_jwt'], jwks })
  const validator = new StoreValidator(store)
  const generator = signedTokenGenerator(privateKey, { issuer, audience, profile: 'at+jwt' })
  const server = new Server(validator, {
    issuer,
    resources: [audience],
    ...(format === 'opaque' ? {} : { tokenGenerator: generator }),
    ...(format === 'self-contained' ? { tokenVerifier: generator.verifier } : {}),
  })
  handle = (request: HttpRequest) => server.handle(request)
  const app = basic('app', secret)
  const issue = async (): Promise<string> => {
    const grant = { grant_type: 'client_credentials', scope: 'read', resource: audience }
    return text(await server.createTokenResponse(form(grant, app)), 'access_token')
  }
  const revoke = (token: string) => server.createRevocationResponse(form({ token }, app))
  return { issuer, issue, revoke, validator, generator, apiSecret }
}

describe('Tokens of a server of this toolkit', () => {
  test('signed ones, by discovery', async () => {
    const { issuer, issue } = await startServer('signed')
    const guard = protect({ issuer, audience, scopes: ['read'] })
    const result = await guard.verify(call(await issue()))
    assert.ok(result.ok)
    assert.equal(result.token.clientId, 'app')
    assert.equal(result.token.user, undefined)
    assert.ok(!(await guard.verify(call(await issue()), { scopes: ['write'] })).ok)
    assert.ok(!(await protect({ issuer, audience: 'https://other.example' }).verify(call(await issue()))).ok)
  })

  test('opaque ones, by introspection, with a secret and with a key; a revoked one is not let through', async () => {
    const { issuer, issue, revoke, apiSecret } = await startServer('opaque')
    const bySecret = protect({
      introspection: introspect({ issuer, clientId: 'api', clientSecret: apiSecret, cacheSeconds: 0 }),
      audience,
    })
    const byKey = protect({ introspection: introspect({ issuer, clientId: 'api-key', assertion: privateKeyJwt(apiKey.privateKey) }), audience }) // prettier-ignore
    const token = await issue()
    for (const guard of [bySecret, byKey]) {
      const result = await guard.verify(call(token))
      assert.ok(result.ok)
      assert.deepEqual([result.token.clientId, result.token.scopes], ['app', ['read']])
    }
    await revoke(token)
    assert.ok(!(await bySecret.verify(call(token))).ok)
    const wrong = protect({ introspection: introspect({ issuer, clientId: 'api', clientSecret: 'wrong' }), audience })
    const refused = await wrong.verify(call(await issue()))
    assert.ok(!refused.ok && refused.response.status === 503)
  })

  test('in process, by the validator of the server: revoked at once', async () => {
    const { issue, revoke, validator } = await startServer('opaque')
    const guard = protect({ validator, audience })
    const token = await issue()
    const result = await guard.verify(call(token))
    assert.ok(result.ok)
    const { claims, ...members } = result.token
    assert.deepEqual(
      [members.clientId, claims['client_id'], claims['aud'], claims['scope']],
      ['app', 'app', audience, 'read'],
    )
    await revoke(token)
    assert.ok(!(await guard.verify(call(token))).ok)
  })

  test('in process, by the verifier and the validator: self-contained ones are revoked at once as well', async () => {
    const { issue, revoke, validator, generator } = await startServer('self-contained')
    const verifier = generator.verifier
    assert.ok(verifier)
    const [alone, both] = [protect({ verifier, audience }), protect({ verifier, validator, audience })]
    const token = await issue()
    await revoke(token)
    assert.ok((await alone.verify(call(token))).ok)
    assert.ok(!(await both.verify(call(token))).ok)
  })

  test('a verifier that throws → 500, and one that finds nothing → 401', async () => {
    const verifier = (token: string) => {
      if (token === 'throws') throw new Error('no database')
      return undefined
    }
    const guard = protect({ verifier, audience })
    const statuses = await Promise.all(['throws', 'nothing'].map(async (token) => {
      const result = await guard.verify(call(token))
      return result.ok ? 200 : result.response.status
    })) // prettier-ignore
    assert.deepEqual(statuses, [500, 401])
  })
})

describe('Claims by a schema', () => {
  const verifierOf = (claims: Record<string, string | number>) => () => ({
    kind: 'access_token' as const,
    ...{ clientId: 'app', user: { id: 'alice' }, scopes: ['read'], audience: [audience] },
    ...{ issuedAt: 1, expiresAt: 9_000_000_000, claims },
  })

  test('of zod: typed, changed as it says, and refused where they do not fit', async () => {
    const schema = z.object({ sub: z.string(), tenant: z.string().transform((name) => ({ name })) })
    const guard = (claims: Record<string, string | number>) =>
      protect({ verifier: verifierOf(claims), audience, claims: schema })
    const result = await guard({ tenant: 't1' }).verify(call('x'))
    assert.ok(result.ok)
    const tenant: string = result.token.claims.tenant.name // does not compile without the schema
    assert.equal(tenant, 't1')
    // @ts-expect-error -- the schema has no such claim
    assert.equal(result.token.claims.more, undefined)
    for (const claims of [{ tenant: 7 }, { other: 1 }] as Record<string, number>[]) {
      const refused = await guard(claims).verify(call('x'))
      assert.ok(!refused.ok)
      assert.equal(refused.response.status, 401)
      assert.equal(refused.error.reason, 'token_claims_unfit')
      assert.match(refused.error.detail ?? '', /^tenant: /)
      assert.doesNotMatch(refused.response.body, /tenant/)
    }
  })

  test('of a schema made by hand, which may be asynchronous', async () => {
    const schema: StandardSchema<{ readonly tier: 'gold' }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) =>
          (value as { tier?: unknown }).tier === 'gold'
            ? { value: { tier: 'gold' } }
            : { issues: [{ message: 'no gold' }] },
      },
    }
    const guard = (tier: string) => protect({ verifier: verifierOf({ tier }), audience, claims: schema })
    const result = await guard('gold').verify(call('x'))
    assert.ok(result.ok)
    assert.deepEqual(result.token.claims, { tier: 'gold' })
    assert.ok(!(await guard('lead').verify(call('x'))).ok)
  })
})

/** The compiler refuses what cannot work; these lines are not run. */
export const refusedByTheCompiler = (issuer: string, verifier: () => undefined): void => {
  protect({ issuer, audience })
  protect({ issuer, allowAnyAudience: true })
  // @ts-expect-error -- who is this resource?
  protect({ issuer })
  // @ts-expect-error -- either names or none
  protect({ issuer, audience, allowAnyAudience: true })
  // @ts-expect-error -- where are tokens found?
  protect({ audience })
  // @ts-expect-error -- one way
  protect({ issuer, verifier, audience })
  // @ts-expect-error -- one way
  protect({ issuer, issuers: [issuer], audience })
  // @ts-expect-error -- a misspelt option
  protect({ issuer, audience, scope: ['read'] })
}
