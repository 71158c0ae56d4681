import { createHash } from 'node:crypto'
import type { AccessTokenRow, CodeRow, GrantRow, RefreshTokenRow } from 'grantry'

/** The digest of a token, as a store is given it. */
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** When the rows below were made. */
export const start = 1_800_000_000

export const grantRow = (id: string): GrantRow => ({ id, clientId: 'app', userId: 'ann', createdAt: start })

export const codeRow = (token: string, grantId: string, change: Partial<CodeRow> = {}): CodeRow => ({
  digest: digestOf(token),
  clientId: 'app',
  userId: 'ann',
  grantId,
  scopes: ['read', 'write'],
  redirectUri: 'https://app.example/cb',
  codeChallenge: 'challenge',
  codeChallengeMethod: 'S256',
  resources: ['https://api.example/'],
  claims: { acr: 'high', nested: { list: [1, null] } },
  expiresAt: start + 60,
  ...change,
})

export const accessRow = (
  token: string,
  grantId: string | undefined,
  change: Partial<AccessTokenRow> = {},
): AccessTokenRow => ({
  digest: digestOf(token),
  clientId: 'app',
  userId: grantId === undefined ? undefined : 'ann',
  grantId,
  scopes: ['read'],
  audience: ['https://api.example/'],
  claims: { note: 'ü' },
  issuedAt: start,
  expiresAt: start + 600,
  ...change,
})

export const refreshRow = (token: string, grantId: string, change: Partial<RefreshTokenRow> = {}): RefreshTokenRow => ({
  digest: digestOf(token),
  clientId: 'app',
  userId: 'ann',
  grantId,
  scopes: ['read', 'write'],
  resources: [],
  claims: {},
  issuedAt: start,
  expiresAt: start + 1000,
  ...change,
})
