import type { OAuthRequest } from '../core/oauth-request.ts'
import {
  isPublicClient,
  type AccessToken,
  type AuthorizationCode,
  type Client,
  type RefreshToken,
  type TokenResponse,
} from '../core/records.ts'
import { InvalidScopeError } from '../core/errors.ts'
import type { CodeValidator, RefreshTokenValidator } from '../core/request-validator.ts'
import type { TokenContext } from '../core/token-context.ts'
import type { ServerValidator } from '../servers/authorization-server.ts'
import type { ModelCaller } from './call-model.ts'
import type { ModelClient, ModelScope, ModelUser } from './model.ts'
import type { OAuth2ServerModelOptions } from './model-options.ts'
import { Notes } from './notes.ts'
import { presentedSecret } from './presented-secret.ts'
import { listOf, modelError, scopesOf, toDate } from './read-model.ts'
import { ModelRecords, refreshLifetime } from './records.ts'
import { responseOf, tokensToSave } from './saved-tokens.ts'

type Contract = ServerValidator & CodeValidator & Pick<RefreshTokenValidator, 'validateRefreshToken'>

/** Stands for a request without scopes at the authorization endpoint, where there must be one. The model never sees it. */
const noScope = 'unscoped'

const bySecret = ['client_secret_basic', 'client_secret_post']

/** The validator contract over a model of `oauth2-server`. */
export class ModelValidator implements Contract {
  readonly model: ModelCaller
  readonly records: ModelRecords
  readonly notes = new Notes()
  readonly #options: OAuth2ServerModelOptions

  constructor(model: ModelCaller, options: OAuth2ServerModelOptions) {
    this.model = model
    this.#options = options
    this.records = new ModelRecords(options)
  }

