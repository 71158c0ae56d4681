import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { registerClient, type SigningKeyRow } from 'grantry'
import type { NamedClient } from './client-name.ts'
import type { Data } from './data.ts'
import type { KeyEncryption } from './key-encryption.ts'
import { generatePassword, hashPassword } from './accounts/password.ts'

/** Secrets that were just made. They are stored as hashes and cannot be shown again. */
export interface FirstStart {
  readonly clientId: string
  /** Undefined where the client was there already. */
  readonly clientSecret: string | undefined
  readonly username: string
  /** Undefined where the user was there already. */
  readonly password: string | undefined
}

/** The id of the development client. */
export const developmentClientId = 'dev-client'
/** The name of the development user. */
export const developmentUsername = 'dev'

const developmentClient = {
  id: developmentClientId,
  name: 'Development client',
  grantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
  scopes: ['read', 'write', 'profile'],
  defaultScopes: ['read'],
  redirectUris: ['http://127.0.0.1:8080/callback', 'http://localhost:8080/callback'],
} satisfies NamedClient

/**
 * The key that tokens are signed with, made where there is none. The oldest wins, so that two first starts agree. At rest it is sealed by
 * the first key-encryption key; one that is sealed by another, or not at all, is sealed anew.
 */
export const signingKey = async ({ store }: Data, keys: KeyEncryption, now: number): Promise<SigningKeyRow> => {
  if (store.findSigningKeys().length === 0) store.putSigningKey(await newSigningKey(keys, now))
  const [stored] = store.findSigningKeys()
  if (stored === undefined) throw new Error('The signing key is not there although it was just saved.')
  const privateKey = await keys.open(stored.privateKey)
  if (!keys.isCurrent(stored.privateKey)) store.putSigningKey({ ...stored, privateKey: await keys.seal(privateKey) })
  return { ...stored, privateKey }
}

const newSigningKey = async (keys: KeyEncryption, now: number): Promise<SigningKeyRow> => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const keyId = randomBytes(12).toString('base64url')
  return { keyId, algorithm: 'RS256', privateKey: await keys.seal(privateKey), createdAt: now }
}

/** Makes the development client and user where they are missing; undefined where nothing was made. */
export const createDevelopmentAccess = async (
  { store, accounts }: Data,
  now: number,
): Promise<FirstStart | undefined> => {
  const isNewUser = accounts.find(developmentUsername) === undefined
  const isNewClient = store.findClient(developmentClientId) === undefined
  if (!isNewUser && !isNewClient) return undefined
  const password = isNewUser ? generatePassword() : undefined
  if (password !== undefined) accounts.create(developmentUsername, await hashPassword(password), now)
  const registered = isNewClient ? await registerClient(store, developmentClient) : undefined
  return { clientId: developmentClientId, clientSecret: registered?.secret, username: developmentUsername, password }
}
