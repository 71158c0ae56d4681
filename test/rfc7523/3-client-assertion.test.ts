/** `private_key_jwt`: what is asked of an assertion (RFC 7523 §3, RFC 7521 §4.2, rfc7523bis, FAPI 2.0 §5.3.2.1). */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  allStoreFeatures,
  ComposedStore,
  ConfigurationError,
  PrivateKeyJwt,
  registerClient,
  Server,
  StoreValidator,
  type Client,
  type ClientKeyFetcher,
  type GrantryEvent,
  type HttpResponse,
  type Jwk,
  type ServerOptions,
  type Store,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { interceptStore } from '../../packages/grantry/src/testing/intercept-store.ts'
import { registration, type TestClock } from '../support/provider.ts'
import { assertionParameters, writeJwt, type Members } from '../support/assertions.ts'
import { basic, body, form } from '../support/requests.ts'
import { ed25519, issuer, now, p256, p384, rsa, shortRsa, spki } from '../tokens/fixtures.ts'

const jwkOf = (pair: { readonly publicKey: KeyObject }, members: Jwk = {}): Jwk => ({
  ...(pair.publicKey.export({ format: 'jwk' }) as Jwk), // JsonWebKey of Node is one
  ...members,
})

const tokenEndpoint = `${issuer}/token`
const jwks = { keys: [jwkOf(p256, { kid: 'k1' }), jwkOf(rsa, { kid: 'k2' })] }
const header = { alg: 'ES256', kid: 'k1', typ: 'JWT' }
const claims = () => ({ iss: 'app', sub: 'app', aud: issuer, iat: now, exp: now + 60, jti: randomUUID() })

const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const attackerJwk = jwkOf(attacker)

/** An assertion whose claims are a text, signed as a good one. */
const raw = (good: string, text: string): string => {
  const input = `${good.split('.')[0] ?? ''}.${Buffer.from(text).toString('base64url')}`
  const signature = sign('sha256', Buffer.from(input), { key: p256.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** Other claims under the signature of a good one. */
const changed = (good: string): string => {
  const [head = '', , signature = ''] = good.split('.')
  return `${head}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.${signature}`
}

/** What differs from a good request. */
interface Change {
  readonly header?: Members
  readonly claims?: Members
  readonly key?: KeyObject | string
  readonly parameters?: Members
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in place of the assertion that is made of the above. */
  readonly assertion?: string | ((good: string) => string)
  readonly client?: Partial<Client>
}

interface Row {
  readonly server: Server
  readonly clock: TestClock
  readonly send: (change?: Change) => Promise<HttpResponse>
  /** Status, error, reason and detail of the last refusal. */
  readonly told: () => string
}

const defined = (members: Members): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(members)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )

const makeRow = async (
  client: Partial<Client> = {},
  store: Store = new MemoryStore(),
  options: ServerOptions = {},
): Promise<Row> => {
  await registerClient(store, { ...registration, authMethods: ['private_key_jwt'], jwks, ...client, id: 'app' })
  const others = { ...registration, authMethods: ['private_key_jwt'], jwks: { keys: [jwkOf(ed25519)] } }
  await registerClient(store, { ...others, id: 'other' })
  await registerClient(store, { ...registration, id: 'by-secret' })
  await registerClient(store, { ...registration, id: 'spa', authMethods: ['none'] })
  const clock = { now }
  let last = ''
  const server = new Server(new StoreValidator(store), {
    issuer,
    now: () => clock.now,
    ...options,
    events(event: GrantryEvent) {
      if (event.type === 'request.refused')
        last = [event.status, event.error, event.reason, event.detail].filter(Boolean).join(' ')
    },
  })
  const send = (change: Change = {}): Promise<HttpResponse> => {
    const made = writeJwt(
      { ...header, ...change.header },
      { ...claims(), ...change.claims },
      change.key ?? p256.privateKey,
    )
    const assertion = typeof change.assertion === 'function' ? change.assertion(made) : (change.assertion ?? made)
    const parameters = { grant_type: 'client_credentials', ...assertionParameters(assertion), ...change.parameters }
    return server.createTokenResponse(form(defined(parameters), change.headers))
  }
  return { server, clock, send, told: () => last }
}

const accepted: readonly [name: string, change: Change][] = [
  ['a good assertion', {}],
  ['client_id sent as well', { parameters: { client_id: 'app' } }],
  ['aud as a list of one', { claims: { aud: [issuer] } }],
  ['no typ', { header: { typ: undefined } }],
  ['typ client-authentication+jwt (rfc7523bis)', { header: { typ: 'client-authentication+jwt' } }],
  ['typ application/jwt', { header: { typ: 'application/jwt' } }],
  ['no kid', { header: { kid: undefined } }],
  ['no iat', { claims: { iat: undefined } }],
  ['nbf now', { claims: { nbf: now } }],
  ['iat and nbf 10 s ahead', { claims: { iat: now + 10, nbf: now + 10 } }],
  ['exp 9 s ago', { claims: { exp: now - 9 } }],
  ['exp 10 minutes ahead', { claims: { exp: now + 600 } }],
  ['exp with a fraction', { claims: { exp: now + 59.5 } }],
  ['RS256 by the RSA key', { header: { alg: 'RS256', kid: 'k2' }, key: rsa.privateKey }],
  ['PS256 by the RSA key', { header: { alg: 'PS256', kid: 'k2' }, key: rsa.privateKey }],
  ['a claim that means nothing here', { claims: { scope: 'all', nested: { a: 1 } } }],
  ['the alg that is registered', { client: { assertionSigningAlgorithm: 'ES256' } }],
  [
    'EdDSA registered, Ed25519 sent: one algorithm of two names',
    {
      header: { alg: 'Ed25519', kid: 'e' },
      key: ed25519.privateKey,
      client: { assertionSigningAlgorithm: 'EdDSA', jwks: { keys: [jwkOf(ed25519, { kid: 'e', alg: 'EdDSA' })] } },
    },
  ],
  [
    'two keys, none with kid',
    { client: { jwks: { keys: [jwkOf(p384), jwkOf(shortRsa), jwkOf(rsa), jwkOf(p256)] } }, header: { kid: undefined } },
  ],
  [
    'keys of other uses and kinds in the set',
    { client: { jwks: { keys: [jwkOf(p256, { use: 'enc' }), { kty: 'future' }, jwkOf(p256)] } } },
  ],
  [
    'legacyAssertionAudience, aud the token endpoint',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: tokenEndpoint } },
  ],
  [
    'legacyAssertionAudience, several aud',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: ['https://x.example', tokenEndpoint] } },
  ],
  [
    'legacyAssertionAudience, aud the issuer',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: issuer } },
  ],
]

