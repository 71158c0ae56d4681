/** Keys of RFC 7517 appendix A and the thumbprint of RFC 7638 §3.1. */
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigurationError, registerClient, signedTokenGenerator, signedTokenVerifier, type Jwk } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { verificationKeySet } from '#grantry/keys/key-set'

const n =
  '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXA' +
  'rwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lF' +
  'd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
const rsa: Jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }
const ec: Jwk = {
  ...{ kty: 'EC', crv: 'P-256', use: 'enc', kid: '1' },
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
}
const d = '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE'
const secrets: readonly Jwk[] = [
  { kty: 'oct', alg: 'A128KW', k: 'GawgguFyGrWKav7AX4VKUg' },
  { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow' },
]

test('the values are as published: the point is on its curve, and its private half is that of it', () => {
  const { x, y, crv } = createPublicKey(createPrivateKey({ key: { ...ec, d }, format: 'jwk' })).export({
    format: 'jwk',
  })
  assert.deepEqual([x, y, crv], [ec.x, ec.y, ec.crv])
})

describe('RFC 7517 appendix A.1, public keys', () => {
  test('the one that verifies is found by alg and kid, the one that encrypts is passed over', async () => {
    const set = verificationKeySet({ keys: [ec, rsa] }, { usedBy: 'the test' })
    const found = await set.find('RS256', '2011-04-29')
    assert.deepEqual(
      found.map(({ key, algorithms }) => [key, algorithms]),
      [[{ kty: 'RSA', n, e: 'AQAB' }, ['RS256']]],
    )
    const nothing: [alg: string, kid: string][] = [
      ['RS256', '1'],
      ['PS256', '2011-04-29'],
      ['ES256', '1'],
      ['ECDH-ES', '1'],
    ]
    for (const [alg, kid] of nothing) assert.deepEqual(await set.find(alg, kid), [], `${alg} ${kid}`)
  })

  test('a client registers with both', async () => {
    const { client } = await registerClient(new MemoryStore(), {
      ...{ id: 'app', grantTypes: ['client_credentials'], authMethods: ['private_key_jwt'] },
      jwks: { keys: [ec, rsa] },
    })
    assert.equal(client.jwks?.keys.length, 2)
  })
})

describe('RFC 7517 appendix A.2 and A.3, private and symmetric keys', () => {
  for (const [name, key] of [
    ['private', { ...ec, use: 'sig', d }],
    ['A128KW', secrets[0]],
    ['HMAC', secrets[1]],
  ] as const) {
    test(`${name} in a set that verifies → ConfigurationError`, () => {
      const give = () => signedTokenVerifier({ keys: [rsa, key ?? assert.fail()] }, { issuer: 'https://as.example' })
      assert.throws(give, (error) => error instanceof ConfigurationError && /secret or private key/.test(error.message))
    })
  }
})

test('RFC 7638 §3.1, the thumbprint: the kid of a signer that has none', async () => {
  const sign = () => Promise.resolve(new Uint8Array(256))
  const generate = signedTokenGenerator({
    algorithm: 'RS256',
    keyId: undefined,
    publicJwk: { kty: 'RSA', n, e: 'AQAB' },
    sign,
  })
  const [published] = await generate.publicKeys()
  assert.equal(published?.kid, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
})
