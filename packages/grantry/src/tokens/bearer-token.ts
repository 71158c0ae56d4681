import { detailsAsClaim, detailsOf } from '../core/authorization-details.ts'
import { isBearerText } from '../core/bearer-syntax.ts'
import { InvalidGrantError, ServerError } from '../core/errors.ts'
import type { HttpRequest } from '../core/http.ts'
import type { PublicJwk } from '../core/signer.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import {
  isPublicClient,
  type AccessToken,
  type Authorization,
  type Client,
  type TokenResponse,
} from '../core/records.ts'
import type { RefreshTokenValidator, SelfContainedTokenValidator, TokenValidator } from '../core/request-validator.ts'
import { requireMethods } from '../core/slices.ts'
import type { TokenContext, TokenGenerator, TokenVerifier } from '../core/token-context.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { estimateBearer } from './bearer-credentials.ts'
import { requireLifetimes, type BearerResult, type BearerTokenOptions } from './bearer-options.ts'
import { describeTokens } from './describe-tokens.ts'
import { heldGenerator } from './held-generator.ts'
import { randomTokenGenerator } from './random-token-generator.ts'
import { requireMutualTls } from './mutual-tls-options.ts'
import { resourceOptions } from './resource-options.ts'
import { mustBind, proveSender, requireBinding, type Sender, type SenderRules } from './sender.ts'
import { serverDpopRules } from './server-dpop.ts'
import { verifyRequest, type RequestChecks } from './verify-request.ts'

/** What `BearerToken` needs of a validator, and what it uses where it is there. */
export type BearerTokenValidator = TokenValidator &
  Partial<RefreshTokenValidator & SelfContainedTokenValidator & ReplayValidator>

/**
 * Makes and checks bearer tokens (RFC 6750), and with `dpop` tokens that are bound to a key (RFC 9449); the one place that mints. The servers
 * use it, and you can use it alone for an endpoint of your own.
 */
export class BearerToken {
  /**
   * What the sender of a request proves to have, for `confirmation` of an `Authorization`; undefined without the options `dpop` and `mutualTls`. A proof is taken:
   * it cannot be used again. Throws an `OAuthError` for one that is not good.
   */
  readonly proveSender: ((request: OAuthRequest) => Promise<Sender>) | undefined
  readonly #validator: BearerTokenValidator
  readonly #options: BearerTokenOptions
  readonly #generate: TokenGenerator
  readonly #ofResources: ReturnType<typeof resourceOptions>
  readonly #verifiers: readonly TokenVerifier[]
  /** Whether some tokens have a row in the store. */
  readonly #isStored: boolean
  readonly #generateRefresh: TokenGenerator
  readonly #now: Clock
  readonly #checks: RequestChecks<AccessToken>
  readonly #sender: SenderRules

