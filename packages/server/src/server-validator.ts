import {
  BearerError,
  StoreValidator,
  type AccessToken,
  type Awaitable,
  type Claims,
  type Client,
  type OAuthRequest,
  type RefreshToken,
  type Store,
  type StoreValidatorOptions,
  type TokenContext,
  type TokenResponse,
  type User,
} from 'grantry'
import { adminResource, isAdminScope, scopesOf } from './admin-scopes.ts'
import { administrationOf, disabledAtOf } from './client-record.ts'
import type { Log } from './log.ts'
import { noteClient } from './telemetry/request-scope.ts'
import type { Users } from './users/users.ts'

/** What the validator works with beside the store. */
export interface ServerValidatorParts extends StoreValidatorOptions {
  readonly users: Pick<Users, 'findClaims' | 'stateOf' | 'isActive'>
  readonly log: Log
  /** Throws where a client that names itself, or proves to be itself, is not judged now. */
  readonly admit: (clientId: string, endpoint: string) => void
  /** Whether a client without a record is known by its document. */
  readonly takesDocumentOf: (clientId: string) => boolean
  /** Scopes that clients which registered themselves get when they ask for none. */
  readonly defaultScopes: readonly string[]
}

/**
 * The validator over a store that also knows the users. A client that is disabled, or gone, is unknown, and so are its tokens; users who are
 * disabled, or gone, are granted nothing.
 */
export class ServerValidator extends StoreValidator {
  readonly #users: ServerValidatorParts['users']
  readonly #log: Log
  readonly #admit: ServerValidatorParts['admit']
  readonly #takesDocumentOf: ServerValidatorParts['takesDocumentOf']
  readonly #defaultScopes: readonly string[]

  constructor(store: Store, { users, log, admit, takesDocumentOf, defaultScopes, ...options }: ServerValidatorParts) {
    super(store, { ...options, sweepEvery: 0 }) // the sweeper does it
    this.#users = users
    this.#log = log
    this.#admit = admit
    this.#takesDocumentOf = takesDocumentOf
    this.#defaultScopes = defaultScopes
  }

  override async validateClientId(clientId: string, request: OAuthRequest): Promise<Client | true | undefined> {
    this.#admit(clientId, request.endpoint)
    const found = await super.validateClientId(clientId, request)
    if (found === undefined) return undefined
    noteClient(clientId)
    if (found === true || disabledAtOf(found) === undefined) return found
    this.#log({ type: 'client.refused', reason: 'disabled', clientId, endpoint: request.endpoint })
    return undefined
  }

  /** Tokens for the admin API, and its scopes, are for clients that were made for it, whatever else their records say. */
  override async validateScopes(
    client: Client,
    scopes: readonly string[],
    request: OAuthRequest,
  ): Promise<readonly string[] | false> {
    const administration = administrationOf(client)
    const own = scopesOf(administration)
    if (scopes.some((scope) => isAdminScope(scope) && !own.includes(scope))) return false
    if (administration === undefined && request.resources.includes(adminResource)) return false
    return super.validateScopes(client, scopes, request)
  }

  override getDefaultScopes(client: Client, request: OAuthRequest): Awaitable<readonly string[]> {
    if (client.registration === undefined) return super.getDefaultScopes(client, request)
    return this.#defaultScopes.filter((scope) => client.scopes?.includes(scope))
  }

  override async validateBearerToken(token: string, request: OAuthRequest): Promise<AccessToken | undefined> {
    const found = await super.validateBearerToken(token, request)
    if (found === undefined || !(await this.#isClientLive(found, request))) return undefined
    if (request.endpoint === 'userinfo') noteClient(found.clientId)
    return found
  }

  override async introspectToken(
    token: string,
    hint: string | undefined,
    request: OAuthRequest,
  ): Promise<AccessToken | RefreshToken | undefined> {
    const found = await super.introspectToken(token, hint, request)
    return found?.kind === 'refresh_token' && !(await this.#isClientLive(found, request)) ? undefined : found
  }

  /** Both are asked at once: this is the most frequent question of all. */
  override async isTokenRevoked(token: string, record: AccessToken, request: OAuthRequest): Promise<boolean> {
    const isLive = this.#isClientLive(record, request)
    const [isRevoked, isOfLiveClient] = await Promise.all([super.isTokenRevoked(token, record, request), isLive])
    return isRevoked || !isOfLiveClient
  }

  /**
   * The user is looked at when the tokens are saved: who disables one afterwards ends them with the grant, and who did it before is seen
   * here, wherever the decision of the user came from. A refresh is of a grant that is there already, which ends before or after the save.
   */
  override async saveToken(token: TokenResponse, context: TokenContext): Promise<TokenResponse | false | undefined> {
    const saved = await super.saveToken(token, context)
    const { user, grantId, grantType, issuedAt } = context
    if (saved === false || user === undefined || grantType === 'refresh_token') return saved
    if (await this.#users.isActive(user.id)) return saved
    this.#log({ type: 'user.refused', reason: 'disabled', userId: user.id, clientId: context.client.id })
    if (grantId !== undefined) await this.store.revokeGrant(grantId, issuedAt)
    return false
  }

  /** Nothing is renewed for users who are gone. */
  override async validateRefreshToken(refreshToken: string, request: OAuthRequest): Promise<RefreshToken | undefined> {
    const found = await super.validateRefreshToken(refreshToken, request)
    if (found?.user === undefined) return found
    return (await this.#users.stateOf(found.user.id)) === 'gone' ? undefined : found
  }

  async getUserClaims({ id }: User): Promise<Claims> {
    const claims = await this.#users.findClaims(id)
    if (claims === undefined) throw new BearerError('invalid_token', 'token_invalid', { detail: 'the user is gone' })
    return claims
  }

  async #isClientLive({ clientId }: Pick<AccessToken, 'clientId'>, request: OAuthRequest): Promise<boolean> {
    const client = await super.validateClientId(clientId, request)
    if (client === undefined) return this.#takesDocumentOf(clientId)
    return client === true || disabledAtOf(client) === undefined
  }
}
