/** RFC 8707 and RFC 9068 §3, §5: several resources, and what is different for the tokens of each. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  DeviceApplicationServer,
  deviceCodeGrantType,
  randomTokenGenerator,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type ResourcePolicyOptions,
  type ServerOptions,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { makeProvider, type Provider } from '../support/provider.ts'
import { body, form, pkce, redirected, request, text } from '../support/requests.ts'

const issuer = 'https://as.example'
const [files, pay, plain] = ['https://files.example', 'https://pay.example', 'https://plain.example']
const resources = [files, pay, plain]
const signer = (type: 'ed25519' | 'ec', audience: string) => {
  const { privateKey } = generateKeyPairSync(type as 'ec', { namedCurve: 'P-256' })
  return signedTokenGenerator(privateKey, { issuer, audience, profile: 'at+jwt' })
}
const [ofServer, ofPay] = [signer('ec', issuer), signer('ed25519', pay)]
const policies: ResourcePolicyOptions = {
  [files]: { scopes: ['read', 'write'], tokenGenerator: randomTokenGenerator },
  [pay]: { scopes: ['calendar', 'read'], tokenExpiresIn: 60, tokenGenerator: ofPay, tokenVerifier: ofPay.verifier },
}
const signed: ServerOptions = { tokenGenerator: ofServer, tokenVerifier: ofServer.verifier }

const make = (options: ServerOptions = {}): Promise<Provider<Server>> =>
  makeProvider(
    { issuer, resources, resourcePolicies: policies, severalResources: 'split', ...signed, ...options },
    { client: { servedResources: resources } },
  )

const scope = 'read write calendar profile'
/** A code for some resources, which a query may repeat; empty where it is refused. */
const codeFor = async ({ server }: Provider<Server>, asked: readonly string[]) => {
  const { verifier: code_verifier, challenge } = pkce()
  const all = {
    response_type: 'code',
    client_id: 'app',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    scope,
  }
  const query = new URLSearchParams([
    ...Object.entries(all),
    ...asked.map((each): [string, string] => ['resource', each]),
  ])
  const http = request('GET', `/authorize?${query.toString()}`)
  const validation = await server.validateAuthorizationRequest(http)
  const response = validation.ok
    ? await server.createAuthorizationResponse(http, validation.request, {
        ...{ approved: true, user: { id: 'alice' } },
        scopes: validation.request.scopes,
      })
    : validation.response
  return { grant_type: 'authorization_code', code: redirected(response).get('code') ?? '', code_verifier }
}
const redeem = ({ server, app }: Provider<Server>, grant: Readonly<Record<string, string>>, resource?: string) =>
  server.createTokenResponse(form({ ...grant, ...(resource !== undefined && { resource }) }, app))

describe('several resources in one request', () => {
  test('refused unless they are to be split', async () => {
    const provider = await make({ severalResources: undefined })
    assert.equal((await codeFor(provider, [files, pay])).code, '')
    assert.notEqual((await codeFor(provider, [files])).code, '')
  })

  test('split: each token is for one, with the scopes that go with it; a refresh gets the others (RFC 8707 §2.2)', async () => {
    const provider = await make()
    const first = await redeem(provider, await codeFor(provider, [files, pay]), files)
    assert.equal(body(first)['scope'], 'read write profile')
    const refresh_token = text(first, 'refresh_token')
    const refresh = (resource?: string) => redeem(provider, { grant_type: 'refresh_token', refresh_token }, resource)
    const second = await refresh(pay)
    assert.deepEqual([body(second)['scope'], body(second)['expires_in']], ['read calendar profile', 60])
    assert.equal(decodeJwt(text(second, 'access_token')).aud, pay)
    assert.equal(body(await refresh(plain))['error'], 'invalid_target')
    assert.equal(body(await refresh())['scope'], 'read write profile') // the first that was granted
  })

  test('two in one token request → invalid_target, and the code is still good', async () => {
    const provider = await make()
    const grant = await codeFor(provider, [files, pay])
    const both = form([...Object.entries(grant), ['resource', files], ['resource', pay]], provider.app)
    assert.equal(body(await provider.server.createTokenResponse(both))['error'], 'invalid_target')
    assert.equal((await redeem(provider, grant)).status, 200)
  })

  test('for a device', async () => {
    const device = { verificationUri: `${issuer}/device` }
    const provider = await makeProvider(
      { issuer, resources, severalResources: 'split', resourcePolicies: policies },
      {
        server: (validator, options) => new DeviceApplicationServer(validator, { ...options, device }),
        client: { grantTypes: [deviceCodeGrantType] },
      },
    )
    const { server, app } = provider
    const asked = [
      ['scope', scope],
      ['resource', pay],
      ['resource', files],
    ] as const
    const codes = await server.createDeviceAuthorizationResponse(form(asked, app))
    const decision = { approved: true, user: { id: 'alice' }, scopes: scope.split(' ') } as const
    assert.ok(await server.device.decide(text(codes, 'user_code'), decision))
    const grant = { grant_type: deviceCodeGrantType, device_code: text(codes, 'device_code') }
    const answer = body(await server.createTokenResponse(form(grant, app)))
    assert.equal(answer['scope'], 'read calendar profile')
  })
})

