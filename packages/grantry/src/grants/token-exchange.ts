import { chainActors, namesActor } from '../core/act-claim.ts'
import type { Claims } from '../core/claims.ts'
import { isProven } from '../core/confirmation.ts'
import { InvalidRequestError, InvalidScopeError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { grantedOf } from '../core/granted-scopes.ts'
import { ownAccessTokens, ownRefreshTokens, type OwnTokenValidator } from '../core/own-tokens.ts'
import { requireParameter } from '../core/read-request.ts'
import type { Reason } from '../core/reasons.ts'
import type { ScopeValidator } from '../core/request-validator.ts'
import { refuseOthers, requestedTargets, type ServedResources } from '../core/resources.ts'
import { isWithinScope, parseScope } from '../core/scope.ts'
import type { TokenVerifier } from '../core/token-context.ts'
import {
  tokenTypes,
  type ExchangeJudge,
  type ExchangePermission,
  type IssuedType,
  type PresentedToken,
  type PresentedTokenVerifier,
  type TokenExchange,
} from '../core/token-exchange.ts'
import { ownIdTokens, trustedJwts, type OwnIdTokenOptions, type TrustedJwtOptions } from '../keys/presented-jwts.ts'

/** Which tokens are exchanged, for what, and by whom. */
export interface TokenExchangeOptions {
  /** The issuer of your server. */
  readonly issuer: string
  /**
   * Whether a client may have a token that says it is the subject: one without actor token (RFC 8693 §1.1). Also for a client that narrows a token
   * of its own. Default: nobody may.
   */
  readonly mayImpersonate?: ExchangeJudge | undefined
  /** Whether the actor of an actor token may act for the subject. Default: nobody may. */
  readonly mayDelegate?: ExchangeJudge | undefined
  /** The option `tokenVerifier` of your server, where it has one: its access tokens are taken by it then. */
  readonly tokenVerifier?: TokenVerifier | undefined
  /** Takes ID tokens of your server. Default: not. */
  readonly idTokens?: OwnIdTokenOptions | undefined
  /** Takes JWTs of issuers that you trust, as `tokenTypes.jwt`. Default: not. */
  readonly jwts?: TrustedJwtOptions | undefined
  /** Verifiers of your own by type, beside or in place of ours: access and refresh tokens of your server, and the above. */
  readonly verifiers?: Readonly<Record<string, PresentedTokenVerifier>> | undefined
  /** What else than access tokens is issued, by type. Default: nothing. */
  readonly issues?: Readonly<Record<string, IssuedType>> | undefined
  /** Services that may be asked for by `resource`: absolute URIs. Default: none. */
  readonly resources?: ServedResources | undefined
  /** Services that may be asked for by `audience`. Default: none. */
  readonly audiences?: readonly string[] | undefined
  /** Whether public clients may exchange tokens: whoever got hold of one may then. Default: false. */
  readonly allowsPublicClients?: boolean | undefined
}

type Place = 'subject' | 'actor'
type Presented = PresentedToken & { readonly tokenType: string }

/** The same for all that can be wrong with a token: only the log says what it was. */
const refuseToken = (place: Place, detail: string, cause?: unknown): InvalidRequestError =>
  new InvalidRequestError(place === 'subject' ? 'subject_token_invalid' : 'actor_token_invalid', {
    description: `The ${place}_token is not valid, or not acceptable here.`,
    detail,
    cause,
  })

const refuseType = (name: string, detail: string): InvalidRequestError =>
  new InvalidRequestError('token_type_not_exchanged', { description: `The ${name} is not supported here.`, detail })

/** How the actor is named: a client as one, so that it is not taken for a user of the same id. */
const identityOf = ({ user, clientId = '' }: PresentedToken): Claims =>
  user === undefined ? { sub: clientId, client_id: clientId } : { sub: user.id }

/**
 * One token for another (RFC 8693): a service calls the next one for its user, an actor acts for a subject, a partner's token becomes one of
 * yours. Nothing is allowed until `mayImpersonate` or `mayDelegate` allow it; the new token is for no more scopes and no longer than the subject
 * token, and ends with its grant, unless they say otherwise. There is no refresh token (§2.2.1): the client exchanges again.
 */
export class TokenExchangeGrant implements Grant {
  readonly allowsPublicClients: boolean
  readonly metadata: Readonly<Record<string, unknown>>
  readonly #validator: ScopeValidator & OwnTokenValidator
  readonly #options: TokenExchangeOptions
  readonly #verifiers: ReadonlyMap<string, PresentedTokenVerifier>
  readonly #issues: ReadonlyMap<string, IssuedType>

  /** Throws a `ConfigurationError` for keys that cannot verify. */
  constructor(validator: ScopeValidator & OwnTokenValidator, options: TokenExchangeOptions) {
    const { issuer, tokenVerifier, idTokens, jwts, verifiers, issues = {} } = options
    this.allowsPublicClients = options.allowsPublicClients ?? false
    this.#validator = validator
    this.#options = options
    this.#verifiers = new Map([
      [tokenTypes.accessToken, ownAccessTokens(issuer, validator, tokenVerifier)],
      [tokenTypes.refreshToken, ownRefreshTokens(issuer, validator)],
      ...(idTokens === undefined ? [] : [[tokenTypes.idToken, ownIdTokens(issuer, idTokens)] as const]),
      ...(jwts === undefined ? [] : [[tokenTypes.jwt, trustedJwts(issuer, jwts)] as const]),
      ...Object.entries(verifiers ?? {}),
    ])
    this.#issues = new Map(Object.entries(issues))
    this.metadata = Object.assign({}, ...Object.values(issues).map(({ metadata }) => metadata)) as object as Record<
      string,
      unknown
    >
  }

  async authorize(request: GrantRequest): Promise<GrantOutcome> {
    const exchange = await this.#read(request)
    const { client, subject, resources, audiences } = exchange
    const permission = await this.#permit(exchange)
    const tokenType = exchange.requestedTokenType ?? permission.tokenType ?? tokenTypes.accessToken
    const type = this.#typeOf(tokenType, exchange)
    const targets = [...resources, ...audiences]
    return {
      client,
      user: subject.user,
      scopes: await this.#scopes(exchange, permission, type),
      resources: targets.length > 0 ? targets : subject.resources,
      claims: { ...subject.carried, ...permission.claims, ...actClaim(exchange, permission) },
      grantId: subject.grantId,
      expiresAt: Math.min(permission.expiresAt ?? subject.expiresAt, request.now + (type?.expiresIn ?? Infinity)),
      issued: { tokenType, generate: type?.generate, audiences },
    }
  }

  async #read(request: GrantRequest): Promise<TokenExchange> {
    const { parameters } = request
    const audiences = request.audiences ?? [parameters.get('audience') ?? []].flat()
    const resources = requestedTargets(request.resources, this.#options.resources ?? [])
    refuseOthers(audiences, this.#options.audiences ?? [])
    const requestedTokenType = parameters.get('requested_token_type')
    if (requestedTokenType !== undefined) this.#typeOf(requestedTokenType)
    requireParameter(request, 'subject_token')
    const subject = await this.#present('subject', request)
    if (parameters.has('actor_token') || parameters.has('actor_token_type')) requireParameter(request, 'actor_token')
    const actor = parameters.has('actor_token') ? await this.#present('actor', request) : undefined
    const scopes = parseScope(parameters.get('scope'))
    return { client: request.client, subject, actor, resources, audiences, scopes, requestedTokenType, request }
  }

  async #present(place: Place, request: GrantRequest): Promise<Presented> {
    const token = requireParameter(request, `${place}_token`)
    const tokenType = requireParameter(request, `${place}_token_type`)
    const verify = this.#verifiers.get(tokenType)
    if (verify === undefined) throw refuseType(`${place}_token_type`, tokenType)
    const found = await verify(token, request)
    if (found === undefined) throw refuseToken(place, 'it is unknown, expired, revoked or forged')
    if ('reason' in found) throw refuseToken(place, `${found.reason}: ${found.detail ?? ''}`, found.cause)
    if (!(found.expiresAt > request.now)) throw refuseToken(place, 'it has expired')
    return { ...found, tokenType }
  }

  /** What is issued; undefined for access tokens. */
  #typeOf(tokenType: string, exchange?: TokenExchange): IssuedType | undefined {
    if (tokenType === tokenTypes.accessToken) return undefined
    const type = this.#issues.get(tokenType)
    if (type === undefined) throw refuseType('requested_token_type', tokenType)
    if (exchange === undefined) return type
    const { subject } = exchange
    if (type.subjectTypes?.includes(subject.tokenType) === false)
      throw refuseType('subject_token_type', `${subject.tokenType} for ${tokenType}`)
    type.check?.(exchange)
    return type
  }

  async #permit(exchange: TokenExchange): Promise<ExchangePermission> {
    const { client, subject, actor, request } = exchange
    const { issuer, mayDelegate, mayImpersonate } = this.#options
    requireActor(exchange, issuer)
    if (subject.user === undefined && subject.clientId !== client.id)
      throw refuseToken('subject', `it is about no user, and of ${String(subject.clientId)}`)
    const decision = await (actor === undefined ? mayImpersonate : mayDelegate)?.(exchange)
    if (decision === undefined || decision === false) throw refusal('exchange_refused', subject.user?.id ?? '')
    const permission = decision === true ? {} : decision
    if (permission.allowsBoundToken !== true && !isProven(subject.claims['cnf'], request.confirmation))
      throw refuseToken('subject', 'it is bound to what the client does not prove to have')
    return permission
  }

  async #scopes(
    { client, subject, scopes, request }: TokenExchange,
    permission: ExchangePermission,
    type: IssuedType | undefined,
  ): Promise<readonly string[]> {
    const most = permission.scopes ?? subject.scopes
    const asked = scopes ?? most
    if (!isWithinScope(asked, most)) {
      const description = 'The scope is wider than that of the subject_token.'
      throw new InvalidScopeError('scope_not_allowed', { description, detail: asked.join(' ') })
    }
    return type === undefined ? grantedOf(asked, client, request, this.#validator) : asked // others are for scopes of other servers
  }
}

