import { toBase64url } from '#platform'
import type { Claims } from '../core/claims.ts'
import type { LoginContext } from '../core/login-context.ts'
import type { Client } from '../core/records.ts'
import type { SigningKeyRow } from '../core/signing-key.ts'
import type { AccessTokenRow, CodeRow, FoundRefreshToken, GrantRow, RefreshTokenRow, TicketRow } from './store-rows.ts'

/** A row as a driver gives it. */
export type Columns = Readonly<Record<string, unknown>>

const wrong = (): TypeError => new TypeError('A column of the database has a value of the wrong type.')

/** A digest as PostgreSQL reads it: hexadecimal, which every driver passes on as it is. */
export const toBytea = (digest: string): string => {
  const bytes = atob(digest.replaceAll('-', '+').replaceAll('_', '/'))
  return `\\x${Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`
}

/** A column of text. */
export const text = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw wrong()
}

/** A column of whole numbers; drivers give a bigint as text. */
export const integer = (value: unknown): number => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw wrong()
}

const optional = <Value>(value: unknown, read: (value: unknown) => Value): Value | undefined =>
  value === null ? undefined : read(value)

/** An empty list takes no room. */
const listText = (list: readonly string[]): string | null => (list.length === 0 ? null : JSON.stringify(list))
const claimsText = (claims: Claims): string | null => (Object.keys(claims).length === 0 ? null : JSON.stringify(claims))

const strings = (value: unknown): readonly string[] => {
  if (value === null) return []
  const list: unknown = JSON.parse(text(value))
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
  throw wrong()
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const claims = (value: unknown): Claims => {
  if (value === null) return {}
  const object: unknown = JSON.parse(text(value))
  if (isObject(object)) return object as Claims // any object of JSON is
  throw wrong()
}

const login = (value: unknown): LoginContext => claims(value) // an object, written by the functions below

const rowsOf = (row: object | undefined): string | null => (row === undefined ? null : JSON.stringify([row]))

/** A grant to save: a list of one row, by the names of its columns. */
export const grantRows = (row: GrantRow | undefined): string | null =>
  rowsOf(
    row && {
      ...{ id: row.id, client_id: row.clientId, user_id: row.userId, session_id: row.sessionId },
      created_at: row.createdAt,
    },
  )

/** A code to save. */
export const codeRows = (row: CodeRow): string | null =>
  rowsOf({
    digest: toBytea(row.digest),
    client_id: row.clientId,
    user_id: row.userId,
    grant_id: row.grantId,
    scopes: listText(row.scopes),
    redirect_uri: row.redirectUri,
    code_challenge: row.codeChallenge,
    code_challenge_method: row.codeChallengeMethod,
    resources: listText(row.resources),
    claims: claimsText(row.claims),
    openid: row.openid && JSON.stringify(row.openid),
    expires_at: row.expiresAt,
  })

/** An access token to save; no row for none. */
export const accessTokenRows = (row: AccessTokenRow | undefined): string | null =>
  rowsOf(
    row && {
      digest: toBytea(row.digest),
      client_id: row.clientId,
      user_id: row.userId,
      grant_id: row.grantId,
      scopes: listText(row.scopes),
      audience: listText(row.audience),
      claims: claimsText(row.claims),
      openid: row.openid && JSON.stringify(row.openid),
      issued_at: row.issuedAt,
      expires_at: row.expiresAt,
    },
  )

/** A refresh token to save; no row for none. */
export const refreshTokenRows = (row: RefreshTokenRow | undefined): string | null =>
  rowsOf(
    row && {
      digest: toBytea(row.digest),
      client_id: row.clientId,
      user_id: row.userId,
      grant_id: row.grantId,
      scopes: listText(row.scopes),
      resources: listText(row.resources),
      claims: claimsText(row.claims),
      openid: row.openid && JSON.stringify(row.openid),
      issued_at: row.issuedAt,
      expires_at: row.expiresAt,
      family_expires_at: row.familyExpiresAt,
    },
  )

/** A ticket to save. */
export const ticketRows = (row: TicketRow): string | null =>
  rowsOf({
    kind: row.kind,
    digest: toBytea(row.digest),
    alt_digest: row.altDigest && toBytea(row.altDigest),
    client_id: row.clientId,
    grant_id: row.grantId,
    state: row.state,
    payload: JSON.stringify(row.payload),
    poll_interval: row.interval,
    expires_at: row.expiresAt,
  })

const digest = (value: unknown): string => {
  if (value instanceof Uint8Array) return toBase64url(value)
  throw wrong()
}

/** A stored ticket. */
export const toTicket = (row: Columns): TicketRow => ({
  kind: text(row['kind']),
  digest: digest(row['digest']),
  altDigest: optional(row['alt_digest'], digest),
  clientId: text(row['client_id']),
  grantId: optional(row['grant_id'], text),
  state: text(row['state']),
  payload: claims(row['payload']),
  interval: integer(row['poll_interval']),
  expiresAt: integer(row['expires_at']),
})

/** A stored client. */
export const toClient = (id: string, row: Columns): Client => {
  const record: unknown = JSON.parse(text(row['record']))
  if (isObject(record) && 'id' in record && record.id === id) return record as Client // written by putClient
  throw wrong()
}

/** A stored code. */
export const toCode = (digest: string, row: Columns): CodeRow => ({
  digest,
  clientId: text(row['client_id']),
  userId: text(row['user_id']),
  grantId: text(row['grant_id']),
  scopes: strings(row['scopes']),
  redirectUri: optional(row['redirect_uri'], text),
  codeChallenge: optional(row['code_challenge'], text),
  codeChallengeMethod: optional(row['code_challenge_method'], text),
  resources: strings(row['resources']),
  claims: claims(row['claims']),
  openid: optional(row['openid'], login),
  expiresAt: integer(row['expires_at']),
})

/** A stored access token. */
export const toAccessToken = (digest: string, row: Columns): AccessTokenRow => ({
  digest,
  clientId: text(row['client_id']),
  userId: optional(row['user_id'], text),
  grantId: optional(row['grant_id'], text),
  scopes: strings(row['scopes']),
  audience: strings(row['audience']),
  claims: claims(row['claims']),
  openid: optional(row['openid'], login),
  issuedAt: integer(row['issued_at']),
  expiresAt: integer(row['expires_at']),
})

/** A stored refresh token. */
export const toRefreshToken = (digest: string, row: Columns): FoundRefreshToken => ({
  digest,
  clientId: text(row['client_id']),
  userId: optional(row['user_id'], text),
  grantId: text(row['grant_id']),
  scopes: strings(row['scopes']),
  resources: strings(row['resources']),
  claims: claims(row['claims']),
  openid: optional(row['openid'], login),
  issuedAt: integer(row['issued_at']),
  expiresAt: integer(row['expires_at']),
  familyExpiresAt: integer(row['family_expires_at']),
  supersededAt: optional(row['superseded_at'], integer),
})

/** A stored signing key. */
export const toSigningKey = (row: Columns): SigningKeyRow => ({
  keyId: text(row['key_id']),
  algorithm: text(row['algorithm']),
  privateKey: text(row['private_key']),
  createdAt: integer(row['created_at']),
})
