import { answer, type AnswerContext } from '../core/answer.ts'
import { BearerError } from '../core/bearer-error.ts'
import { MethodNotAllowedError, TemporarilyUnavailableError } from '../core/errors.ts'
import { empty, json, type HttpRequest, type HttpResponse } from '../core/http.ts'
import { newRequestContext, type RequestContext } from '../core/oauth-request.ts'
import { readJsonBody, type JsonMembers } from '../core/read-json.ts'
import type { RequestLimits } from '../core/read-request.ts'
import type { Client } from '../core/records.ts'
import type { RegistrationValidator } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import type { ClientValidator } from '../core/request-validator.ts'
import { clientInformation, usesSecret } from '../registration/client-information.ts'
import { prepareClient, type PreparedClient, type RegistrationRules } from '../registration/prepare-client.ts'
import { readBearerToken } from '../tokens/bearer-credentials.ts'
import { randomString } from '../util/random.ts'

/** What the client configuration endpoint is made of. */
export interface ClientConfigurationContext extends AnswerContext {
  readonly validator: RegistrationValidator & ClientValidator
  readonly limits: RequestLimits
  readonly rules: RegistrationRules
  /** The URL of the registration endpoint. */
  readonly registrationUri: string
}

/** A request of a client about itself. */
interface OwnRequest {
  readonly http: HttpRequest
  readonly request: RequestContext
  readonly clientId: string
  /** The registration access token that was presented. */
  readonly token: string
}

/** How often an update is tried that another change of the client came before. */
const mostTries = 3

/** Shows, replaces or deletes a client that registered itself (RFC 7592 §2). */
export const clientConfiguration = (http: HttpRequest, context: ClientConfigurationContext): Promise<HttpResponse> =>
  answer(context, 'registration', async (trace) => {
    const clientId = clientIdOf(http.url)
    const parameters = new Map([['client_id', clientId]])
    const request = newRequestContext(http, { endpoint: 'registration', now: context.now() }, parameters)
    trace.request = request
    if (!['GET', 'PUT', 'DELETE'].includes(http.method)) throw new MethodNotAllowedError('GET, PUT, DELETE')
    const token = await readBearerToken(http)
    if (token === undefined) throw new BearerError('invalid_token', 'token_absent')
    const own = { http, request, clientId, token }
    const client = await requireOwn(own, context)
    if (http.method === 'PUT') return update(own, client, context)
    if (http.method === 'DELETE') return remove(client, context, request.now)
    const secrets = { clientSecret: undefined, registrationAccessToken: token }
    return json(200, clientInformation(client, secrets, context.registrationUri))
  })

/** The last segment of the path. */
const clientIdOf = (url: string): string => {
  const [path = ''] = url.split(/[?#]/, 1)
  const segment = path.slice(path.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment // no id is written like that
  }
}

/** One answer for an unknown client and a wrong token (RFC 7592 §2.1). */
const requireOwn = async (
  { clientId, token, request }: OwnRequest,
  { validator }: ClientConfigurationContext,
): Promise<Client> => {
  const client = await validator.findRegistration(clientId, token, request.now)
  if (client === undefined) throw new BearerError('invalid_token', 'registration_access_token_wrong')
  return client
}

/** What the server decides is never for the client to send (RFC 7592 §2.2). */
const notUpdatable = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

const refuse = (description: string): InvalidClientMetadataError =>
  new InvalidClientMetadataError('client_metadata_invalid', { description })

const requireUpdatable = async (
  members: JsonMembers,
  client: Client,
  request: RequestContext,
  { validator }: ClientConfigurationContext,
): Promise<void> => {
  const wrong = notUpdatable.filter((name) => members.has(name))
  if (wrong.length > 0) throw refuse(`${wrong.join(', ')} cannot be updated.`)
  if (members.get('client_id') !== client.id) throw refuse('client_id must be that of the client.')
  const secret = members.get('client_secret')
  if (secret === undefined || secret === null) return
  const isCurrent = typeof secret === 'string' && (await validator.authenticateClient(client, secret, request))
  if (!isCurrent) throw refuse('client_secret must be the current one.')
}

const nextClient = (previous: Client, { draft, softwareStatement }: PreparedClient): Client => ({
  ...draft,
  id: previous.id,
  secrets: usesSecret(draft) ? previous.secrets : undefined,
  registration: previous.registration && { ...previous.registration, softwareStatement },
})

/** Replaces all of the metadata; the registration access token changes with it (RFC 7592 §2.2). */
const update = async (own: OwnRequest, found: Client, context: ClientConfigurationContext): Promise<HttpResponse> => {
  const { validator, rules, limits, registrationUri } = context
  const { http, request } = own
  const members = await readJsonBody(http, limits)
  await requireUpdatable(members, found, request, context)
  const known = { headers: http.headers, initialAccess: undefined, previous: found }
  const prepared = await prepareClient(members, rules, known, request.now)
  let client = found
  for (let tries = 0; tries < mostTries; tries++) {
    const next = nextClient(client, prepared)
    const needsSecret = usesSecret(next) && next.secrets === undefined
    const clientSecret = needsSecret ? randomString() : undefined
    const secrets = { clientSecret, registrationAccessToken: randomString() }
    if (await validator.replaceRegistration(client, next, secrets)) {
      context.events({ type: 'client.updated', time: request.now, clientId: client.id })
      return json(200, clientInformation(next, secrets, registrationUri))
    }
    client = await requireOwn(own, context) // another update, or only a note of its use
  }
  throw new TemporarilyUnavailableError('registration_raced')
}

const remove = async (client: Client, context: ClientConfigurationContext, now: number): Promise<HttpResponse> => {
  await context.validator.deleteRegistration(client, now)
  context.events({ type: 'client.deleted', time: now, clientId: client.id })
  return empty(204)
}
