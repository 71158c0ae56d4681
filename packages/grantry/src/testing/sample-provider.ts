import type { Client, User } from '../core/records.ts'
import { PasswordGrant } from '../grants/password.ts'
import type { ServerOptions } from '../servers/options.ts'
import { Server } from '../servers/server.ts'
import { registerClient, type ClientRegistration } from '../storage/register-client.ts'
import type { CodeRow, GrantRow } from '../storage/store-rows.ts'
import type { StoreValidatorOptions } from '../storage/store-validator-options.ts'
import { StoreValidator } from '../storage/store-validator.ts'
import type { Store } from '../storage/store.ts'
import { digestOf } from './store-check.ts'

/** Everybody may log in by any password. */
export class OpenValidator extends StoreValidator {
  override validateUser(username: string, _password: string, _client: Client): User | undefined {
    return { id: username }
  }
}

/** Where the browser is sent. */
export const redirectUri = 'http://127.0.0.1/callback'

const registration: ClientRegistration = {
  grantTypes: ['authorization_code', 'client_credentials', 'refresh_token', 'password'],
  scopes: ['read', 'write'],
  defaultScopes: ['read'],
  redirectUris: [redirectUri],
  onRefreshTokenReuse: 'revoke',
  allowMissingPkce: true, // what is examined lies behind PKCE, which other tests are about
}

/** Parameters that authenticate a client. */
export interface Credentials {
  readonly client_id: string
  readonly client_secret: string
}

/** Registers a confidential client whose refresh tokens rotate always or never. */
export const makeClient = async (store: Store, id: string, rotation: 'always' | 'never'): Promise<Credentials> => {
  const { secret = '' } = await registerClient(store, { ...registration, id, refreshTokenRotation: rotation })
  return { client_id: id, client_secret: secret }
}

/** A server over a store, with the password grant of old clients. */
export const makeServer = (
  store: Store,
  options: ServerOptions = {},
  validatorOptions: StoreValidatorOptions = {},
): Server => serve(new OpenValidator(store, validatorOptions), options)

/** The same over a validator. */
export const serve = (validator: OpenValidator, options: ServerOptions = {}): Server =>
  new Server(validator, { grants: { password: new PasswordGrant(validator) }, ...options })

/** A code of the family `grantId` that was just approved. */
export const codeOf = (code: string, clientId: string, grantId: string, now: number): [CodeRow, GrantRow] => [
  {
    digest: digestOf(code),
    ...{ clientId, grantId, userId: 'alice', scopes: ['read', 'write'], redirectUri: undefined },
    ...{ codeChallenge: undefined, codeChallengeMethod: undefined, resources: [], claims: {}, expiresAt: now + 60 },
  },
  { id: grantId, clientId, userId: 'alice', createdAt: now },
]
