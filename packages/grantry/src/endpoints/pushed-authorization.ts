import { answer } from '../core/answer.ts'
import { authenticateClient, type ClientAuthenticationMethod } from '../core/client-authentication.ts'
import { InvalidDpopProofError } from '../core/dpop-errors.ts'
import { InvalidRequestError } from '../core/errors.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import { pushedRequestPrefix } from '../core/pushed-request.ts'
import { readFormRequest } from '../core/read-request.ts'
import type { BearerToken } from '../tokens/bearer-token.ts'
import type { Sender } from '../tokens/sender.ts'
import { randomString } from '../util/random.ts'
import { checkAuthorization, type AuthorizationChecks, type PushedRequests } from '../core/check-authorization.ts'

/** What the endpoint for pushed requests is made of. */
export interface PushedAuthorizationContext extends AuthorizationChecks {
  readonly clientAuthentication: readonly ClientAuthenticationMethod[]
  readonly pushed: PushedRequests
  readonly bearer: Pick<BearerToken, 'proveSender'>
}

/** What authenticates the client; it is no part of the request (RFC 9126 §2.1). */
const ofTheClient = new Set(['client_secret', 'client_assertion', 'client_assertion_type'])

/** The code will be bound to the key of a proof, as by `dpop_jkt` (RFC 9449 §10.1). */
const provedKey = (
  { parameters }: OAuthRequest,
  sender: Sender | undefined,
): readonly (readonly [string, string])[] => {
  const jkt = sender?.confirmation?.jkt
  if (jkt === undefined) return []
  if ((parameters.get('dpop_jkt') ?? jkt) === jkt) return [['dpop_jkt', jkt]]
  throw new InvalidDpopProofError('dpop_proof_invalid', { detail: 'dpop_jkt names another key' })
}

/** Takes an authorization request from a client that proves who it is, and gives a `request_uri` for it (RFC 9126 §2). */
export const pushedAuthorization = (http: HttpRequest, context: PushedAuthorizationContext): Promise<HttpResponse> =>
  answer(context, 'pushed_authorization', async (trace) => {
    const { pushed, clientAuthentication, grantTypes } = context
    const known = { endpoint: 'pushed_authorization', now: context.now() } as const
    const request = (trace.request = await readFormRequest(http, known, context.limits))
    const { client } = await authenticateClient(request, context.validator, clientAuthentication, grantTypes)
    if (request.parameters.has('request_uri'))
      throw new InvalidRequestError('pushed_request_by_reference', {
        description: 'A pushed request has no request_uri: send its parameters, or a request object.',
      })
    const sender = await context.bearer.proveSender?.(request)
    const parameters = [...request.parameters].filter(([name]) => !ofTheClient.has(name))
    const values = new Map([...parameters, ['client_id', client.id], ...provedKey(request, sender)])
    const sent = { values, repeatable: request.resources, duplicates: [] }
    const { authorization, now } = await checkAuthorization(http, sent, { context, stage: 'push', refusal: trace })
    const id = randomString()
    const { expiresIn, validator } = pushed
    const { parameters: checked, resources } = authorization
    const record = { clientId: client.id, parameters: checked, resources, expiresAt: now + expiresIn }
    await validator.savePushedRequest(id, record, now)
    return json(201, { request_uri: pushedRequestPrefix + id, expires_in: expiresIn }, sender?.headers)
  })
