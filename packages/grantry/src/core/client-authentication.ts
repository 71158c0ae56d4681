import type { Awaitable } from './awaitable.ts'
import { InvalidClientError, InvalidRequestError } from './errors.ts'
import type { OAuthRequest, RequestContext } from './oauth-request.ts'
import type { Client } from './records.ts'
import type { ClientValidator } from './request-validator.ts'

/** What a client sent to authenticate itself. */
export interface ClientCredentials {
  readonly clientId: string
  /** Whether they prove that the sender is `client`. */
  prove(client: Client, validator: ClientValidator): Awaitable<boolean>
}

/** One way for clients to authenticate at the token, introspection and revocation endpoints. */
export interface ClientAuthenticationMethod {
  /** As registered for `token_endpoint_auth_method` (RFC 7591 §2). */
  readonly name: string
  /** The credentials of this method in a request; undefined where it was not used. */
  read(request: OAuthRequest): ClientCredentials | undefined
}

/** A request whose client is authenticated. */
export type AuthenticatedRequest = RequestContext & { readonly client: Client }

/** The record of a client as the validator returned it; `true` stands for a record with all grants of the server. */
export const toClient = (
  found: Client | true | undefined,
  clientId: string,
  grantTypes: Iterable<string>,
): Client | undefined => (found === true ? { id: clientId, grantTypes: [...grantTypes] } : found)

const defaultMethods: readonly string[] = ['client_secret_basic', 'client_secret_post']

const readCredentials = (
  request: OAuthRequest,
  methods: readonly ClientAuthenticationMethod[],
): { readonly name: string; readonly credentials: ClientCredentials } => {
  const used = methods.flatMap((method) => {
    const credentials = method.read(request)
    return credentials === undefined ? [] : [{ name: method.name, credentials }]
  })
  const [first, second] = used
  if (second !== undefined) {
    const detail = used.map((each) => each.name).join(', ')
    throw new InvalidRequestError('client_credentials_repeated', {
      description: 'Use one client authentication method.',
      detail,
    })
  }
  if (first === undefined) {
    throw new InvalidClientError(
      request.headers.get('authorization') ? 'client_credentials_malformed' : 'client_credentials_missing',
    )
  }
  return first
}

/**
 * Authenticates the client of a request by exactly one of `methods` (RFC 6749 §2.3), and refuses methods that the client is not
 * registered for. The answer is the same for an unknown client and a wrong secret.
 */
export const authenticateClient = async (
  request: RequestContext,
  validator: ClientValidator,
  methods: readonly ClientAuthenticationMethod[],
  grantTypes: Iterable<string>,
): Promise<AuthenticatedRequest> => {
  const { name, credentials } = readCredentials(request, methods)
  if ((request.parameters.get('client_id') ?? credentials.clientId) !== credentials.clientId) {
    throw new InvalidRequestError('client_id_mismatch', {
      description: 'The client_id differs from the authenticated client.',
    })
  }
  const client = toClient(
    await validator.validateClientId(credentials.clientId, request),
    credentials.clientId,
    grantTypes,
  )
  if (client === undefined) {
    await credentials.prove({ id: credentials.clientId }, validator)
    throw new InvalidClientError('client_unknown', { detail: credentials.clientId })
  }
  if (!(client.authMethods ?? defaultMethods).includes(name)) {
    throw new InvalidClientError('client_method_not_allowed', { detail: `${client.id} used ${name}` })
  }
  if (!(await credentials.prove(client, validator)))
    throw new InvalidClientError('client_secret_wrong', { detail: client.id })
  return Object.assign(request, { client })
}
