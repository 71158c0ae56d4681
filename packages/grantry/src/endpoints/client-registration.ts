import { answer, type AnswerContext } from '../core/answer.ts'
import { BearerError } from '../core/bearer-error.ts'
import { MethodNotAllowedError, ServerError } from '../core/errors.ts'
import { json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import { newRequestContext } from '../core/oauth-request.ts'
import { readJsonBody } from '../core/read-json.ts'
import type { RequestLimits } from '../core/read-request.ts'
import type { Client } from '../core/records.ts'
import type { InitialAccess, RegistrationLimit, RegistrationValidator } from '../core/registration.ts'
import { TooManyRequestsError } from '../core/registration-errors.ts'
import { clientInformation, usesSecret } from '../registration/client-information.ts'
import { prepareClient, type PreparedClient, type RegistrationRules } from '../registration/prepare-client.ts'
import { readBearerToken } from '../tokens/bearer-credentials.ts'
import { randomString } from '../util/random.ts'

/** What the registration endpoint is made of. */
export interface ClientRegistrationContext extends AnswerContext {
  readonly validator: RegistrationValidator
  readonly limits: RequestLimits
  readonly rules: RegistrationRules
  readonly allowOpen: boolean
  readonly rateLimit: RegistrationLimit
  /** How many may, of all without an initial access token; undefined for any number. */
  readonly totalLimit: RegistrationLimit | undefined
  /** Whose tries are counted together, of those without an initial access token. */
  readonly limitBy: (request: HttpRequest) => string
  /** Seconds; undefined for clients that do not end. */
  readonly maxClientLifetime: number | undefined
  /** The URL of this endpoint. */
  readonly registrationUri: string
}

/** Registers a client (RFC 7591 §3). */
export const registerClient = (http: HttpRequest, context: ClientRegistrationContext): Promise<HttpResponse> =>
  answer(context, 'registration', async (trace) => {
    const { validator, rules, limits, registrationUri } = context
    const now = context.now()
    trace.request = newRequestContext(http, { endpoint: 'registration', now })
    if (http.method !== 'POST') throw new MethodNotAllowedError('POST')
    const token = await readBearerToken(http)
    const initialAccess = await requireAccess(token, context, now)
    await requireWithinLimit(http, token, context, now)
    const members = await readJsonBody(http, limits)
    const known = { headers: http.headers, initialAccess, previous: undefined }
    const prepared = await prepareClient(members, rules, known, now)
    if (token !== undefined && !(await validator.useInitialAccess(token, now)))
      throw new BearerError('invalid_token', 'initial_access_token_invalid')
    const secrets = {
      clientSecret: usesSecret(prepared.draft) ? randomString() : undefined,
      registrationAccessToken: randomString(),
    }
    const client = newClient(prepared, context, now)
    if (!(await validator.createRegistration(client, secrets)))
      throw new ServerError('unexpected', { detail: 'a random client id is taken' })
    context.events({ type: 'client.registered', time: now, clientId: client.id })
    return json(201, clientInformation(client, secrets, registrationUri))
  })

/** An initial access token that was sent must be good, also where none is needed. */
const requireAccess = async (
  token: string | undefined,
  { validator, allowOpen }: ClientRegistrationContext,
  now: number,
): Promise<InitialAccess | undefined> => {
  if (token === undefined && allowOpen) return undefined
  if (token === undefined) throw new BearerError('invalid_token', 'token_absent')
  const access = await validator.findInitialAccess(token, now)
  if (access === undefined) throw new BearerError('invalid_token', 'initial_access_token_invalid')
  return access
}

const requireWithinLimit = async (
  http: HttpRequest,
  token: string | undefined,
  { validator, rateLimit, totalLimit, limitBy }: ClientRegistrationContext,
  now: number,
): Promise<void> => {
  const by = token === undefined ? `open ${limitBy(http)}` : `token ${token}`
  if (!(await validator.allowRegistration(by, rateLimit, now)))
    throw new TooManyRequestsError('registration_limited', rateLimit.windowSeconds)
  if (totalLimit === undefined || token !== undefined) return
  if (!(await validator.allowRegistration('open', totalLimit, now)))
    throw new TooManyRequestsError('registration_limited', totalLimit.windowSeconds)
}

const newClient = (
  { draft, softwareStatement }: PreparedClient,
  { maxClientLifetime }: ClientRegistrationContext,
  now: number,
): Client => {
  const expiresAt = maxClientLifetime === undefined ? undefined : now + maxClientLifetime
  return { ...draft, id: randomString(22), registration: { registeredAt: now, expiresAt, softwareStatement } }
}
