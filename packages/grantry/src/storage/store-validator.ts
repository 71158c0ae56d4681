import { sha256Base64url } from '#platform'
import type { Awaitable } from '../core/awaitable.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import { isRegistrationOver } from '../core/client-metadata.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { AccessToken, AuthorizationCode, Client, RefreshToken, TokenResponse, User } from '../core/records.ts'
import type { RotationOutcome, SelfContainedTokenValidator } from '../core/request-validator.ts'
import type {
  InitialAccess,
  RegistrationLimit,
  RegistrationSecrets,
  RegistrationValidator,
} from '../core/registration.ts'
import type { TokenContext } from '../core/token-context.ts'
import { randomString } from '../util/random.ts'
import { BackgroundSweep } from './background-sweep.ts'
import { ClientSecretJudge } from './client-secret.ts'
import { guardStore, type GuardedStore } from './guarded-store.ts'
import { accessTokenFromRow, codeFromRow, newGrant, refreshTokenFromRow } from './rows.ts'
import { requireRule, sessionOfGrant, type EndsWithSession } from './session-end.ts'
import { missingFeatures } from './store-features.ts'
import { StoreRegistrations } from './store-registrations.ts'
import { StoreTokens } from './store-tokens.ts'
import type { Store } from './store.ts'
import type { StoreValidatorOptions } from './store-validator-options.ts'
import { TicketValidator } from './ticket-validator.ts'
import { TokenDigest } from './token-digest.ts'

/**
 * The whole validator contract over a `Store`. Extend it to change single decisions; override `validateUser` for the password grant.
 * Tokens and codes are stored as SHA-256 digests. Of a user, the id is stored: records read back hold `{ id }`.
 */
