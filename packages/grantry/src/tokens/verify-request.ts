import { errorResponse, reportRefusal, toOAuthError } from '../core/answer.ts'
import type { Awaitable } from '../core/awaitable.ts'
import { BearerError, type BearerErrorCode, type ChallengeOptions } from '../core/bearer-error.ts'
import type { Claims } from '../core/claims.ts'
import type { FailedProof } from '../core/client-authentication.ts'
import type { OAuthError, OAuthErrorOptions } from '../core/errors.ts'
import type { EventListener } from '../core/events.ts'
import type { HttpRequest, HttpResponse } from '../core/http.ts'
import { newRequestContext, type OAuthRequest } from '../core/oauth-request.ts'
import type { Reason } from '../core/reasons.ts'
import { isWithinScope } from '../core/scope.ts'
import type { Clock } from '../util/clock.ts'
import { readCredentials, type BearerLocations, type Credentials } from './bearer-credentials.ts'
import { checkBinding, type BindingRules } from './token-binding.ts'

/** What a token has to be good for. */
export interface TokenRequirement {
  /** All of these scopes (RFC 6750 §3.1). Default: none. */
  readonly scopes?: readonly string[] | undefined
  /** The login behind it was of one of these classes, by its claim `acr` (RFC 9470). Default: of any. */
  readonly acrValues?: readonly string[] | undefined
  /** The login behind it is so many seconds old at most, by its claim `auth_time` (RFC 9470). Default: of any age. */
  readonly maxAge?: number | undefined
}

/** What is asked of every request to one protected resource. */
export interface ResourceRules extends BearerLocations, BindingRules {
  readonly realm: string | undefined
  /** Tokens must name one of these; undefined takes tokens for any recipient. */
  readonly audience: readonly string[] | undefined
  /** Where the metadata document of the resource is (RFC 9728). */
  readonly resourceMetadata?: string | undefined
}

/** What is looked at in a live token, wherever it came from. */
export interface LiveToken {
  readonly audience: readonly string[]
  readonly scopes: readonly string[]
  readonly claims: Claims
}

/** Finds what a token stands for. Undefined, or why, where it is not valid now; a throw means that this cannot be told. */
export type FindToken<Token> = (text: string, request: OAuthRequest) => Awaitable<Token | FailedProof | undefined>

/** What checking a request gave: the token, or the answer to send. */
export type VerifiedRequest<Token> =
  | {
      readonly ok: true
      readonly token: Token
      /**
       * Headers that your answer needs: the nonce of the next DPoP proof where there are nonces (RFC 9449 §8.2); for the token of a query, that no
       * shared cache may keep it (RFC 6750 §2.3). Else none.
       */
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly error: OAuthError; readonly response: HttpResponse }

/** How requests to one resource are checked. */
export interface RequestChecks<Token> {
  readonly find: FindToken<Token>
  readonly rules: ResourceRules
  readonly now: Clock
  readonly events: EventListener | undefined
}

/** Refuses with the challenges of a resource. */
export type Refuse = (
  code: BearerErrorCode,
  reason: Reason,
  more?: OAuthErrorOptions & Pick<ChallengeOptions, 'acrValues' | 'maxAge' | 'dpopNonce'>,
) => never

const isFailure = (found: object): found is FailedProof => !('claims' in found)

/** What the login behind a token lacks; undefined where it will do (RFC 9470 §4). */
const authenticationProblem = (
  { acr, auth_time: authTime }: Claims,
  { acrValues, maxAge }: TokenRequirement,
  now: number,
): string | undefined => {
  if (acrValues !== undefined && acrValues.length > 0 && !(typeof acr === 'string' && acrValues.includes(acr)))
    return `acr is ${JSON.stringify(acr)}`
  if (maxAge === undefined) return undefined
  return typeof authTime === 'number' && now - authTime <= maxAge
    ? undefined
    : `auth_time is ${JSON.stringify(authTime)}`
}

const checkUse = (token: LiveToken, requirement: TokenRequirement, now: number, refuse: Refuse): void => {
  const problem = authenticationProblem(token.claims, requirement, now)
  const { scopes = [], acrValues, maxAge } = requirement
  if (problem !== undefined) {
    const more = { acrValues, maxAge, detail: problem }
    refuse('insufficient_user_authentication', 'token_authentication_insufficient', more)
  }
  if (!isWithinScope(scopes, token.scopes)) refuse('insufficient_scope', 'token_scope_insufficient')
}

const challengeOf = (
  { realm, resourceMetadata, dpop }: ResourceRules,
  { scopes }: TokenRequirement,
): ChallengeOptions => ({
  realm,
  resourceMetadata,
  scopes,
  schemes: dpop === undefined ? ['Bearer'] : dpop.isRequired ? ['DPoP'] : ['Bearer', 'DPoP'],
  dpopAlgorithms: dpop?.algorithms,
})

const findToken = async <Token extends LiveToken>(
  { token: text }: Credentials,
  request: OAuthRequest,
  { find, rules }: RequestChecks<Token>,
  refuse: Refuse,
): Promise<Token> => {
  const found = await find(text, request)
  if (found === undefined) return refuse('invalid_token', 'token_invalid')
  if (isFailure(found)) return refuse('invalid_token', found.reason, found)
  const { audience } = rules
  if (audience !== undefined && !audience.some((name) => found.audience.includes(name)))
    refuse('invalid_token', 'token_audience_wrong', { detail: `aud is ${JSON.stringify(found.audience)}` })
  return found
}

const check = async <Token extends LiveToken>(
  http: HttpRequest,
  request: OAuthRequest,
  requirement: TokenRequirement,
  checks: RequestChecks<Token>,
) => {
  const { rules } = checks
  const challenge = challengeOf(rules, requirement)
  const credentials = await readCredentials(http, rules, challenge)
  if (credentials === undefined) throw new BearerError('invalid_token', 'token_absent', challenge)
  const refuse: Refuse = (code, reason, more) => {
    throw new BearerError(code, reason, { ...challenge, ...more, usedScheme: credentials.scheme })
  }
  const token = await findToken(credentials, request, checks, refuse)
  const nonce = await checkBinding({ claims: token.claims, credentials, http, request }, rules, refuse)
  checkUse(token, requirement, request.now, refuse)
  const headers = { ...nonce, ...(credentials.place === 'query' && { 'Cache-Control': 'private' }) }
  return { token, headers }
}

/**
 * Checks that a request carries a live token that is good for what is required. Never throws for what a client sends: the result holds the
 * token, or the answer with its challenge (RFC 6750 §3).
 */
export const verifyRequest = async <Token extends LiveToken>(
  http: HttpRequest,
  requirement: TokenRequirement,
  checks: RequestChecks<Token>,
): Promise<VerifiedRequest<Token>> => {
  const { now, events } = checks
  const request = newRequestContext(http, { endpoint: 'resource', now: now() })
  try {
    return { ok: true, ...(await check(http, request, requirement, checks)) }
  } catch (thrown) {
    const error = toOAuthError(thrown)
    if (events) reportRefusal({ now, events }, 'resource', error, { request })
    return { ok: false, error, response: errorResponse(error) }
  }
}
