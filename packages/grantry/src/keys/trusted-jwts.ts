import { decodeJwt } from 'jose'
import type { Claims } from '../core/claims.ts'
import type { FailedProof } from '../core/client-authentication.ts'
import type { VerificationKeyInput } from '../core/signer.ts'
import { readHeader } from './jwt-checks.ts'
import { verificationKeySet, type KeySet } from './key-set.ts'
import { isSignedByOneOf } from './verify-signature.ts'

/** Public keys of those who are believed, by their `iss`. */
export type IssuerKeys = Readonly<Record<string, VerificationKeyInput | readonly VerificationKeyInput[]>>

/** A JWT of an issuer that is trusted. Its signature is verified; its claims are still to be judged. */
export interface TrustedJwt {
  readonly claims: Claims
  /** Who made it. */
  readonly iss: string
}

const readClaims = (token: string): Claims | undefined => {
  try {
    return decodeJwt<Claims>(token)
  } catch {
    return undefined // jose throws for nothing but claims that are no JSON object
  }
}

/** The `typ`s of a header, compared without case and the prefix `application/` (RFC 7515 §4.1.9). */
const isOfType = (typ: string | undefined, wanted: string | undefined): boolean =>
  (typ ?? 'JWT').toLowerCase().replace(/^application\//, '') === (wanted ?? 'JWT').toLowerCase()

/** JWTs that others make for this server, known by their `iss` and its keys. */
export class TrustedJwts {
  readonly #typ: string | undefined
  readonly #keys: ReadonlyMap<string, KeySet>

  /** `typ` is that of the header. Default: `JWT`, or none. Throws a `ConfigurationError` for keys that cannot verify. */
  constructor(issuers: IssuerKeys, { typ, usedBy }: { readonly typ?: string | undefined; readonly usedBy: string }) {
    this.#typ = typ
    this.#keys = new Map(
      Object.entries(issuers).map(([iss, keys]) => [
        iss,
        verificationKeySet(keys, { usedBy: `${usedBy}: issuers["${iss}"]` }),
      ]),
    )
  }

  /** What a token says, or why it is not believed. */
  async read(token: string): Promise<TrustedJwt | FailedProof> {
    const header = readHeader(token, 'jws')
    if (header === undefined || !isOfType(header.typ, this.#typ))
      return { reason: 'assertion_malformed', detail: 'it is no signed JWT, too long, or of another typ' }
    const claims = readClaims(token)
    if (claims === undefined) return { reason: 'assertion_malformed', detail: 'the claims are no JSON object' }
    const iss = typeof claims['iss'] === 'string' ? claims['iss'] : ''
    const keys = await this.#keys.get(iss)?.find(header.alg, header.kid)
    if (keys === undefined) return { reason: 'assertion_issuer_unknown', detail: `iss "${iss}"` }
    if (!(await isSignedByOneOf(token, keys))) return { reason: 'assertion_signature_wrong', detail: `iss "${iss}"` }
    return { claims, iss }
  }
}