export class StoreValidator
  extends TicketValidator
  implements RegistrationValidator, ReplayValidator, SelfContainedTokenValidator
{
  /** The store of this validator. */
  readonly store: Store
  /** The same, with failures told as 503. */
  readonly #store: GuardedStore
  readonly #digest: TokenDigest
  readonly #endsWithSession: EndsWithSession
  readonly #sweep: BackgroundSweep
  readonly #secrets: ClientSecretJudge
  readonly #tokens: StoreTokens
  readonly #registrations: StoreRegistrations

  constructor(store: Store, options: StoreValidatorOptions = {}) {
    const guarded = guardStore(store, options.storeTimeoutMs ?? 2000)
    const digest = new TokenDigest(options)
    super(guarded, digest)
    this.store = store
    this.#store = guarded
    this.#digest = digest
    this.#endsWithSession = requireRule(options.endsWithSession ?? 'online')
    this.#sweep = new BackgroundSweep(store, options)
    this.#tokens = new StoreTokens(this.#store, this.#digest, this.#endsWithSession)
    this.#registrations = new StoreRegistrations(this.#store, this.#digest)
    this.#secrets = new ClientSecretJudge(options.secretHash)
  }

  /** What the store lacks of what a server needs (`Store.capabilities`). */
  unsupported(slices: readonly string[]): readonly string[] {
    return missingFeatures(this.store.capabilities(), slices)
  }

  /** A client that registered itself is not found any more when it is over. */
  override validateClientId(clientId: string, { now }: OAuthRequest): Awaitable<Client | true | undefined> {
    const live = (client: Client | undefined) => (client && isRegistrationOver(client, now) ? undefined : client)
    const found = this.#store.findClient(clientId)
    return found instanceof Promise ? found.then(live) : live(found)
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
    const { clientId, user, scopes, openid } = record
    const sessionId = sessionOfGrant(this.#endsWithSession, scopes, openid)
    const grant = newGrant({ id: randomString(22), clientId, user, sessionId, createdAt: request.now })
    await this.#store.putCode({ ...record, userId: user.id, grantId: grant.id, digest: this.#digest.of(code) }, grant)
  }

  override async consumeAuthorizationCode(
    code: string,
    client: Client,
    request: OAuthRequest,
  ): Promise<AuthorizationCode | 'reused' | undefined> {
    const consume = (digest: string) => this.#store.consumeCode(digest, client.id, request.now)
    const outcome = await this.#digest.find(code, consume)
    return typeof outcome === 'object' ? codeFromRow(outcome) : outcome
  }

  override async validateRefreshToken(refreshToken: string, _request: OAuthRequest): Promise<RefreshToken | undefined> {
    const row = await this.#digest.find(refreshToken, (digest) => this.#store.findRefreshToken(digest))
    return row && refreshTokenFromRow(row)
  }

  /** Rotates, and seals the successor under the presented token: whoever presents that again within the grace gets the same one. */
  override async rotateRefreshToken(
    presented: string,
    token: TokenResponse,
    context: TokenContext,
  ): Promise<RotationOutcome> {
    this.#sweep.afterSave(context.issuedAt)
    await this.#registrations.noteUse(context.client, context.issuedAt)
    return this.#tokens.rotate(presented, token, context)
  }

  /**
   * Saves the tokens in one step, and the family that they start. A self-contained access token of no family leaves nothing to save.
   */
  override async saveToken(token: TokenResponse, context: TokenContext): Promise<TokenResponse | false | undefined> {
    this.#sweep.afterSave(context.issuedAt)
    await this.#registrations.noteUse(context.client, context.issuedAt)
    return (await this.#tokens.save(token, context)) ? undefined : false
  }

  override async validateBearerToken(token: string, request: OAuthRequest): Promise<AccessToken | undefined> {
    const find = (digest: string) => this.#store.findAccessToken(digest, request.now)
    const row = await this.#digest.find(token, find)
    return row && accessTokenFromRow(row)
  }

  override async introspectToken(
    token: string,
    _hint: string | undefined,
    request: OAuthRequest,
  ): Promise<AccessToken | RefreshToken | undefined> {
    return (await this.validateBearerToken(token, request)) ?? (await this.validateRefreshToken(token, request))
  }

  /** Ends an access token, or the whole family of a refresh token (RFC 7009 §2.1). */
  override async revokeToken(
    token: string,
    record: AccessToken | RefreshToken,
    request: OAuthRequest,
  ): Promise<boolean> {
    if (record.kind === 'refresh_token') {
      if (record.grantId !== undefined) await this.#store.revokeGrant(record.grantId, request.now)
      return true
    }
    for (const digest of this.#digest.allOf(token))
      await this.#store.revokeAccessToken(digest, record.expiresAt, request.now)
    return true
  }

  /** Whether a self-contained token was ended, by itself or with its family. */
  async isTokenRevoked(token: string, { grantId }: AccessToken, request: OAuthRequest): Promise<boolean> {
    for (const digest of this.#digest.allOf(token))
      if (await this.#store.isRevoked(digest, grantId, request.now)) return true
    return false
  }

  findInitialAccess(token: string, now: number): Promise<InitialAccess | undefined> {
    return this.#registrations.findInitialAccess(token, now)
  }

  useInitialAccess(token: string, now: number): Promise<boolean> {
    return this.#registrations.useInitialAccess(token, now)
  }

  allowRegistration(by: string, limit: RegistrationLimit, now: number): Promise<boolean> {
    return this.#registrations.allow(by, limit, now)
  }

  createRegistration(client: Client, secrets: RegistrationSecrets): Promise<boolean> {
    return this.#registrations.create(client, secrets)
  }

  findRegistration(clientId: string, registrationAccessToken: string, now: number): Promise<Client | undefined> {
    return this.#registrations.find(clientId, registrationAccessToken, now)
  }

  replaceRegistration(previous: Client, next: Client, secrets: RegistrationSecrets): Promise<boolean> {
    return this.#registrations.replace(previous, next, secrets)
  }

  deleteRegistration(client: Client, now: number): Promise<void> {
    return this.#registrations.delete(client, now)
  }

  /** Under a digest without key: when the keys of digests change, what was seen stays seen. */
  markSeen(space: string, value: string, expiresAt: number, { now }: OAuthRequest): Awaitable<boolean> {
    this.#sweep.afterSave(now)
    return this.#store.markSeen(space, sha256Base64url(value), expiresAt, now)
  }
}
