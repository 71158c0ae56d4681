/** What `StoreValidator` makes of a store: digests, self-contained tokens, time limits, capabilities. */
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  allStoreFeatures,
  ConfigurationError,
  hashClientSecret,
  PasswordGrant,
  Server,
  signedTokenGenerator,
  StoreValidator,
  type Client,
  type GrantryEvent,
  type ServerOptions,
  type Store,
  type StoreFeature,
  type StoreValidatorOptions,
  type Swept,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { interceptStore } from '#grantry/testing/intercept-store'
import { basic, body, form, request, text } from '../support/requests.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const signed = signedTokenGenerator(privateKey, { issuer: 'https://as.example', audience: 'https://as.example' })
const selfContained: ServerOptions = { tokenGenerator: signed, tokenVerifier: signed.verifier }
const app = basic('app', 'secret')

class Validator extends StoreValidator {
  override validateUser(username: string) {
    return { id: username }
  }
}

/** Names of the store methods that were called, in order. */
interface Provider {
  readonly server: Server
  readonly store: MemoryStore
  readonly calls: (keyof Store)[]
  readonly clock: { now: number }
}

const makeProvider = async (
  options: ServerOptions = {},
  validatorOptions: StoreValidatorOptions = {},
  store = new MemoryStore(),
): Promise<Provider> => {
  const client: Client = {
    id: 'app',
    secrets: [hashClientSecret('secret')],
    grantTypes: ['client_credentials', 'password', 'refresh_token'],
    scopes: ['read'],
    defaultScopes: ['read'],
  }
  await store.putClient(client)
  const calls: (keyof Store)[] = []
  const counted = interceptStore(store, ({ name, run }) => {
    calls.push(name)
    return run()
  })
  const clock = { now: 1_800_000_000 }
  const validator = new Validator(counted, validatorOptions)
  const grants = { password: new PasswordGrant(validator) }
  return { server: new Server(validator, { grants, now: () => clock.now, ...options }), store, calls, clock }
}

const own = { grant_type: 'client_credentials' }
const byPassword = { grant_type: 'password', username: 'ann', password: 'any' }

const isActive = async ({ server }: Provider, token: string): Promise<boolean> =>
  body(await server.createIntrospectionResponse(form({ token }, app)))['active'] === true

const isAccepted = async ({ server }: Provider, token: string): Promise<boolean> =>
  (await server.verifyRequest(request('GET', '/', { headers: { authorization: `Bearer ${token}` } }))).ok

describe('self-contained tokens', () => {
  test('a client that gets one for itself → no write', async () => {
    const provider = await makeProvider(selfContained)
    const response = await provider.server.createTokenResponse(form(own, app))
    assert.equal(response.status, 200)
    assert.deepEqual(provider.calls, ['findClient'])
  })

  test('revoked alone → over for the server and for introspection, the others live', async () => {
    const provider = await makeProvider(selfContained)
    const [one, two] = [
      text(await provider.server.createTokenResponse(form(own, app)), 'access_token'),
      text(await provider.server.createTokenResponse(form(own, app)), 'access_token'),
    ]
    assert.equal(await isAccepted(provider, one), true)
    assert.equal((await provider.server.createRevocationResponse(form({ token: one }, app))).status, 200)
    assert.deepEqual([await isAccepted(provider, one), await isActive(provider, one)], [false, false])
    assert.deepEqual([await isAccepted(provider, two), await isActive(provider, two)], [true, true])
  })

  test('revoked with their family, which the claim grant_id names → over', async () => {
    const provider = await makeProvider(selfContained)
    const first = await provider.server.createTokenResponse(form(byPassword, app))
    const [access, refresh] = [text(first, 'access_token'), text(first, 'refresh_token')]
    const renewed = await provider.server.createTokenResponse(
      form({ grant_type: 'refresh_token', refresh_token: refresh }, app),
    )
    const second = text(renewed, 'access_token')
    assert.deepEqual([await isActive(provider, access), await isActive(provider, second)], [true, true])
    await provider.server.createRevocationResponse(form({ token: refresh }, app))
    assert.deepEqual([await isActive(provider, access), await isActive(provider, second)], [false, false])
  })

  test('introspection shows no grant_id', async () => {
    const provider = await makeProvider(selfContained)
    const token = text(await provider.server.createTokenResponse(form(byPassword, app)), 'access_token')
    const shown = body(await provider.server.createIntrospectionResponse(form({ token }, app)))
    assert.equal(shown['active'], true)
    assert.equal('grant_id' in shown, false)
  })

  test('the family is kept as long as its longest token, although nothing else is left of it', async () => {
    const provider = await makeProvider({ ...selfContained, tokenExpiresIn: 5000, refreshTokenExpiresIn: 100 })
    const token = text(await provider.server.createTokenResponse(form(byPassword, app)), 'access_token')
    provider.clock.now += 4999
    await provider.store.sweep(provider.clock.now, 100)
    assert.equal(await isActive(provider, token), true)
  })

  test('a request cannot name the family of its token', async () => {
    const events: GrantryEvent[] = []
    const { server } = await makeProvider({
      ...selfContained,
      events: (event) => events.push(event),
      hooks: { preToken: [({ claims }) => void (claims['grant_id'] = 'another')] },
    })
    assert.equal((await server.createTokenResponse(form(own, app))).status, 500)
    assert.match(JSON.stringify(events), /protected claim grant_id/)
  })
})

