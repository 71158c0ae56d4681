import { detailsAsClaim } from '../core/authorization-details.ts'
import { carriedClaims } from '../core/claims.ts'
import { confirmationClaim } from '../core/confirmation.ts'
import { InvalidGrantError, ServerError } from '../core/errors.ts'
import { isPublicClient, type AccessToken, type Authorization, type RefreshToken } from '../core/records.ts'
import type { TokenContext } from '../core/token-context.ts'
import { randomString } from '../util/random.ts'
import { isLifetime, type BearerTokenOptions } from './bearer-options.ts'

const lifetimeOf = (
  authorization: Authorization,
  { tokenExpiresIn = 600 }: BearerTokenOptions,
  now: number,
): number => {
  const lifetime = typeof tokenExpiresIn === 'function' ? tokenExpiresIn(authorization) : tokenExpiresIn
  const { claims: { exp } = {}, expiresAt = Infinity } = authorization
  const expiresIn = Math.min(lifetime, (typeof exp === 'number' ? exp : Infinity) - now, expiresAt - now)
  if (isLifetime(expiresIn)) return expiresIn
  throw new ServerError('unexpected', { detail: `the lifetime is ${String(expiresIn)}, not whole seconds above 0` })
}

/** Who a token is for: an `aud` that your code set for this request, else the resources asked for, else what the generator says. */
const audienceOf = (
  { claims: { aud } = {}, resources = [] }: Authorization,
  { tokenGenerator }: BearerTokenOptions,
): readonly string[] => {
  if (aud !== undefined) return [aud].flat().filter((recipient) => typeof recipient === 'string')
  return resources.length > 0 ? resources : (tokenGenerator?.audience ?? [])
}

const describeRefreshToken = (
  {
    client,
    user,
    scopes,
    resources = [],
    claims = {},
    openid,
    presented,
    confirmation,
    grantedDetails,
    ...granted
  }: Authorization,
  grantId: string | undefined,
  { refreshTokenExpiresIn = 1_209_600, refreshTokenFamilyExpiresIn = 7_776_000 }: BearerTokenOptions,
  issuedAt: number,
): RefreshToken => {
  const familyExpiresAt = presented?.record.familyExpiresAt ?? issuedAt + refreshTokenFamilyExpiresIn
  return {
    ...{ kind: 'refresh_token', clientId: client.id, user, issuedAt, grantId, familyExpiresAt },
    // nothing else keeps the refresh token of a public client from a thief (RFC 9449 §5, RFC 8705 §4)
    claims: {
      ...carriedClaims(claims),
      ...(grantedDetails && detailsAsClaim(grantedDetails)),
      ...(confirmation && isPublicClient(client) && confirmationClaim(confirmation)),
    },
    openid: openid && { ...openid, nonce: undefined, authReqId: undefined }, // these bind the first ID token only (OpenID Connect Core §12.2)
    scopes: presented?.record.scopes ?? granted.grantedScopes ?? scopes, // narrowing one access token does not shrink the grant (RFC 6749 §6)
    resources: presented?.record.resources ?? granted.grantedResources ?? resources,
    expiresAt: Math.min(issuedAt + refreshTokenExpiresIn, familyExpiresAt),
    supersededAt: undefined,
  }
}

/** Works out what the tokens of an authorization stand for, before any is made. */
export const describeTokens = (
  authorization: Authorization,
  options: BearerTokenOptions,
  issuedAt: number,
  hasNewRefreshToken: boolean,
): TokenContext => {
  const { client, user, scopes, claims = {}, presented, confirmation } = authorization
  if (user?.id === client.id) throw new InvalidGrantError('subject_is_client', { detail: client.id })
  const expiresIn = lifetimeOf(authorization, options, issuedAt)
  // what a user granted ends with what else the user granted, so it is of a family even where nothing is refreshed
  const grantId = authorization.grantId ?? (hasNewRefreshToken || user !== undefined ? randomString(22) : undefined)
  const accessToken: AccessToken = {
    ...{ kind: 'access_token', clientId: client.id, user, scopes, issuedAt },
    claims: confirmation === undefined ? claims : { ...claims, ...confirmationClaim(confirmation) },
    audience: audienceOf(authorization, options),
    issuer: options.tokenGenerator?.issuer,
    expiresAt: issuedAt + expiresIn,
    grantId,
    openid: authorization.openid?.claims && { claims: authorization.openid.claims },
  }
  const refreshToken =
    hasNewRefreshToken || presented !== undefined
      ? describeRefreshToken(authorization, grantId, options, issuedAt)
      : undefined
  return {
    ...{ client, user, scopes, claims, confirmation, grantId, authorization, issuedAt, expiresIn },
    grantType: authorization.grantType,
    resources: authorization.resources ?? [],
    state: authorization.state ?? {},
    // what is no access token of this server is neither saved nor of a family: its generator is told as of one that has a row
    accessToken: (authorization.issued?.generate ?? !options.tokenVerifier) ? accessToken : undefined,
    refreshToken: hasNewRefreshToken ? refreshToken : undefined,
    extendedUntil: hasNewRefreshToken ? undefined : refreshToken?.expiresAt,
    rotation: {
      graceSeconds: options.refreshTokenGrace ?? 30,
      maxReplays: options.refreshTokenMaxReplays ?? Number.MAX_SAFE_INTEGER,
      revokesOnReuse: (client.onRefreshTokenReuse ?? (isPublicClient(client) ? 'revoke' : 'reject')) === 'revoke',
    },
  }
}
