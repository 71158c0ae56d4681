import type { JsonMembers } from '../core/read-json.ts'
import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError } from '../core/registration-errors.ts'
import { parseScope } from '../core/scope.ts'
import { readCertificateName, writeCertificateName } from './certificate-name.ts'
import { readEncryption, writeEncryption } from './encryption.ts'
import {
  algorithm,
  askedUrl,
  browserUri,
  fetchedUrl,
  flag,
  httpsUrl,
  isEmpty,
  listOf,
  oneOf,
  publicKeys,
  redirectUri,
  requestUri,
  seconds,
  shownText,
  word,
  type ReadValue,
} from './values.ts'

/** A member of the metadata: how it is read from the wire into a record, and written back. */
interface Member {
  readonly name: string
  readonly read: (value: unknown) => ClientDraft
  readonly write: (client: ClientDraft) => unknown
}

const member = <Key extends keyof ClientDraft>(name: string, key: Key, read: ReadValue<ClientDraft[Key]>): Member => ({
  name,
  read: (value) => ({ [key]: read(value, name) }),
  write: (client) => client[key],
})

/** The words of a response type, in the order of the alphabet: their order means nothing (OAuth 2.0 Multiple Response Types §3). */
const responseType: ReadValue<string> = (value, name) => {
  if (typeof value !== 'string' || !/^[a-z_]+(?: [a-z_]+){0,3}$/.test(value))
    throw new InvalidClientMetadataError(undefined, { description: `${name} has a malformed response type.` })
  return value.split(' ').sort().join(' ')
}

const scopes: ReadValue<readonly string[]> = (value, name) => {
  if (typeof value !== 'string' || value.length > 4096)
    throw new InvalidClientMetadataError(undefined, { description: `${name} must be a string.` })
  try {
    return parseScope(value) ?? []
  } catch (cause) {
    const description = `${name} has characters that are not allowed.`
    throw new InvalidClientMetadataError(undefined, { description, cause })
  }
}

const authMethods: Member = {
  name: 'token_endpoint_auth_method',
  read: (value) => ({ authMethods: [word(value, 'token_endpoint_auth_method')] }),
  write: ({ authMethods: [method] = [] }) => method,
}

const scope: Member = {
  name: 'scope',
  read: (value) => ({ scopes: scopes(value, 'scope') }),
  write: ({ scopes: registered }) => registered?.join(' '),
}

/** Members that may be said in several languages (RFC 7591 §2.2). */
const ofPages = [
  member('client_name', 'name', shownText),
  member('client_uri', 'uri', httpsUrl),
  member('logo_uri', 'logoUri', httpsUrl),
  member('tos_uri', 'tosUri', httpsUrl),
  member('policy_uri', 'policyUri', httpsUrl),
]

/** All that is known of RFC 7591 §2 and OpenID Connect: what is not here is ignored, and not echoed. */
const members: readonly Member[] = [
  member('redirect_uris', 'redirectUris', listOf(redirectUri)),
  authMethods,
  member('token_endpoint_auth_signing_alg', 'assertionSigningAlgorithm', algorithm),
  member('grant_types', 'grantTypes', listOf(word)),
  member('response_types', 'responseTypes', listOf(responseType)),
  ...ofPages,
  scope,
  member('contacts', 'contacts', listOf(shownText)),
  member('jwks', 'jwks', publicKeys),
  member('jwks_uri', 'jwksUri', fetchedUrl),
  member('software_id', 'softwareId', shownText),
  member('software_version', 'softwareVersion', shownText),
  member('application_type', 'applicationType', oneOf('web', 'native')),
  member('sector_identifier_uri', 'sectorIdentifierUri', fetchedUrl),
  member('authorization_details_types', 'authorizationDetailsTypes', listOf(word)),
  member('dpop_bound_access_tokens', 'dpopBoundAccessTokens', flag),
  member('tls_client_certificate_bound_access_tokens', 'certificateBoundAccessTokens', flag),
  member('subject_type', 'subjectType', oneOf('public', 'pairwise')),
  member('id_token_signed_response_alg', 'idTokenSigningAlgorithm', algorithm),
  member('userinfo_signed_response_alg', 'userInfoSigningAlgorithm', algorithm),
  member('request_object_signing_alg', 'requestObjectSigningAlgorithm', algorithm),
  member('require_signed_request_object', 'requireSignedRequestObject', flag),
  member('require_pushed_authorization_requests', 'requirePushedAuthorizationRequests', flag),
  member('authorization_signed_response_alg', 'authorizationSigningAlgorithm', algorithm),
  member('introspection_signed_response_alg', 'introspectionSigningAlgorithm', algorithm),
  member('request_uris', 'requestUris', listOf(requestUri)),
  member('default_max_age', 'defaultMaxAge', seconds),
  member('require_auth_time', 'requireAuthTime', flag),
  member('default_acr_values', 'defaultAcrValues', listOf(word)),
  member('initiate_login_uri', 'initiateLoginUri', httpsUrl),
  member('post_logout_redirect_uris', 'postLogoutRedirectUris', listOf(browserUri)),
  member('backchannel_logout_uri', 'backchannelLogoutUri', fetchedUrl),
  member('backchannel_logout_session_required', 'backchannelLogoutSessionRequired', flag),
  member('frontchannel_logout_uri', 'frontchannelLogoutUri', askedUrl),
  member('frontchannel_logout_session_required', 'frontchannelLogoutSessionRequired', flag),
]

const language = /^(?<name>[a-z_]+)#[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}$/
const mostLocalized = 50

const readLocalized = (json: JsonMembers): ClientDraft => {
  const found = [...json].flatMap(([name, value]): [string, string][] => {
    const base = ofPages.find((each) => each.name === language.exec(name)?.groups?.['name'])
    if (base === undefined || isEmpty(value)) return []
    base.read(value) // throws for what is no text of its kind
    return typeof value === 'string' ? [[name, value]] : []
  })
  if (found.length > mostLocalized)
    throw new InvalidClientMetadataError(undefined, { description: 'There are too many members in other languages.' })
  return found.length === 0 ? {} : { localized: Object.fromEntries(found) }
}

/**
 * Reads the metadata of a client by the names of RFC 7591 §2 and OpenID Connect, each member by itself; others are ignored. Throws an
 * `OAuthError` whose description names the member that cannot be taken.
 */
export const readClientMetadata = (json: JsonMembers): ClientDraft => {
  const known = members.filter(({ name }) => !isEmpty(json.get(name)))
  const read = known.map(({ name, read: readValue }) => readValue(json.get(name)))
  return Object.assign({}, ...read, readEncryption(json), readCertificateName(json), readLocalized(json)) as ClientDraft // each is a part of one
}

/** The metadata of a client as it is sent to it. Members without a value are left out. */
export const writeMetadata = (client: ClientDraft): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(members.map(({ name, write }) => [name, write(client)])),
  ...writeEncryption(client),
  ...writeCertificateName(client),
  ...client.localized,
})