describe('keyed digests', () => {
  const [first, second] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]

  test('a token is stored under HMAC-SHA-256 of the first key', async () => {
    const provider = await makeProvider({}, { digestKeys: [first, second] })
    const token = text(await provider.server.createTokenResponse(form(own, app)), 'access_token')
    const digest = createHmac('sha256', first).update(token).digest('base64url')
    assert.notEqual(await provider.store.findAccessToken(digest, provider.clock.now), undefined)
  })

  test('after a change of keys everything made before goes on: use, refresh, reuse, revocation', async () => {
    const before = await makeProvider({ refreshTokenRotation: 'always' }, {})
    const issued = await before.server.createTokenResponse(form(byPassword, app))
    const [access, refresh] = [text(issued, 'access_token'), text(issued, 'refresh_token')]
    const options = { digestKeys: [second, first], allowUnkeyedDigests: true }
    const after = await makeProvider({ refreshTokenRotation: 'always' }, options, before.store)
    assert.equal(await isActive(after, access), true)
    const renew = (token: string) =>
      after.server.createTokenResponse(form({ grant_type: 'refresh_token', refresh_token: token }, app))
    const successor = text(await renew(refresh), 'refresh_token')
    assert.equal(text(await renew(refresh), 'refresh_token'), successor, 'repeated within the grace')
    assert.equal((await renew(successor)).status, 200)
    assert.equal((await renew(refresh)).status, 400, 'presented after its successor was used')
    await after.server.createRevocationResponse(form({ token: access }, app))
    assert.equal(await isActive(after, access), false)
  })

  test('a short key → ConfigurationError', () => {
    assert.throws(() => new StoreValidator(new MemoryStore(), { digestKeys: ['short'] }), ConfigurationError)
  })
})

describe('a store that does not answer', () => {
  test('→ 503 with Retry-After once the limit is over, and the operator is told why', async () => {
    const events: GrantryEvent[] = []
    const store = interceptStore(new MemoryStore(), () => new Promise(() => undefined))
    const server = new Server(new StoreValidator(store, { storeTimeoutMs: 10 }), {
      events: (event) => events.push(event),
    })
    const response = await server.createTokenResponse(form(own, app))
    assert.equal(response.status, 503)
    assert.equal(response.headers['Retry-After'], '1')
    const [event] = events
    assert.ok(event?.type === 'request.refused' && event.cause instanceof Error)
    assert.match(event.cause.message, /did not answer within 10 ms/)
  })
})

describe('capabilities', () => {
  const lacking = (...missing: StoreFeature[]): Store =>
    Object.assign(new MemoryStore(), {
      capabilities: () => ({
        name: 'ThinStore',
        features: allStoreFeatures.filter((feature) => !missing.includes(feature)),
        reasons: { refresh_tokens: 'Switch its journal on.' },
        isDurable: false,
        isShared: true,
      }),
    })

  test('a store that cannot keep refresh tokens → the server is not made, and the mend is named', () => {
    assert.throws(() => new Server(new StoreValidator(lacking('refresh_tokens'))), {
      name: 'ConfigurationError',
      message: 'Server: ThinStore cannot keep refresh_tokens. Switch its journal on.',
    })
  })

  test('what the server does not need may be missing', () => {
    assert.doesNotThrow(() => new Server(new StoreValidator(lacking('leases', 'attempts'))))
  })
})

describe('clean-up in the background', () => {
  const fill = async (options: StoreValidatorOptions, requests: number) => {
    const provider = await makeProvider({}, options)
    for (let index = 0; index < requests; index++) await provider.server.createTokenResponse(form(own, app))
    return provider
  }

  test('after every so many saves, and what it deleted is told', async () => {
    const swept: Swept[] = []
    const provider = await fill({ sweepEvery: 3, onSwept: (each) => swept.push(each) }, 5)
    assert.deepEqual(swept, [{ deleted: 0 }])
    provider.clock.now += 30
    await provider.server.createTokenResponse(form(own, app))
    await provider.store.ping()
    assert.equal(provider.calls.filter((name) => name === 'sweep').length, 2)
  })

  test('not by a clock that has jumped', async () => {
    const provider = await fill({ sweepEvery: 3 }, 2)
    provider.clock.now += 3600
    for (let index = 0; index < 6; index++) await provider.server.createTokenResponse(form(own, app))
    assert.equal(provider.calls.includes('sweep'), false)
  })

  test('where it fails the request does not notice, and the operator is told', async () => {
    const swept: Swept[] = []
    const store = new MemoryStore()
    store.sweep = () => Promise.reject(new Error('locked'))
    const provider = await makeProvider({}, { sweepEvery: 1, onSwept: (each) => swept.push(each) }, store)
    assert.equal((await provider.server.createTokenResponse(form(own, app))).status, 200)
    const [only] = swept
    assert.ok(only !== undefined && 'error' in only && only.error instanceof Error)
  })

  test('0 → never', async () => {
    const provider = await fill({ sweepEvery: 0 }, 5)
    assert.equal(provider.calls.includes('sweep'), false)
  })
})

describe('MemoryStore', () => {
  test('is full of what lives → refused with 503 and nothing lost; what expired makes room', async () => {
    const provider = await makeProvider({}, {}, new MemoryStore({ maxRows: 5 }))
    const issue = async () => (await provider.server.createTokenResponse(form(own, app))).status
    const statuses = [await issue(), await issue(), await issue(), await issue()]
    assert.deepEqual(statuses, [200, 200, 200, 503])
    provider.clock.now += 600
    assert.equal(await issue(), 200)
  })
})
