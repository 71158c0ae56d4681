import { answer, type AnswerContext } from '../core/answer.ts'
import { authenticateClient, type ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { InvalidGrantError, UnsupportedTokenTypeError } from '../core/errors.ts'
import { empty, type HttpRequest, type HttpResponse } from '../core/http.ts'
import type { RequestContext } from '../core/oauth-request.ts'
import { readFormRequest, requireParameter, type RequestLimits } from '../core/read-request.ts'
import type { AccessToken, RefreshToken } from '../core/records.ts'
import type { ClientValidator, RevocationValidator } from '../core/request-validator.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'

/** What the revocation endpoint is made of. */
export interface RevocationEndpointContext extends AnswerContext {
  readonly validator: ClientValidator & RevocationValidator
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly bearer: BearerToken
  readonly limits: RequestLimits
}

/** Nothing, labelled as JSON: some clients refuse an answer without a type that they know. */
const revoked = empty(200, { 'Content-Type': 'application/json' })

/** Ends a token of the client that asks (RFC 7009). Unknown tokens are fine: they are as good as revoked (§2.2). */
export const revocation = (http: HttpRequest, context: RevocationEndpointContext): Promise<HttpResponse> =>
  answer(context, 'revocation', async (trace) => {
    const { validator } = context
    const request = (trace.request = await readFormRequest(
      http,
      { endpoint: 'revocation', now: context.now() },
      context.limits,
    ))
    const text = requireParameter(request, 'token')
    const { client } = await authenticateClient(request, validator, context.clientAuthentication, [])
    const record = await findToken(text, request, context)
    if (record === undefined) return revoked
    if (record.clientId !== client.id) throw new InvalidGrantError('token_not_owned')
    if (!(await validator.revokeToken(text, record, request))) throw new UnsupportedTokenTypeError()
    context.events({ type: 'token.revoked', time: request.now, clientId: client.id, kind: record.kind })
    return revoked
  })

/** What is to be revoked; undefined where there is nothing left of it. A self-contained token may be beyond revocation (§2.2.1). */
const findToken = async (
  text: string,
  request: RequestContext,
  { validator, bearer }: RevocationEndpointContext,
): Promise<AccessToken | RefreshToken | undefined> => {
  const selfContained = await bearer.verifySelfContained(text, request)
  if (selfContained !== undefined && !bearer.canRevokeSelfContained) throw new UnsupportedTokenTypeError()
  if (selfContained !== undefined) return selfContained
  const record = await validator.introspectToken(text, request.parameters.get('token_type_hint'), request)
  return record === undefined || record.expiresAt <= request.now ? undefined : record
}