describe('scopes of a resource', () => {
  const rows: [name: string, asked: readonly string[], scopes: string, expected: string][] = [
    ['those of another are left out', [pay], 'write calendar', 'calendar'],
    ['those that both name stay', [pay], 'read', 'read'],
    ['those that none names stay', [pay], 'profile', 'profile'],
    ['none is left', [pay], 'write', 'invalid_scope'],
    ['a resource without a policy', [plain], 'read profile', 'profile'],
    ['no resource', [], 'read write', 'read write'],
  ]
  for (const [name, [resource], scopes, expected] of rows) {
    test(`${name} → ${expected}`, async () => {
      const { server, app } = await make()
      const asked = { grant_type: 'client_credentials', scope: scopes, ...(resource !== undefined && { resource }) }
      const answer = body(await server.createTokenResponse(form(asked, app)))
      assert.equal(answer['scope'] ?? answer['error'], expected)
    })
  }
})

describe('tokens of a resource', () => {
  const issue = async ({ server, app }: Provider<Server>, resource: string): Promise<string> =>
    text(
      await server.createTokenResponse(
        form({ grant_type: 'client_credentials', scope: 'read profile', resource }, app),
      ),
      'access_token',
    )

  test('format and key are its own; the keys of all are published', async () => {
    const provider = await make()
    const { keys } = body(await provider.server.createJwksResponse()) as unknown as JSONWebKeySet
    const [ofFiles, ofPaying, other] = [
      await issue(provider, files),
      await issue(provider, pay),
      await issue(provider, plain),
    ]
    assert.equal(ofFiles.includes('.'), false)
    assert.deepEqual([decodeProtectedHeader(ofPaying).alg, decodeProtectedHeader(other).alg], ['EdDSA', 'ES256'])
    for (const [token, audience] of [
      [ofPaying, pay],
      [other, plain],
    ] as const) {
      const checks = { issuer, audience, typ: 'at+jwt', currentDate: new Date(provider.clock.now * 1000) }
      await jwtVerify(token, createLocalJWKSet({ keys }), checks)
    }
  })

  for (const resource of resources) {
    test(`${resource}: found by introspection and at the server, until it is revoked`, async () => {
      const provider = await make()
      const { server, app } = provider
      const token = await issue(provider, resource)
      const introspect = async () => body(await server.createIntrospectionResponse(form({ token }, app)))
      assert.deepEqual([(await introspect())['active'], (await introspect())['aud']], [true, resource])
      const use = { ...form({}), method: 'GET', headers: new Headers({ authorization: `Bearer ${token}` }) }
      assert.ok((await server.verifyRequest(use)).ok)
      assert.equal((await server.createRevocationResponse(form({ token }, app))).status, 200)
      assert.deepEqual(await introspect(), { active: false })
      assert.ok(!(await server.verifyRequest(use)).ok)
    })
  }
})

const wrong: [name: string, options: ServerOptions, message: RegExp][] = [
  [
    'a policy of a resource that is not served',
    { resourcePolicies: { 'https://x.example': {} } },
    /x\.example is not served/,
  ],
  ['a lifetime of 0', { resources, resourcePolicies: { [pay]: { tokenExpiresIn: 0 } } }, /tokenExpiresIn must be/],
  [
    'a verifier without its generator',
    { resources, resourcePolicies: { [pay]: { tokenVerifier: ofPay.verifier } } },
    /tokenVerifier needs tokenGenerator/,
  ],
  [
    'a policy with a misspelt member',
    { resources, resourcePolicies: { [pay]: { scope: ['x'] } as object } },
    /unknown member scope/,
  ],
]
for (const [name, options, message] of wrong) {
  test(`${name} → ConfigurationError`, () => {
    assert.throws(() => new Server(new StoreValidator(new MemoryStore()), options), message)
  })
}
