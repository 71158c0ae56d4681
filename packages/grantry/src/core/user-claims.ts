import type { Awaitable } from './awaitable.ts'
import type { Claims } from './claims.ts'
import type { User } from './records.ts'

/** Finds what is known of a user. */
export interface UserClaimsValidator {
  /**
   * The claims of a user: at least those named, where they are known. More than was asked for is never sent, and nothing that says who issued
   * a token, to whom and how.
   */
  getUserClaims(user: User, names: ReadonlySet<string>): Awaitable<Claims>
}

/** The claims of each scope (OpenID Connect Core §5.4). */
export const scopeClaims: Readonly<Record<string, readonly string[]>> = {
  profile: [
    ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture'],
    ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
}

/** Claims that say who issued a token, to whom and how: a user's data never sets them. */
const ownClaims = new Set(
  'iss sub aud exp iat nbf jti nonce auth_time acr amr azp sid at_hash c_hash s_hash sub_jwk cnf events'.split(' '),
)

/** The names of the claims that scopes and a request for single claims ask for. */
export const claimNames = (
  scopes: readonly string[],
  requested: readonly string[],
  known: Readonly<Record<string, readonly string[]>>,
): ReadonlySet<string> => {
  const names = scopes.flatMap((scope) => (Object.hasOwn(known, scope) ? (known[scope] ?? []) : []))
  return new Set([...names, ...requested].filter((name) => !ownClaims.has(name)))
}

/** Of a user's data, what was asked for; what is not known is left out (OpenID Connect Core §5.3.2). */
export const selectClaims = (claims: Claims, names: ReadonlySet<string>): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([name, value]) => names.has(name) && value !== undefined))