  /** The model judges the secret as it finds the client, so both are done here. */
  async validateClientId(clientId: string, request: OAuthRequest): Promise<Client | undefined> {
    this.notes.ofRequest(request)
    if (request.endpoint === 'authorization') return this.#redirectedClient(clientId, request)
    const secret = presentedSecret(request)
    if (secret === undefined && !this.#mayOmitSecret(request)) return undefined
    const found = await this.model.call('getClient', clientId, secret)
    if (!found) return undefined
    return this.records.client(found, secret === undefined ? ['none'] : bySecret)
  }

  /** A client that was found was found by its secret. */
  authenticateClient(client: Client): boolean {
    return this.records.hasClient(client)
  }

  /** The model judges scopes once the user is known: `judgeScopes`. */
  validateScopes(_client: Client, scopes: readonly string[]): readonly string[] {
    return scopes
  }

  getDefaultScopes(): readonly string[] {
    return [noScope]
  }

  /** What the model grants of the scopes asked for. */
  async judgeScopes(user: ModelUser, client: ModelClient, asked: readonly string[]): Promise<readonly string[]> {
    if (!this.model.has('validateScope')) return asked
    const granted = await this.model.call('validateScope', user, client, this.#scope(asked))
    if (!granted) throw new InvalidScopeError('scope_not_allowed', { detail: asked.join(' ') })
    return scopesOf(granted)
  }

  /** Saves a code, which may be one that the model makes: `notes` has what is to be sent. */
  async saveAuthorizationCode(code: string, record: AuthorizationCode, request: OAuthRequest): Promise<void> {
    const client = this.records.originOfClient(request.client)
    const user = this.records.originOfUser(record.user)
    const asked = record.scopes.filter((scope) => scope !== noScope)
    const scope = this.#scope(await this.judgeScopes(user, client, asked))
    const made = this.model.has('generateAuthorizationCode')
      ? await this.model.call('generateAuthorizationCode', client, user, scope)
      : code
    if (!made) throw modelError('generateAuthorizationCode returned nothing')
    const { codeChallenge, codeChallengeMethod = 'S256' } = record
    const saving = {
      authorizationCode: made,
      expiresAt: toDate(record.expiresAt),
      redirectUri: record.redirectUri ?? listOf(client.redirectUris)[0] ?? '',
      scope,
      ...(codeChallenge !== undefined && { codeChallenge, codeChallengeMethod }),
    }
    const saved = await this.model.call('saveAuthorizationCode', saving, client, user)
    if (saved !== undefined && !saved) throw modelError('saveAuthorizationCode returned that nothing was saved')
    this.notes.ofRequest(request).code = saved ?? { ...saving, client, user }
  }

  /** Their contract has no atomic step but the answer of `revokeAuthorizationCode`: whoever gets true has the code. */
  async consumeAuthorizationCode(
    code: string,
    client: Client,
    request: OAuthRequest,
  ): Promise<AuthorizationCode | 'reused' | undefined> {
    const source = await this.model.call('getAuthorizationCode', code)
    if (!source) return undefined
    const record = this.records.code(source)
    if (record.clientId !== client.id || record.expiresAt <= request.now) return undefined
    if (!(await this.model.call('revokeAuthorizationCode', source))) return 'reused'
    this.notes.ofRequest(request).redeemedCode = source.authorizationCode ?? code
    return this.#bound(record, client, request)
  }

  async validateRefreshToken(refreshToken: string): Promise<RefreshToken | undefined> {
    if (!this.model.has('getRefreshToken')) return undefined
    const source = await this.model.call('getRefreshToken', refreshToken)
    return source ? this.records.refreshToken(source) : undefined
  }

  /** Ends a refresh token; whoever gets true may go on. */
  async revokeRefreshToken(record: RefreshToken): Promise<boolean> {
    const source = this.records.refreshTokens.of(record)
    return source !== undefined && Boolean(await this.model.call('revokeToken', source))
  }

  /** The token that the model makes. */
  async generate(method: 'generateAccessToken' | 'generateRefreshToken', context: TokenContext): Promise<string> {
    const { client, user, scope } = this.#parties(context)
    const token = await this.model.call(method, client, user, scope)
    if (token) return token
    throw modelError(`${method} returned nothing`)
  }

  async saveToken(token: TokenResponse, context: TokenContext): Promise<TokenResponse> {
    const note = this.notes.of(context.state)
    const { client, user, scope } = this.#parties(context)
    const saving = tokensToSave(token, context, {
      scope,
      refreshLifetime: refreshLifetime(this.#options, client),
      authorizationCode: note.redeemedCode,
    })
    const saved = await this.model.call('saveToken', saving, client, user)
    if (saved !== undefined && !saved) throw modelError('saveToken returned that nothing was saved')
    note.token = saved ?? { ...saving, client, user }
    const { allowExtendedTokenAttributes: sendsOwnMembers = false } = this.#options
    return saved ? responseOf(saved, token, { now: context.issuedAt, sendsOwnMembers }) : token
  }

  async validateBearerToken(token: string): Promise<AccessToken | undefined> {
    if (!this.model.has('getAccessToken')) return undefined
    const source = await this.model.call('getAccessToken', token)
    return source ? this.records.accessToken(source) : undefined
  }

  /** A token with the scopes that it is good for, by `verifyScope` of the model where it has that. */
  async judgeToken(token: AccessToken, scopes: readonly string[]): Promise<AccessToken> {
    const source = this.records.accessTokens.of(token)
    if (scopes.length === 0 || source === undefined || !this.model.has('verifyScope')) return token
    const isGood = await this.model.call('verifyScope', source, this.#scope(scopes))
    return this.records.accessTokens.link(
      { ...token, scopes: isGood ? scopesOf([...token.scopes, ...scopes]) : [] },
      source,
    )
  }

  async introspectToken(token: string): Promise<AccessToken | RefreshToken | undefined> {
    return (await this.validateBearerToken(token)) ?? (await this.validateRefreshToken(token))
  }

  /** A client sees its own tokens. */
  isIntrospectionAllowed(client: Client, token: AccessToken | RefreshToken): boolean {
    return token.clientId === client.id
  }

  /** Their contract ends refresh tokens only. */
  async revokeToken(_token: string, record: AccessToken | RefreshToken): Promise<boolean> {
    if (record.kind === 'access_token' || !this.model.has('revokeToken')) return false
    await this.revokeRefreshToken(record)
    return true
  }

  /** A code that nothing binds to who asked for it is refused, whoever presents it. */
  #bound(record: AuthorizationCode, client: Client, request: OAuthRequest): AuthorizationCode | undefined {
    const { codeChallenge, redirectUri = request.parameters.get('redirect_uri') } = record
    if (codeChallenge !== undefined) return { ...record, redirectUri }
    if (this.#options.allowMissingPkce !== true)
      throw modelError('getAuthorizationCode returned no codeChallenge: save it with the code, and codeChallengeMethod')
    if (isPublicClient(client)) return undefined
    if (record.redirectUri === undefined)
      throw modelError('getAuthorizationCode returned neither codeChallenge nor redirectUri: save both with the code')
    return record
  }

  async #redirectedClient(clientId: string, { parameters }: OAuthRequest): Promise<Client | undefined> {
    const found = await this.model.call('getClient', clientId, null)
    if (!found) return undefined
    const redirectUri = parameters.get('redirect_uri')
    if (redirectUri === undefined || !this.model.has('validateRedirectUri')) return this.records.client(found, bySecret)
    const isValid = await this.model.call('validateRedirectUri', redirectUri, found)
    return this.records.client(found, bySecret, isValid ? [redirectUri] : [])
  }

  /** Whether a client may do without a secret: with PKCE, and where the options say so. */
  #mayOmitSecret({ endpoint, parameters }: OAuthRequest): boolean {
    const grantType = endpoint === 'token' ? parameters.get('grant_type') : 'refresh_token'
    if (grantType === 'authorization_code' && parameters.has('code_verifier')) return true
    return this.#options.requireClientAuthentication?.[grantType ?? ''] === false
  }

  /** Whom tokens are for, as the model knows them. */
  #parties({ client, user = { id: client.id }, scopes, state }: TokenContext): {
    readonly client: ModelClient
    readonly user: ModelUser
    readonly scope: ModelScope
  } {
    const acting = this.notes.of(state).user ?? this.records.originOfUser(user)
    return { client: this.records.originOfClient(client), user: acting, scope: this.#scope(scopes) }
  }

  /** Scopes as the model has them. */
  #scope(scopes: readonly string[]): ModelScope {
    if (scopes.length === 0) return undefined
    return this.model.version < 5 ? scopes.join(' ') : [...scopes]
  }
}
