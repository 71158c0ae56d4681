import { deviceCodeGrantType, registerClient, type Clock } from 'grantry'
import { generatePassword, hashPassword } from './accounts/password.ts'
import type { ServerClient } from './client-record.ts'
import type { Data } from './data.ts'
import { exclusively } from './exclusively.ts'
import { hasOwnUsers, type UserSettings } from './user-settings.ts'

/** Secrets that were just made. They are stored as hashes and cannot be shown again. */
export interface FirstStart {
  readonly clientId: string
  /** Undefined where the client was there already. */
  readonly clientSecret: string | undefined
  readonly username: string
  /** Undefined where the user was there already, and where users come from elsewhere. */
  readonly password: string | undefined
}

/** The id of the development client. */
export const developmentClientId = 'dev-client'
/** The name of the development user. */
export const developmentUsername = 'dev'

const developmentClaims = { name: 'Development User', email: 'dev@example.com', email_verified: false }

const developmentClient = {
  id: developmentClientId,
  name: 'Development client',
  grantTypes: ['client_credentials', 'authorization_code', 'refresh_token', deviceCodeGrantType],
  scopes: ['openid', 'profile', 'email', 'read', 'write'],
  defaultScopes: ['read'],
  redirectUris: ['http://127.0.0.1:8080/callback', 'http://localhost:8080/callback'],
  postLogoutRedirectUris: ['http://127.0.0.1:8080/', 'http://localhost:8080/'],
} satisfies ServerClient

/** The password of the development user, where this call made it. */
const createUser = async ({ accounts }: Data, now: number): Promise<string | undefined> => {
  if ((await accounts.find(developmentUsername)) !== undefined) return undefined
  const password = generatePassword()
  const id = await accounts.create(developmentUsername, await hashPassword(password), now, developmentClaims)
  return id && password
}

/** The secret of the development client, where this call made it. */
const createClient = async ({ store }: Data): Promise<string | undefined> => {
  if ((await store.findClient(developmentClientId)) !== undefined) return undefined
  return (await registerClient(store, developmentClient)).secret
}

/** What decides what is made. */
export type DevelopmentOptions = UserSettings & { readonly now: Clock }

/** Whether users of the database log in by their passwords. */
const hasUsers = (options: DevelopmentOptions): boolean => hasOwnUsers(options) && options.localLogin !== 'off'

const isMissing = async ({ store, accounts }: Data, options: DevelopmentOptions): Promise<boolean> =>
  (hasUsers(options) && (await accounts.find(developmentUsername)) === undefined) ||
  (await store.findClient(developmentClientId)) === undefined

/**
 * Makes the development client and user where they are missing; undefined where this call made nothing. Of nodes that start at once, one
 * makes them. Where users come from elsewhere, there is no such user.
 */
export const createDevelopmentAccess = async (
  data: Data,
  options: DevelopmentOptions,
): Promise<FirstStart | undefined> => {
  if (!(await isMissing(data, options))) return undefined
  const { now } = options
  return exclusively(data.store, now, async () => {
    const password = hasUsers(options) ? await createUser(data, now()) : undefined
    const clientSecret = await createClient(data)
    if (password === undefined && clientSecret === undefined) return undefined
    return { clientId: developmentClientId, clientSecret, username: developmentUsername, password }
  })
}
