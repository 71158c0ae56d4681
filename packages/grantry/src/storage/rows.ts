import { sha256Base64url } from '#platform'
import type { AccessToken, AuthorizationCode, RefreshToken, User } from '../core/records.ts'
import type { TokenContext } from '../core/token-context.ts'
import type { AccessTokenRow, CodeRow, RefreshTokenRow } from './store.ts'

const userOf = (id: string | undefined): User | undefined => (id === undefined ? undefined : { id })

/** The recipients of an access token: an `aud` that your code set for this request, else the resources that were asked for. */
const audienceOf = ({ claims, resources }: TokenContext): readonly string[] => {
  const { aud } = claims
  if (aud === undefined) return resources
  return [aud].flat().filter((recipient) => typeof recipient === 'string')
}

/** An access token to store. */
export const accessTokenRow = (token: string, grantId: string | undefined, context: TokenContext): AccessTokenRow => ({
  digest: sha256Base64url(token),
  clientId: context.client.id,
  userId: context.user?.id,
  grantId,
  scopes: context.scopes,
  audience: audienceOf(context),
  claims: context.claims,
  issuedAt: context.issuedAt,
  expiresAt: context.issuedAt + context.expiresIn,
})

/** A refresh token to store; a rotated one keeps what the first one was granted. */
export const refreshTokenRow = (token: string, grantId: string, context: TokenContext): RefreshTokenRow => {
  const { scopes, resources } = context.authorization.presented?.record ?? context
  return {
    digest: sha256Base64url(token),
    clientId: context.client.id,
    userId: context.user?.id,
    grantId,
    scopes,
    resources,
    claims: context.claims,
    issuedAt: context.issuedAt,
    expiresAt: context.issuedAt + context.refreshTokenExpiresIn,
  }
}

/** A stored code as the library reads it. */
export const codeFromRow = ({ userId, ...row }: CodeRow): AuthorizationCode => ({ ...row, user: { id: userId } })

/** A stored access token as the library reads it. */
export const accessTokenFromRow = (row: AccessTokenRow): AccessToken => ({
  kind: 'access_token',
  clientId: row.clientId,
  user: userOf(row.userId),
  scopes: row.scopes,
  audience: row.audience,
  issuedAt: row.issuedAt,
  expiresAt: row.expiresAt,
  claims: row.claims,
})

/** A stored refresh token as the library reads it. */
export const refreshTokenFromRow = (row: RefreshTokenRow & { readonly superseded: boolean }): RefreshToken => ({
  kind: 'refresh_token',
  clientId: row.clientId,
  user: userOf(row.userId),
  scopes: row.scopes,
  resources: row.resources,
  issuedAt: row.issuedAt,
  expiresAt: row.expiresAt,
  claims: row.claims,
  grantId: row.grantId,
  superseded: row.superseded,
})