  constructor(validator: BearerTokenValidator, options: BearerTokenOptions = {}) {
    requireMethods(validator, ['token'], 'BearerToken')
    requireLifetimes(options)
    this.#validator = validator
    this.#options = options
    const ofResources = (this.#ofResources = resourceOptions(options))
    const generate = (options.tokenGenerator ?? randomTokenGenerator).bind(validator)
    const ofResource = (context: TokenContext) =>
      generatorOf(ofResources?.of(context) ?? options).call(validator, context)
    this.#generate = heldGenerator(ofResources === undefined ? generate : ofResource, options.profile)
    const kinds = [options, ...(ofResources?.all ?? [])]
    this.#verifiers = [...new Set(kinds.map(({ tokenVerifier }) => tokenVerifier))].filter((each) => each !== undefined)
    this.#isStored = kinds.some(({ tokenVerifier }) => tokenVerifier === undefined)
    this.#generateRefresh = (options.refreshTokenGenerator ?? randomTokenGenerator).bind(validator)
    this.#now = options.now ?? systemClock
    requireMutualTls(options.mutualTls)
    const dpop = serverDpopRules(options.dpop, options.issuer, validator)
    const certificate = options.mutualTls?.certificate
    const sender = (this.#sender = { dpop, certificate, isBindingRequired: options.profile !== undefined })
    this.proveSender = (dpop ?? certificate) && ((request) => proveSender(request, sender))
    const certificateThumbprint = certificate && ((http: HttpRequest) => certificate(http)?.thumbprint)
    const { audience, realm, allowFormBodyToken, legacyQueryToken, events } = options
    const others = { allowFormBodyToken, legacyQueryToken, realm, dpop, certificateThumbprint }
    this.#checks = {
      find: (text, request) => this.verify(text, request),
      rules: { ...others, audience: audience === undefined ? undefined : [audience] },
      now: this.#now,
      events,
    }
  }

  /** Public keys of its access tokens; undefined where none are signed by a key that has one. */
  get publicKeys(): (() => Promise<readonly PublicJwk[]>) | undefined {
    const kinds = [this.#options, ...(this.#ofResources?.all ?? [])]
    const sources = kinds.map(({ tokenGenerator }) => tokenGenerator?.publicKeys).filter((each) => each !== undefined)
    if (sources.length === 0) return undefined
    return async () => (await Promise.all([...new Set(sources)].map(async (keys) => keys()))).flat()
  }

  /** The `alg`s of DPoP proofs that are taken; undefined without the option `dpop`. */
  get dpopAlgorithms(): readonly string[] | undefined {
    return this.#sender.dpop?.algorithms
  }

  /** Whether the tokens of a client must be bound, so that none can be given without a proof (RFC 9449 §5.2, RFC 8705 §3.4). */
  mustBind(client: Client): boolean {
    return mustBind(client, this.#sender)
  }

  /**
   * Makes and saves an access token for what was granted, and a refresh token if `refreshToken` says so (RFC 6749 §5.1).
   * Throws an `OAuthError` where the grant is gone or a token cannot be made.
   */
  async createToken(
    authorization: Authorization,
    options: { readonly refreshToken?: boolean } = {},
  ): Promise<TokenResponse> {
    const { presented, client, boundTo } = authorization
    if (
      boundTo !== undefined ||
      this.proveSender !== undefined ||
      client.dpopBoundAccessTokens ||
      client.certificateBoundAccessTokens
    )
      requireBinding(authorization, this.#sender)
    const rotates = presented !== undefined && this.#rotates(authorization)
    const hasNewRefreshToken = options.refreshToken === true && (presented === undefined || rotates)
    const context = describeTokens(
      authorization,
      this.#ofResources?.of(authorization) ?? this.#options,
      this.#now(),
      hasNewRefreshToken,
    )
    let token = await this.#mint(context)
    if (presented !== undefined && !rotates) token = { ...token, refresh_token: presented.token }
    for (const modify of this.#options.tokenModifiers ?? []) token = await modify(token, context)
    const saved = rotates ? await this.#rotate(presented, token, context) : await this.#save(token, context)
    this.#options.events?.({
      type: 'token.issued',
      time: context.issuedAt,
      clientId: context.client.id,
      userId: context.user?.id,
      grantType: context.grantType,
      scopes: context.scopes,
      refreshToken: saved.refresh_token !== undefined,
    })
    return saved
  }

  /**
   * Checks that a request carries a live token with all of `scopes`. Never throws for what a client sends: the result holds the token, or
   * the 400, 401 or 403 with its challenge (RFC 6750 §3).
   */
  validateRequest(http: HttpRequest, scopes: readonly string[] = []): Promise<BearerResult> {
    return verifyRequest(http, { scopes }, this.#checks)
  }

  /** How likely a request carries a token of this type: 9 for the header, 5 for a parameter that is looked at, 0 for neither. */
  estimateType(request: Pick<HttpRequest, 'headers' | 'url'>): number {
    return estimateBearer(request, this.#options)
  }

  /** What a live access token stands for, by the `tokenVerifier` or else the validator; undefined where it is not valid now. */
  async verify(text: string, request: OAuthRequest): Promise<AccessToken | undefined> {
    const selfContained = await this.verifySelfContained(text, request)
    if (selfContained !== undefined || !this.#isStored) return selfContained
    const token = await this.#validator.validateBearerToken(text, request)
    return token !== undefined && token.expiresAt > request.now ? token : undefined
  }

  /** The same for tokens that a `tokenVerifier` checks; undefined where there is none. */
  async verifySelfContained(text: string, request: OAuthRequest): Promise<AccessToken | undefined> {
    for (const verifier of this.#verifiers) {
      const token = await verifier(text, request)
      if (token !== undefined)
        return (await this.#validator.isTokenRevoked?.(text, token, request)) === true ? undefined : token
    }
    return undefined
  }

  /** Whether tokens that a `tokenVerifier` checks can be revoked all the same. */
  get canRevokeSelfContained(): boolean {
    return this.#validator.isTokenRevoked !== undefined
  }

  #rotates({ client, presented }: Authorization): boolean {
    const rotation = client.refreshTokenRotation ?? this.#options.refreshTokenRotation ?? 'auto'
    if (presented?.record.supersededAt !== undefined) return true
    return rotation === 'always' || (rotation === 'auto' && isPublicClient(client))
  }

  async #mint(context: TokenContext): Promise<TokenResponse> {
    const access = await (context.authorization.issued?.generate ?? this.#generate)(context)
    if (!isBearerText(access)) throw noToken('tokenGenerator')
    const token = {
      access_token: access,
      issued_token_type: context.authorization.issued?.tokenType,
      token_type: context.authorization.issued?.generate
        ? 'N_A'
        : context.confirmation?.jkt === undefined
          ? 'Bearer'
          : 'DPoP',
      expires_in: context.expiresIn,
      scope: context.scopes.join(' ') || undefined,
      ...(context.authorization.grantedDetails && detailsAsClaim(detailsOf(context.claims))), // RFC 9396 §7
    }
    if (context.refreshToken === undefined) return token
    const refreshToken = await this.#generateRefresh(context)
    if (!isBearerText(refreshToken)) throw noToken('refreshTokenGenerator')
    return { ...token, refresh_token: refreshToken }
  }

  async #save(token: TokenResponse, context: TokenContext): Promise<TokenResponse> {
    const saved =
      context.authorization.issued?.generate !== undefined || (await this.#validator.saveToken(token, context))
    if (saved === false) throw new InvalidGrantError('grant_revoked')
    return typeof saved === 'object' ? saved : token
  }

  async #rotate(presented: Presented, token: TokenResponse, context: TokenContext): Promise<TokenResponse> {
    const outcome = (await this.#validator.rotateRefreshToken?.(presented.token, token, context)) ?? 'unknown'
    const { supersededAt } = presented.record
    this.#options.events?.({
      type: 'refresh_token.rotation',
      time: context.issuedAt,
      clientId: context.client.id,
      userId: context.user?.id,
      outcome: typeof outcome === 'object' ? 'replayed' : outcome,
      age: supersededAt === undefined ? undefined : context.issuedAt - supersededAt,
    })
    if (outcome === 'rotated') return token
    if (typeof outcome === 'object') return { ...token, refresh_token: outcome.replayed }
    throw new InvalidGrantError(rotationRefusals[outcome])
  }
}

const generatorOf = ({ tokenGenerator = randomTokenGenerator }: BearerTokenOptions): TokenGenerator => tokenGenerator

type Presented = NonNullable<Authorization['presented']>

const rotationRefusals = {
  raced: 'refresh_token_raced',
  reused: 'refresh_token_reused',
  unknown: 'refresh_token_unknown',
} as const

const noToken = (option: string): ServerError => {
  const detail = `${option} must return a non-empty string of A-Z a-z 0-9 - . _ ~ + / (RFC 6750 §2.1)`
  return new ServerError('unexpected', { detail })
}
