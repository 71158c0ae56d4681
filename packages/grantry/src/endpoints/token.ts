import { answer, type AnswerContext } from '../core/answer.ts'
import { authenticateClient, type ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { UnauthorizedClientError, UnsupportedGrantTypeError } from '../core/errors.ts'
import type { Grant, GrantOutcome, GrantRequest } from '../core/grant.ts'
import { runHooks, type Hooks } from '../core/hooks.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import { readFormRequest, requireParameter, type RequestLimits } from '../core/read-request.ts'
import { isPublicClient, type Client } from '../core/records.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'

/** What the token endpoint is made of. */
export interface TokenEndpointContext extends AnswerContext {
  readonly validator: ClientValidator
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly grants: ReadonlyMap<string, Grant>
  readonly bearer: BearerToken
  readonly hooks: Hooks
  /** What a grant gives, as far as it is for the access token; undefined where all of it is. */
  readonly authorizeGrant?: ((grant: Grant, request: GrantRequest) => Promise<GrantOutcome>) | undefined
  readonly limits: RequestLimits
}

/** Answers a token request (RFC 6749 §3.2). */
export const token = (http: HttpRequest, context: TokenEndpointContext): Promise<HttpResponse> =>
  answer(context, 'token', async (trace) => {
    const { validator, grants, hooks, bearer } = context
    const request = (trace.request = await readFormRequest(
      http,
      { endpoint: 'token', now: context.now() },
      context.limits,
    ))
    const grantType = requireParameter(request, 'grant_type')
    const authenticated = await authenticateClient(request, validator, context.clientAuthentication, grants.keys())
    const grant = chooseGrant(grants, grantType, authenticated.client)
    await runHooks(hooks.preToken, request)
    const sender = await bearer.proveSender?.(authenticated) // before a code is spent: the client may have to come again with a nonce
    const proven = Object.assign(authenticated, { confirmation: sender?.confirmation })
    const authorization = await (context.authorizeGrant?.(grant, proven) ?? grant.authorize(proven))
    Object.assign(request, { user: authorization.user, scopes: authorization.scopes })
    await runHooks(hooks.postToken, request)
    const refreshToken =
      grant.issuesRefreshToken === true && grants.has('refresh_token') && mayUse(authenticated.client, 'refresh_token')
    const made = {
      ...authorization,
      ...{ grantType, confirmation: sender?.confirmation, state: request.state },
      claims: { ...authorization.claims, ...request.claims },
    }
    return json(200, await bearer.createToken(made, { refreshToken }), sender?.headers)
  })

const mayUse = (client: Client, grantType: string): boolean =>
  (client.grantTypes ?? ['authorization_code']).includes(grantType)

const chooseGrant = (grants: ReadonlyMap<string, Grant>, grantType: string, client: Client): Grant => {
  const grant = grants.get(grantType)
  if (grant === undefined) throw new UnsupportedGrantTypeError('grant_type_unsupported', { detail: grantType })
  if (!mayUse(client, grantType)) {
    throw new UnauthorizedClientError('grant_type_not_allowed', {
      description: 'The client may not use this grant type.',
      detail: grantType,
    })
  }
  if (grant.allowsPublicClients === false && isPublicClient(client)) {
    throw new UnauthorizedClientError('client_public', {
      description: 'Public clients may not use this grant type.',
      detail: grantType,
    })
  }
  return grant
}
