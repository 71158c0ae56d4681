/** Tokens that are bound to a key (DPoP, RFC 9449) or to a certificate (RFC 8705 §3). */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import { BearerToken, ConfigurationError, StoreValidator, type HttpRequest, type Reason } from 'grantry'
import { dpopProofs, memoryReplay, protect, type DpopOptions } from 'grantry/resource'
import { MemoryStore } from 'grantry/storage/memory'
import { calculateJwkThumbprint } from 'jose'
import { writeJwt, type Members } from '../support/assertions.ts'
import { request } from '../support/requests.ts'
import { audience, call, startIssuer } from './issuer.ts'

const server = await startIssuer()
const { issuer, sign, common, clock } = server

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicJwk = (key: KeyObject): Members => key.export({ format: 'jwk' }) // Node types it as unknown members
const thumbprint = (key: KeyObject): Promise<string> => calculateJwkThumbprint(publicJwk(key))
const jkt = await thumbprint(pair.publicKey)
const bound = sign({ cnf: { jkt } })
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

interface Proof {
  readonly header?: Members
  readonly claims?: Members
  readonly by?: KeyObject | string
}

const prove = ({ header = {}, claims = {}, by = pair.privateKey }: Proof = {}, token = bound): string =>
  writeJwt(
    { alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk(pair.publicKey), ...header },
    { htm: 'GET', htu: `${audience}/files`, iat: clock.now, jti: randomUUID(), ath: digest(token), ...claims },
    by,
  )
const dpopCall = (dpop: string, token = bound, path = '/files'): HttpRequest =>
  request('GET', path, { headers: { authorization: `DPoP ${token}`, dpop } })
const guarded = (dpop: Partial<DpopOptions> = {}) =>
  protect({ issuer, ...common, dpop: dpopProofs({ replay: memoryReplay(), ...dpop }) })
const guard = guarded()

const claim = (name: string, claims: Members, reason?: Reason): Row => [name, () => prove({ claims }), reason]
const header = (name: string, change: Members, reason?: Reason): Row => [name, () => prove({ header: change }), reason]
type Row = [name: string, proof: () => string, reason?: Reason]
const bad = 'dpop_proof_invalid'

const rows: Row[] = [
  ['a good proof', () => prove()],
  claim('htu with a query and a fragment', { htu: `${audience}/files?a=b#c` }),
  claim('htu in capitals and with its port', { htu: 'HTTPS://API.EXAMPLE:443/files' }),
  claim('htu with an escape that none needs', { htu: `${audience}/%66iles` }),
  claim('htu with dots', { htu: `${audience}/x/../files` }),
  claim('iat 59 seconds ago', { iat: clock.now - 59 }),
  claim('iat 10 seconds ahead', { iat: clock.now + 10 }),
  claim('iat 60 seconds ago', { iat: clock.now - 60 }, bad),
  claim('iat 11 seconds ahead', { iat: clock.now + 11 }, bad),
  claim('iat missing', { iat: undefined }, bad),
  claim('iat text', { iat: String(clock.now) }, bad),
  claim('htm another', { htm: 'POST' }, bad),
  claim('htm in small letters', { htm: 'get' }, bad),
  claim('htm missing', { htm: undefined }, bad),
  claim('htu another path', { htu: `${audience}/other` }, bad),
  claim('htu another host', { htu: 'https://evil.example/files' }, bad),
  claim('htu over http', { htu: 'http://api.example/files' }, bad),
  claim('htu a path', { htu: '/files' }, bad),
  claim('htu missing', { htu: undefined }, bad),
  claim('jti missing', { jti: undefined }, bad),
  claim('jti empty', { jti: '' }, bad),
  claim('jti no text', { jti: 7 }, bad),
  claim('ath missing', { ath: undefined }, bad),
  claim('ath of another token', { ath: digest('x') }, bad),
  claim('nonce no text', { nonce: 7 }, bad),
  header('typ JWT', { typ: 'JWT' }, bad),
  header('typ missing', { typ: undefined }, bad),
  header('jwk missing', { jwk: undefined }, bad),
  header('jwk a list', { jwk: [] }, bad),
  header('jwk with its private half', { jwk: publicJwk(pair.privateKey) }, bad),
  header('jwk of another kind', { jwk: publicJwk(rsa.publicKey) }, bad),
  header('jwk for another alg', { jwk: { ...publicJwk(pair.publicKey), alg: 'ES384' } }, bad),
  header('jwk off the curve', { jwk: { ...publicJwk(pair.publicKey), x: 'AAAA' } }, bad),
  header('crit', { crit: ['x'], x: 1 }, bad),
  ['alg none', () => prove({ header: { alg: 'none' } }), bad],
  ['HS256', () => prove({ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }, by: 'secret' }), bad],
  ['an RSA key under 2048 bits', () => prove({ header: { alg: 'RS256', jwk: publicJwk(shortRsa.publicKey) }, by: shortRsa.privateKey }), bad], // prettier-ignore
  ['signed by another key than jwk', () => prove({ by: thief.privateKey }), bad],
  ['two proofs', () => `${prove()}, ${prove()}`, bad],
  ['a proof of more than 8 KiB', () => prove({ claims: { more: 'x'.repeat(9000) } }), bad],
  ['no JWT', () => 'abc', bad],
  ['empty', () => '', 'dpop_proof_missing'],
  ['of a key that the token is not bound to', () => prove({ header: { jwk: publicJwk(thief.publicKey) }, by: thief.privateKey }), 'token_bound'], // prettier-ignore
]

