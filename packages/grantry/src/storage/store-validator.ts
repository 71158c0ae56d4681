import { seal, sha256Base64url, unseal } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { AccessToken, AuthorizationCode, Client, RefreshToken, TokenResponse, User } from '../core/records.ts'
import { RequestValidator, type RotationOutcome } from '../core/request-validator.ts'
import type { TokenContext } from '../core/token-context.ts'
import { randomString } from '../util/random.ts'
import { ClientSecretJudge, type SecretHash } from './client-secret.ts'
import { GuardedStore, type TokenStore } from './guarded-store.ts'
import { accessTokenFromRow, accessTokenRow, codeFromRow, refreshTokenFromRow, refreshTokenRow } from './rows.ts'
import type { GrantRow, NewTokens, Store } from './store.ts'

/** What sealed successors are for. */
const sealing = 'refresh token successor'

/** How a `StoreValidator` judges. */
export interface StoreValidatorOptions {
  /** The slow hash of client secrets that people chose. Default: none; only generated secrets are known. */
  readonly secretHash?: SecretHash | undefined
}

/**
 * The whole validator contract over a `Store`. Extend it to change single decisions; override `validateUser` for the password grant.
 * Tokens and codes are stored as SHA-256 digests. Of a user, the id is stored: records read back hold `{ id }`.
 */
export class StoreValidator extends RequestValidator {
  /** The store of this validator. */
  readonly store: Store
  /** The same, with failures told as 503. */
  readonly #store: TokenStore
  readonly #secrets: ClientSecretJudge

  constructor(store: Store, options: StoreValidatorOptions = {}) {
    super()
    this.store = store
    this.#store = new GuardedStore(store)
    this.#secrets = new ClientSecretJudge(options.secretHash)
  }

  override validateClientId(clientId: string, _request: OAuthRequest): Awaitable<Client | true | undefined> {
    return this.#store.findClient(clientId)
  }

  override authenticateClient(client: Client, secret: string, _request: OAuthRequest): Awaitable<boolean> {
    return this.#secrets.isOneOf(secret, client.secrets ?? [])
  }

  /** Grants what is asked for if the client may have all of it. */
  override validateScopes(
    client: Client,
    scopes: readonly string[],
    _request: OAuthRequest,
  ): Awaitable<readonly string[] | false> {
    return scopes.every((scope) => client.scopes?.includes(scope)) ? scopes : false
  }

  /** Nobody can log in by password until you override this. */
  override validateUser(
    _username: string,
    _password: string,
    _client: Client,
    _request: OAuthRequest,
  ): Awaitable<User | undefined> {
    return undefined
  }

  override async saveAuthorizationCode(code: string, record: AuthorizationCode, request: OAuthRequest): Promise<void> {
    const { clientId, user } = record
    const grant = newGrant(clientId, user, request.now)
    await this.#store.putCode({ ...record, userId: user.id, grantId: grant.id, digest: sha256Base64url(code) }, grant)
  }

  override async consumeAuthorizationCode(
    code: string,
    client: Client,
    request: OAuthRequest,
  ): Promise<AuthorizationCode | 'reused' | undefined> {
    const outcome = await this.#store.consumeCode(sha256Base64url(code), client.id, request.now)
    return typeof outcome === 'object' ? codeFromRow(outcome) : outcome
  }

  override async validateRefreshToken(refreshToken: string, _request: OAuthRequest): Promise<RefreshToken | undefined> {
    const row = await this.#store.findRefreshToken(sha256Base64url(refreshToken))
    return row && refreshTokenFromRow(row)
  }

  /** Rotates, and seals the successor under the presented token: whoever presents that again within the grace gets the same one. */
  override async rotateRefreshToken(
    presented: string,
    token: TokenResponse,
    { accessToken, refreshToken, grantId, issuedAt: now, rotation }: TokenContext,
  ): Promise<RotationOutcome> {
    if (refreshToken === undefined || token.refresh_token === undefined || grantId === undefined) return 'unknown'
    const successor = refreshTokenRow(token.refresh_token, grantId, refreshToken)
    const access = accessToken && accessTokenRow(token.access_token, grantId, accessToken)
    const [digest, sealed] = [sha256Base64url(presented), await seal(token.refresh_token, presented, sealing)]
    const result = await this.#store.rotateRefreshToken({ digest, successor, sealed, access, now, ...rotation })
    return result.outcome === 'replayed'
      ? { replayed: await unseal(result.sealed, presented, sealing) }
      : result.outcome
  }

  /** Saves the tokens in one step. A refresh token without a family, as of the password grant, starts one. */
  override async saveToken(token: TokenResponse, context: TokenContext): Promise<TokenResponse | false | undefined> {
    const { accessToken, refreshToken, client, user, issuedAt } = context
    const startsFamily = refreshToken !== undefined && context.grantId === undefined
    const grant = startsFamily ? newGrant(client.id, user, issuedAt) : undefined
    const grantId = context.grantId ?? grant?.id
    const access = accessToken && accessTokenRow(token.access_token, grantId, accessToken)
    const refresh =
      refreshToken && token.refresh_token && grantId && refreshTokenRow(token.refresh_token, grantId, refreshToken)
    const isLive = await this.#store.putTokens({
      grant,
      grantId: context.grantId,
      access,
      refresh: refresh || undefined,
      extended: extendedBy(context),
    })
    return isLive ? undefined : false
  }

  override async validateBearerToken(token: string, request: OAuthRequest): Promise<AccessToken | undefined> {
    const row = await this.#store.findAccessToken(sha256Base64url(token), request.now)
    return row && accessTokenFromRow(row)
  }

  override async introspectToken(
    token: string,
    _hint: string | undefined,
    request: OAuthRequest,
  ): Promise<AccessToken | RefreshToken | undefined> {
    const digest = sha256Base64url(token)
    const access = await this.#store.findAccessToken(digest, request.now)
    if (access !== undefined) return accessTokenFromRow(access)
    const refresh = await this.#store.findRefreshToken(digest)
    return refresh && refreshTokenFromRow(refresh)
  }

  /** Ends an access token, or the whole family of a refresh token (RFC 7009 §2.1). */
  override async revokeToken(
    token: string,
    record: AccessToken | RefreshToken,
    request: OAuthRequest,
  ): Promise<boolean> {
    if (record.kind === 'access_token') await this.#store.revokeAccessToken(sha256Base64url(token))
    else if (record.grantId !== undefined) await this.#store.revokeGrant(record.grantId, request.now)
    return true
  }
}

const newGrant = (clientId: string, user: User | undefined, createdAt: number): GrantRow => ({
  id: randomString(22),
  clientId,
  userId: user?.id,
  createdAt,
})

const extendedBy = ({ authorization, extendedUntil }: TokenContext): NewTokens['extended'] =>
  authorization.presented && extendedUntil !== undefined
    ? { digest: sha256Base64url(authorization.presented.token), expiresAt: extendedUntil }
    : undefined
