import type { ClientDraft } from '../core/registration.ts'
import { InvalidClientMetadataError, InvalidRedirectUriError } from '../core/registration-errors.ts'
import { encryptions } from './encryption.ts'
import { isLoopback } from './loopback.ts'

/** What clients may be registered for at this server. */
export interface RegistrationOffer {
  readonly authMethods: readonly string[]
  readonly grantTypes: readonly string[]
  readonly responseTypes: readonly string[]
  readonly scopes: readonly string[]
  readonly subjectTypes: readonly string[]
  readonly authorizationDetailsTypes: readonly string[]
  /** Whether tokens can be bound to keys (RFC 9449). */
  readonly hasDpop: boolean
  /** Whether they can be bound to certificates (RFC 8705). */
  readonly hasCertificates: boolean
}

/** A draft in which all that decides about tokens is said. */
type Settled = ClientDraft & {
  readonly authMethods: readonly [string]
  readonly grantTypes: readonly string[]
  readonly responseTypes: readonly string[]
}

const contradiction = (description: string): InvalidClientMetadataError =>
  new InvalidClientMetadataError('client_metadata_inconsistent', { description })

const wordsOf = (responseTypes: readonly string[]): readonly string[] =>
  responseTypes.flatMap((type) => type.split(' '))

/** The grants that response types go with (RFC 7591 §2.1): tokens from the authorization endpoint are `implicit`. */
const grantsOf = (responseTypes: readonly string[]): readonly string[] => {
  const words = wordsOf(responseTypes)
  return [
    ...(words.includes('code') ? ['authorization_code'] : []),
    ...(words.includes('token') || words.includes('id_token') ? ['implicit'] : []),
  ]
}

/** Fills in what was left out: each of grants and response types by the other, both by the authorization code (RFC 7591 §2). */
const withDefaults = (draft: ClientDraft): Settled => {
  const grantTypes = draft.grantTypes ??
    (draft.responseTypes && grantsOf(draft.responseTypes)) ?? ['authorization_code']
  const responseTypes = draft.responseTypes ?? (grantTypes.includes('authorization_code') ? ['code'] : [])
  return { ...draft, grantTypes, responseTypes, authMethods: [draft.authMethods?.[0] ?? 'client_secret_basic'] }
}

const requireOffered = (draft: Settled, offer: RegistrationOffer): void => {
  const asked: readonly (readonly [name: string, values: readonly string[], offered: readonly string[]])[] = [
    ['token_endpoint_auth_method', draft.authMethods, offer.authMethods],
    ['grant_types', draft.grantTypes, offer.grantTypes],
    ['response_types', draft.responseTypes, offer.responseTypes],
    ['authorization_details_types', draft.authorizationDetailsTypes ?? [], offer.authorizationDetailsTypes],
    ['subject_type', draft.subjectType === undefined ? [] : [draft.subjectType], offer.subjectTypes],
  ]
  for (const [name, values, offered] of asked) {
    const missing = values.filter((value) => !offered.includes(value))
    if (missing.length === 0) continue
    const description = `${name}: ${missing.join(', ')} is not offered; choose of ${offered.join(', ') || 'none'}.`
    throw new InvalidClientMetadataError('client_metadata_invalid', { description })
  }
}

const requireGrants = ({ grantTypes, responseTypes, authMethods }: Settled): void => {
  const needed = grantsOf(responseTypes)
  const lacking = needed.filter((grant) => !grantTypes.includes(grant))
  if (lacking.length > 0) throw contradiction(`The response_types need ${lacking.join(', ')} among the grant_types.`)
  const idle = ['authorization_code', 'implicit'].filter(
    (grant) => grantTypes.includes(grant) && !needed.includes(grant),
  )
  if (idle.length > 0) throw contradiction(`The grant_types ${idle.join(', ')} need a response type.`)
  if (authMethods[0] === 'none' && grantTypes.includes('client_credentials'))
    throw contradiction('client_credentials needs a client that authenticates.')
}

const requireKeys = ({ jwks, jwksUri, authMethods, ...draft }: Settled): void => {
  if (authMethods[0] === 'tls_client_auth' && draft.certificateName === undefined)
    throw contradiction('tls_client_auth needs one of the members that begin with tls_client_auth_.')
  if (jwks !== undefined && jwksUri !== undefined) throw contradiction('Send jwks or jwks_uri, not both.')
  if (jwks !== undefined || jwksUri !== undefined) return
  if (authMethods[0] === 'private_key_jwt' || authMethods[0] === 'self_signed_tls_client_auth')
    throw contradiction(`${authMethods[0]} needs jwks or jwks_uri.`)
  if (encryptions.some(([, key]) => draft[key] !== undefined)) throw contradiction('Encryption needs jwks or jwks_uri.')
}

