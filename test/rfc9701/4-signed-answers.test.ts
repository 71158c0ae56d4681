/** RFC 9701: answers to introspection that the server signs, and encrypts, for the resource that asks. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigurationError, Server, StoreValidator, type Client, type HttpResponse, type ServerOptions } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { compactDecrypt, createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import * as oauth from 'oauth4webapi'
import { changeClient, issuer, makeOpenId, verified, type OpenIdProvider } from '../openid/provider.ts'
import { makeProvider } from '../support/provider.ts'
import { makeRegistrar } from '../support/registration.ts'
import { body, form, text } from '../support/requests.ts'

const accept = 'application/token-introspection+jwt'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

const make = async (change: Partial<Client> = {}, options: ServerOptions = { signedIntrospection: {} }) => {
  const provider = await makeOpenId({}, {}, options)
  await changeClient(provider, change)
  return provider
}

const issue = async ({ server, app }: Pick<OpenIdProvider, 'app' | 'server'>): Promise<string> =>
  text(await server.createTokenResponse(form({ grant_type: 'client_credentials', scope: 'read' }, app)), 'access_token')

const ask = (
  { server, app }: Pick<OpenIdProvider, 'app' | 'server'>,
  token: string,
  headers: Readonly<Record<string, string>> = { accept },
): Promise<HttpResponse> => server.createIntrospectionResponse(form({ token }, { ...app, ...headers }))

const typeOf = ({ headers }: HttpResponse): string | undefined => headers['Content-Type']

describe('a signed answer', () => {
  test('has the members of §5 and no others, and the plain answer inside', async () => {
    const provider = await make()
    const token = await issue(provider)
    const answer = await ask(provider, token)
    assert.equal(typeOf(answer), accept)
    const keys = createLocalJWKSet(body(await provider.server.createJwksResponse()) as unknown as JSONWebKeySet)
    const { payload, protectedHeader } = await jwtVerify(answer.body, keys, { issuer, audience: 'app', typ: accept })
    assert.deepEqual([protectedHeader.typ, protectedHeader.alg], ['token-introspection+jwt', 'RS256'])
    assert.deepEqual(Object.keys(payload), ['iss', 'aud', 'iat', 'token_introspection'])
    assert.equal(payload.iat, provider.clock.now)
    assert.deepEqual(payload['token_introspection'], body(await ask(provider, token, {})))
    assert.equal((payload['token_introspection'] as Record<string, unknown>)['client_id'], 'app')
  })

  test('about a token that is not active says that alone (§5)', async () => {
    const provider = await make()
    const { claims } = await verified(provider, (await ask(provider, 'unknown')).body)
    assert.deepEqual(claims['token_introspection'], { active: false })
  })

  test('is no access token, and no ID token hint', async () => {
    const provider = await make()
    const { body: answer } = await ask(provider, await issue(provider))
    const headers = { authorization: `Bearer ${answer}` }
    assert.equal((await provider.server.createIntrospectionResponse(form({ token: answer }, headers))).status, 401)
    assert.deepEqual(body(await ask(provider, answer, {})), { active: false })
  })

  const accepts: [header: string | undefined, isSigned: boolean][] = [
    [accept, true],
    ['Application/Token-Introspection+JWT', true],
    [`application/json;q=0.5, ${accept};q=0.9`, true],
    [`application/json, ${accept};q=0`, false],
    [`application/json, ${accept} ; q=0.000`, false],
    ['application/json', false],
    ['*/*', false],
    ['application/*', false],
    [`x${accept}`, false],
    [undefined, false],
  ]
  for (const [header, isSigned] of accepts) {
    test(`Accept ${header} → ${isSigned ? 'a JWT' : 'JSON'} (§4)`, async () => {
      const provider = await make()
      const answer = await ask(provider, 'unknown', header === undefined ? {} : { accept: header })
      assert.equal(typeOf(answer), isSigned ? accept : 'application/json')
    })
  }

  test('without the option: JSON, and nothing in the metadata', async () => {
    const provider = await make({}, {})
    assert.equal(typeOf(await ask(provider, 'unknown')), 'application/json')
    const names = Object.keys(body(await provider.server.createMetadataResponse()))
    assert.deepEqual(
      names.filter((name) => /^introspection_(?:signing|encryption)/.test(name)),
      [],
    )
  })

  test('a caller that does not authenticate gets a plain error', async () => {
    const { server } = await make()
    const answer = await server.createIntrospectionResponse(form({ token: 'x' }, { accept }))
    assert.deepEqual([answer.status, typeOf(answer)], [401, 'application/json'])
  })
})

