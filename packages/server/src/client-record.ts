import {
  clientIdUrlProblem,
  isPublicClient,
  type CertificateName,
  type CertificateNameType,
  type Client,
} from 'grantry'
import { isAdminScope, scopesOf, type Administration } from './admin-scopes.ts'
import { clientMembers, type ClientSettings } from './client-settings.ts'

/** What the server keeps of a client beside what the toolkit reads. */
export interface ServerClient extends Client {
  /** Whether it is run by whoever runs the server, so that consent is remembered although the client keeps no secret. */
  readonly firstParty?: boolean | undefined
  /** Origins of web pages that may read answers, beside those of its https redirect URIs. */
  readonly allowedCorsOrigins?: readonly string[] | undefined
  /** `file`: it is of the configuration file, which alone changes it; `console`: it is the console. Undefined for others. */
  readonly source?: 'file' | 'console' | undefined
  /** What it may do at the admin API. Without this the scopes of that are granted to nobody, whatever `scopes` says. */
  readonly administration?: Administration | undefined
  /** When an operator disabled it, in seconds: it is as good as unknown until it is enabled. */
  readonly disabledAt?: number | undefined
}

/** Why no client can have an id: one in other letters could look the same. Undefined for one that can be given (RFC 6749 appendix A.1). */
export const clientIdProblem = (id: string): string | undefined =>
  /^[\x21-\x7e]{1,255}$/.test(id) && id !== '.' && id !== '..'
    ? undefined
    : 'must have 1 to 255 characters of ASCII without spaces'

/** Whether a client without a record may be known by the document at its id. */
export const isDocumentId = (id: string): boolean => clientIdUrlProblem(id) === undefined

const member = (client: Client, name: keyof ServerClient): unknown =>
  name in client ? (client as ServerClient)[name] : undefined // a record may come from anywhere, so the type is checked by whoever asks

/** Whether a client is of the configuration file. */
export const isOfFile = (client: Client): boolean => member(client, 'source') === 'file'

/** Whether a client is the console of this server. */
export const isOfConsole = (client: Client): boolean => member(client, 'source') === 'console'

/** When a client was disabled, in seconds; undefined for one that is not. */
export const disabledAtOf = (client: Client): number | undefined => {
  const at = member(client, 'disabledAt')
  return typeof at === 'number' ? at : undefined
}

/** What a client may do at the admin API. */
export const administrationOf = (client: Client): Administration | undefined => {
  const given = member(client, 'administration')
  return given === 'read' || given === 'write' ? given : undefined
}

const isHttps = (uri: string): boolean => uri.startsWith('https://')

/**
 * Whether a consent may be remembered, so that the next request goes through without a page. Not where anyone can say that he is this
 * client (RFC 8252 §8.6): it must keep a secret, or be first party and hold the https address that the answer goes to.
 */
export const mayRememberConsent = (client: Client, redirectUri: string): boolean =>
  !isPublicClient(client) || (member(client, 'firstParty') === true && isHttps(redirectUri))

const allowedOrigins = (client: Client): readonly string[] => {
  const allowed = member(client, 'allowedCorsOrigins')
  return Array.isArray(allowed) ? allowed.filter((origin) => typeof origin === 'string') : []
}

/** Origins whose pages may read what the server answers to this client. */
export const corsOriginsOf = (client: Client): readonly string[] => [
  ...(client.redirectUris ?? []).filter(isHttps).map((uri) => new URL(uri).origin),
  ...allowedOrigins(client),
]

/** `code id_token` and `id_token code` are the same response type. */
const sortWords = (text: string): string => text.split(' ').sort().join(' ')

const grantsOf = ({ grantTypes, administration }: ClientSettings): readonly string[] => {
  if (administration !== undefined) return ['client_credentials']
  return grantTypes ?? ['authorization_code', 'refresh_token']
}

/** Every member, undefined; but where the keys are, which a client that registered itself may have for another reason. */
const absent: ClientSettings = Object.fromEntries(
  Object.keys(clientMembers).flatMap((name) => (name === 'jwksUri' ? [] : [[name, undefined]])),
)

