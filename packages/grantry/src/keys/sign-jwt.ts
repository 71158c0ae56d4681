import { toBase64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { Signer } from '../core/signer.ts'

/** Signs a set of claims and returns the token in compact form (RFC 7515 §7.1). */
export type JwtWriter = (claims: Claims) => Promise<string>

const utf8 = new TextEncoder()

/**
 * Writes signed tokens with one key, or with the one that a function names at each token. `typ` is that of the header (RFC 8725 §3.11); the
 * header is encoded once for each key.
 */
export const jwtWriter = (signer: Awaitable<Signer> | (() => Awaitable<Signer>), typ: string): JwtWriter => {
  let header = ''
  let headerOf: Signer | undefined
  return async (claims) => {
    const key = await (typeof signer === 'function' ? signer() : signer)
    if (key !== headerOf) {
      header = `${toBase64url(JSON.stringify({ alg: key.algorithm, typ, kid: key.keyId }))}.`
      headerOf = key
    }
    const signingInput = header + toBase64url(JSON.stringify(claims))
    return `${signingInput}.${toBase64url(await key.sign(utf8.encode(signingInput)))}`
  }
}
