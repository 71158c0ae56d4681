import { createSigner } from '#platform'
import type { SignerOptions, SigningKeyInput } from '../core/signer.ts'
import { jwtWriter } from '../keys/sign-jwt.ts'
import { randomString } from '../util/random.ts'

/** Writes what proves that a request is of a client: a JWT for the audience, good for a minute. `now` is in seconds since the epoch. */
export type AssertionWriter = (clientId: string, audience: string, now: number) => Promise<string>

/**
 * Proves who this resource is by a signature, `private_key_jwt` (RFC 7523 §2.2). Throws `ConfigurationError` for a key that cannot sign.
 */
export const privateKeyJwt = (
  key: SigningKeyInput,
  options: Pick<SignerOptions, 'algorithm' | 'keyId'> = {},
): AssertionWriter => {
  const write = jwtWriter(createSigner(key, { ...options, usedBy: 'privateKeyJwt' }), 'JWT')
  return async (clientId, audience, now) => {
    const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 60, jti: randomString(22) }
    return write(claims)
  }
}
