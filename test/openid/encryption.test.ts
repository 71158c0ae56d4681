/** OpenID Connect Core §10.2: ID tokens and UserInfo for a client's eyes only. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import type { Client } from 'grantry'
import { compactDecrypt, decodeProtectedHeader } from 'jose'
import { redirected } from '../support/requests.ts'
import { authorize, changeClient, codeFlow, issuer, makeOpenId, redeem, verified } from './provider.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = {
  keys: [
    { ...rsa.publicKey.export({ format: 'jwk' }), use: 'sig', kid: 'signing' },
    { ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'rsa-enc' },
    { ...ec.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'ec-enc' },
  ],
} as unknown as NonNullable<Client['jwks']>

const decrypt = async (token: unknown, key = rsa.privateKey) => {
  const { plaintext, protectedHeader } = await compactDecrypt(String(token), key)
  return { inner: new TextDecoder().decode(plaintext), header: protectedHeader }
}

describe('encryption for a client', () => {
  const rows: [name: string, encryption: NonNullable<Client['idTokenEncryption']>, key: typeof rsa, kid: string][] = [
    ['RSA-OAEP-256 and A256GCM by default', {}, rsa, 'rsa-enc'],
    ['ECDH-ES', { keyManagement: 'ECDH-ES', contentEncryption: 'A128GCM' }, ec, 'ec-enc'],
    ['ECDH-ES+A256KW', { keyManagement: 'ECDH-ES+A256KW', contentEncryption: 'A256CBC-HS512' }, ec, 'ec-enc'],
  ]
  for (const [name, idTokenEncryption, key, kid] of rows) {
    test(`ID token: ${name} → signed, then encrypted to the key that fits`, async () => {
      const provider = await makeOpenId()
      await changeClient(provider, { jwks, idTokenEncryption })
      const { inner, header } = await decrypt((await codeFlow(provider))['id_token'], key.privateKey)
      assert.deepEqual([header.cty, header['kid']], ['JWT', kid])
      assert.equal(header.enc, idTokenEncryption.contentEncryption ?? 'A256GCM')
      assert.equal((await verified(provider, inner)).claims.sub, 'alice')
    })
  }

  test('UserInfo → signed and encrypted', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { jwks, userInfoEncryption: {} })
    const { access_token } = await codeFlow(provider, { scope: 'openid email' })
    const headers = { authorization: `Bearer ${String(access_token)}` }
    const response = await provider.server.fetch(new Request(`${issuer}/userinfo`, { headers }))
    assert.equal(response.headers.get('content-type'), 'application/jwt')
    const { inner } = await decrypt(await response.text())
    assert.equal((await verified(provider, inner)).claims['email'], 'alice@example.com')
  })

  test('a client without a key that fits → server_error, never in the clear', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { jwks: { keys: jwks.keys.slice(0, 1) }, idTokenEncryption: {} })
    const response = await authorize(provider, {})
    const issued = await redeem(provider, redirected(response).get('code') ?? '', response.verifier)
    assert.equal(issued.status, 500)
    assert.match(JSON.stringify(provider.events), /no key in its jwks/)
  })

  test('an encrypted ID token of the hybrid flow names the code', async () => {
    const provider = await makeOpenId()
    await changeClient(provider, { jwks, idTokenEncryption: {} })
    const token = redirected(await authorize(provider, { response_type: 'code id_token' })).get('id_token')
    assert.equal(decodeProtectedHeader(token ?? '').alg, 'RSA-OAEP-256')
    const { inner } = await decrypt(token)
    assert.ok('c_hash' in (await verified(provider, inner)).claims)
  })
})
