/** How the metadata and the keys of an issuer are found, kept and renewed, and what is remembered of tokens. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { protect, type ResourceGuard } from 'grantry/resource'
import { call, makeKey, startIssuer } from './issuer.ts'

const passes = async (guard: ResourceGuard, token: string): Promise<boolean | number> => {
  const result = await guard.verify(call(token))
  return result.ok || result.response.status
}
const jwks = (asked: readonly string[]): number => asked.filter((line) => line.endsWith('/jwks')).length

describe('Discovery', () => {
  const places: [path: string, metadataPath: string][] = [
    ['', '/.well-known/oauth-authorization-server'],
    ['', '/.well-known/openid-configuration'],
    ['/tenant', '/.well-known/oauth-authorization-server/tenant'],
    ['/tenant', '/tenant/.well-known/openid-configuration'],
  ]
  for (const [path, metadataPath] of places) {
    test(`issuer${path}: ${metadataPath}`, async () => {
      const { issuer, sign, common, published } = await startIssuer(path)
      published.metadataPath = metadataPath
      assert.equal(await passes(protect({ issuer, ...common }), sign()), true)
    })
  }

  test('a document of another issuer is none → 503', async () => {
    const server = await startIssuer()
    server.published.metadata = { issuer: `${server.issuer}/` }
    assert.equal(await passes(protect({ issuer: server.issuer, ...server.common }), server.sign()), 503)
    assert.match(server.lastRefusal()?.detail ?? '', /its issuer is/)
  })

  test('without jwks_uri, with one that is no URL, without a server → 503', async () => {
    for (const metadata of [{ jwks_uri: undefined }, { jwks_uri: 7 }, { jwks_uri: '/jwks' }]) {
      const { issuer, sign, common, published } = await startIssuer()
      published.metadata = metadata
      assert.equal(await passes(protect({ issuer, ...common }), sign()), 503)
    }
    const { issuer, sign, common, published } = await startIssuer()
    published.down = () => true
    assert.equal(await passes(protect({ issuer, ...common }), sign()), 503)
  })

  test('metadata that leads to another private host → 503, until the host is named', async () => {
    const { issuer, sign, common, published } = await startIssuer()
    const other = await startIssuer()
    const jwksUri = `${other.origin}/jwks`.replace('127.0.0.1', 'localhost')
    published.metadata = { jwks_uri: jwksUri }
    other.published.keys = published.keys
    assert.equal(await passes(protect({ issuer, ...common }), sign()), 503)
    assert.equal(jwks(other.asked), 0)
    const named = protect({ issuer, ...common, outbound: { allowPrivateHosts: [new URL(jwksUri).host] } })
    assert.equal(await passes(named, sign()), true)
  })

  test('jwksUri needs no metadata', async () => {
    const { issuer, origin, sign, common, asked } = await startIssuer()
    assert.equal(await passes(protect({ issuer: { issuer, jwksUri: `${origin}/jwks` }, ...common }), sign()), true)
    assert.deepEqual(asked, ['GET /jwks'])
  })
})

describe('Keys', () => {
  test('are asked for once, by all who need them at once', async () => {
    const { issuer, sign, common, asked } = await startIssuer()
    const guard = protect({ issuer, ...common })
    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => passes(guard, sign({ jti: `j${index}` }))))
    assert.ok(all.every((each) => each === true))
    assert.deepEqual(asked, ['GET /.well-known/oauth-authorization-server', 'GET /jwks'])
  })

  const lifetimes: [cacheControl: string | undefined, seconds: number][] = [
    [undefined, 300],
    ['max-age=1', 60],
    ['no-store', 60],
    ['public, max-age=900', 900],
    ['max-age=9999999', 3600],
  ]
  for (const [cacheControl, seconds] of lifetimes) {
    test(`Cache-Control ${String(cacheControl)} → kept for ${seconds} seconds`, async () => {
      const { issuer, sign, common, asked, clock, published } = await startIssuer()
      if (cacheControl !== undefined) published.headers = { 'cache-control': cacheControl }
      const guard = protect({ issuer, ...common })
      await passes(guard, sign())
      clock.now += seconds - 1
      await passes(guard, sign())
      assert.equal(jwks(asked), 1)
      clock.now += 1
      assert.equal(await passes(guard, sign()), true)
      assert.equal(jwks(asked), 2)
    })
  }

  test('an unknown kid asks for them anew, once in 30 seconds', async () => {
    const { issuer, sign, common, asked, clock, published, key } = await startIssuer()
    const guard = protect({ issuer, ...common })
    const young = makeKey('k2')
    const token = (): string => sign({}, { kid: 'k2' }, young.privateKey)
    assert.equal(await passes(guard, sign()), true)
    published.keys = [key.jwk, young.jwk]
    for (let index = 0; index < 5; index++) assert.equal(await passes(guard, token()), 401)
    assert.equal(jwks(asked), 1)
    clock.now += 30
    assert.equal(await passes(guard, token()), true)
    for (let index = 0; index < 5; index++) await passes(guard, sign({ jti: `${index}` }, { kid: `k${index + 3}` }))
    assert.equal(jwks(asked), 2)
  })

  test('are used for an hour more while the issuer is away, which is asked every 5 seconds, and never beyond', async () => {
    const { issuer, sign, common, asked, clock, published } = await startIssuer()
    const guard = protect({ issuer, ...common })
    assert.equal(await passes(guard, sign()), true)
    published.down = () => true
    clock.now += 300
    assert.equal(await passes(guard, sign()), true)
    const tries = jwks(asked)
    for (let index = 0; index < 5; index++) assert.equal(await passes(guard, sign({ jti: `${index}` })), true)
    assert.equal(jwks(asked), tries)
    clock.now += 3599
    assert.equal(await passes(guard, sign()), true)
    clock.now += 1
    assert.equal(await passes(guard, sign()), 503)
    published.down = () => false
    clock.now += 5
    assert.equal(await passes(guard, sign()), true)
  })

  test('that are secret, broken or for encryption verify nothing', async () => {
    const { issuer, sign, common, published, key } = await startIssuer()
    const useless = [
      { ...key.jwk, use: 'enc' },
      { kty: 'oct', k: 'AAAA', kid: 'k1' },
      { ...key.jwk, alg: 'ES384' },
      {},
      { ...key.jwk, x: 'AAAA' },
    ]
    for (const jwk of useless) {
      published.keys = [jwk]
      assert.equal(await passes(protect({ issuer, ...common }), sign()), 401)
    }
  })
})

describe('What is remembered of a token', () => {
  test('ends when it expires', async () => {
    const { issuer, sign, common, clock } = await startIssuer()
    const guard = protect({ issuer, ...common })
    const token = sign({ exp: clock.now + 60 })
    for (let index = 0; index < 3; index++) assert.equal(await passes(guard, token), true)
    clock.now += 70
    assert.equal(await passes(guard, token), 401)
  })

  test('ends when its key is removed, and only then when another one is added', async () => {
    const { issuer, sign, common, clock, published, key } = await startIssuer()
    const guard = protect({ issuer, ...common })
    const token = sign({ exp: clock.now + 3000 })
    assert.equal(await passes(guard, token), true)
    published.keys = [makeKey('k2').jwk, key.jwk]
    clock.now += 300
    assert.equal(await passes(guard, token), true)
    published.keys = [makeKey('k2').jwk]
    clock.now += 300
    assert.equal(await passes(guard, token), 401)
  })

  test('ends when it is revoked: isRevoked is asked every time', async () => {
    const { issuer, sign, common } = await startIssuer()
    const revoked = new Set<string>()
    const guard = protect({ issuer, ...common, isRevoked: ({ tokenId = '' }) => revoked.has(tokenId) })
    assert.equal(await passes(guard, sign()), true)
    revoked.add('j1')
    assert.equal(await passes(guard, sign({ jti: 'j2' })), true)
    assert.equal(await passes(guard, sign()), 401)
  })

  test('is no more than cacheSize, the oldest goes first, and 0 keeps none', async () => {
    for (const cacheSize of [0, 2]) {
      const { issuer, sign, common } = await startIssuer()
      const guard = protect({ issuer, cacheSize, ...common })
      const tokens = [1, 2, 3].map((id) => sign({ jti: `j${id}` }))
      for (const token of [...tokens, ...tokens]) assert.equal(await passes(guard, token), true)
    }
  })

  test('a token that differs in one character is another one', async () => {
    const { issuer, sign, common } = await startIssuer()
    const guard = protect({ issuer, ...common })
    const token = sign()
    assert.equal(await passes(guard, token), true)
    for (const at of [5, token.indexOf('.') + 5, token.length - 5]) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      assert.equal(await passes(guard, changed), 401)
    }
  })
})