const malformed = '401 invalid_client client_assertion_malformed'
const ofClaims = '401 invalid_client client_assertion_claims_wrong app: '
const noKey = '401 invalid_client client_assertion_key_unknown app: none fits alg and kid'
const badSignature = '401 invalid_client client_assertion_signature_wrong app: client_assertion_signature_wrong'
const notJwt = `${malformed} it is no signed JWT, too long, or of another typ`
const broken = (jwk: Jwk) => ({ jwks: { keys: [jwk] } })

const refused: readonly [name: string, change: Change, expected: string][] = [
  // how it is sent
  [
    'client_assertion_type of SAML',
    { parameters: { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' } },
    `${malformed} client_assertion_type is another`,
  ],
  [
    'client_assertion_type with a capital',
    { parameters: { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:JWT-bearer' } },
    `${malformed} client_assertion_type is another`,
  ],
  [
    'client_assertion_type missing',
    { parameters: { client_assertion_type: undefined } },
    `${malformed} client_assertion_type is another`,
  ],
  [
    'client_assertion missing',
    { parameters: { client_assertion: undefined } },
    '401 invalid_client client_credentials_missing',
  ],
  [
    'Basic as well',
    { headers: basic('app', 'x') },
    '400 invalid_request client_credentials_repeated client_secret_basic, private_key_jwt',
  ],
  [
    'client_secret as well',
    { parameters: { client_id: 'app', client_secret: 'x' } },
    '400 invalid_request client_credentials_repeated client_secret_post, private_key_jwt',
  ],
  ['client_id of another', { parameters: { client_id: 'other' } }, '400 invalid_request client_id_mismatch'],
  // who it is from
  ['an unknown client', { claims: { iss: 'nobody', sub: 'nobody' } }, '401 invalid_client client_unknown nobody'],
  [
    'a client that has a secret',
    { claims: { iss: 'by-secret', sub: 'by-secret' } },
    '401 invalid_client client_method_not_allowed by-secret used private_key_jwt',
  ],
  [
    'a public client',
    { claims: { iss: 'spa', sub: 'spa' } },
    '401 invalid_client client_method_not_allowed spa used private_key_jwt',
  ],
  ['the key of another client', { header: { alg: 'EdDSA', kid: undefined }, key: ed25519.privateKey }, noKey],
  ['another client, with our key', { claims: { iss: 'other', sub: 'other' } }, noKey.replace('app', 'other')],
  ['iss of another', { claims: { iss: 'other' } }, `${ofClaims}iss is not sub`],
  ['iss missing', { claims: { iss: undefined } }, `${ofClaims}iss is not sub`],
  ['sub missing', { claims: { sub: undefined } }, `${malformed} sub is missing`],
  ['sub empty', { claims: { sub: '' } }, `${malformed} sub is missing`],
  ['sub with NUL', { claims: { sub: 'app\0' } }, `${malformed} sub is missing`],
  ['sub as a list', { claims: { sub: ['app'] } }, `${malformed} sub is missing`],
  // whom it is for
  ['aud missing', { claims: { aud: undefined } }, `${ofClaims}aud is not the issuer alone`],
  ['aud empty', { claims: { aud: [] } }, `${ofClaims}aud is not the issuer alone`],
  ['aud with a slash', { claims: { aud: `${issuer}/` } }, `${ofClaims}aud is not the issuer alone`],
  ['aud of another server', { claims: { aud: 'https://evil.example' } }, `${ofClaims}aud is not the issuer alone`],
  ['aud the token endpoint (rfc7523bis)', { claims: { aud: tokenEndpoint } }, `${ofClaims}aud is not the issuer alone`],
  [
    'aud the issuer and another',
    { claims: { aud: [issuer, tokenEndpoint] } },
    `${ofClaims}aud is not the issuer alone`,
  ],
  ['aud the issuer twice', { claims: { aud: [issuer, issuer] } }, `${ofClaims}aud is not the issuer alone`],
  ['aud nested', { claims: { aud: [[issuer]] } }, `${ofClaims}aud is not the issuer alone`],
  [
    'legacyAssertionAudience, aud of another server',
    { client: { legacyAssertionAudience: 'token-endpoint' }, claims: { aud: `${issuer}/introspect` } },
    `${ofClaims}aud is not the issuer alone`,
  ],
  // when
  ['exp missing', { claims: { exp: undefined } }, `${ofClaims}exp is missing or not a date`],
  ['exp as text', { claims: { exp: String(now + 60) } }, `${ofClaims}exp is missing or not a date`],
  [
    'exp 1e999',
    { assertion: (good) => raw(good, `{"iss":"app","sub":"app","aud":"${issuer}","exp":1e999,"jti":"j"}`) },
    `${ofClaims}exp is missing or not a date`,
  ],
  ['exp 10 s ago', { claims: { exp: now - 10 } }, `${ofClaims}exp has passed`],
  ['exp 611 s ahead', { claims: { exp: now + 611 } }, `${ofClaims}exp is more than 10 minutes ahead`],
  ['nbf 11 s ahead', { claims: { nbf: now + 11 } }, `${ofClaims}nbf is in the future`],
  ['nbf as text', { claims: { nbf: '0' } }, `${ofClaims}nbf is in the future`],
  ['iat 11 s ahead', { claims: { iat: now + 11 } }, `${ofClaims}iat is in the future`],
  ['iat null', { claims: { iat: null } }, `${ofClaims}iat is in the future`],
  ['jti missing', { claims: { jti: undefined } }, `${ofClaims}jti is missing`],
  ['jti empty', { claims: { jti: '' } }, `${ofClaims}jti is missing`],
  ['jti a number', { claims: { jti: 7 } }, `${ofClaims}jti is missing`],
  // how it is signed
  ['alg none', { header: { alg: 'none' } }, noKey],
  ['alg None', { header: { alg: 'None' } }, noKey],
  ['alg missing', { header: { alg: undefined } }, notJwt],
  ['alg a list', { header: { alg: ['ES256'] } }, noKey],
  ['alg of the prototype', { header: { alg: 'constructor' } }, noKey],
  [
    'HS256 with the public key as PEM',
    { header: { alg: 'HS256', kid: 'k2' }, key: spki(rsa.publicKey) },
    '401 invalid_client client_assertion_unsupported',
  ],
  [
    'HS256 with the public key as JWK',
    { header: { alg: 'HS256' }, key: JSON.stringify(jwkOf(p256)) },
    '401 invalid_client client_assertion_unsupported',
  ],
  [
    'RS256 where ES256 is registered',
    { client: { assertionSigningAlgorithm: 'ES256' }, header: { alg: 'RS256', kid: 'k2' }, key: rsa.privateKey },
    '401 invalid_client client_assertion_key_unknown app: it is registered for ES256',
  ],
  [
    'RS256 where the key is for PS256',
    { client: broken(jwkOf(rsa, { alg: 'PS256' })), header: { alg: 'RS256', kid: undefined }, key: rsa.privateKey },
    noKey,
  ],
  ['a key for encryption', { client: broken(jwkOf(p256, { use: 'enc' })) }, noKey],
  ['a key that may not verify', { client: broken(jwkOf(p256, { key_ops: ['deriveBits'] })) }, noKey],
  [
    'an RSA key of 1024 bits',
    { client: broken(jwkOf(shortRsa)), header: { alg: 'RS256' }, key: shortRsa.privateKey },
    noKey,
  ],
  [
    'a key that is no point',
    { client: broken({ ...jwkOf(p256), x: 'AAAA' }) },
    '401 invalid_client client_keys_unavailable app: a key is broken',
  ],
  ['the kid of another key', { header: { kid: 'k2' } }, noKey],
  ['an unknown kid', { header: { kid: '../../etc/passwd' } }, noKey],
  ['a kid that is a number', { header: { kid: 1 } }, noKey],
  ['the wrong key', { key: attacker.privateKey }, badSignature],
  ['the key in the header as jwk', { header: { jwk: attackerJwk }, key: attacker.privateKey }, badSignature],
  [
    'the key in the header as jku',
    { header: { jku: 'https://evil.example/jwks' }, key: attacker.privateKey },
    badSignature,
  ],
  [
    'the key in the header as x5u',
    { header: { x5u: 'https://evil.example/cert' }, key: attacker.privateKey },
    badSignature,
  ],
  [
    'a signature as DER',
    { assertion: (good) => `${good.split('.').slice(0, 2).join('.')}.${Buffer.alloc(70, 0x30).toString('base64url')}` },
    badSignature,
  ],
  ['no signature', { assertion: (good) => good.replace(/[^.]*$/, '') }, badSignature],
  ['a claim changed', { assertion: (good) => changed(good) }, badSignature],
  // its form
  ['crit', { header: { crit: ['exp'], exp: now } }, notJwt],
  ['crit empty', { header: { crit: [] } }, notJwt],
  ['b64 false', { header: { crit: ['b64'], b64: false } }, notJwt],
  ['typ at+jwt', { header: { typ: 'at+jwt' } }, notJwt],
  ['typ dpop+jwt', { header: { typ: 'dpop+jwt' } }, notJwt],
  ['typ logout+jwt', { header: { typ: 'logout+jwt' } }, notJwt],
  ['two parts', { assertion: 'a.b' }, notJwt],
  ['five parts', { assertion: 'a.b.c.d.e' }, notJwt],
  ['padded', { assertion: (good) => `${good}=` }, notJwt],
  ['longer than 16 KiB', { claims: { filler: 'x'.repeat(16_384) } }, notJwt],
  [
    'claims that are no object',
    { assertion: () => writeJwt(header, ['app'], p256.privateKey) },
    `${malformed} the claims are no JSON object`,
  ],
  ['claims that are no JSON', { assertion: (good) => raw(good, '{') }, `${malformed} the claims are no JSON object`],
  // what is known of the client
  [
    'a client with jwksUri, no fetchKeys',
    { client: { jwks: undefined, jwksUri: 'https://app.example/jwks' } },
    '401 invalid_client client_keys_unavailable app: it has a jwksUri, and the server no option fetchKeys',
  ],
]

describe('An assertion is good (§3)', () => {
  for (const [name, change] of accepted) {
    test(`${name} → a token`, async () => {
      const { send, told } = await makeRow(change.client)
      const response = await send(change)
      assert.equal(response.status, 200, told())
    })
  }
})

describe('An assertion is refused (§3)', () => {
  for (const [name, change, expected] of refused) {
    test(`${name} → ${expected}`, async () => {
      const { send, told } = await makeRow(change.client)
      const response = await send(change)
      assert.equal(told(), expected)
      assert.ok(!response.body.includes('access_token'))
      if (response.status !== 401) return
      const unknown = await send({ claims: { iss: 'nobody', sub: 'nobody' } })
      assert.deepEqual(response, unknown, 'the answer is that of an unknown client')
    })
  }
})

describe('An assertion is used once (§3, jti)', () => {
  test('a second time → refused, also at another endpoint', async () => {
    const { server, send, told } = await makeRow()
    const again = writeJwt(header, claims(), p256.privateKey)
    assert.equal((await send({ assertion: again })).status, 200)
    const expected = '401 invalid_client client_assertion_replayed app: client_assertion_replayed'
    assert.equal((await send({ assertion: again })).status, 401)
    assert.equal(told(), expected)
    const elsewhere = form({ token: 'x', ...assertionParameters(again) })
    assert.equal((await server.createIntrospectionResponse(elsewhere)).status, 401)
    assert.equal((await server.createRevocationResponse(elsewhere)).status, 401)
    assert.equal((await send()).status, 200)
  })

  test('the same jti from another client → a token', async () => {
    const { send, told } = await makeRow()
    assert.equal((await send({ claims: { jti: 'j' } })).status, 200)
    const other = { header: { alg: 'EdDSA', kid: undefined }, key: ed25519.privateKey }
    assert.equal((await send({ ...other, claims: { jti: 'j', iss: 'other', sub: 'other' } })).status, 200, told())
  })

  test('to the last second in which it would be accepted, and no marker is swept before', async () => {
    const store = new MemoryStore()
    const { send, clock, told } = await makeRow({}, store)
    const again = writeJwt(header, { ...claims(), exp: now + 60 }, p256.privateKey)
    assert.equal((await send({ assertion: again })).status, 200)
    for (const later of [1, 60, 69]) {
      clock.now = now + later
      await store.sweep(clock.now + 10, 1000) // by a node whose clock is ahead
      assert.equal((await send({ assertion: again })).status, 401, `${later} s later`)
      assert.match(told(), /replayed/)
    }
    clock.now = now + 70
    await send({ assertion: again })
    assert.match(told(), /exp has passed/)
  })

  test('an assertion that is refused is not used up', async () => {
    const { send, clock } = await makeRow()
    const early = writeJwt(header, { ...claims(), nbf: now + 30 }, p256.privateKey)
    assert.equal((await send({ assertion: early })).status, 401)
    clock.now = now + 30
    assert.equal((await send({ assertion: early })).status, 200)
  })

  for (const [name, open] of [
    ['MemoryStore', () => new MemoryStore()],
    ['SqliteStore', () => new SqliteStore(':memory:')],
  ] as const) {
    test(`8 at once on ${name} → one token`, async () => {
      const { send } = await makeRow({}, open())
      for (let round = 0; round < 5; round++) {
        const again = writeJwt(header, claims(), p256.privateKey)
        const responses = await Promise.all(Array.from({ length: 8 }, () => send({ assertion: again })))
        assert.deepEqual(responses.map(({ status }) => status).sort(), [200, ...Array<number>(7).fill(401)])
      }
    })
  }

  test('a store that cannot note it → 503 and no token', async () => {
    const store = interceptStore(new MemoryStore(), ({ name, run }) => {
      if (name === 'markSeen') throw new Error('down')
      return run()
    })
    const { send, told } = await makeRow({}, store)
    assert.equal((await send()).status, 503)
    assert.match(told(), /store_failed/)
  })
})

describe('The work tells nothing', () => {
  const verified = async (send: Row['send'], change: Change): Promise<number> => {
    const verify = crypto.subtle.verify.bind(crypto.subtle)
    let count = 0
    crypto.subtle.verify = (...given) => {
      count++
      return verify(...given)
    }
    await send(change)
    Reflect.deleteProperty(crypto.subtle, 'verify') // the one of the prototype is back
    return count
  }

  const causes: readonly [name: string, change: Change][] = [
    ['a wrong key', { key: attacker.privateKey }],
    ['an unknown client', { claims: { iss: 'nobody', sub: 'nobody' } }],
    ['a client of another method', { claims: { iss: 'by-secret', sub: 'by-secret' } }],
    ['a client without a key that fits', { claims: { iss: 'other', sub: 'other' } }],
    ['a client without jwks', { client: { jwks: undefined, jwksUri: 'https://app.example/jwks' } }],
    ['expired claims', { claims: { exp: 1 } }],
    ['RSA and no such key', { header: { alg: 'PS256' }, claims: { iss: 'other', sub: 'other' }, key: rsa.privateKey }],
  ]
  for (const [name, change] of causes) {
    test(`${name} → one signature is verified`, async () => {
      const { send } = await makeRow(change.client)
      assert.equal(await verified(send, change), 1)
    })
  }
})

test('whatever JSON the header and the claims are → a refusal of the client, never a 5xx', async () => {
  const { send, told } = await makeRow()
  const member = fc.oneof(fc.constantFrom<unknown>('ES256', 'k1', 'app', issuer, now, null, -0), fc.jsonValue())
  const members = (...names: string[]) =>
    fc.dictionary(fc.constantFrom(...names, '__proto__', 'toString'), member, { noNullPrototype: true })
  const any = fc.tuple(
    members('alg', 'kid', 'typ', 'crit', 'jwk', 'zip', 'cty'),
    members('iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'),
  )
  const check = async ([head, body]: [Members, Members]): Promise<void> => {
    const response = await send({ header: head, claims: body })
    assert.ok(response.status === 200 || response.status === 401, `${response.status} ${told()}`)
  }
  await fc.assert(fc.asyncProperty(any, check), { numRuns: 500 })
})

describe('jwksUri', () => {
  const asked: unknown[] = []
  const fetchKeys: ClientKeyFetcher = (client, at, keyId) => {
    asked.push([client.jwksUri, at.now, keyId])
    return jwks
  }
  const client = { jwks: undefined, jwksUri: 'https://app.example/jwks' }

  test('its keys are those of fetchKeys, which is told the kid', async () => {
    const { send, told } = await makeRow(client, new MemoryStore(), { fetchKeys })
    assert.equal((await send()).status, 200, told())
    assert.deepEqual(asked, [['https://app.example/jwks', now, 'k1']])
  })

  test('fetchKeys is not asked for clients with jwks, nor for those of another method', async () => {
    asked.length = 0
    await (await makeRow({}, new MemoryStore(), { fetchKeys })).send()
    await (await makeRow({ ...client, authMethods: ['client_secret_post'] }, new MemoryStore(), { fetchKeys })).send()
    assert.deepEqual(asked, [])
  })

  test('fetchKeys has none → 401', async () => {
    const { send, told } = await makeRow(client, new MemoryStore(), { fetchKeys: () => undefined })
    await send()
    assert.equal(told(), '401 invalid_client client_keys_unavailable app: its jwksUri gave none')
  })

  test('fetchKeys fails → 401, with the cause in the log', async () => {
    const store = new MemoryStore()
    const failed = new Error('no such host')
    await registerClient(store, { ...registration, authMethods: ['private_key_jwt'], ...client, id: 'app' })
    const events: GrantryEvent[] = []
    const server = new Server(new StoreValidator(store), {
      issuer,
      now: () => now,
      events: (event) => events.push(event),
      fetchKeys: () => Promise.reject(failed),
    })
    const parameters = assertionParameters(writeJwt(header, claims(), p256.privateKey))
    const response = await server.createTokenResponse(form({ grant_type: 'client_credentials', ...parameters }))
    assert.equal(response.status, 401)
    const [event] = events
    assert.ok(event?.type === 'request.refused' && event.reason === 'client_keys_unavailable')
    assert.equal(event.cause, failed)
  })

  test('what is fetched is no key set → 401', async () => {
    const html = '<html>' as unknown as { keys: [] } // what a web server may give
    const { send, told } = await makeRow(client, new MemoryStore(), { fetchKeys: () => html })
    await send()
    assert.equal(told(), '401 invalid_client client_keys_unavailable app: its jwksUri gave none')
  })
})

describe('The method is offered where it can work', () => {
  const offered = async (server: Server): Promise<unknown> => {
    const { token_endpoint_auth_methods_supported: methods } = body(await server.createMetadataResponse())
    return methods
  }

  test('metadata names it with its algorithms, for each endpoint (RFC 8414 §2)', async () => {
    const { server } = await makeRow()
    const document = body(await server.createMetadataResponse())
    for (const endpoint of ['token', 'revocation', 'introspection']) {
      const methods = document[`${endpoint}_endpoint_auth_methods_supported`] as readonly string[] // a list in every document
      const algorithms = document[`${endpoint}_endpoint_auth_signing_alg_values_supported`] as readonly string[] // as above
      assert.ok(methods.includes('private_key_jwt'), endpoint)
      assert.ok(!methods.includes('client_secret_jwt'), endpoint)
      assert.ok(algorithms.includes('ES256') && algorithms.includes('PS256'), endpoint)
      assert.ok(!algorithms.some((algorithm) => /^HS|none/.test(algorithm)), endpoint)
    }
  })

  test('at introspection and revocation as well', async () => {
    const { server } = await makeRow()
    const parameters = () => ({ token: 'x', ...assertionParameters(writeJwt(header, claims(), p256.privateKey)) })
    assert.deepEqual(body(await server.createIntrospectionResponse(form(parameters()))), { active: false })
    assert.equal((await server.createRevocationResponse(form(parameters()))).status, 200)
  })

  test('not without issuer: there is no audience', async () => {
    const { send, told } = await makeRow({}, new MemoryStore(), { issuer: undefined })
    await send({ parameters: { client_id: 'app' } })
    assert.equal(told(), '401 invalid_client client_assertion_unsupported')
  })

  test('not where the validator or its store cannot note what was used; fetchKeys says so', async () => {
    const store = new MemoryStore()
    const features = allStoreFeatures.filter((feature) => feature !== 'seen')
    const parts = { clients: store, grants: store, tickets: store, markers: store, keys: store }
    const composed = new ComposedStore({
      ...parts,
      capabilities: { ...store.capabilities(), name: 'Composed', features },
      ping: () => undefined,
      sweep: () => 0,
    })
    const validator = new StoreValidator(composed)
    assert.deepEqual(await offered(new Server(validator, { issuer })), [
      'client_secret_basic',
      'client_secret_post',
      'none',
    ])
    const message = (told: RegExp) => (error: unknown) =>
      error instanceof ConfigurationError && told.test(error.message)
    assert.throws(() => new Server(validator, { issuer, fetchKeys: () => undefined }), message(/fetchKeys.*markSeen/))
    assert.throws(
      () => new Server(new StoreValidator(store), { fetchKeys: () => undefined }),
      message(/fetchKeys.*issuer/),
    )
    assert.throws(() => new PrivateKeyJwt(validator, { issuer }), message(/^PrivateKeyJwt: Composed cannot keep seen/))
    assert.throws(() => new PrivateKeyJwt(new StoreValidator(store), { issuer: '' }), message(/needs the issuer/))
    // @ts-expect-error -- markSeen is missing
    assert.throws(() => new PrivateKeyJwt({}, { issuer }), message(/lacks markSeen/))
  })

  test('a method given to the server takes the place of that of the same name', async () => {
    const validator = new StoreValidator(new MemoryStore())
    const own = new PrivateKeyJwt(validator, { issuer })
    const methods = await offered(new Server(validator, { issuer, clientAuthentication: [own] }))
    assert.deepEqual(methods, ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'])
  })
})

describe('registerClient', () => {
  const client = { authMethods: ['private_key_jwt'], jwks }

  test('gives a client with keys no secret', async () => {
    const { secret, client: made } = await registerClient(new MemoryStore(), client)
    assert.equal(secret, undefined)
    assert.equal(made.secrets, undefined)
    assert.ok(
      (await registerClient(new MemoryStore(), { ...client, authMethods: ['private_key_jwt', 'client_secret_basic'] }))
        .secret,
    )
  })

  const wrong: readonly [name: string, change: Partial<Client>, message: RegExp][] = [
    ['no keys', { jwks: undefined }, /^authMethods: private_key_jwt needs/],
    ['an empty set', { jwks: { keys: [] } }, /^authMethods: private_key_jwt needs/],
    ['jwks and jwksUri', { jwksUri: 'https://app.example/jwks' }, /^jwksUri: .* not both/],
    ['jwksUri over http', { jwks: undefined, jwksUri: 'http://app.example/jwks' }, /^jwksUri: .*https/],
    ['a private key', { jwks: { keys: [jwkOf(p256, { d: 'AAAA' })] } }, /^jwks: .*only public keys/],
    ['a secret', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, /^jwks: .*only public keys/],
  ]
  for (const [name, change, message] of wrong) {
    test(`${name} → ConfigurationError`, async () => {
      await assert.rejects(
        registerClient(new MemoryStore(), { ...client, ...change }),
        (error: unknown) => error instanceof ConfigurationError && message.test(error.message),
      )
    })
  }
})
