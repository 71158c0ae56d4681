/** JWT Secured Authorization Response Mode (JARM): answers that the server signs for the client. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigurationError, Server, StoreValidator, type Client, type ServerOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import {
  compactDecrypt,
  createLocalJWKSet,
  decodeProtectedHeader,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose'
import { makeProvider } from '../support/provider.ts'
import { body, redirected } from '../support/requests.ts'
import { authorize, changeClient, issuer, makeOpenId, type OpenIdProvider } from './provider.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

const make = async (change: Partial<Client> = {}, options: ServerOptions = { signedResponses: {} }) => {
  const provider = await makeOpenId({}, {}, options)
  await changeClient(provider, change)
  return provider
}

const verify = async ({ server, clock }: OpenIdProvider, response: string | null): Promise<JWTPayload> => {
  const keys = createLocalJWKSet(body(await server.createJwksResponse()) as unknown as JSONWebKeySet)
  const checks = { issuer, audience: 'app', currentDate: new Date(clock.now * 1000) }
  return (await jwtVerify(response ?? '', keys, checks)).payload
}

describe('signed authorization responses', () => {
  const modes: [asked: Readonly<Record<string, string>>, where: RegExp][] = [
    [{ response_mode: 'jwt' }, /^https:\/\/app\.example\/cb\?response=[^&]+$/],
    [{ response_mode: 'query.jwt' }, /\/cb\?response=[^&]+$/],
    [{ response_mode: 'fragment.jwt' }, /\/cb#response=[^&]+$/],
    [{ response_mode: 'jwt', response_type: 'code id_token' }, /\/cb#response=[^&]+$/],
  ]
  for (const [asked, where] of modes) {
    test(`${Object.values(asked).join(', ')}: everything is in the JWT (§2.3)`, async () => {
      const provider = await make()
      const answer = await authorize(provider, asked)
      assert.match(answer.headers['Location'] ?? '', where)
      const claims = await verify(provider, redirected(answer).get('response'))
      assert.equal(claims['state'], 'st')
      assert.equal(claims.exp, provider.clock.now + 600)
      assert.ok(claims['code'])
    })
  }

  test('form_post.jwt is a form with the one field', async () => {
    const { status, body: page } = await authorize(await make(), { response_mode: 'form_post.jwt' })
    assert.equal(status, 200)
    assert.deepEqual(
      [...page.matchAll(/name="(\w+)"/g)].map(([, name]) => name),
      ['response'],
    )
  })

  test('errors are signed, too', async () => {
    const provider = await make()
    const answer = await authorize(provider, { response_mode: 'jwt', scope: 'openid unknown' })
    const claims = await verify(provider, redirected(answer).get('response'))
    assert.deepEqual([claims['error'], claims['state'], claims['code']], ['invalid_scope', 'st', undefined])
  })

  test('with the algorithm of the client, encrypted to its key', async () => {
    const jwks = {
      keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'e' }],
    } as unknown as Client['jwks']
    const provider = await make({ jwks, authorizationSigningAlgorithm: 'ES256', authorizationEncryption: {} })
    const sealed = redirected(await authorize(provider, { response_mode: 'jwt' })).get('response') ?? ''
    const { plaintext } = await compactDecrypt(sealed, rsa.privateKey)
    const token = new TextDecoder().decode(plaintext)
    assert.equal(decodeProtectedHeader(token).alg, 'ES256')
    assert.ok((await verify(provider, token))['code'])
  })

  const refused: [name: string, asked: Readonly<Record<string, string>>, options?: ServerOptions][] = [
    ['tokens in a query', { response_mode: 'query.jwt', response_type: 'code id_token' }],
    ['what is no mode', { response_mode: 'x.jwt' }],
    ['a mode that is off', { response_mode: 'jwt' }, {}],
  ]
  for (const [name, asked, options] of refused) {
    test(`${name} → invalid_request`, async () => {
      assert.equal(redirected(await authorize(await make({}, options), asked)).get('error'), 'invalid_request')
    })
  }

  test('the metadata names modes and algorithms, where it is on', async () => {
    const on = body(await (await make()).server.createMetadataResponse())
    assert.ok((on['response_modes_supported'] as string[]).includes('form_post.jwt'))
    assert.ok((on['authorization_signing_alg_values_supported'] as string[]).includes('RS256'))
    const off = body(await (await make({}, {})).server.createMetadataResponse())
    assert.ok(!('authorization_signing_alg_values_supported' in off))
    assert.deepEqual(off['response_modes_supported'], ['query', 'fragment', 'form_post'])
  })

  test('a server without OpenID Connect signs by keys of the option, which it publishes', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const provider = await makeProvider(
      { issuer, signedResponses: { keys: [privateKey] } },
      { client: { authorizationSigningAlgorithm: 'EdDSA' } },
    )
    const { keys } = body(await provider.server.createJwksResponse()) as { keys: { kty: string }[] }
    assert.deepEqual(
      keys.map(({ kty }) => kty),
      ['OKP'],
    )
    const validator = new StoreValidator(new MemoryStore())
    assert.throws(() => new Server(validator, { issuer, signedResponses: {} }), ConfigurationError)
    assert.throws(() => new Server(validator, { signedResponses: { keys: [privateKey] } }), ConfigurationError)
  })
})
