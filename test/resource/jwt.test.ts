/** Signed tokens, checked by the keys of their issuer (RFC 9068 §4, RFC 8725). */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigurationError, type Reason } from 'grantry'
import { introspect, protect } from 'grantry/resource'
import type { Members } from '../support/assertions.ts'
import { audience, call, makeKey, startIssuer } from './issuer.ts'

const server = await startIssuer()
const { issuer, sign, common, clock } = server
const guard = protect({ issuer, ...common })

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = makeKey('k1')
const publicText = JSON.stringify(server.key.jwk)

type Row = [name: string, token: () => string, reason?: Reason]
const claim = (name: string, change: Members, reason?: Reason): Row => [name, () => sign(change), reason]
const header = (name: string, change: Members, reason?: Reason): Row => [name, () => sign({}, change), reason]
const bad = 'token_invalid'

const rows: Row[] = [
  ['a good token', () => sign()],
  header('typ application/at+jwt', { typ: 'application/at+jwt' }),
  header('typ AT+JWT', { typ: 'AT+JWT' }),
  header('no kid', { kid: undefined }),
  claim('aud a list with this resource', { aud: ['https://other.example', audience] }),
  claim('without scope', { scope: undefined }),
  claim('nbf a moment ago', { nbf: clock.now - 1 }),
  claim('exp over by less than the tolerance', { exp: clock.now - 9 }),
  header('typ JWT', { typ: 'JWT' }, bad),
  header('no typ', { typ: undefined }, bad),
  header('typ logout+jwt', { typ: 'logout+jwt' }, bad),
  header('crit', { crit: ['x'], x: 1 }, bad),
  header('b64 false', { b64: false }, bad),
  header('zip', { zip: 'DEF' }, bad),
  header('a kid that is not there', { kid: 'k9' }, bad),
  claim('iss unknown', { iss: 'https://evil.example' }, 'token_issuer_unknown'),
  claim('iss with a slash more', { iss: `${issuer}/` }, 'token_issuer_unknown'),
  claim('iss a list', { iss: [issuer] }, 'token_issuer_unknown'),
  claim('iss missing', { iss: undefined }, 'token_issuer_unknown'),
  claim('aud another', { aud: 'https://other.example' }, 'token_audience_wrong'),
  claim('aud with a slash more', { aud: `${audience}/` }, 'token_audience_wrong'),
  claim('aud missing', { aud: undefined }, bad),
  claim('aud no text', { aud: [1] }, bad),
  claim('exp over', { exp: clock.now - 11 }, bad),
  claim('exp missing', { exp: undefined }, bad),
  claim('exp text', { exp: String(clock.now + 60) }, bad),
  claim('exp beyond counting', { exp: 1e300 }, bad),
  claim('nbf in the future', { nbf: clock.now + 60 }, bad),
  claim('iat in the future', { iat: clock.now + 60 }, bad),
  claim('iat missing', { iat: undefined }, bad),
  claim('sub missing', { sub: undefined }, bad),
  claim('client_id missing', { client_id: undefined }, bad),
  claim('client_id no text', { client_id: 7 }, bad),
  claim('jti missing', { jti: undefined }, bad),
  claim('an ID token: nonce', { nonce: 'n' }, bad),
  claim('an ID token: at_hash', { at_hash: 'h' }, bad),
  claim('a logout token: events', { events: {} }, bad),
  ['another key under the same kid', () => sign({}, {}, other.privateKey), bad],
  ['alg none', () => sign({}, { alg: 'none' }), bad],
  ['HS256 by the public key', () => sign({}, { alg: 'HS256' }, publicText), bad],
  ['RS256 by a key in the header', () => sign({}, { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) }, rsa.privateKey), bad], // prettier-ignore
  ['a key of a jku', () => sign({}, { jku: 'https://evil.example/jwks' }, other.privateKey), bad],
  ['a signature cut off', () => sign().replace(/[^.]+$/, ''), bad],
  ['a signature changed', () => sign().replace(/.(?=.$)/, (last) => (last === 'A' ? 'B' : 'A')), bad],
  ['claims changed', () => sign().replace(/\.e[^.]+\./, `.${sign({ scope: 'admin' }).split('.')[1] ?? ''}.`), bad],
  ['claims a list', () => sign().replace(/\.e[^.]+\./, `.${btoa('[1]')}.`), bad],
  ['an opaque token', () => 'abc', bad],
  ['five parts', () => `${sign()}.a.b`, bad],
  ['more than 16 KiB', () => sign({ more: 'x'.repeat(16_384) }), bad],
]