/** A client that wants bound tokens alone must be able to get one (RFC 9449 §5.2, RFC 8705 §3.4). */
const requireBinding = (draft: Settled, { hasDpop, hasCertificates }: RegistrationOffer): void => {
  const asked = [
    { name: 'dpop_bound_access_tokens', isAsked: draft.dpopBoundAccessTokens, isOffered: hasDpop },
    {
      name: 'tls_client_certificate_bound_access_tokens',
      isAsked: draft.certificateBoundAccessTokens,
      isOffered: hasCertificates,
    },
  ].filter(({ isAsked }) => isAsked)
  for (const { name, isOffered } of asked) {
    if (!isOffered)
      throw new InvalidClientMetadataError('client_metadata_invalid', { description: `${name} is not offered.` })
    if (wordsOf(draft.responseTypes).includes('token'))
      throw contradiction(`${name} goes with no response type that has a token in it.`)
  }
}

/** Why a redirect URI does not fit the kind of client (OpenID Connect Registration §2, RFC 8252 §7). */
const misfit = (uri: URL, { applicationType, responseTypes }: Settled): string | undefined => {
  const isHttps = uri.protocol === 'https:'
  if (applicationType === 'native')
    return isHttps && isLoopback(uri) ? 'of a native client on this machine must be http' : undefined
  if (grantsOf(responseTypes).includes('implicit') && (!isHttps || isLoopback(uri)))
    return 'must be https and not on localhost, where tokens come from the authorization endpoint'
  return applicationType === 'web' && !isHttps && uri.protocol !== 'http:'
    ? 'of a web client must be http or https'
    : undefined
}

const requireRedirectUris = (draft: Settled): void => {
  const { redirectUris = [], responseTypes } = draft
  if (responseTypes.length > 0 && redirectUris.length === 0)
    throw new InvalidRedirectUriError(undefined, { description: 'redirect_uris is required.' })
  for (const uri of redirectUris) {
    const problem = misfit(new URL(uri), draft)
    if (problem === undefined) continue
    throw new InvalidRedirectUriError(undefined, { description: `One of redirect_uris ${problem}.`, detail: uri })
  }
}

const hostsOf = (uris: readonly string[]): ReadonlySet<string> => new Set(uris.map((uri) => new URL(uri).host))

const requireOpenId = ({
  subjectType,
  sectorIdentifierUri,
  frontchannelLogoutUri,
  redirectUris = [],
}: Settled): void => {
  if (subjectType === 'pairwise' && sectorIdentifierUri === undefined && hostsOf(redirectUris).size !== 1)
    throw contradiction('Pairwise ids of a client with redirect_uris on several hosts need sector_identifier_uri.')
  if (frontchannelLogoutUri === undefined) return
  if (!redirectUris.some((uri) => new URL(uri).origin === new URL(frontchannelLogoutUri).origin))
    throw contradiction('frontchannel_logout_uri must be on the origin of one of redirect_uris.')
}

/** All scopes on offer where none are named; else those that are on offer (RFC 7591 §2, §3.2.1). */
const allowedScopes = ({ scopes }: ClientDraft, offer: RegistrationOffer): readonly string[] => {
  const allowed = scopes?.filter((scope) => offer.scopes.includes(scope)) ?? offer.scopes
  if (scopes === undefined || allowed.length > 0) return allowed
  throw new InvalidClientMetadataError('client_metadata_invalid', { description: 'scope: none of it is offered.' })
}

/**
 * Fills in defaults and makes sure that the members fit each other and the server (RFC 7591 §2, OpenID Connect Registration §2). Throws
 * the error that is to be sent.
 */
export const settleMetadata = (draft: ClientDraft, offer: RegistrationOffer): ClientDraft => {
  const settled = withDefaults(draft)
  requireOffered(settled, offer)
  requireGrants(settled)
  requireKeys(settled)
  requireBinding(settled, offer)
  requireRedirectUris(settled)
  requireOpenId(settled)
  return { ...settled, scopes: allowedScopes(settled, offer) }
}