describe('A DPoP proof', () => {
  for (const [name, proof, reason] of rows) {
    test(`${name} → ${reason ?? 'let through'}`, async () => {
      const result = await guard.verify(dpopCall(proof()))
      assert.equal(result.ok, reason === undefined, JSON.stringify(server.lastRefusal()))
      if (result.ok) return
      assert.equal(result.response.status, 401)
      assert.equal(server.lastRefusal()?.reason, reason)
      const error = reason === 'token_bound' ? 'invalid_token' : 'invalid_dpop_proof'
      const challenge = `^Bearer realm="api", DPoP realm="api", error="${error}", error_description="[^"]+", algs="ES256 [^"]+"$`
      assert.match(result.response.headers['WWW-Authenticate'] ?? '', new RegExp(challenge))
    })
  }

  test('works once, also when it comes twice at the same time', async () => {
    const proof = prove()
    const both = await Promise.all([guard.verify(dpopCall(proof)), guard.verify(dpopCall(proof))])
    assert.deepEqual(both.map(({ ok }) => ok).sort(), [false, true])
    assert.equal(server.lastRefusal()?.reason, 'dpop_proof_replayed')
    clock.now += 59
    assert.ok(!(await guard.verify(dpopCall(proof))).ok)
    clock.now -= 59
  })

  test('works once at all processes that share a store', async () => {
    const replay = new StoreValidator(new MemoryStore())
    const proof = prove()
    assert.ok((await guarded({ replay }).verify(dpopCall(proof))).ok)
    assert.ok(!(await guarded({ replay }).verify(dpopCall(proof))).ok)
  })

  test('whose use cannot be noted → 503', async () => {
    const full = guarded({ replay: memoryReplay(1) })
    assert.ok((await full.verify(dpopCall(prove()))).ok)
    const result = await full.verify(dpopCall(prove()))
    assert.ok(!result.ok && result.response.status === 503)
    clock.now += 100
    const young = sign({ cnf: { jkt } })
    assert.ok((await full.verify(dpopCall(prove({}, young), young))).ok)
    clock.now -= 100
  })

  test('names the URL that the client asked for, not the one of a Host header', async () => {
    const evil = new Request('https://evil.example/files', { headers: { authorization: `DPoP ${bound}`, dpop: prove({ claims: { htu: 'https://evil.example/files' } }) } }) // prettier-ignore
    assert.ok(!(await guard.verify(evil)).ok)
    const behindProxy = guarded({ requestUrl: ({ url }) => `https://public.example/api${url}` })
    const htu = 'https://public.example/api/files'
    assert.ok((await behindProxy.verify(dpopCall(prove({ claims: { htu } })))).ok)
  })
})

describe('A nonce (RFC 9449 §9)', () => {
  const nonceSecret = 'n'.repeat(32)
  const strict = guarded({ nonceSecret })
  const askFor = async (nonce: unknown): Promise<string | undefined> => {
    const result = await strict.verify(dpopCall(prove({ claims: { nonce } })))
    if (result.ok) return undefined
    assert.match(result.response.headers['WWW-Authenticate'] ?? '', /DPoP realm="api", error="use_dpop_nonce"/)
    return result.response.headers['DPoP-Nonce']
  }

  test('is asked for, taken on all nodes for 5 minutes, and then asked for again', async () => {
    const nonce = await askFor(undefined)
    assert.ok(nonce)
    assert.equal(await askFor(nonce), undefined)
    assert.ok((await guarded({ nonceSecret }).verify(dpopCall(prove({ claims: { nonce } })))).ok)
    for (const forged of [`${nonce}x`, nonce.replace(/^./, '1'), '', '.', nonce.slice(0, -1)])
      assert.ok(await askFor(forged))
    clock.now += 301
    assert.ok(await askFor(nonce))
    clock.now -= 301
  })

  test('of another secret is none; a short secret → ConfigurationError', async () => {
    const nonce = await askFor(undefined)
    const other = guarded({ nonceSecret: 'o'.repeat(32) })
    assert.ok(!(await other.verify(dpopCall(prove({ claims: { nonce } })))).ok)
    assert.throws(() => guarded({ nonceSecret: 'short' }), ConfigurationError)
  })
})

