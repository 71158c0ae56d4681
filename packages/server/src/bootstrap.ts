import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { registerClient, type Clock, type SigningKeyRow } from 'grantry'
import { generatePassword, hashPassword } from './accounts/password.ts'
import type { NamedClient } from './client-name.ts'
import type { Data } from './data.ts'
import { exclusively } from './exclusively.ts'
import type { KeyEncryption } from './key-encryption.ts'

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
 * The key that tokens are signed with, the oldest one there is; made where there is none, by one node where several start at once. At rest
 * it is sealed by the first key-encryption key; one that is sealed by another, or not at all, is sealed anew.
 */
export const signingKey = async ({ store }: Data, keys: KeyEncryption, now: Clock): Promise<SigningKeyRow> => {
  const oldest = async (): Promise<SigningKeyRow | undefined> => (await store.findSigningKeys())[0]
  const make = async (): Promise<SigningKeyRow> => {
    const made = await newSigningKey(keys, now())
    await store.putSigningKey(made)
    return made
  }
  const stored = (await oldest()) ?? (await exclusively(store, now, async () => (await oldest()) ?? make()))
  const privateKey = await keys.open(stored.privateKey)
  if (!keys.isCurrent(stored.privateKey))
    await store.putSigningKey({ ...stored, privateKey: await keys.seal(privateKey) })
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

/** The password of the development user, where this call made it. */
const createUser = async ({ accounts }: Data, now: number): Promise<string | undefined> => {
  if ((await accounts.find(developmentUsername)) !== undefined) return undefined
  const password = generatePassword()
  const id = await accounts.create(developmentUsername, await hashPassword(password), now)
  return id && password
}

/** The secret of the development client, where this call made it. */
const createClient = async ({ store }: Data): Promise<string | undefined> => {
  if ((await store.findClient(developmentClientId)) !== undefined) return undefined
  return (await registerClient(store, developmentClient)).secret
}

const isMissing = async ({ store, accounts }: Data): Promise<boolean> =>
  (await accounts.find(developmentUsername)) === undefined ||
  (await store.findClient(developmentClientId)) === undefined

/**
 * Makes the development client and user where they are missing; undefined where this call made nothing. Of nodes that start at once, one
 * makes them.
 */
export const createDevelopmentAccess = async (data: Data, now: Clock): Promise<FirstStart | undefined> => {
  if (!(await isMissing(data))) return undefined
  return exclusively(data.store, now, async () => {
    const password = await createUser(data, now())
    const clientSecret = await createClient(data)
    if (password === undefined && clientSecret === undefined) return undefined
    return { clientId: developmentClientId, clientSecret, username: developmentUsername, password }
  })
}
