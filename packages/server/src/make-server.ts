import { guardedKeyFetcher, OpenIdServer, OutboundClient, type KeyRing, type Store } from 'grantry'
import { accessTokenOptions } from './access-tokens.ts'
import { ClientOrigins } from './client-origins.ts'
import { acrValues } from './http/authentication-classes.ts'
import { eventsTo } from './log.ts'
import type { Issuer } from './issuer.ts'
import type { Settings } from './settings.ts'
import { ServerValidator } from './server-validator.ts'
import type { Users } from './users/users.ts'
import { outboundOf, selfRegistration, standardScopes } from './self-registration.ts'

/** What the protocol works with. */
export interface ServerParts {
  readonly store: Store
  readonly users: Pick<Users, 'findClaims' | 'stateOf' | 'isActive'>
  readonly keys: KeyRing
  readonly pairwiseSalt: string
}

/** The OpenID provider behind the pages. */
export const makeServer = (settings: Settings, issuer: Issuer, parts: ServerParts): OpenIdServer => {
  const { log, now, resources, tokenFormat, profile, requestObjects, revokeAtLogout: endsWithSession } = settings
  const { store, users, keys, pairwiseSalt } = parts
  const origins = new ClientOrigins(store, now)
  const outbound = outboundOf(settings)
  const requests = { requestObjects, requestUris: requestObjects }
  const logout = { logoutPath: '/logout', backchannelLogout: true, frontchannelLogout: true }
  return new OpenIdServer(new ServerValidator(store, { users, log, endsWithSession }), {
    issuer: issuer.url,
    resources,
    scopes: [...new Set([...standardScopes, ...settings.registrationScopes])],
    events: eventsTo(log),
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
