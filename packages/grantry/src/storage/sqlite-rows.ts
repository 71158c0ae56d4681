import { Buffer } from 'node:buffer'
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { Claims } from '../core/claims.ts'
import type { LoginContext } from '../core/login-context.ts'
import type { Client } from '../core/records.ts'
import type { SigningKeyRow } from '../core/signing-key.ts'
import type { PresentedState } from './rotation.ts'
import type { AccessTokenRow, CodeRow, FoundRefreshToken, GrantRow, RefreshTokenRow, TicketRow } from './store-rows.ts'

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

const login = (value: SQLOutputValue | undefined): LoginContext | undefined => {
  const stored = optional(value)
  return stored === undefined ? undefined : (JSON.parse(stored) as LoginContext) // written by the functions below
}

const time = (value: SQLOutputValue | undefined): number | undefined =>
  value === null || value === undefined ? undefined : Number(value)

/** A digest that may be absent. */
const bytesOrNull = (digest: string | undefined): Uint8Array | null => (digest === undefined ? null : toBytes(digest))

/** Values of a statement by their names. */
export type Values = Record<string, SQLInputValue>

/** The values of a new grant. */
export const grantValues = (row: GrantRow, issued: 0 | 1, until: number): Values => ({
  id: row.id,
  client_id: row.clientId,
  user_id: row.userId ?? null,
  session_id: row.sessionId ?? null,
  created_at: row.createdAt,
  issued,
  purge_at: until,
})

/** The values of a new code. */
export const codeValues = (row: CodeRow): Values => ({
  digest: toBytes(row.digest),
  client_id: row.clientId,
  user_id: row.userId,
  grant_id: row.grantId,
  scopes: listText(row.scopes),
  redirect_uri: row.redirectUri ?? null,
  code_challenge: row.codeChallenge ?? null,
  code_challenge_method: row.codeChallengeMethod ?? null,
  resources: listText(row.resources),
  claims: claimsText(row.claims),
  openid: row.openid === undefined ? null : JSON.stringify(row.openid),
  expires_at: row.expiresAt,
})

/** Whose a family is. */
export type Family = Pick<GrantRow, 'id' | 'clientId' | 'userId'>

/** A stored family. */
export const toFamily = (row: Columns): Family => ({
  id: text(row['id']),
  clientId: text(row['client_id']),
  userId: optional(row['user_id']),
})

const isOf = (row: AccessTokenRow, family: Family | undefined): boolean =>
  row.grantId === family?.id && row.clientId === family?.clientId && row.userId === family.userId

/** The values of a new access token: without client and user where they are those of its family. */
export const accessTokenValues = (row: AccessTokenRow, family: Family | undefined): Values => ({
  digest: toBytes(row.digest),
  ...(isOf(row, family)
    ? { client_id: null, user_id: null }
    : { client_id: row.clientId, user_id: row.userId ?? null }),
  grant_id: row.grantId ?? null,
  scopes: listText(row.scopes),
  audience: listText(row.audience),
  claims: claimsText(row.claims),
  openid: row.openid === undefined ? null : JSON.stringify(row.openid),
  issued_at: row.issuedAt,
  expires_at: row.expiresAt,
})

/** The values of a new refresh token. */
export const refreshTokenValues = (row: RefreshTokenRow, predecessor: string | undefined): Values => ({
  digest: toBytes(row.digest),
  client_id: row.clientId,
  user_id: row.userId ?? null,
  grant_id: row.grantId,
  scopes: listText(row.scopes),
  resources: listText(row.resources),
  claims: claimsText(row.claims),
  openid: row.openid === undefined ? null : JSON.stringify(row.openid),
  issued_at: row.issuedAt,
  expires_at: row.expiresAt,
  family_expires_at: row.familyExpiresAt,
  predecessor: bytesOrNull(predecessor),
})

/** The values of a new ticket. */
export const ticketValues = (row: TicketRow): Values => ({
  kind: row.kind,
  digest: toBytes(row.digest),
  alt_digest: bytesOrNull(row.altDigest),
  client_id: row.clientId,
  grant_id: row.grantId ?? null,
  state: row.state,
  payload: JSON.stringify(row.payload),
  poll_interval: row.interval,
  expires_at: row.expiresAt,
})

/** A stored client. */
export const toClient = (row: Columns): Client => JSON.parse(text(row['record'])) as Client // written by putClient

/** A stored code. */
export const toCode = (digest: string, row: Columns): CodeRow => ({
  digest,
  clientId: text(row['client_id']),
  userId: text(row['user_id']),
  grantId: text(row['grant_id']),
  scopes: list(row['scopes']),
  redirectUri: optional(row['redirect_uri']),
  codeChallenge: optional(row['code_challenge']),
  codeChallengeMethod: optional(row['code_challenge_method']),
  resources: list(row['resources']),
  claims: claims(row['claims']),
  openid: login(row['openid']),
  expiresAt: Number(row['expires_at']),
})

/** A stored access token. */
export const toAccessToken = (digest: string, row: Columns): AccessTokenRow => ({
  digest,
  clientId: text(row['client_id']),
  userId: optional(row['user_id']),
  grantId: optional(row['grant_id']),
  scopes: list(row['scopes']),
  audience: list(row['audience']),
  claims: claims(row['claims']),
  openid: login(row['openid']),
  issuedAt: Number(row['issued_at']),
  expiresAt: Number(row['expires_at']),
})

/** A stored refresh token. */
export const toRefreshToken = (digest: string, row: Columns): FoundRefreshToken => ({
  digest,
  clientId: text(row['client_id']),
  userId: optional(row['user_id']),
  grantId: text(row['grant_id']),
  scopes: list(row['scopes']),
  resources: list(row['resources']),
  claims: claims(row['claims']),
  openid: login(row['openid']),
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
  isSuccessorUsed: row['successor_used'] !== 0,
})

const digestText = (value: SQLOutputValue | undefined): string | undefined =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : undefined

/** A stored ticket. */
export const toTicket = (row: Columns): TicketRow => ({
  kind: text(row['kind']),
  digest: digestText(row['digest']) ?? '',
  altDigest: digestText(row['alt_digest']),
  clientId: text(row['client_id']),
  grantId: optional(row['grant_id']),
  state: text(row['state']),
  payload: claims(row['payload']),
  interval: Number(row['poll_interval']),
  expiresAt: Number(row['expires_at']),
})

/** A stored signing key. */
export const toSigningKey = (row: Columns): SigningKeyRow => ({
  keyId: text(row['key_id']),
  algorithm: text(row['algorithm']),
  privateKey: text(row['private_key']),
  createdAt: Number(row['created_at']),
})
