import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Client, TokenContext } from 'grantry'

export const issuer = 'https://as.example'
export const now = 1_800_000_000
export const at = (seconds: number) => ({ now: seconds })

const client: Client = { id: 'client-1' }

/** A token for a user, or what the changes make of it. */
export const contextOf = (change: Partial<TokenContext> = {}): TokenContext => ({
  client,
  user: { id: 'user-1' },
  scopes: ['profile', 'calendar'],
  grantType: 'authorization_code',
  resources: [],
  claims: {},
  confirmation: undefined,
  state: {},
  issuedAt: now,
  expiresIn: 600,
  grantId: undefined,
  accessToken: undefined,
  refreshToken: undefined,
  extendedUntil: undefined,
  rotation: { graceSeconds: 30, maxReplays: 1, revokesOnReuse: true },
  authorization: { client, scopes: ['profile', 'calendar'], grantType: 'authorization_code' },
  ...change,
})

export const pkcs8 = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString()
export const pkcs1 = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs1' }).toString()
export const spki = (key: KeyObject): string => key.export({ format: 'pem', type: 'spki' }).toString()

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
export const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
export const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
export const ed25519 = generateKeyPairSync('ed25519')
export const x25519 = generateKeyPairSync('x25519')

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
export const decodePart = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>
