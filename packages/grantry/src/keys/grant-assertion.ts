import { assertionClockTolerance, assertionProblem } from '../core/assertion-claims.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import { InvalidGrantError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import { TrustedJwts, type IssuerKeys, type TrustedJwt } from './trusted-jwts.ts'

/** Assertions in place of a login (RFC 7523 §3), of issuers that are trusted. */
export class GrantAssertions {
  readonly #issuer: string
  readonly #jwts: TrustedJwts

  constructor({
    issuer,
    issuers,
    typ,
  }: {
    readonly issuer: string
    readonly issuers: IssuerKeys
    readonly typ?: string | undefined
  }) {
    this.#issuer = issuer
    this.#jwts = new TrustedJwts(issuers, { typ, usedBy: 'JwtBearerGrant' })
  }

  /** The claims of an assertion for this server. Throws an `InvalidGrantError` for all else. */
  async read(token: string, now: number): Promise<TrustedJwt> {
    const read = await this.#jwts.read(token)
    if ('reason' in read) throw new InvalidGrantError(read.reason, read)
    const problem = this.#problem(read.claims, now)
    if (problem !== undefined) throw new InvalidGrantError('assertion_claims_wrong', { detail: problem })
    return read
  }

  /** Whether an assertion is used for the first time. */
  use({ claims, iss }: TrustedJwt, validator: ReplayValidator, request: OAuthRequest): Awaitable<boolean> {
    const expiresAt = Math.ceil(Number(claims['exp'])) + 2 * assertionClockTolerance // once for each of two clocks
    return validator.markSeen('grant_assertion', JSON.stringify([iss, claims['jti']]), expiresAt, request)
  }

  #problem(claims: Claims, now: number): string | undefined {
    if (typeof claims['sub'] !== 'string' || claims['sub'] === '') return 'sub is missing'
    return assertionProblem(claims, { issuer: this.#issuer, tokenEndpoint: undefined }, now)
  }
}
