import type { AccessToken, AuthorizationCode, RefreshToken, User } from '../core/records.ts'
import type { TokenContext } from '../core/token-context.ts'
import type { AccessTokenRow, CodeRow, FoundRefreshToken, GrantRow, RefreshTokenRow } from './store-rows.ts'

const userOf = (id: string | undefined): User | undefined => (id === undefined ? undefined : { id })

/** An access token to store. */
export const accessTokenRow = (
  digest: string,
  grantId: string | undefined,
  { user, clientId, scopes, audience, claims, openid, issuedAt, expiresAt }: AccessToken,
): AccessTokenRow => ({
  ...{ digest, grantId, userId: user?.id, clientId, scopes, audience, claims },
  ...{ openid, issuedAt, expiresAt },
})

/** A refresh token to store. */
export const refreshTokenRow = (
  digest: string,
  grantId: string,
  { user, clientId, scopes, resources, claims, openid, issuedAt, expiresAt, familyExpiresAt }: RefreshToken,
): RefreshTokenRow => ({
  ...{ digest, grantId, userId: user?.id, clientId, scopes, resources, claims },
  ...{ openid, issuedAt, expiresAt, familyExpiresAt },
})

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
  openid: row.openid,
  grantId: row.grantId,
})

/** A stored refresh token as the library reads it. */
export const refreshTokenFromRow = (row: FoundRefreshToken): RefreshToken => ({
  kind: 'refresh_token',
  clientId: row.clientId,
  user: userOf(row.userId),
  scopes: row.scopes,
  resources: row.resources,
  issuedAt: row.issuedAt,
  expiresAt: row.expiresAt,
  claims: row.claims,
  openid: row.openid,
  grantId: row.grantId,
  supersededAt: row.supersededAt,
  familyExpiresAt: row.familyExpiresAt,
})

/** The row that starts a family. */
export const newGrant = ({
  user,
  ...grant
}: Omit<GrantRow, 'userId'> & { readonly user: User | undefined }): GrantRow => ({ ...grant, userId: user?.id })

/** A family is remembered as long as an access token of it that has no row. */
export const liveUntil = ({ accessToken, issuedAt, expiresIn }: TokenContext): number | undefined =>
  accessToken === undefined ? issuedAt + expiresIn : undefined
