import type { BackchannelValidator } from './backchannel.ts'
import type { ReplayValidator, SharedSecretValidator } from './client-keys.ts'
import type { DeviceValidator } from './device-authorization.ts'
import { ConfigurationError } from './errors.ts'
import type { PushedRequestValidator } from './pushed-request.ts'
import type { RegistrationValidator } from './registration.ts'
import type {
  CapabilityValidator,
  ClientValidator,
  CodeValidator,
  IntrospectionValidator,
  RefreshTokenValidator,
  RevocationValidator,
  ScopeValidator,
  TokenValidator,
  UserValidator,
} from './request-validator.ts'
import type { UserClaimsValidator } from './user-claims.ts'

/** Lists the methods of an interface: the compiler wants each of them, and no other. */
const namesOf = <Slice>(names: Record<keyof Slice, true>): readonly string[] => Object.keys(names)

const methods = {
  client: namesOf<ClientValidator>({ validateClientId: true, authenticateClient: true }),
  scope: namesOf<ScopeValidator>({ validateScopes: true, getDefaultScopes: true }),
  code: namesOf<CodeValidator>({ saveAuthorizationCode: true, consumeAuthorizationCode: true }),
  refreshToken: namesOf<RefreshTokenValidator>({ validateRefreshToken: true, rotateRefreshToken: true }),
  user: namesOf<UserValidator>({ validateUser: true }),
  token: namesOf<TokenValidator>({ saveToken: true, validateBearerToken: true }),
  device: namesOf<DeviceValidator>({
    saveDeviceCode: true,
    allowUserCodeAttempt: true,
    findDeviceAuthorization: true,
    decideDeviceAuthorization: true,
    pollDeviceCode: true,
    consumeDeviceCode: true,
  }),
  backchannel: namesOf<BackchannelValidator>({
    saveBackchannelRequest: true,
    allowBackchannelUserCode: true,
    findBackchannelRequest: true,
    decideBackchannelRequest: true,
    pollBackchannelRequest: true,
    consumeBackchannelRequest: true,
  }),
  pushedRequest: namesOf<PushedRequestValidator>({
    savePushedRequest: true,
    openPushedRequest: true,
    consumePushedRequest: true,
  }),
  userClaims: namesOf<UserClaimsValidator>({ getUserClaims: true }),
  registration: namesOf<RegistrationValidator>({
    findInitialAccess: true,
    useInitialAccess: true,
    allowRegistration: true,
    createRegistration: true,
    findRegistration: true,
    replaceRegistration: true,
    deleteRegistration: true,
  }),
  introspection: namesOf<IntrospectionValidator>({ introspectToken: true, isIntrospectionAllowed: true }),
  revocation: namesOf<RevocationValidator>({ introspectToken: true, revokeToken: true }),
  replay: namesOf<ReplayValidator>({ markSeen: true }),
  sharedSecret: namesOf<SharedSecretValidator>({ findClientSecrets: true }),
}

/** A part of the validator contract. */
export type SliceName = keyof typeof methods

const lackingCapability = (validator: object, slices: readonly SliceName[]): string | undefined =>
  'unsupported' in validator ? (validator as CapabilityValidator).unsupported(slices)[0] : undefined // the name belongs to that contract

const missingMethods = (validator: object, slices: readonly SliceName[]): readonly string[] => {
  const needed = new Set(slices.flatMap((slice) => methods[slice]))
  return [...needed].filter((name) => typeof (validator as Record<string, unknown>)[name] !== 'function') // any object is a record of unknowns
}

/** Whether a validator can serve these slices: what is offered by default is offered where it works, and only there. */
export const canServe = (validator: object, slices: readonly SliceName[]): boolean =>
  missingMethods(validator, slices).length === 0 && lackingCapability(validator, slices) === undefined

/**
 * Tells users without a compiler what the compiler tells the others: throws a `ConfigurationError` that names every missing method.
 */
export const requireMethods = (validator: unknown, slices: readonly SliceName[], owner: string): void => {
  if (typeof validator !== 'object' || validator === null) {
    throw new ConfigurationError(
      `${owner}: the first argument is the validator, an object with the methods of RequestValidator.`,
    )
  }
  const problem = lackingCapability(validator, slices)
  if (problem !== undefined) throw new ConfigurationError(`${owner}: ${problem}`)
  const missing = missingMethods(validator, slices)
  if (missing.length === 0) return
  throw new ConfigurationError(
    `${owner}: the validator lacks ${missing.join(', ')}. Implement ${missing.length === 1 ? 'it' : 'them'}, ` +
      'extend StoreValidator, or choose a server that needs less.',
  )
}
