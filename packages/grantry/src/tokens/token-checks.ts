import type { Claims } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { AccessToken } from '../core/records.ts'
import type { JwtChecks } from '../keys/jwt-checks.ts'
import { accessTokenFromClaims } from './access-token-from-claims.ts'
import type { TokenClaimOptions } from './token-claims.ts'

/** What a verifier asks of access tokens, whatever their format. */
export interface TokenCheckOptions {
  /** The exact `iss` (RFC 9068 §4). */
  readonly issuer: string
  /** One of these must be in `aud`. Default: not checked. */
  readonly audience?: string | readonly string[] | undefined
  /** `at+jwt` takes only tokens of RFC 9068. Default: the header must say `typ: JWT`. */
  readonly profile?: 'at+jwt' | undefined
  /** Seconds by which `exp` and `nbf` may be missed, at most 300. Default: 0. */
  readonly clockTolerance?: number | undefined
}

/** The names of `TokenCheckOptions`. */
export const tokenCheckOptionNames = ['issuer', 'audience', 'profile', 'clockTolerance'] as const

/** Checks a token that says all itself. Needs nothing of the request but its time. */
export type SelfContainedTokenVerifier = (
  token: string,
  request: Pick<OAuthRequest, 'now'>,
) => Promise<AccessToken | undefined>

/** The `typ` of the header for a profile. */
export const typOf = (profile: string | undefined): string => profile ?? 'JWT'

const checksOf = (options: Partial<TokenCheckOptions>): JwtChecks => ({
  typ: typOf(options.profile),
  issuer: options.issuer,
  audience: options.audience,
  clockTolerance: options.clockTolerance ?? 0,
  requiredClaims: options.profile === 'at+jwt' ? ['aud', 'sub', 'client_id', 'iat', 'jti'] : ['client_id', 'iat'],
})

/** The checks of a verifier. Throws `ConfigurationError` for options that cannot work. */
export const tokenChecks = (options: TokenCheckOptions, usedBy: string): JwtChecks => {
  const { issuer, profile, clockTolerance = 0 } = options as Partial<TokenCheckOptions> // JavaScript callers leave it out
  if (!issuer) throw new ConfigurationError(`${usedBy}: the option issuer is required: the exact iss of the tokens.`)
  if (profile !== undefined && (profile as string) !== 'at+jwt')
    throw new ConfigurationError(`${usedBy}: profile can only be 'at+jwt'.`)
  if (!(clockTolerance >= 0 && clockTolerance <= 300))
    throw new ConfigurationError(`${usedBy}: clockTolerance takes 0 to 300 seconds, got ${clockTolerance}.`)
  return checksOf(options)
}

/** The checks of the twin of a generator. An audience is up to each protected resource. */
export const twinChecks = ({ issuer, profile, allowClaimOverride }: TokenClaimOptions): JwtChecks =>
  checksOf({ profile, ...(issuer === undefined || allowClaimOverride?.includes('iss') ? {} : { issuer }) })

/** A verifier over a function that reads the claims of a token, undefined for tokens that are not valid. */
export const tokenVerifier =
  (readClaims: (token: string, now: number) => Promise<Claims | undefined>): SelfContainedTokenVerifier =>
  async (token, { now }) => {
    const claims = await readClaims(token, now)
    return claims && accessTokenFromClaims(claims)
  }

/** Throws `ConfigurationError` naming options that do not exist, so that a misspelt one is not passed over in silence. */
export const refuseUnknownOptions = (options: object, known: readonly string[], usedBy: string): void => {
  const unknown = Object.keys(options).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new ConfigurationError(`${usedBy}: unknown option ${unknown.join(', ')}. It takes ${known.join(', ')}.`)
}
