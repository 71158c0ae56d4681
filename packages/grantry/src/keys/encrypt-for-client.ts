import { ServerError } from '../core/errors.ts'
import type { Client } from '../core/records.ts'
import type { Jwk } from '../core/signer.ts'
import { tokenEncrypter } from './encrypt-jwt.ts'
import { readEncryptionKey, type EncryptionOptions } from './encryption-key.ts'

const kindOf = (keyManagement: string): readonly string[] =>
  keyManagement.startsWith('RSA') ? ['RSA'] : keyManagement.startsWith('ECDH') ? ['EC', 'OKP'] : []

const mayEncrypt = ({ use, kty, alg }: Jwk, keyManagement: string): boolean =>
  use !== 'sig' && (alg ?? keyManagement) === keyManagement && kindOf(keyManagement).includes(kty ?? '')

/**
 * Encrypts a signed token to the first key of a client's `jwks` that fits (OpenID Connect Core §10.2). Throws a `ServerError` for a client
 * without such a key: it would otherwise get in the clear what it asked to be secret.
 */
export const encryptForClient = async (
  { id, jwks }: Client,
  token: string,
  { keyManagement = 'RSA-OAEP-256', contentEncryption }: EncryptionOptions,
): Promise<string> => {
  const jwk = jwks?.keys.find((key) => mayEncrypt(key, keyManagement))
  if (jwk === undefined)
    throw new ServerError('unexpected', { detail: `client ${id} has no key in its jwks that fits ${keyManagement}` })
  const key = await readEncryptionKey(jwk, { keyManagement, contentEncryption }, `the jwks of client ${id}`)
  return tokenEncrypter(key, { typ: 'JWT', cty: 'JWT', ...(jwk.kid !== undefined && { kid: jwk.kid }) })(token)
}
