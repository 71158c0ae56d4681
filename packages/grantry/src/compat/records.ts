import type { AccessToken, AuthorizationCode, Client, RefreshToken, User } from '../core/records.ts'
import type { ModelClient, ModelCode, ModelToken, ModelUser } from './model.ts'
import type { OAuth2ServerModelOptions } from './model-options.ts'
import { Origins } from './notes.ts'
import { fromDate, idOf, listOf, modelError, scopesOf } from './read-model.ts'

/** How long access tokens live, in seconds. */
export const accessLifetime = (options: OAuth2ServerModelOptions, client?: ModelClient): number =>
  client?.accessTokenLifetime || (options.accessTokenLifetime ?? 3600)

/** How long refresh tokens live, in seconds. */
export const refreshLifetime = (options: OAuth2ServerModelOptions, client?: ModelClient): number =>
  client?.refreshTokenLifetime || (options.refreshTokenLifetime ?? 1_209_600)

/** Turns what a model finds into our records, and remembers where each comes from. */
export class ModelRecords {
  readonly #clients = new Origins<Client, ModelClient>()
  readonly refreshTokens = new Origins<RefreshToken, ModelToken>()
  readonly accessTokens = new Origins<AccessToken, ModelToken>()
  readonly #users = new Origins<User, ModelUser>()
  readonly #options: OAuth2ServerModelOptions

  constructor(options: OAuth2ServerModelOptions) {
    this.#options = options
  }

  /** A client that may authenticate by these methods, and be sent to these URIs. */
  client(source: ModelClient, authMethods: readonly string[], redirectUris = listOf(source.redirectUris)): Client {
    const id = idOf(source)
    const grantTypes = source.grants ?? this.#options.grants
    if (id === undefined) throw modelError('getClient returned a client without an id')
    if (grantTypes === undefined)
      throw modelError('getClient returned a client without grants, and there is no option grants')
    const { allowMissingPkce, enablePlainPKCE: legacyPlainPkce } = this.#options
    const client = { id, authMethods, redirectUris, grantTypes: listOf(grantTypes), allowMissingPkce, legacyPlainPkce }
    return this.#clients.link(client, source)
  }

  /** Whether a client came from the model. */
  hasClient(client: Client): boolean {
    return this.#clients.of(client) !== undefined
  }

  /** What the model knows as the client. */
  originOfClient(client: Client | undefined): ModelClient {
    const source = client && this.#clients.of(client)
    if (source === undefined) throw modelError('a client that the model did not find')
    return source
  }

  /** A user, as it is where it has an id that is text. */
  user(source: ModelUser): User {
    const id = this.#options.userId?.(source) ?? idOf(source)
    if (id === undefined) throw modelError('a user of the model has no id: tell it by the option userId')
    return this.#users.link('id' in source && source.id === id ? (source as User) : { ...source, id }, source)
  }

  /** What the model knows as the user. */
  originOfUser(user: User): ModelUser {
    return this.#users.of(user) ?? user
  }

  code(source: ModelCode): AuthorizationCode {
    return {
      ...this.#owner(source, 'getAuthorizationCode'),
      ...{ scopes: scopesOf(source.scope), resources: [], claims: {} },
      expiresAt: fromDate(source.expiresAt, 'expiresAt of getAuthorizationCode'),
      redirectUri: source.redirectUri || undefined,
      codeChallenge: source.codeChallenge || undefined,
      codeChallengeMethod: source.codeChallengeMethod || undefined,
    }
  }

  refreshToken(source: ModelToken): RefreshToken {
    const { refreshTokenExpiresAt = source.refreshTokenExpiresOn } = source
    const expiresAt = refreshTokenExpiresAt
      ? fromDate(refreshTokenExpiresAt, 'refreshTokenExpiresAt of getRefreshToken')
      : Number.MAX_SAFE_INTEGER // the contract lets it be without end
    const token: RefreshToken = {
      ...this.#owner(source, 'getRefreshToken'),
      ...{ kind: 'refresh_token', expiresAt, scopes: scopesOf(source.scope), resources: [], claims: {} },
      issuedAt: expiresAt - refreshLifetime(this.#options), // nothing says it
      familyExpiresAt: Number.MAX_SAFE_INTEGER,
      ...{ grantId: undefined, supersededAt: undefined },
    }
    return this.refreshTokens.link(token, source)
  }

  accessToken(source: ModelToken): AccessToken {
    const { clientId, user } = this.#owner(source, 'getAccessToken')
    const { accessTokenExpiresAt = source.accessTokenExpiresOn } = source
    const expiresAt = fromDate(accessTokenExpiresAt, 'accessTokenExpiresAt of getAccessToken')
    const token: AccessToken = {
      ...{ kind: 'access_token', clientId, user: user.id === clientId ? undefined : user, expiresAt },
      ...{ scopes: scopesOf(source.scope), audience: [], claims: {} },
      issuedAt: expiresAt - accessLifetime(this.#options), // nothing says it
    }
    return this.accessTokens.link(token, source)
  }

  #owner(source: ModelToken | ModelCode, method: string): { readonly clientId: string; readonly user: User } {
    const clientId = idOf(source.client) ?? idOf(source.clientId)
    if (clientId === undefined) throw modelError(`${method} returned no client with an id`)
    const user = source.user || source.userId
    if (!user) throw modelError(`${method} returned no user`)
    return { clientId, user: this.user(typeof user === 'object' ? user : { id: idOf(user) }) }
  }
}
