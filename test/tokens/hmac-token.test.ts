import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { suite, test } from 'node:test'
import jsonwebtoken from 'jsonwebtoken'
import { ConfigurationError, hmacTokenGenerator, hmacTokenVerifier, type TokenGenerator } from 'grantry'
import { at, contextOf, encode, issuer, now } from './fixtures.ts'

const secret = randomBytes(64)

suite('hmacTokenGenerator', () => {
  for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
    test(`${algorithm} -> accepted by jsonwebtoken, the twin and the verifier, not by another algorithm or secret`, async () => {
      const generate = hmacTokenGenerator(secret, { issuer, algorithm })
      const asGenerator: TokenGenerator = generate
      const token = await generate(contextOf({ claims: { tenant: 't' } }))
      const claims = jsonwebtoken.verify(token, secret, { algorithms: [algorithm], issuer, clockTimestamp: now })
      assert.equal((claims as Record<string, unknown>).tenant, 't')
      assert.equal((await asGenerator.verifier?.(token, at(now) as never))?.clientId, 'client-1')
      assert.ok(await hmacTokenVerifier(secret, { issuer, algorithm })(token, at(now)))
      const other = algorithm === 'HS256' ? 'HS512' : 'HS256'
      assert.equal(await hmacTokenVerifier(secret, { issuer, algorithm: other })(token, at(now)), undefined)
      assert.equal(await hmacTokenVerifier(randomBytes(64), { issuer, algorithm })(token, at(now)), undefined)
      assert.equal(await hmacTokenVerifier(secret, { issuer: `${issuer}/`, algorithm })(token, at(now)), undefined)
      assert.equal(await generate.verifier(token, at(now + 600)), undefined)
    })
  }

  test('text is taken as UTF-8', async () => {
    const text = 'a long enough passphrase of many wörds'
    const token = await hmacTokenGenerator(text)(contextOf())
    jsonwebtoken.verify(token, Buffer.from(text), { clockTimestamp: now })
  })

  test('alg none -> undefined', async () => {
    const { verifier } = hmacTokenGenerator(secret)
    const claims = { sub: 'u', client_id: 'c', iat: now, exp: now + 1 }
    assert.equal(await verifier(`${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`, at(now)), undefined)
  })

  test('the secret is copied: changing it later changes nothing', async () => {
    const mine = randomBytes(32)
    const generate = hmacTokenGenerator(mine)
    mine.fill(0)
    assert.ok(await generate.verifier(await generate(contextOf()), at(now)))
  })

  test('the message names the limit', () => {
    assert.throws(() => hmacTokenGenerator(randomBytes(31)), /32/)
    assert.throws(() => hmacTokenGenerator(randomBytes(63), { algorithm: 'HS512' }), /64/)
  })

  const wrong: [name: string, secret: unknown, options: object][] = [
    ['16 bytes (row 58)', randomBytes(16), {}],
    ['a password (row 58)', 'password', {}],
    ['no bytes', new Uint8Array(0), {}],
    ['one byte', Uint8Array.of(1), {}],
    ['an empty text', '', {}],
    ['32 bytes for HS512', randomBytes(32), { algorithm: 'HS512' }],
    ['RS256', secret, { algorithm: 'RS256' }],
    ['none', secret, { algorithm: 'none' }],
    ['undefined', undefined, {}],
    ['array', Array.from(secret), {}],
    ['unknown option', secret, { lifetime: 5 }],
  ]
  for (const [name, key, options] of wrong) {
    test(`${name} -> ConfigurationError`, () => {
      assert.throws(() => hmacTokenGenerator(key as string, options), ConfigurationError)
      assert.throws(() => hmacTokenVerifier(key as string, { issuer, ...options }), ConfigurationError)
    })
  }
})