describe('A bound token', () => {
  test('under the scheme Bearer → 401, with a challenge for DPoP (RFC 9449 §7.2)', async () => {
    for (const headers of [{ dpop: '' }, { dpop: prove() }]) {
      const result = await guard.verify(call(bound, headers))
      assert.ok(!result.ok)
      const challenge =
        /^Bearer realm="api", error="invalid_token", error_description="[^"]+", DPoP realm="api", algs="ES256/
      assert.match(result.response.headers['WWW-Authenticate'] ?? '', challenge)
    }
  })

  test('that is not bound, under the scheme DPoP → 401', async () => {
    const token = sign()
    assert.ok(!(await guard.verify(dpopCall(prove({}, token), token))).ok)
    assert.equal(server.lastRefusal()?.reason, 'token_not_bound')
    assert.ok((await guard.verify(call(token))).ok)
  })

  test('is the only one that is taken where DPoP is required, and the challenge says so', async () => {
    const strict = guarded({ required: true })
    assert.ok((await strict.verify(dpopCall(prove()))).ok)
    const result = await strict.verify(call(sign()))
    assert.ok(!result.ok)
    assert.match(result.response.headers['WWW-Authenticate'] ?? '', /^DPoP realm="api", algs="[^"]+"$/)
  })

  const unknown: [name: string, cnf: unknown][] = [
    ['a key, and there is no DPoP', { jkt }],
    ['a certificate, and nothing finds it', { 'x5t#S256': 'x' }],
    ['something unknown', { kid: 'k' }],
    ['text', 'k'],
    ['null', null],
    ['nothing', {}],
    ['a jkt that is no text', { jkt: 7 }],
    ['a jkt that is no text beside a digest', { jkt: [jkt], 'x5t#S256': 'x' }],
  ]
  for (const [name, cnf] of unknown) {
    test(`bound to ${name} → 401`, async () => {
      const plain = protect({ issuer, ...common })
      assert.ok(!(await plain.verify(call(sign({ cnf })))).ok)
      assert.equal(server.lastRefusal()?.reason, 'token_bound')
    })
  }

  test('is refused by verifyRequest of a server as well: it is no bearer token', async () => {
    const store = new StoreValidator(new MemoryStore())
    const bearer = new BearerToken(store)
    const authorization = { client: { id: 'app' }, scopes: [], grantType: 'x', claims: { cnf: { jkt } } }
    const { access_token } = await bearer.createToken(authorization)
    assert.ok(!(await bearer.validateRequest(call(access_token))).ok)
  })

  test('a URL is needed to compare with → ConfigurationError', () => {
    const dpop = dpopProofs({ replay: memoryReplay() })
    assert.throws(() => protect({ issuer, ...common, audience: 'files', dpop }), /requestUrl/)
    protect({ issuer, ...common, audience: 'files', metadata: { resource: audience }, dpop })
  })
})

describe('A token that is bound to a certificate', () => {
  const der = Uint8Array.from({ length: 300 }, (_, index) => index % 251)
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
  const hash = createHash('sha256').update(der)
  const hex = hash.copy().digest('hex')
  const token = sign({ cnf: { 'x5t#S256': hash.digest('base64url') } })
  const shown: [name: string, certificate: string | Uint8Array | undefined, ok: boolean][] = [
    ['in DER', der, true],
    ['in PEM', pem, true],
    ['in PEM, first of a chain', `${pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`, true],
    ['as its digest in hex', hex, true],
    ['as its digest in hex with colons', hex.toUpperCase().replace(/..(?=.)/g, '$&:'), true],
    ['another', der.slice(1), false],
    ['another digest', hex.replace(/^../, 'zz'), false],
    ['not at all', undefined, false],
    ['as nothing', '', false],
    ['as a PEM that is none', '-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----', false],
  ]
  for (const [name, certificate, ok] of shown) {
    test(`shown ${name} → ${ok ? 'let through' : '401'}`, async () => {
      const guard = protect({ issuer, ...common, certificate: () => certificate })
      assert.equal((await guard.verify(call(token))).ok, ok)
    })
  }

  test('the function gets the request that verify was given, with all that it has', async () => {
    interface TlsRequest extends HttpRequest {
      readonly shown: Uint8Array
    }
    const guard = protect({ issuer, ...common, certificate: ({ shown }: TlsRequest) => shown })
    assert.ok((await guard.verify({ ...call(token), shown: der })).ok)
  })

  test('and to a key: both are needed', async () => {
    const both = sign({ cnf: { jkt, 'x5t#S256': createHash('sha256').update(der).digest('base64url') } })
    const make = (certificate: Uint8Array) =>
      protect({ issuer, ...common, certificate: () => certificate, dpop: dpopProofs({ replay: memoryReplay() }) })
    assert.ok((await make(der).verify(dpopCall(prove({}, both), both))).ok)
    assert.ok(!(await make(der.slice(1)).verify(dpopCall(prove({}, both), both))).ok)
    assert.ok(!(await make(der).verify(call(both))).ok)
  })
})
