import {
  BearerToken,
  guardedKeyFetcher,
  OpenIdServer,
  OutboundClient,
  type DpopProofOptions,
  type KeyRing,
  type MutualTlsOptions,
  type Store,
} from 'grantry'
import { headerCertificate } from 'grantry/node'
import { accessTokenOptions, resourcePolicies } from './access-tokens.ts'
import { adminResource } from './admin-scopes.ts'
import { ClientOrigins } from './client-origins.ts'
import { acrValues } from './http/authentication-classes.ts'
import { pathOf } from './http/form.ts'
import { detailOptions } from './http/shown-details.ts'
import { countFailures } from './limits/failed-authentication.ts'
import type { Limits } from './limits/limits.ts'
import { eventsTo } from './log.ts'
import type { Issuer } from './issuer.ts'
import { fapiOf } from './profiles.ts'
import type { Settings } from './settings.ts'
import { ServerValidator, type ServerValidatorParts } from './server-validator.ts'
import { clientDocumentsOf, offeredScopes, outboundOf, selfRegistration, takesDocumentOf } from './self-registration.ts'
import { servedResources } from './served-resources.ts'

/** What the protocol works with. */
export interface ServerParts {
  readonly store: Store
  readonly validator: ServerValidator
  readonly keys: KeyRing
  readonly pairwiseSalt: string
  /** Signs the nonces of DPoP proofs. */
  readonly nonceSecret: string
  readonly limits: Pick<Limits, 'clients'>
}

/** Judges requests by what is in the store, and by the users. */
export const makeValidator = (
  settings: Settings,
  { store, ...parts }: { readonly store: Store } & Pick<ServerValidatorParts, 'users' | 'admit'>,
): ServerValidator => {
  const { log, revokeAtLogout: endsWithSession, defaultScopes } = settings
  const takesDocument = (clientId: string): boolean => takesDocumentOf(settings, clientId)
  return new ServerValidator(store, { ...parts, log, endsWithSession, defaultScopes, takesDocumentOf: takesDocument })
}

/** How proofs are taken; `requestUrl` is for endpoints that are not below the issuer. */
const dpopOf = (
  { dpop }: Settings,
  nonceSecret: string,
  requestUrl?: DpopProofOptions['requestUrl'],
): DpopProofOptions | false =>
  dpop === 'off' ? false : { requestUrl, nonceSecret: dpop === 'nonce' ? nonceSecret : undefined }

/** How certificates of clients are found; undefined where they are not looked at. */
const mutualTlsOf = ({ clientCertificates, trustedProxies }: Settings): MutualTlsOptions | undefined => {
  if (clientCertificates === undefined) return undefined
  const { origin, ...header } = clientCertificates
  return { certificate: headerCertificate({ ...header, proxies: trustedProxies }), origin }
}

/** Checks access tokens that are for the admin API of this server: only those of clients that were made for it have its scopes. */
export const makeAdminBearer = (
  settings: Settings,
  issuer: Issuer,
  {
    validator,
    keys,
    nonceSecret,
    url,
  }: Pick<ServerParts, 'validator' | 'keys' | 'nonceSecret'> & { readonly url: string },
): BearerToken => {
  const { log, now } = settings
  const { tokenVerifier } = accessTokenOptions(settings, issuer.url, keys)
  const { origin } = new URL(url)
  return new BearerToken(validator, {
    audience: adminResource,
    realm: 'admin',
    tokenVerifier,
    mutualTls: mutualTlsOf(settings),
    dpop: dpopOf(settings, nonceSecret, (http) => origin + pathOf(http.url)),
    events: eventsTo(log),
    now,
  })
}

/** The OpenID provider behind the pages. */
export const makeServer = (settings: Settings, issuer: Issuer, parts: ServerParts): OpenIdServer => {
  const { log, now, requestObjects } = settings
  const profile = settings.profile === 'openid' ? 'openid' : 'oauth21'
  const fapi = fapiOf(settings.profile)
  const { store, validator, keys, pairwiseSalt, nonceSecret, limits } = parts
  const [tell, count] = [eventsTo(log), countFailures(limits.clients, log)]
  const origins = new ClientOrigins(store, now)
  const outbound = outboundOf(settings)
  const logout = { logoutPath: '/logout', backchannelLogout: true, frontchannelLogout: true }
  return new OpenIdServer(validator, {
    issuer: issuer.url,
    resources: servedResources(settings),
    resourcePolicies: resourcePolicies(settings, issuer.url, keys),
    severalResources: settings.severalResources,
    scopes: offeredScopes(settings),
    events: (event) => {
      tell(event)
      count(event)
    },
    now,
    device: { verificationUri: `${issuer.origin}${issuer.path}/device` },
    isOriginAllowed: (origin) => (settings.clientDocuments && origin !== 'null') || origins.has(origin), // theirs are in no record, and nothing here goes by cookies
    registration: selfRegistration(settings),
    clientIdMetadataDocuments: clientDocumentsOf(settings, store),
    outbound,
    dpop: dpopOf(settings, nonceSecret),
    mutualTls: mutualTlsOf(settings),
    fetchKeys: guardedKeyFetcher(new OutboundClient(outbound)), // clients that registered stay when registration is turned off
    openid: { keys, pairwiseSalt, profile, acrValues, ...logout },
    profile: fapi,
    requestObjects: requestObjects ? { byReference: fapi === undefined } : undefined,
    pushedRequests: {},
    authorizationDetails: detailOptions(settings.authorizationDetails),
    signedResponses: {},
    signedIntrospection: {},
    ...accessTokenOptions(settings, issuer.url, keys),
  })
}
