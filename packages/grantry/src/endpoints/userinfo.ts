import { answer, type AnswerContext } from '../core/answer.ts'
import { BearerError } from '../core/bearer-error.ts'
import { toClient } from '../core/client-authentication.ts'
import { MethodNotAllowedError } from '../core/errors.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import { newRequestContext, type OAuthRequest } from '../core/oauth-request.ts'
import type { AccessToken, Client, User } from '../core/records.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import { claimNames, selectClaims, type UserClaimsValidator } from '../core/user-claims.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import type { ClientJwts } from '../tokens/client-jwts.ts'
import type { SubjectOf } from '../tokens/subject.ts'

/** What the UserInfo endpoint is made of. */
export interface UserInfoEndpointContext extends AnswerContext {
  readonly validator: ClientValidator & UserClaimsValidator
  /** Reads the token from the header, and from a form body. */
  readonly bearer: BearerToken
  readonly jwts: ClientJwts
  readonly subjectOf: SubjectOf
  readonly issuer: string
  readonly scopeClaims: Readonly<Record<string, readonly string[]>>
  readonly grantTypes: readonly string[]
}

/** Tells a client about the user of its access token (OpenID Connect Core §5.3). */
export const userInfo = async (http: HttpRequest, context: UserInfoEndpointContext): Promise<HttpResponse> => {
  if (http.method !== 'GET' && http.method !== 'POST')
    return answer(context, 'userinfo', () => Promise.reject(new MethodNotAllowedError('GET, POST')))
  const checked = await context.bearer.validateRequest(http, ['openid'])
  if (!checked.ok) return checked.response
  return answer(context, 'userinfo', (trace) => {
    trace.request = newRequestContext(http, { endpoint: 'userinfo', now: context.now() })
    return describeUser(checked.token, trace.request, context)
  })
}

const describeUser = async (
  token: AccessToken,
  request: OAuthRequest,
  context: UserInfoEndpointContext,
): Promise<HttpResponse> => {
  const { validator, subjectOf } = context
  const found = await validator.validateClientId(token.clientId, request)
  const client = toClient(found, token.clientId, context.grantTypes)
  if (token.user === undefined || client === undefined) throw new BearerError('invalid_token', 'token_invalid')
  const claims = { ...(await userClaims(token.user, token, context)), sub: subjectOf(client, token.user.id) }
  return signed(claims, client, context, request.now)
}

const userClaims = async (user: User, token: AccessToken, { validator, scopeClaims }: UserInfoEndpointContext) => {
  const names = claimNames(token.scopes, token.openid?.claims?.userinfo ?? [], scopeClaims)
  return names.size === 0 ? {} : selectClaims(await validator.getUserClaims(user, names), names)
}

const signed = async (
  claims: { readonly sub: string },
  client: Client,
  { jwts, issuer }: UserInfoEndpointContext,
  now: number,
): Promise<HttpResponse> => {
  const { userInfoSigningAlgorithm, userInfoEncryption: encryption } = client
  if (userInfoSigningAlgorithm === undefined && encryption === undefined) return json(200, claims)
  const algorithm = userInfoSigningAlgorithm ?? 'RS256'
  const token = await jwts.sign({ ...claims, iss: issuer, aud: client.id }, { algorithm }, client)
  const body = encryption === undefined ? token : await jwts.encrypt(token, client, encryption, now)
  const { headers } = json(200, {})
  return { status: 200, headers: { ...headers, 'Content-Type': 'application/jwt' }, body }
}
