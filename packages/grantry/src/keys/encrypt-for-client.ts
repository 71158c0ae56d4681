import { ServerError } from '../core/errors.ts'
import type { Jwk, JwkSet } from '../core/signer.ts'
import { tokenEncrypter } from './encrypt-jwt.ts'
import { agreementCurves, readEncryptionKey, type EncryptionKey, type EncryptionOptions } from './encryption-key.ts'

/** The `alg`s that something can be encrypted to clients by. */
export const clientKeyManagements: readonly string[] = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW']
/** The `enc`s. */
export const clientContentEncryptions: readonly string[] = ['A256GCM', 'A128GCM', 'A256CBC-HS512']

const isOfKind = ({ kty, crv = '' }: Jwk, keyManagement: string): boolean =>
  keyManagement.startsWith('RSA') ? kty === 'RSA' : keyManagement.startsWith('ECDH') && agreementCurves.includes(crv)

const mayEncrypt = (key: Jwk, keyManagement: string): boolean =>
  (key.use ?? 'enc') === 'enc' && (key.alg ?? keyManagement) === keyManagement && isOfKind(key, keyManagement)

const unusable = (id: string, problem: string, cause?: unknown): ServerError =>
  new ServerError('client_keys_unavailable', { detail: `client ${id}: ${problem}`, cause })

const read = async (id: string, jwk: Jwk, options: EncryptionOptions): Promise<EncryptionKey> => {
  try {
    return await readEncryptionKey(jwk, options, `the jwks of client ${id}`)
  } catch (cause) {
    throw unusable(id, 'the key in its jwks that fits cannot be used', cause)
  }
}

/**
 * Encrypts a signed token to the first of a client's keys that fits (OpenID Connect Core §10.2). Throws a `ServerError` for a client
 * without such a key: it would otherwise get in the clear what it asked to be secret.
 */
export const encryptForClient = async (
  id: string,
  { keys }: JwkSet,
  token: string,
  { keyManagement = 'RSA-OAEP-256', contentEncryption }: EncryptionOptions,
): Promise<string> => {
  const jwk = keys.find((key) => mayEncrypt(key, keyManagement))
  if (jwk === undefined) throw unusable(id, `it has no key in its jwks that fits ${keyManagement}`)
  const key = await read(id, jwk, { keyManagement, contentEncryption })
  return tokenEncrypter(key, { typ: 'JWT', cty: 'JWT', ...(jwk.kid !== undefined && { kid: jwk.kid }) })(token)
}
