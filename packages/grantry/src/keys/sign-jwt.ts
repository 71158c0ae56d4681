import { toBase64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { Signer } from '../core/signer.ts'

/** Signs a set of claims and returns the token in compact form (RFC 7515 §7.1). */
export type JwtWriter = (claims: Claims) => Promise<string>

const utf8 = new TextEncoder()

/** Writes signed tokens with one key. `typ` is that of the header (RFC 8725 §3.11); the header is encoded once. */
export const jwtWriter = (signer: Awaitable<Signer>, typ: string): JwtWriter => {
  let header: string | undefined
  return async (claims) => {
    const key = await signer
    header ??= `${toBase64url(JSON.stringify({ alg: key.algorithm, typ, kid: key.keyId }))}.`
    const signingInput = header + toBase64url(JSON.stringify(claims))
    return `${signingInput}.${toBase64url(await key.sign(utf8.encode(signingInput)))}`
  }
}