const refusal = (reason: Reason, detail: string): InvalidRequestError =>
  new InvalidRequestError(reason, { description: 'This exchange is not allowed.', detail })

/** Refuses an actor that is not who may act for the subject (§4.4), and one that does not act itself. */
const requireActor = ({ client, subject, actor, request }: TokenExchange, issuer: string): void => {
  const self = { iss: issuer, sub: client.id, client_id: client.id }
  if (!namesActor(subject.claims, actor?.claims ?? self))
    throw refusal('actor_not_named', JSON.stringify(subject.claims['may_act']))
  if (actor === undefined) return
  if (actor.user === undefined && actor.clientId === undefined) throw refuseToken('actor', 'it is about nobody')
  if (actor.claims['act'] !== undefined) throw refuseToken('actor', 'somebody else acts by it')
  if (!isProven(actor.claims['cnf'], request.confirmation))
    throw refuseToken('actor', 'it is bound to what the client does not prove to have')
}

const actClaim = ({ subject, actor }: TokenExchange, permission: ExchangePermission): Claims => {
  const act = chainActors(actor === undefined ? permission.actor : identityOf(actor), subject.claims['act'])
  if (act === null) throw refuseToken('subject', 'act is malformed, or names too many')
  return act === undefined ? {} : { act }
}