describe('per client (§6)', () => {
  const encrypting: Partial<Client> = {
    jwks: { keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc' }] },
    introspectionSigningAlgorithm: 'ES256',
    introspectionEncryption: {},
  }

  test('with its algorithm, and encrypted: then nothing in the clear, whatever it accepts', async () => {
    const provider = await make(encrypting)
    for (const header of [accept, 'application/json']) {
      const answer = await ask(provider, await issue(provider), { accept: header })
      assert.equal(typeOf(answer), accept)
      const { plaintext } = await compactDecrypt(answer.body, rsa.privateKey)
      const { claims, alg } = await verified(provider, new TextDecoder().decode(plaintext))
      assert.equal(alg, 'ES256')
      assert.equal((claims['token_introspection'] as Record<string, unknown>)['active'], true)
    }
  })

  test('no key to encrypt to → 500, and nothing in the clear', async () => {
    const provider = await make({ ...encrypting, jwks: undefined })
    const answer = await ask(provider, await issue(provider))
    assert.deepEqual([answer.status, body(answer)['error']], [500, 'server_error'])
  })

  test('the metadata says what there is', async () => {
    const metadata = body(await (await make()).server.createMetadataResponse())
    assert.ok((metadata['introspection_signing_alg_values_supported'] as string[]).includes('ES256'))
    assert.ok((metadata['introspection_encryption_alg_values_supported'] as string[]).includes('ECDH-ES'))
    assert.ok((metadata['introspection_encryption_enc_values_supported'] as string[]).includes('A256GCM'))
  })

  test('clients register for it, as the server can', async () => {
    const good = { redirect_uris: ['https://app.example/cb'] }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { register } = await makeRegistrar({ allowOpen: true }, { signedIntrospection: { keys: [privateKey] } })
    const keys = { keys: [rsa.publicKey.export({ format: 'jwk' })] }
    const asked = { introspection_signed_response_alg: 'ES256', introspection_encrypted_response_alg: 'RSA-OAEP-256' }
    const told = body(await register({ ...good, ...asked, jwks: keys }))
    assert.deepEqual(
      [told['introspection_signed_response_alg'], told['introspection_encrypted_response_enc']],
      ['ES256', 'A256GCM'],
    )
    for (const wrong of [
      { introspection_signed_response_alg: 'RS256' },
      { introspection_signed_response_alg: 'none' },
      asked,
    ])
      assert.equal(body(await register({ ...good, ...wrong }))['error'], 'invalid_client_metadata')
  })
})

test('keys: of the option, of signed responses, or a ConfigurationError', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const keysOf = async (options: ServerOptions): Promise<unknown[]> => {
    const provider = await makeProvider({ issuer, ...options }, { client: { introspectionSigningAlgorithm: 'EdDSA' } })
    assert.equal(typeOf(await ask(provider as unknown as OpenIdProvider, 'x')), accept)
    return body(await provider.server.createJwksResponse())['keys'] as unknown[]
  }
  assert.equal((await keysOf({ signedIntrospection: { keys: [privateKey] } })).length, 1)
  assert.equal((await keysOf({ signedIntrospection: {}, signedResponses: { keys: [privateKey] } })).length, 1)
  const validator = new StoreValidator(new MemoryStore())
  assert.throws(() => new Server(validator, { issuer, signedIntrospection: {} }), ConfigurationError)
  assert.throws(() => new Server(validator, { signedIntrospection: { keys: [privateKey] } }), ConfigurationError)
})

test('oauth4webapi asks for it, and checks it', async () => {
  const provider = await make()
  const as = body(await provider.server.createMetadataResponse()) as unknown as oauth.AuthorizationServer
  const client = { client_id: 'app' }
  const options = {
    requestJwtResponse: true,
    [oauth.customFetch]: (url: string, init: object) => provider.server.fetch(new Request(url, init)),
  }
  const token = await issue(provider)
  const response = await oauth.introspectionRequest(
    as,
    client,
    oauth.ClientSecretBasic(provider.secret),
    token,
    options,
  )
  const keys = { [oauth.customFetch]: options[oauth.customFetch] }
  const answer = await oauth.processIntrospectionResponse(as, client, response)
  await oauth.validateApplicationLevelSignature(as, response, keys)
  assert.equal(answer.active, true)
})