describe('A signed token', () => {
  for (const [name, token, reason] of rows) {
    test(`${name} → ${reason ?? 'let through'}`, async () => {
      const result = await guard.verify(call(token()))
      assert.equal(result.ok, reason === undefined, JSON.stringify(server.lastRefusal()))
      if (result.ok) assert.equal(result.token.user?.id, 'alice')
      else {
        assert.equal(result.response.status, 401)
        assert.match(result.response.headers['WWW-Authenticate'] ?? '', /^Bearer realm="api", error="invalid_token"/)
        assert.equal(server.lastRefusal()?.reason, reason)
      }
    })
  }

  test('says who, for what and until when', async () => {
    const result = await guard.verify(call(sign({ tenant: 't1' })))
    assert.ok(result.ok)
    const { claims, ...token } = result.token
    assert.deepEqual(token, {
      issuer,
      clientId: 'app',
      user: { id: 'alice' },
      scopes: ['read', 'write'],
      audience: [audience],
      issuedAt: clock.now,
      expiresAt: clock.now + 600,
      tokenId: 'j1',
    })
    assert.equal(claims['tenant'], 't1')
    assert.throws(() => (claims['tenant'] = 't2'), TypeError) // it may be handed to another request
  })

  test('of a client that acts for itself has no user (RFC 9068 §5)', async () => {
    const result = await guard.verify(call(sign({ sub: 'app' })))
    assert.ok(result.ok && result.token.user === undefined)
  })

  test('of an issuer that does not follow RFC 9068 → by allowForeignTokens alone', async () => {
    const lenient = protect({ issuer, allowForeignTokens: true, ...common })
    const foreign = {
      client_id: undefined,
      azp: 'spa',
      jti: undefined,
      iat: undefined,
      scope: undefined,
      scp: ['read'],
    }
    for (const typ of ['JWT', undefined, 'at+jwt']) {
      const result = await lenient.verify(call(sign(foreign, { typ })))
      assert.ok(result.ok, String(typ))
      assert.deepEqual([result.token.clientId, result.token.scopes], ['spa', ['read']])
    }
    for (const change of [{ exp: undefined }, { aud: undefined }, { nonce: 'n' }])
      assert.ok(!(await lenient.verify(call(sign({ ...foreign, ...change }, { typ: 'JWT' })))).ok)
    assert.ok(!(await lenient.verify(call(sign({}, { typ: 'logout+jwt' })))).ok)
  })

  test('with an alg that is not among the pinned ones → refused', async () => {
    const pinned = protect({ issuer, algorithms: ['PS256'], ...common })
    assert.ok(!(await pinned.verify(call(sign()))).ok)
    assert.match(server.lastRefusal()?.detail ?? '', /alg is ES256/)
  })

  test('that fits no audience, taken by allowAnyAudience alone', async () => {
    const any = protect({ issuer, ...common, audience: undefined, allowAnyAudience: true })
    assert.ok((await any.verify(call(sign({ aud: 'https://other.example' })))).ok)
  })
})

describe('Several issuers', async () => {
  const second = await startIssuer('/tenant')
  const both = protect({ issuers: [issuer, second.issuer], ...common })

  test('each token is checked by the keys of its own issuer', async () => {
    assert.ok((await both.verify(call(sign()))).ok)
    assert.ok((await both.verify(call(second.sign()))).ok)
    // signed by the first one's key, which has the same kid, but says it is of the second
    assert.ok(!(await both.verify(call(second.sign({}, {}, server.key.privateKey)))).ok)
    assert.ok(!(await both.verify(call(sign({}, {}, second.key.privateKey)))).ok)
  })

  test('an issuer that is not named is not even asked', async () => {
    const asked = second.asked.length
    assert.ok(!(await guard.verify(call(second.sign()))).ok)
    assert.equal(second.asked.length, asked)
  })
})

describe('protect', () => {
  const wrong: [name: string, make: () => unknown, message: RegExp][] = [
    ['no source', () => protect({ audience } as never), /one way to find tokens/],
    ['two sources', () => protect({ issuer, verifier: () => undefined, audience } as never), /one way/],
    ['issuer and issuers', () => protect({ issuer, issuers: [issuer], audience } as never), /one way/],
    ['no issuers', () => protect({ issuers: [], audience }), /one way/],
    ['one issuer twice', () => protect({ issuers: [issuer, { issuer }], audience }), /twice/],
    ['no audience', () => protect({ issuer } as never), /needs the audience/],
    ['an empty audience', () => protect({ issuer, audience: [] }), /needs the audience/],
    ['an empty text as audience', () => protect({ issuer, audience: '' }), /needs the audience/],
    ['a misspelt option', () => protect({ issuer, audience, scope: ['read'] } as never), /unknown option scope/],
    ['a symmetric algorithm', () => protect({ issuer, audience, algorithms: ['HS256'] }), /HS256/],
    ['a tolerance of an hour', () => protect({ issuer, audience, clockTolerance: 3600 }), /clockTolerance/],
    ['an issuer over http', () => protect({ issuer: 'http://as.example', audience }), /https/],
    ['an issuer with a query', () => protect({ issuer: 'https://as.example/?a', audience }), /query/],
    ['introspection of nobody', () => protect({ introspection: introspect({ clientId: 'a', clientSecret: 'b' }), audience }), /issuer or endpoint/], // prettier-ignore
    ['introspection without a secret', () => protect({ issuer, introspection: introspect({ clientId: 'a' }), audience }), /clientSecret/], // prettier-ignore
    ['a validator that looks nothing up', () => protect({ validator: {}, audience } as never), /validateBearerToken/],
  ]
  for (const [name, make, message] of wrong) {
    test(`${name} → ConfigurationError`, () =>
      assert.throws(make, (error) => error instanceof ConfigurationError && message.test(error.message)))
  }

  test('http to a host that may be private', () => {
    protect({ issuer: 'http://auth:9000', audience, outbound: { allowPrivateHosts: ['auth:9000'] } })
  })
})
