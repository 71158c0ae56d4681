/** The same guard on platform/web.ts, as on runtimes that are not Node. */
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { calculateJwkThumbprint } from 'jose'
import { writeJwt } from '../support/assertions.ts'
import { audience, call, makeKey, startIssuer } from './issuer.ts'
import '../support/web-platform.ts'

const { dpopProofs, introspect, memoryReplay, privateKeyJwt, protect } = await import('#grantry/resource/index')

const server = await startIssuer()
const { issuer, sign, common, published, clock, key } = server

test('signed tokens, and forged ones', async () => {
  const guard = protect({ issuer, ...common })
  assert.ok((await guard.verify(call(sign()))).ok)
  assert.ok(!(await guard.verify(call(sign({}, {}, makeKey('k1').privateKey)))).ok)
})

test('introspection, with an assertion', async () => {
  published.introspect = (form) => ({ active: form.has('client_assertion'), aud: audience })
  const introspection = introspect({ issuer, clientId: 'api', assertion: privateKeyJwt(key.privateKey) })
  assert.ok((await protect({ introspection, ...common }).verify(call('opaque'))).ok)
})

test('DPoP, with a nonce; a proof that came before', async () => {
  const jwk = { ...key.jwk, kid: undefined, use: undefined }
  const token = sign({ cnf: { jkt: await calculateJwkThumbprint(key.jwk) } })
  const ath = createHash('sha256').update(token).digest('base64url')
  const prove = (nonce?: string) =>
    writeJwt(
      { alg: 'ES256', typ: 'dpop+jwt', jwk },
      { htm: 'GET', htu: `${audience}/files`, iat: clock.now, jti: randomUUID(), ath, nonce },
      key.privateKey,
    )
  const guard = protect({
    issuer,
    ...common,
    dpop: dpopProofs({ replay: memoryReplay(), nonceSecret: 'n'.repeat(32) }),
  })
  const ask = (dpop: string) => guard.verify(call(token, { authorization: `DPoP ${token}`, dpop }))
  const first = await ask(prove())
  assert.ok(!first.ok)
  const proof = prove(first.response.headers['DPoP-Nonce'])
  assert.ok((await ask(proof)).ok)
  assert.ok(!(await ask(proof)).ok)
})
