/** Answers to introspection that must be signed (RFC 9701), as `protect` reads them. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { introspect, protect, signedAnswers, type SignedAnswerOptions } from 'grantry/resource'
import { CompactEncrypt } from 'jose'
import { writeJwt, type Members } from '../support/assertions.ts'
import { audience, call, makeKey, startIssuer } from './issuer.ts'

const credentials = { clientId: 'api', clientSecret: 'secret' }
const server = await startIssuer()
const { issuer, published, clock, key, common, sign } = server
const active = { active: true, aud: audience, sub: 'alice', client_id: 'app', scope: 'read', exp: clock.now + 600 }

const guard = (options: SignedAnswerOptions = {}) =>
  protect({
    introspection: introspect({ issuer, ...credentials, cacheSeconds: 0, signed: signedAnswers(options) }),
    ...common,
  })

/** The answer of the server, with what a test changes. */
const answer = (claims: Members = {}, header: Members = {}, by = key.privateKey): string =>
  writeJwt(
    { alg: 'ES256', typ: 'token-introspection+jwt', kid: key.kid, ...header },
    { iss: issuer, aud: 'api', iat: clock.now, token_introspection: active, ...claims },
    by,
  )

const outcome = async (said: Members | number | string, by = guard()): Promise<true | number> => {
  published.introspect = () => said
  const result = await by.verify(call('opaque'))
  return result.ok || result.response.status
}

describe('A signed answer', () => {
  const rows: [name: string, said: () => Members | string, expected: true | number][] = [
    ['good', () => answer(), true],
    ['typ with application/', () => answer({}, { typ: 'application/token-introspection+jwt' }), true],
    ['aud a list', () => answer({ aud: ['other', 'api'] }), true],
    ['not active', () => answer({ token_introspection: { active: false } }), 401],
    ['JSON', () => active, 503],
    ['of another key', () => answer({}, {}, makeKey('k1').privateKey), 503],
    ['not signed', () => answer({}, { alg: 'none' }).replace(/[^.]*$/, ''), 503],
    ['typ JWT', () => answer({}, { typ: 'JWT' }), 503],
    ['without typ', () => answer({}, { typ: undefined }), 503],
    ['an access token with the members of an answer', () => sign({ active: true }), 503],
    ['the members not inside', () => answer({ ...active, aud: 'api', token_introspection: undefined }), 503],
    ['iss another', () => answer({ iss: 'https://other.example' }), 503],
    ['aud another', () => answer({ aud: 'other' }), 503],
    ['aud missing', () => answer({ aud: undefined }), 503],
    ['of two minutes ago', () => answer({ iat: clock.now - 120 }), 503],
    ['of two minutes ahead', () => answer({ iat: clock.now + 120 }), 503],
    ['iat as text', () => answer({ iat: String(clock.now) }), 503],
    ['not a JWT', () => 'x', 503],
  ]
  for (const [name, said, expected] of rows) {
    test(`${name} → ${expected === true ? 'let through' : expected}`, async () => {
      assert.equal(await outcome(said()), expected)
    })
  }

  test('with an algorithm that is not taken → 503', async () => {
    assert.equal(await outcome(answer(), guard({ algorithms: ['PS256'] })), 503)
    assert.equal(await outcome(answer(), guard({ algorithms: ['ES256'] })), true)
  })

  test('encrypted to the key of the resource; a plain one is refused then', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const decrypting = guard({ decryptionKey: privateKey })
    const sealed = await new CompactEncrypt(new TextEncoder().encode(answer()))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(publicKey)
    assert.equal(await outcome(sealed, decrypting), true)
    assert.equal(await outcome(answer(), decrypting), 503)
    assert.equal(await outcome(sealed), 503)
  })

  test('without an issuer, or by algorithms that are none → ConfigurationError', () => {
    const options = { endpoint: `${issuer}/introspect`, ...credentials, signed: signedAnswers() }
    assert.throws(() => protect({ introspection: introspect(options), ...common }), /signed needs the issuer/)
    assert.throws(() => signedAnswers({ algorithms: ['none'] }), /got none/)
  })
})
