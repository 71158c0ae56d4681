import { sha256Base64url } from '#platform'
import { parseJsonObject, type JsonMembers } from '../core/read-json.ts'
import type { Client } from '../core/records.ts'
import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import type { RegistrationOffer } from './consistency.ts'
import { isLoopback } from './loopback.ts'
import { prepareClient, type RegistrationRules } from './prepare-client.ts'
import { isEmpty } from './values.ts'

/** Everything that needs a secret that client and server share, which nobody could have given to the client (§4.1). */
const secretMembers = ['client_secret', 'client_secret_expires_at']
const secretMethods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']

const invalid = (description: string): InvalidClientMetadataError =>
  new InvalidClientMetadataError('client_document_invalid', { description })

const requireOwn = (members: JsonMembers, clientId: string): void => {
  if (members.get('client_id') !== clientId) throw invalid('Its client_id is not the URL that it was fetched from.')
  const secret = secretMembers.find((name) => members.has(name))
  if (secret !== undefined) throw invalid(`It has the member ${secret}.`)
  if (secretMethods.some((method) => method === members.get('token_endpoint_auth_method')))
    throw invalid('Its token_endpoint_auth_method needs a shared secret.')
}

/** The default of RFC 7591 is a secret, which cannot be: a client with keys proves to have these, others prove nothing. */
const methodOf = (members: JsonMembers): unknown => {
  const given = members.get('token_endpoint_auth_method')
  if (!isEmpty(given)) return given
  return ['jwks', 'jwks_uri'].every((name) => isEmpty(members.get(name))) ? 'none' : 'private_key_jwt'
}

/** One document is for many servers: of what it lists, a server takes what it has. */
const narrowed = (members: JsonMembers, name: string, offered: readonly string[]): unknown => {
  const listed = members.get(name)
  if (!Array.isArray(listed)) return listed
  const common = listed.filter((each: unknown) => offered.some((one) => one === each))
  if (listed.length === 0 || common.length > 0) return common
  throw invalid(`${name}: none of it is offered; choose of ${offered.join(', ')}.`)
}

/** What a client is by its document; `digest` changes with it. */
const digestOf = (draft: ClientDraft): string => {
  const { name, uri, redirectUris, authMethods, jwks, jwksUri } = draft
  return sha256Base64url(JSON.stringify([name, uri, redirectUris, authMethods, jwks, jwksUri]))
}

/**
 * Makes a client of the document at its id (draft-ietf-oauth-client-id-metadata-document-01 §4), by the rules of registration. Throws an
 * `OAuthError` whose description says what is wrong with it.
 */
export const readClientDocument = async (
  text: string,
  clientId: string,
  rules: RegistrationRules,
  now: number,
): Promise<Client> => {
  const members = parseJsonObject(text)
  if (typeof members === 'string') throw invalid(`It ${members}.`)
  requireOwn(members, clientId)
  const { grantTypes, responseTypes }: RegistrationOffer = rules.offer
  const settled: JsonMembers = new Map([
    ...members,
    ['token_endpoint_auth_method', methodOf(members)],
    ['grant_types', narrowed(members, 'grant_types', grantTypes)],
    ['response_types', narrowed(members, 'response_types', responseTypes)],
  ])
  const context = { headers: { get: () => undefined }, initialAccess: undefined, previous: undefined }
  const { draft } = await prepareClient(settled, rules, context, now)
  const { redirectUris = [] } = draft
  const isLoopbackOnly = redirectUris.length > 0 && redirectUris.every((uri) => isLoopback(new URL(uri)))
  return {
    ...draft,
    id: clientId,
    metadataDocument: { host: new URL(clientId).host, digest: digestOf(draft), isLoopbackOnly },
  }
}
