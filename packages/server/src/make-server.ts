import { BearerToken, guardedKeyFetcher, OpenIdServer, OutboundClient, type KeyRing, type Store } from 'grantry'
import { accessTokenOptions } from './access-tokens.ts'
import { adminResource } from './admin-scopes.ts'
import { ClientOrigins } from './client-origins.ts'
import { acrValues } from './http/authentication-classes.ts'
import { countFailures } from './limits/failed-authentication.ts'
import type { Limits } from './limits/limits.ts'
import { eventsTo } from './log.ts'
import type { Issuer } from './issuer.ts'
import type { Settings } from './settings.ts'
import { ServerValidator, type ServerValidatorParts } from './server-validator.ts'
import { outboundOf, selfRegistration, standardScopes } from './self-registration.ts'

/** What the protocol works with. */
export interface ServerParts {
  readonly store: Store
  readonly validator: ServerValidator
  readonly keys: KeyRing
  readonly pairwiseSalt: string
  readonly limits: Pick<Limits, 'clients'>
}

/** Judges requests by what is in the store, and by the users. */
export const makeValidator = (
  { log, revokeAtLogout: endsWithSession }: Settings,
  { store, ...parts }: { readonly store: Store } & Pick<ServerValidatorParts, 'users' | 'admit'>,
): ServerValidator => new ServerValidator(store, { ...parts, log, endsWithSession })

/** Checks access tokens that are for the admin API of this server: only those of clients that were made for it have its scopes. */
export const makeAdminBearer = (
  { log, now, tokenFormat }: Settings,
  issuer: Issuer,
  { validator, keys }: Pick<ServerParts, 'validator' | 'keys'>,
): BearerToken => {
  const { tokenVerifier } = accessTokenOptions(tokenFormat, issuer.url, keys)
  return new BearerToken(validator, {
    audience: adminResource,
    realm: 'admin',
    tokenVerifier,
    events: eventsTo(log),
    now,
  })
}

/** The OpenID provider behind the pages. */
export const makeServer = (settings: Settings, issuer: Issuer, parts: ServerParts): OpenIdServer => {
  const { log, now, resources, tokenFormat, profile, requestObjects } = settings
  const { store, validator, keys, pairwiseSalt, limits } = parts
  const [tell, count] = [eventsTo(log), countFailures(limits.clients, log)]
  const origins = new ClientOrigins(store, now)
  const outbound = outboundOf(settings)
  const requests = { requestObjects, requestUris: requestObjects }
  const logout = { logoutPath: '/logout', backchannelLogout: true, frontchannelLogout: true }
  return new OpenIdServer(validator, {
    issuer: issuer.url,
    resources: [...resources, adminResource], // at every node, whichever has the port for administration
    scopes: [...new Set([...standardScopes, ...settings.registrationScopes])],
    events: (event) => {
      tell(event)
      count(event)
    },
    now,
    device: { verificationUri: `${issuer.origin}${issuer.path}/device` },
    isOriginAllowed: (origin) => origins.has(origin),
    registration: selfRegistration(settings),
    outbound,
    fetchKeys: guardedKeyFetcher(new OutboundClient(outbound)), // clients that registered stay when registration is turned off
    openid: { keys, pairwiseSalt, profile, acrValues, ...logout, ...requests },
    ...accessTokenOptions(tokenFormat, issuer.url, keys),
  })
}
