import { Buffer } from 'node:buffer'
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { Claims } from '../core/claims.ts'
import type { PresentedState } from './rotation.ts'
import type { AccessTokenRow, CodeRow, FoundRefreshToken, GrantRow, RefreshTokenRow, SigningKeyRow } from './store.ts'

/** A row as SQLite gives it. */
export type Columns = Readonly<Record<string, SQLOutputValue>>

/** A digest as it is stored: 32 bytes instead of 43 characters. */
export const toBytes = (digest: string): Uint8Array => Buffer.from(digest, 'base64url')

const text = (value: SQLOutputValue | undefined): string => {
  if (typeof value === 'string') return value
  throw new TypeError('A column of the database has a value of the wrong type.')
}

const optional = (value: SQLOutputValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : text(value)

/** An empty list takes no room. */
const listText = (list: readonly string[]): string | null => (list.length === 0 ? null : JSON.stringify(list))
const claimsText = (claims: Claims): string | null => (Object.keys(claims).length === 0 ? null : JSON.stringify(claims))

const list = (value: SQLOutputValue | undefined): readonly string[] => {
  const stored = optional(value)
  return stored === undefined ? [] : (JSON.parse(stored) as readonly string[]) // written by listText
}

const claims = (value: SQLOutputValue | undefined): Claims => {
  const stored = optional(value)
  return stored === undefined ? {} : (JSON.parse(stored) as Claims) // written by claimsText
}

const time = (value: SQLOutputValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value)

const scopes = (value: SQLOutputValue | undefined): readonly string[] => text(value).split(' ').filter(Boolean)

/** The values of a new grant, in the order of its columns. */
export const grantValues = (row: GrantRow): SQLInputValue[] => [row.id, row.clientId, row.userId ?? null, row.createdAt]

/** The values of a new code, in the order of its columns. */
export const codeValues = (row: CodeRow): SQLInputValue[] => [
  toBytes(row.digest),
  row.clientId,
  row.userId,
  row.grantId,
  row.scopes.join(' '),
  row.redirectUri ?? null,
  row.codeChallenge ?? null,
  row.codeChallengeMethod ?? null,
  listText(row.resources),
  claimsText(row.claims),
  row.expiresAt,
]

/** The values of a new access token, in the order of its columns. */
export const accessTokenValues = (row: AccessTokenRow): SQLInputValue[] => [
  toBytes(row.digest),
  row.clientId,
  row.userId ?? null,
  row.grantId ?? null,
  row.scopes.join(' '),
  listText(row.audience),
  claimsText(row.claims),
  row.issuedAt,
  row.expiresAt,
]

/** The values of a new refresh token, in the order of its columns. */
export const refreshTokenValues = (row: RefreshTokenRow): SQLInputValue[] => [
  toBytes(row.digest),
  row.clientId,
  row.userId ?? null,
  row.grantId,
  row.scopes.join(' '),
  listText(row.resources),
  claimsText(row.claims),
  row.issuedAt,
  row.expiresAt,
  row.familyExpiresAt,
]

/** A stored code. */
export const toCode = (digest: string, row: Columns): CodeRow => ({
  digest,
  clientId: text(row['client_id']),
  userId: text(row['user_id']),
  grantId: text(row['grant_id']),
  scopes: scopes(row['scopes']),
  redirectUri: optional(row['redirect_uri']),
  codeChallenge: optional(row['code_challenge']),
  codeChallengeMethod: optional(row['code_challenge_method']),
  resources: list(row['resources']),
  claims: claims(row['claims']),
  expiresAt: Number(row['expires_at']),
})

/** A stored access token. */
export const toAccessToken = (digest: string, row: Columns): AccessTokenRow => ({
  digest,
  clientId: text(row['client_id']),
  userId: optional(row['user_id']),
  grantId: optional(row['grant_id']),
  scopes: scopes(row['scopes']),
  audience: list(row['audience']),
  claims: claims(row['claims']),
  issuedAt: Number(row['issued_at']),
  expiresAt: Number(row['expires_at']),
})

/** A stored refresh token. */
export const toRefreshToken = (digest: string, row: Columns): FoundRefreshToken => ({
  digest,
  clientId: text(row['client_id']),
  userId: optional(row['user_id']),
  grantId: text(row['grant_id']),
  scopes: scopes(row['scopes']),
  resources: list(row['resources']),
  claims: claims(row['claims']),
  issuedAt: Number(row['issued_at']),
  expiresAt: Number(row['expires_at']),
  familyExpiresAt: Number(row['family_expires_at']),
  supersededAt: time(row['superseded_at']),
})

/** What is known of a presented refresh token. */
export const toPresentedState = (row: Columns): PresentedState => ({
  expiresAt: Number(row['expires_at']),
  supersededAt: time(row['superseded_at']),
  replays: Number(row['replays']),
  isSuccessorUsed: row['successor_superseded_at'] !== null,
})

/** A stored signing key. */
export const toSigningKey = (row: Columns): SigningKeyRow => ({
  keyId: text(row['key_id']),
  algorithm: text(row['algorithm']),
  privateKey: text(row['private_key']),
  createdAt: Number(row['created_at']),
})
