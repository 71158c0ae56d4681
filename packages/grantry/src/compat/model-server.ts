import type { RequestGuard } from '../adapters/request-guard.ts'
import { InvalidRequestError } from '../core/errors.ts'
import type { Grant } from '../core/grant.ts'
import type { Hook } from '../core/hooks.ts'
import type { HttpRequest } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { AccessToken } from '../core/records.ts'
import type { TokenGenerator } from '../core/token-context.ts'
import { AuthorizationCodeGrant } from '../grants/authorization-code.ts'
import { RefreshTokenGrant } from '../grants/refresh-token.ts'
import { CodeResponseType } from '../response-types/code.ts'
import { AuthorizationServer } from '../servers/authorization-server.ts'
import type { ServerOptions } from '../servers/options.ts'
import type { Parts } from '../servers/parts.ts'
import type { BearerResult } from '../tokens/bearer-options.ts'
import { verifyRequest } from '../tokens/verify-request.ts'
import { systemClock } from '../util/clock.ts'
import { ModelClientCredentialsGrant, ModelPasswordGrant, ModelRefreshTokenGrant } from './model-grants.ts'
import { serverOptionsOf, type OAuth2ServerModelOptions } from './model-options.ts'
import type { ModelValidator } from './model-validator.ts'
import { accessLifetime, refreshLifetime } from './records.ts'
import { offersCodes, offersRefresh, rotates } from './warnings.ts'

const requireState: Hook = ({ parameters }) => {
  if (!parameters.has('state'))
    throw new InvalidRequestError('parameter_missing', { description: 'The parameter state is missing.' })
}

const generatorOf = (
  validator: ModelValidator,
  method: 'generateAccessToken' | 'generateRefreshToken',
): TokenGenerator | undefined =>
  validator.model.has(method) ? (context) => validator.generate(method, context) : undefined

/** The options of the server for those of the model. */
const optionsFor = (validator: ModelValidator, options: OAuth2ServerModelOptions): ServerOptions => {
  const given = serverOptionsOf(options)
  const { preAuthorize = [] } = given.hooks ?? {}
  return {
    ...given,
    tokenExpiresIn: ({ client }) => accessLifetime(options, validator.records.originOfClient(client)),
    refreshTokenExpiresIn: refreshLifetime(options),
    refreshTokenRotation: 'never', // the grant ends what is exchanged
    codeExpiresIn: options.authorizationCodeLifetime ?? 300,
    legacyQueryToken: options.allowBearerTokensInQueryString,
    tokenGenerator: generatorOf(validator, 'generateAccessToken'),
    refreshTokenGenerator: generatorOf(validator, 'generateRefreshToken'),
    hooks: {
      ...given.hooks,
      preAuthorize: options.allowEmptyState === true ? preAuthorize : [requireState, ...preAuthorize],
    },
    codeModifiers: [
      (parameters, { headers }) => {
        const code = validator.notes.of(headers).code?.authorizationCode
        return code === undefined ? parameters : { ...parameters, code }
      },
      ...(given.codeModifiers ?? []),
    ],
  }
}

/** What is offered: what there are methods for. */
const partsFor = (validator: ModelValidator, options: OAuth2ServerModelOptions, all: ServerOptions): Parts => {
  const { model } = validator
  const grants: readonly (readonly [type: string, isOffered: boolean, make: () => Grant])[] = [
    ['authorization_code', offersCodes(model), () => new AuthorizationCodeGrant(validator)],
    ['client_credentials', model.has('getUserFromClient'), () => new ModelClientCredentialsGrant(validator)],
    ['password', model.has('getUser'), () => new ModelPasswordGrant(validator)],
    [
      'refresh_token',
      offersRefresh(model, options),
      () => (rotates(options) ? new ModelRefreshTokenGrant(validator) : new RefreshTokenGrant(validator)),
    ],
  ]
  const offered = grants.flatMap(([type, isOffered, make]) => (isOffered ? [[type, make()] as const] : []))
  return {
    name: 'fromOAuth2ServerModel',
    slices: [],
    grants: { ...Object.fromEntries(offered), ...options.extendedGrantTypes },
    responseTypes: () => ({ ...(offersCodes(model) && { code: new CodeResponseType(validator, all) }) }),
  }
}

/** What a route needs of a token. */
export interface ScopeNeeds {
  /** All of these scopes, as `verifyScope` of the model judges. Default: none. */
  readonly scopes?: readonly string[] | undefined
}

/** A server over a model of `oauth2-server`: `fromOAuth2ServerModel` makes it. */
export class OAuth2ModelServer extends AuthorizationServer {
  /** For `requireToken` of the adapters. */
  readonly guard: RequestGuard<AccessToken, ScopeNeeds>
  readonly #validator: ModelValidator
  readonly #options: ServerOptions

  constructor(validator: ModelValidator, options: OAuth2ServerModelOptions) {
    const all = optionsFor(validator, options)
    super(validator, all, partsFor(validator, options, all))
    this.#validator = validator
    this.#options = all
    this.guard = { verify: (request, needs) => this.verifyRequest(request, needs?.scopes) }
  }

  /** Checks a token; whether it is good for the scopes is for `verifyScope` of the model to say, where it has it. */
  override verifyRequest(request: HttpRequest, scopes: readonly string[] = []): Promise<BearerResult> {
    const { realm, audience, allowFormBodyToken, legacyQueryToken, now = systemClock, events } = this.#options
    const rules = {
      realm,
      audience: audience === undefined ? undefined : [audience],
      allowFormBodyToken,
      legacyQueryToken,
    }
    const find = async (text: string, known: OAuthRequest): Promise<AccessToken | undefined> => {
      const token = await this.bearer.verify(text, known)
      return token && this.#validator.judgeToken(token, scopes)
    }
    return verifyRequest(request, { scopes }, { find, rules, now, events })
  }
}
