/** `client_secret_jwt`: assertions under a shared secret (OpenID Connect Core §9), where the validator knows secrets in the clear. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  ClientSecretJwt,
  ConfigurationError,
  registerClient,
  Server,
  StoreValidator,
  type Client,
  type Jwk,
  type SharedSecretValidator,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { assertionParameters, writeJwt, type Members } from '../support/assertions.ts'
import { registration } from '../support/provider.ts'
import { body, form } from '../support/requests.ts'
import { issuer, now, p256, rsa, spki } from '../tokens/fixtures.ts'

const secret = 'a-secret-of-the-client-that-is-long-enough-for-HS512-as-it-has-64-bytes'
const header = { alg: 'HS256', typ: 'JWT' }
const claims = () => ({ iss: 'app', sub: 'app', aud: issuer, exp: now + 60, jti: randomUUID() })

class KnowsSecrets extends StoreValidator implements SharedSecretValidator {
  /** Whose secrets were asked for. */
  readonly asked: string[] = []

  findClientSecrets({ id }: Client): readonly (string | Uint8Array)[] {
    this.asked.push(id)
    if (id === 'short') return ['too-short']
    return id === 'app' ? ['an-older-secret-that-is-live-as-well-0123456789', new TextEncoder().encode(secret)] : []
  }
}

const makeProvider = async (client: Partial<Client> = {}) => {
  const store = new MemoryStore()
  for (const id of ['app', 'short'])
    await registerClient(store, { ...registration, authMethods: ['client_secret_jwt'], ...client, id })
  const publicKey = p256.publicKey.export({ format: 'jwk' }) as Jwk // JsonWebKey of Node is one
  await registerClient(store, {
    ...registration,
    authMethods: ['private_key_jwt'],
    jwks: { keys: [publicKey] },
    id: 'keys',
  })
  const validator = new KnowsSecrets(store)
  let last = ''
  const server = new Server(validator, {
    issuer,
    now: () => now,
    events(event) {
      if (event.type === 'request.refused') last = [event.status, event.error, event.reason, event.detail].join(' ')
    },
  })
  const send = (sent: { readonly header?: Members; readonly claims?: Members; readonly key?: string } = {}) => {
    const assertion = writeJwt({ ...header, ...sent.header }, { ...claims(), ...sent.claims }, sent.key ?? secret)
    const parameters = { grant_type: 'client_credentials', ...assertionParameters(assertion) }
    return server.createTokenResponse(form(parameters))
  }
  return { server, validator, send, told: () => last }
}

type Sent = Parameters<Awaited<ReturnType<typeof makeProvider>>['send']>[0]

describe('client_secret_jwt (OpenID Connect Core §9)', () => {
  const accepted: readonly [name: string, sent: Sent, client?: Partial<Client>][] = [
    ['HS256', {}],
    ['HS512', { header: { alg: 'HS512' } }],
    ['an older secret', { key: 'an-older-secret-that-is-live-as-well-0123456789' }],
    ['the alg that is registered', {}, { assertionSigningAlgorithm: 'HS256' }],
  ]
  for (const [name, sent, client] of accepted) {
    test(`${name} → a token`, async () => {
      const { send, told } = await makeProvider(client)
      assert.equal((await send(sent)).status, 200, told())
    })
  }

  const of = (id: string) => ({ iss: id, sub: id })
  const noKey = 'client_assertion_key_unknown'
  const refused: readonly [name: string, sent: Sent, expected: string, client?: Partial<Client>][] = [
    [
      'a wrong secret',
      { key: 'x'.repeat(64) },
      'client_assertion_signature_wrong app: client_assertion_signature_wrong',
    ],
    ['an unknown client', { claims: of('nobody') }, 'client_unknown nobody'],
    ['an unknown client, the key of nobody', { claims: of('nobody'), key: '\0'.repeat(64) }, 'client_unknown nobody'],
    [
      'a secret shorter than the hash',
      { claims: of('short'), key: 'too-short' },
      `${noKey} short: none fits alg and kid`,
    ],
    [
      'the key of nobody, for a client without secret',
      { claims: of('short'), key: '\0'.repeat(64) },
      `${noKey} short: none fits alg and kid`,
    ],
    [
      'a secret long enough for another hash',
      { header: { alg: 'HS512' }, key: 'an-older-secret-that-is-live-as-well-0123456789' },
      'client_assertion_signature_wrong app: client_assertion_signature_wrong',
    ],
    [
      'HS512 where HS256 is registered',
      { header: { alg: 'HS512' } },
      `${noKey} app: it is registered for HS256`,
      { assertionSigningAlgorithm: 'HS256' },
    ],
    [
      'HS256 of a client with keys',
      { claims: of('keys'), key: spki(rsa.publicKey) },
      'client_method_not_allowed keys used client_secret_jwt',
    ],
    ['alg none', { header: { alg: 'none' } }, 'client_method_not_allowed app used private_key_jwt'],
    ['expired', { claims: { exp: now - 60 } }, 'client_assertion_claims_wrong app: exp has passed'],
  ]
  for (const [name, sent, expected, client] of refused) {
    test(`${name} → 401 ${expected}`, async () => {
      const { send, told } = await makeProvider(client)
      const response = await send(sent)
      assert.equal(told(), `401 invalid_client ${expected}`)
      assert.deepEqual(response, await send({ claims: of('nobody') }))
    })
  }

  test('once', async () => {
    const { send, told } = await makeProvider()
    assert.equal((await send({ claims: { jti: 'j' } })).status, 200)
    await send({ claims: { jti: 'j' } })
    assert.match(told(), /client_assertion_replayed/)
  })

  test('secrets are asked for in any case: the time taken says nothing', async () => {
    const { send, validator } = await makeProvider()
    for (const id of ['app', 'nobody', 'keys']) await send({ claims: of(id) })
    assert.deepEqual(validator.asked, ['app', 'nobody', 'keys'])
  })

  test('metadata promises it where the validator knows secrets, and only there', async () => {
    const { server } = await makeProvider()
    const document = body(await server.createMetadataResponse())
    const methods = document['token_endpoint_auth_methods_supported'] as readonly string[] // a list in every document
    const algorithms = document['token_endpoint_auth_signing_alg_values_supported'] as readonly string[] // as above
    assert.ok(methods.includes('client_secret_jwt') && algorithms.includes('HS256'))
  })

  test('made without what it needs → ConfigurationError', () => {
    const validator = new StoreValidator(new MemoryStore())
    const told = (message: RegExp) => (error: unknown) =>
      error instanceof ConfigurationError && message.test(error.message)
    // @ts-expect-error -- findClientSecrets is missing
    assert.throws(() => new ClientSecretJwt(validator, { issuer }), told(/lacks findClientSecrets/))
    const knowing = new KnowsSecrets(new MemoryStore())
    assert.throws(() => new ClientSecretJwt(knowing, { issuer: '' }), told(/needs the issuer/))
  })
})
