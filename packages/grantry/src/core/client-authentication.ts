import type { Awaitable } from './awaitable.ts'
import { InvalidClientError, InvalidRequestError, type OAuthErrorOptions } from './errors.ts'
import type { OAuthRequest, RequestContext } from './oauth-request.ts'
import type { Reason } from './reasons.ts'
import type { Client } from './records.ts'
import type { ClientValidator } from './request-validator.ts'

/** Why credentials prove nothing, for the log. Clients get the same answer for all of it. */
export interface FailedProof extends Pick<OAuthErrorOptions, 'detail' | 'cause'> {
  readonly reason: Reason
}

/** What a client sent to authenticate itself. */
export interface ClientCredentials {
  readonly clientId: string
  /**
   * Whether they prove that the sender is `client`: false where the secret is wrong, else why not. Called with a client that has nothing but its
   * id where that is unknown or may not use the method; do the same work then, so that the time taken says nothing.
   */
  prove(client: Client, validator: ClientValidator): Awaitable<boolean | FailedProof>
  /** Whether the message alone does not tell which method it is, so that the record of the client decides among those for which it is so. */
  readonly isBare?: boolean | undefined
}

/** One way for clients to authenticate at the token, introspection and revocation endpoints. */
export interface ClientAuthenticationMethod {
  /** As registered for `token_endpoint_auth_method` (RFC 7591 §2). */
  readonly name: string
  /** The `alg`s of its assertions, for the metadata document (RFC 8414 §2). */
  readonly signingAlgorithms?: readonly string[] | undefined
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

/** What proves more than an id; a request that has it is for another method. */
const proofs = ['client_secret', 'client_assertion']

/** Credentials of a request that has nothing of a client but its `client_id`; undefined for others. */
export const bareCredentials = (
  { headers, parameters }: OAuthRequest,
  prove: ClientCredentials['prove'],
): ClientCredentials | undefined =>
  headers.get('authorization') || !parameters.has('client_id') || proofs.some((name) => parameters.has(name))
    ? undefined
    : { clientId: parameters.get('client_id') ?? '', prove, isBare: true }

const defaultMethods: readonly string[] = ['client_secret_basic', 'client_secret_post']

/** Credentials, and the method by which they were sent. */
interface UsedMethod {
  readonly name: string
  readonly credentials: ClientCredentials
}

const readCredentials = (
  request: OAuthRequest,
  methods: readonly ClientAuthenticationMethod[],
): readonly [UsedMethod, ...UsedMethod[]] => {
  const [first, ...others] = methods.flatMap((method) => {
    const credentials = method.read(request)
    return credentials === undefined ? [] : [{ name: method.name, credentials }]
  })
  if (first === undefined || (others.length > 0 && ![first, ...others].every(({ credentials }) => credentials.isBare)))
    throw notOneMethod(request, first === undefined ? [] : [first, ...others])
  return [first, ...others]
}

const notOneMethod = (
  { headers, parameters }: OAuthRequest,
  used: readonly { readonly name: string }[],
): InvalidRequestError | InvalidClientError => {
  if (used.length > 0) {
    const detail = used.map(({ name }) => name).join(', ')
    const description = 'Use one client authentication method.'
    return new InvalidRequestError('client_credentials_repeated', { description, detail })
  }
  if (parameters.has('client_assertion')) return new InvalidClientError('client_assertion_unsupported')
  return new InvalidClientError(
    headers.get('authorization') ? 'client_credentials_malformed' : 'client_credentials_missing',
  )
}

/**
 * Authenticates the client of a request by exactly one of `methods` (RFC 6749 §2.3), and refuses methods that the client is not
 * registered for. The answer and the work are the same for an unknown client, another method and a wrong secret.
 */
export const authenticateClient = async (
  request: RequestContext,
  validator: ClientValidator,
  methods: readonly ClientAuthenticationMethod[],
  grantTypes: Iterable<string>,
): Promise<AuthenticatedRequest> => {
  const [first, ...others] = readCredentials(request, methods)
  if ((request.parameters.get('client_id') ?? first.credentials.clientId) !== first.credentials.clientId) {
    throw new InvalidRequestError('client_id_mismatch', {
      description: 'The client_id differs from the authenticated client.',
    })
  }
  const client = toClient(
    await validator.validateClientId(first.credentials.clientId, request),
    first.credentials.clientId,
    grantTypes,
  )
  const { name, credentials } = others.find((each) => client?.authMethods?.includes(each.name)) ?? first
  const eligible = client && (client.authMethods ?? defaultMethods).includes(name) ? client : undefined
  const proof = await credentials.prove(eligible ?? { id: credentials.clientId }, validator)
  if (eligible === undefined || proof !== true) throw refusal(credentials.clientId, name, client, eligible && proof)
  return Object.assign(request, { client: eligible })
}

/** `proof` is undefined where the client may not use the method. */
const refusal = (
  clientId: string,
  method: string,
  client: Client | undefined,
  proof: boolean | FailedProof | undefined,
): InvalidClientError => {
  if (client === undefined) return new InvalidClientError('client_unknown', { detail: clientId })
  if (proof === undefined)
    return new InvalidClientError('client_method_not_allowed', { detail: `${client.id} used ${method}` })
  if (typeof proof === 'boolean') return new InvalidClientError('client_secret_wrong', { detail: client.id })
  return new InvalidClientError(proof.reason, { ...proof, detail: `${client.id}: ${proof.detail ?? proof.reason}` })
}
