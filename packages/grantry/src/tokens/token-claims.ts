import type { Claims, JsonValue } from '../core/claims.ts'
import { confirmationClaim } from '../core/confirmation.ts'
import { ConfigurationError, ServerError } from '../core/errors.ts'
import type { TokenContext } from '../core/token-context.ts'
import { randomString } from '../util/random.ts'

/** What the claims of access tokens are made from. The generators for signed, HMAC and encrypted tokens all take these. */
export interface TokenClaimOptions {
  /** The `iss`: URL of the authorization server. Default: none, so tokens do not say who made them. */
  readonly issuer?: string | undefined
  /** The `aud` when no protected resource was asked for (RFC 8707). Default: none. */
  readonly audience?: string | readonly string[] | undefined
  /** The same for every token. Computed claims and those of the request win over them. */
  readonly claims?: Claims | undefined
  /** `at+jwt` follows RFC 9068; `issuer` and `audience` are then required. Default: the header says `typ: JWT`. */
  readonly profile?: 'at+jwt' | undefined
  /** Protected claims that your code may nevertheless set during a request: `scope`, `client_id`, `iss`, `cnf`, `iat`, `exp`. */
  readonly allowClaimOverride?: readonly string[] | undefined
}

/** The names of `TokenClaimOptions`. */
export const tokenClaimOptionNames = ['issuer', 'audience', 'claims', 'profile', 'allowClaimOverride'] as const

/** What a generator says of its tokens to those who store them. */
export const describeGenerator = ({
  issuer,
  audience = [],
}: TokenClaimOptions): { readonly issuer: string | undefined; readonly audience: readonly string[] } => ({
  issuer,
  audience: [audience].flat(),
})

/** Claims that could widen what was granted, or outlive it. An `exp` beyond the lifetime is protected as well. */
const protectedClaims = ['scope', 'client_id', 'iss', 'cnf', 'iat', 'grant_id']

const single = (values: readonly string[]): JsonValue | undefined => (values.length > 1 ? [...values] : values[0])

const computedClaims = (context: TokenContext, { issuer, audience }: TokenClaimOptions): Claims => {
  const { client, user, scopes, resources } = context
  const issuedAt = Math.floor(context.issuedAt)
  const recipients = resources.length > 0 ? single(resources) : typeof audience === 'object' ? [...audience] : audience
  return {
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(recipients === undefined ? {} : { aud: recipients }),
    sub: user?.id ?? client.id,
    client_id: client.id,
    scope: scopes.length === 0 ? undefined : scopes.join(' '), // also hides a static `scope`: nothing was granted
    iat: issuedAt,
    exp: issuedAt + Math.floor(context.expiresIn),
    jti: randomString(22),
    grant_id: context.accessToken === undefined ? context.grantId : undefined, // of a token that has no row, all that names its family
  }
}

const refuseOverride = (name: string): never => {
  const detail = `request.claims sets the protected claim ${name}. To allow it, give the token generator allowClaimOverride: ['${name}'].`
  throw new ServerError('unexpected', { detail })
}

const checkOverrides = (claims: Claims, latest: number, allowed: ReadonlySet<string>): void => {
  const refused = protectedClaims.find((name) => claims[name] !== undefined && !allowed.has(name))
  if (refused !== undefined) refuseOverride(refused)
  const { exp } = claims
  if (exp === undefined) return
  if (typeof exp !== 'number' || !Number.isInteger(exp))
    throw new ServerError('unexpected', { detail: 'request.claims sets exp to something that is no integer.' })
  if (exp > latest && !allowed.has('exp')) refuseOverride('exp')
}

const defined = (claims: Claims): Claims =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))

/**
 * Returns a function that makes the claims of one access token: static claims, over them the computed ones (`iss`, `aud`, `sub`,
 * `client_id`, `scope` as granted, `iat`, `exp`, `jti`; RFC 9068 §2.2; `grant_id` where nothing else is kept of the token), over them those of the request. `sub` is the user, or the client
 * when it acts for itself. Throws `ConfigurationError` for options that cannot work; the function throws `ServerError` when the request
 * sets a protected claim. What a token is bound to (`cnf`) wins over all of them.
 */
export const tokenClaims = (options: TokenClaimOptions, usedBy: string): ((context: TokenContext) => Claims) => {
  const { issuer, audience, profile, claims: staticClaims = {} } = options
  if (profile !== undefined && (profile as string) !== 'at+jwt')
    throw new ConfigurationError(`${usedBy}: profile can only be 'at+jwt'.`) // JavaScript callers
  if (profile === 'at+jwt' && (!issuer || audience === undefined || audience.length === 0))
    throw new ConfigurationError(`${usedBy}: profile 'at+jwt' needs the options issuer and audience (RFC 9068 §2.2).`)
  const allowed = new Set(options.allowClaimOverride)
  const always = structuredClone(staticClaims)
  return (context) => {
    const computed = computedClaims(context, options)
    checkOverrides(context.claims, Number(computed.exp), allowed)
    return defined({
      ...always,
      ...computed,
      ...defined(context.claims),
      ...(context.confirmation && confirmationClaim(context.confirmation)),
    })
  }
}

/** The claims of a token whose key stays published for `longest` seconds. Throws `ServerError` for a token that would outlive its key. */
export const withinLifetime = (claims: Claims, longest = Infinity): Claims => {
  const lifetime = Number(claims.exp) - Number(claims.iat)
  if (lifetime <= longest) return claims
  const mend = `Give the KeyRing and the KeyRotation a retainSeconds that is ${lifetime - longest} longer.`
  throw new ServerError('unexpected', {
    detail: `A token of ${lifetime} seconds would outlive the key it is signed with. ${mend}`,
  })
}
