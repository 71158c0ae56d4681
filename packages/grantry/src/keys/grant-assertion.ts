import { decodeJwt } from 'jose'
import { assertionClockTolerance, assertionProblem } from '../core/assertion-claims.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import { InvalidGrantError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Reason } from '../core/reasons.ts'
import type { VerificationKeyInput } from '../core/signer.ts'
import { readHeader } from './jwt-checks.ts'
import { verificationKeySet, type KeySet } from './key-set.ts'
import { isSignedByOneOf } from './verify-signature.ts'

/** An assertion that was verified. */
export interface GrantAssertion {
  readonly claims: Claims
  /** Who made it. */
  readonly iss: string
}

const refuse = (reason: Reason, detail: string, cause?: unknown): InvalidGrantError =>
  new InvalidGrantError(reason, { detail, cause })

const readClaims = (token: string): Claims => {
  try {
    return decodeJwt<Claims>(token)
  } catch (cause) {
    throw refuse('assertion_malformed', 'the claims are no JSON object', cause)
  }
}

/** The `typ`s of a header, compared without case and the prefix `application/` (RFC 7515 §4.1.9). */
const isOfType = (typ: string | undefined, wanted: string | undefined): boolean =>
  (typ ?? 'JWT').toLowerCase().replace(/^application\//, '') === (wanted ?? 'JWT').toLowerCase()

/** Assertions in place of a login (RFC 7523 §3), of issuers that are trusted. */
export class GrantAssertions {
  readonly #issuer: string
  readonly #typ: string | undefined
  readonly #keys: ReadonlyMap<string, KeySet>

  constructor({
    issuer,
    issuers,
    typ,
  }: {
    readonly issuer: string
    readonly issuers: Readonly<Record<string, VerificationKeyInput | readonly VerificationKeyInput[]>>
    readonly typ?: string | undefined
  }) {
    this.#issuer = issuer
    this.#typ = typ
    const usedBy = (iss: string): string => `JwtBearerGrant: issuers["${iss}"]`
    this.#keys = new Map(
      Object.entries(issuers).map(([iss, keys]) => [iss, verificationKeySet(keys, { usedBy: usedBy(iss) })]),
    )
  }

  /** The claims of an assertion for this server. Throws an `InvalidGrantError` for all else. */
  async read(token: string, now: number): Promise<GrantAssertion> {
    const header = readHeader(token, 'jws')
    if (header === undefined || !isOfType(header.typ, this.#typ))
      throw refuse('assertion_malformed', 'it is no signed JWT, too long, or of another typ')
    const claims = readClaims(token)
    const iss = typeof claims['iss'] === 'string' ? claims['iss'] : ''
    const keys = await this.#keys.get(iss)?.find(header.alg, header.kid)
    if (keys === undefined) throw refuse('assertion_issuer_unknown', `iss "${iss}"`)
    if (!(await isSignedByOneOf(token, keys))) throw refuse('assertion_signature_wrong', `iss "${iss}"`)
    const problem = this.#problem(claims, now)
    if (problem !== undefined) throw refuse('assertion_claims_wrong', problem)
    return { claims, iss }
  }

  /** Whether an assertion is used for the first time. */
  use({ claims, iss }: GrantAssertion, validator: ReplayValidator, request: OAuthRequest): Awaitable<boolean> {
    const expiresAt = Math.ceil(Number(claims['exp'])) + 2 * assertionClockTolerance // once for each of two clocks
    return validator.markSeen('grant_assertion', JSON.stringify([iss, claims['jti']]), expiresAt, request)
  }

  #problem(claims: Claims, now: number): string | undefined {
    if (typeof claims['sub'] !== 'string' || claims['sub'] === '') return 'sub is missing'
    return assertionProblem(claims, { issuer: this.#issuer, tokenEndpoint: undefined }, now)
  }
}
