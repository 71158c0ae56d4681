/** The examples of the specifications, and what becomes of them when a bit of them changes. */
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { signedTokenGenerator, type Jwk } from 'grantry'
import { clientKeys, clientSecretKeys } from '#grantry/keys/client-keys'
import { readHeader } from '#grantry/keys/jwt-checks'
import { isSignedByOneOf } from '#grantry/keys/verify-signature'
import { signatures } from './rfc7520.ts'
import { turned } from './turned.ts'

const payload = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'

interface Vector {
  readonly source: string
  readonly key: Jwk
  readonly token: string
}

const vectors: readonly Vector[] = [
  ...signatures,
  {
    source: 'RFC 7515 appendix A.1, HS256',
    key: { kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow' },
    token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
  },
  {
    source: 'RFC 7515 appendix A.2, RS256',
    key: {
      kty: 'RSA',
      n:
        'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs' +
        'D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV' +
        'MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
      e: 'AQAB',
    },
    token:
      `eyJhbGciOiJSUzI1NiJ9.${payload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W` +
      '2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
      'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
  },
  {
    source: 'RFC 7515 appendix A.3, ES256',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    token: `eyJhbGciOiJFUzI1NiJ9.${payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
  },
  {
    source: 'RFC 8037 appendix A.4, EdDSA',
    key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    token:
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt' +
      '9g7sVvpAr_MuM0KAg',
  },
]

const verifies = async ({ key, token }: Pick<Vector, 'key' | 'token'>): Promise<boolean> => {
  const header = readHeader(token, 'jws')
  if (header?.alg === undefined) return false
  const wanted = { algorithm: header.alg, keyId: header.kid }
  const keys = wanted.algorithm.startsWith('HS')
    ? clientSecretKeys([Buffer.from(key.k ?? '', 'base64url')], wanted.algorithm)
    : clientKeys({ keys: [key] }, wanted)
  return isSignedByOneOf(token, keys)
}

for (const vector of vectors) {
  describe(vector.source, () => {
    test('verifies', async () => assert.equal(await verifies(vector), true))

    for (const [part, name] of [
      [0, 'header'],
      [1, 'payload'],
      [2, 'signature'],
    ] as const) {
      test(`no bit of its ${name} can be turned`, async () => {
        const bits = Buffer.from(vector.token.split('.')[part] ?? '', 'base64url').length * 8
        for (let bit = 0; bit < bits; bit++) {
          const isAccepted = await verifies({ ...vector, token: turned(vector.token, part, bit) }).catch(() => false)
          assert.equal(isAccepted, false, `bit ${bit}`)
        }
      })
    }

    test('no other key verifies it', async () => {
      for (const { key } of vectors.filter((other) => other.key !== vector.key))
        assert.equal(await verifies({ ...vector, key }), false, key.kty)
    })
  })
}

test('RFC 8037 appendix A.4: our signer makes that very signature', async () => {
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  assert.equal(createPublicKey(key).export({ format: 'jwk' }).x, jwk.x)
  const [published] = await signedTokenGenerator(key).publicKeys()
  assert.equal(published?.kid, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', 'its thumbprint, RFC 8037 appendix A.3')
})