const toCertificateName = (text: string | undefined): CertificateName | undefined => {
  const [type, value] = text?.split(/:(.*)/s, 2) ?? []
  return value === undefined ? undefined : { type: type as CertificateNameType, value } // as the settings were checked
}

/** The record for what an operator says of a client: without id and secrets. What is undefined is not kept, and takes the place of what was. */
export const toRecord = (settings: ClientSettings): Omit<ServerClient, 'id'> => {
  const { public: isPublic, corsOrigins, idTokenAlg, responseTypes, administration, jwksUri, ...same } = settings
  const byKey = jwksUri === undefined ? undefined : ['private_key_jwt']
  const certificateName = toCertificateName(settings.certificateName)
  const own = scopesOf(administration)
  const defaultScopes = settings.defaultScopes ?? []
  return {
    ...absent,
    ...same,
    administration,
    redirectUris: settings.redirectUris ?? [],
    grantTypes: grantsOf(settings),
    scopes: [...new Set([...own, ...(settings.scopes ?? []), ...defaultScopes])],
    defaultScopes: [...own.slice(0, 1), ...defaultScopes],
    certificateName,
    authMethods: isPublic === true ? ['none'] : certificateName === undefined ? byKey : ['tls_client_auth'],
    ...(jwksUri !== undefined && { jwksUri }),
    responseTypes: responseTypes?.map(sortWords),
    allowedCorsOrigins: corsOrigins,
    idTokenSigningAlgorithm: idTokenAlg,
  }
}

const filled = (list: readonly string[] | undefined): string[] | undefined =>
  list === undefined || list.length === 0 ? undefined : [...list]

const ordinary = (scopes: readonly string[] = []): string[] | undefined =>
  filled(scopes.filter((scope) => !isAdminScope(scope)))

const offered = (algorithm: string | undefined) =>
  algorithm === 'RS256' || algorithm === 'ES256' ? algorithm : undefined

/** What an operator would say of a client to have it as it is. What has no word there is left out, and stays as it is. */
export const settingsOf = (client: Client): ClientSettings => {
  const { name, policyUri, tosUri, logoUri, subjectType, sectorIdentifier, idTokenSigningAlgorithm: alg } = client
  const { backchannelLogoutUri, frontchannelLogoutUri } = client
  const all: ClientSettings = {
    ...{ name, policyUri, tosUri, logoUri, subjectType, sectorIdentifier },
    ...{ backchannelLogoutUri, frontchannelLogoutUri },
    public: isPublicClient(client) ? true : undefined,
    redirectUris: filled(client.redirectUris),
    grantTypes: filled(client.grantTypes),
    responseTypes: filled(client.responseTypes),
    scopes: ordinary(client.scopes),
    defaultScopes: ordinary(client.defaultScopes),
    authorizationDetailsTypes: filled(client.authorizationDetailsTypes),
    postLogoutRedirectUris: filled(client.postLogoutRedirectUris),
    corsOrigins: filled(allowedOrigins(client)),
    idTokenAlg: offered(alg),
    certificateName: client.certificateName && `${client.certificateName.type}:${client.certificateName.value}`,
    jwksUri: client.authMethods?.includes('private_key_jwt') === true ? client.jwksUri : undefined,
    requirePushedAuthorizationRequests: client.requirePushedAuthorizationRequests === true ? true : undefined,
    requireSignedRequestObject: client.requireSignedRequestObject === true ? true : undefined,
    authorizationSigningAlgorithm: offered(client.authorizationSigningAlgorithm),
    certificateBoundAccessTokens: client.certificateBoundAccessTokens === true ? true : undefined,
    dpopBoundAccessTokens: client.dpopBoundAccessTokens === true ? true : undefined,
    firstParty: member(client, 'firstParty') === true ? true : undefined,
    administration: administrationOf(client),
  }
  return Object.fromEntries(Object.entries<unknown>(all).filter(([, value]) => value !== undefined))
}
