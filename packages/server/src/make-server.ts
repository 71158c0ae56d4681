import {
  BearerError,
  guardedKeyFetcher,
  OpenIdServer,
  OutboundClient,
  StoreValidator,
  type AccessToken,
  type Claims,
  type Client,
  type KeyRing,
  type OAuthRequest,
  type RefreshToken,
  type Store,
  type StoreValidatorOptions,
  type User,
} from 'grantry'
import { accessTokenOptions } from './access-tokens.ts'
import { ClientOrigins } from './client-origins.ts'
import { acrValues } from './http/authentication-classes.ts'
import { eventsTo } from './log.ts'
import type { Issuer, Settings } from './settings.ts'
import { noteClient } from './telemetry/request-scope.ts'
import type { Users } from './users/users.ts'
import { outboundOf, selfRegistration, standardScopes } from './self-registration.ts'

/** The validator over a store that also knows the users. */
class ServerValidator extends StoreValidator {
  readonly #users: ServerParts['users']

  constructor(store: Store, users: ServerParts['users'], options: StoreValidatorOptions) {
    super(store, { ...options, sweepEvery: 0 }) // the sweeper does it
    this.#users = users
  }

  override async validateClientId(clientId: string, request: OAuthRequest): Promise<Client | true | undefined> {
    const found = await super.validateClientId(clientId, request)
    if (found !== undefined) noteClient(clientId)
    return found
  }

  override async validateBearerToken(token: string, request: OAuthRequest): Promise<AccessToken | undefined> {
    const found = await super.validateBearerToken(token, request)
    if (request.endpoint === 'userinfo' && found !== undefined) noteClient(found.clientId)
    return found
  }

  /** Nothing is renewed for users who are gone. */
  override async validateRefreshToken(refreshToken: string, request: OAuthRequest): Promise<RefreshToken | undefined> {
    const found = await super.validateRefreshToken(refreshToken, request)
    if (found?.user === undefined) return found
    return (await this.#users.stateOf(found.user.id)) === 'gone' ? undefined : found
  }

  async getUserClaims({ id }: User): Promise<Claims> {
    const claims = await this.#users.findClaims(id)
    if (claims === undefined) throw new BearerError('invalid_token', 'token_invalid', { detail: 'the user is gone' })
    return claims
  }
}

/** What the protocol works with. */
export interface ServerParts {
  readonly store: Store
  readonly users: Pick<Users, 'findClaims' | 'stateOf'>
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
  return new OpenIdServer(new ServerValidator(store, users, { endsWithSession }), {
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
