import { answer, type AnswerContext } from '../core/answer.ts'
import { BearerError, type TokenScheme } from '../core/bearer-error.ts'
import { authenticateClient, toClient, type ClientAuthenticationMethod } from '../core/client-authentication.ts'
import type { Claims } from '../core/claims.ts'
import { readConfirmation } from '../core/confirmation.ts'
import { InvalidClientError } from '../core/errors.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import type { RequestContext } from '../core/oauth-request.ts'
import { readFormRequest, requireParameter, type RequestLimits } from '../core/read-request.ts'
import { isPublicClient, type AccessToken, type Client, type RefreshToken } from '../core/records.ts'
import type { ClientValidator, IntrospectionValidator } from '../core/request-validator.ts'
import { readBearerToken } from '../tokens/bearer-credentials.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import { introspectionMediaType } from '../tokens/introspection-token.ts'

/** Signs what a caller is told of a token, and encrypts it where the caller is registered for that (RFC 9701 §5). */
export type SignAnswer = (answer: Claims, client: Client) => Promise<string>

/** What the introspection endpoint is made of. */
export interface IntrospectionEndpointContext extends AnswerContext {
  readonly validator: ClientValidator & IntrospectionValidator
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly bearer: BearerToken
  readonly limits: RequestLimits
  readonly issuer: string | undefined
  /** Undefined where answers are plain JSON alone. */
  readonly signAnswer?: SignAnswer | undefined
}

/** Tells a protected resource what a token stands for (RFC 7662). A token that is not its business is as inactive as a forged one. */
export const introspection = (http: HttpRequest, context: IntrospectionEndpointContext): Promise<HttpResponse> =>
  answer(context, 'introspection', async (trace) => {
    const { validator } = context
    const request = (trace.request = await readFormRequest(
      http,
      { endpoint: 'introspection', now: context.now() },
      context.limits,
    ))
    const text = requireParameter(request, 'token')
    const client = await authenticateCaller(http, request, context)
    const token =
      (await context.bearer.verifySelfContained(text, request)) ?? (await findStored(text, request, validator))
    const isTold = token !== undefined && (await validator.isIntrospectionAllowed(client, token, request))
    return tell(http, isTold ? describe(token, context.issuer) : { active: false }, client, context)
  })

/** Whether a caller asks for a JWT by name (RFC 9701 §4): what takes anything gets JSON. */
const asksForJwt = ({ headers }: HttpRequest): boolean =>
  (headers.get('accept') ?? '')
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim()))
    .some(
      ([type, ...parameters]) =>
        type === introspectionMediaType && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part)),
    )

/** A caller that is registered for encryption gets nothing in the clear, whatever it accepts. */
const tell = async (
  http: HttpRequest,
  answered: Claims,
  client: Client,
  { signAnswer }: IntrospectionEndpointContext,
): Promise<HttpResponse> => {
  const plain = json(200, answered)
  if (signAnswer === undefined || !(asksForJwt(http) || client.introspectionEncryption !== undefined)) return plain
  const headers = { ...plain.headers, 'Content-Type': introspectionMediaType }
  return { status: 200, headers, body: await signAnswer(answered, client) }
}

/** The caller, by client authentication or by an access token of its own (RFC 7662 §2.1). Public clients would let anyone scan. */
const authenticateCaller = async (
  http: HttpRequest,
  request: RequestContext,
  context: IntrospectionEndpointContext,
): Promise<Client> => {
  const { validator, bearer, clientAuthentication } = context
  const text = await readBearerToken(http)
  if (text === undefined) {
    const { client } = await authenticateClient(request, validator, clientAuthentication, [])
    if (isPublicClient(client)) throw new InvalidClientError('client_public', { detail: client.id })
    return client
  }
  const token = await bearer.verify(text, request)
  const found = token && !token.user ? await validator.validateClientId(token.clientId, request) : undefined
  if (token?.claims['cnf'] !== undefined) throw new BearerError('invalid_token', 'token_bound')
  const client = token && toClient(found, token.clientId, [])
  if (client === undefined) throw new BearerError('invalid_token', 'token_invalid')
  request.client = client
  return client
}

const findStored = async (
  text: string,
  request: RequestContext,
  validator: IntrospectionValidator,
): Promise<AccessToken | RefreshToken | undefined> => {
  const token = await validator.introspectToken(text, request.parameters.get('token_type_hint'), request)
  if (token === undefined || token.expiresAt <= request.now) return undefined
  return token.kind === 'refresh_token' && token.supersededAt !== undefined ? undefined : token
}

const describe = (token: AccessToken | RefreshToken, issuer: string | undefined): Claims => ({
  ...(token.kind === 'access_token' ? token.claims : {}),
  active: true,
  scope: token.scopes.join(' ') || undefined,
  client_id: token.clientId,
  sub: token.user?.id ?? token.clientId,
  iat: token.issuedAt,
  exp: token.expiresAt,
  ...(token.kind === 'access_token'
    ? {
        token_type: tokenType(token),
        aud: audienceClaim(token.audience),
        iss: token.issuer ?? issuer,
        jti: token.tokenId,
      }
    : { token_use: 'refresh_token', iss: issuer }),
})

const tokenType = ({ claims }: AccessToken): TokenScheme =>
  readConfirmation(claims['cnf'])?.jkt === undefined ? 'Bearer' : 'DPoP'

const audienceClaim = (audience: readonly string[]): string | readonly string[] | undefined =>
  audience.length > 1 ? audience : audience[0]
