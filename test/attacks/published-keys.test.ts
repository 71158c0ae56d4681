/** What a server publishes of its keys (RFC 7517 §4, RFC 7518 §6): members that are public, by name. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  encryptedTokenGenerator,
  hmacTokenGenerator,
  OpenIdServer,
  Server,
  signedTokenGenerator,
  StoreValidator,
} from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { keys, Validator } from '../openid/provider.ts'
import { p384, p521, pkcs8, rsa, spki } from '../tokens/fixtures.ts'

const isPublic = new Set(['kty', 'kid', 'alg', 'use', 'key_ops', 'crv', 'x', 'y', 'n', 'e'])
const issuer = 'https://as.example'

const published = async (server: { createJwksResponse(): Promise<{ readonly body: string }> }) =>
  (JSON.parse((await server.createJwksResponse()).body) as { keys: Readonly<Record<string, string>>[] }).keys

const signers = [
  ['RSA from a PEM', pkcs8(rsa.privateKey)],
  ['RSA from a JWK with every private member', rsa.privateKey.export({ format: 'jwk' }) as { kty: string }],
  ['P-384', p384.privateKey],
  ['P-521 from a JWK', p521.privateKey.export({ format: 'jwk' }) as { kty: string }],
  ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  [
    'a JWK with members of its own',
    { ...rsa.privateKey.export({ format: 'jwk' }), kty: 'RSA', secret: 'x', k: 'AAAA' },
  ],
] as const
for (const [name, key] of signers) {
  test(`${name} → public members only`, async () => {
    const server = new Server(new StoreValidator(new MemoryStore()), {
      issuer,
      tokenGenerator: signedTokenGenerator(key, { issuer }),
    })
    const [jwk] = await published(server)
    assert.ok(jwk)
    assert.deepEqual(
      Object.keys(jwk).filter((member) => !isPublic.has(member)),
      [],
    )
  })
}

test('every key of an OpenID provider → public members only', async () => {
  const server = new OpenIdServer(new Validator(new MemoryStore()), { issuer, openid: { keys } })
  const set = await published(server)
  assert.equal(set.length, keys.length)
  for (const jwk of set)
    assert.deepEqual(
      Object.keys(jwk).filter((member) => !isPublic.has(member)),
      [],
    )
})

test('secrets that tokens are made with are no keys to publish', async () => {
  const secret = randomBytes(32)
  const generators = [
    hmacTokenGenerator(secret, { issuer }),
    encryptedTokenGenerator({ encryptionKey: secret, issuer }),
    encryptedTokenGenerator({ encryptionKey: spki(rsa.publicKey), signingKey: p384.privateKey, issuer }),
  ]
  for (const tokenGenerator of generators) {
    const server = new Server(new StoreValidator(new MemoryStore()), { issuer, tokenGenerator })
    const text = (await server.createJwksResponse()).body
    assert.ok(!text.includes(secret.toString('base64url')))
    assert.doesNotMatch(text, /"(?:d|k|p|q|dp|dq|qi|oth)":|"oct"/)
  }
})
