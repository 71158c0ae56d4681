import { InvalidRequestError } from './errors.ts'
import type { Client } from './records.ts'

/** FAPI 2.0: the Security Profile, or with Message Signing on top of it. */
export type FapiProfile = 'fapi2' | 'fapi2-message-signing'

/** The profiles by name. */
export const fapiProfiles: readonly FapiProfile[] = ['fapi2', 'fapi2-message-signing']

/** The `alg`s of all signatures (FAPI 2.0 Security Profile §5.4.1). */
export const fapiAlgorithms: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519']

/** How clients authenticate (§5.3.2.1). */
export const fapiAuthentication: readonly string[] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
]

/** Whether messages are signed as well. */
export const isSigning = (profile: FapiProfile | undefined): boolean => profile === 'fapi2-message-signing'

/** The `alg`s that there are keys for, by what is signed. */
export interface OfferedAlgorithms {
  readonly tokens: readonly string[]
  readonly answers: readonly string[]
  readonly introspection: readonly string[]
}

/** The `alg` of a record where a profile lets it be, or else the first on offer that may be. */
const held = (algorithm: string | undefined, offered: readonly string[]): string =>
  [algorithm ?? '', ...offered].find((each) => fapiAlgorithms.includes(each)) ?? 'PS256'

/** A client as a profile lets it be, whatever its record says. */
export const heldClient = (client: Client, profile: FapiProfile, offered: OfferedAlgorithms): Client => {
  return {
    ...client,
    ...{ allowMissingPkce: false, legacyPlainPkce: false, legacyAssertionAudience: undefined },
    refreshTokenRotation: 'never',
    responseTypes: (client.responseTypes ?? ['code']).filter((type) => type === 'code'),
    requirePushedAuthorizationRequests: true,
    requireSignedRequestObject: isSigning(profile) || client.requireSignedRequestObject,
    idTokenSigningAlgorithm: held(client.idTokenSigningAlgorithm, offered.tokens),
    userInfoSigningAlgorithm: client.userInfoSigningAlgorithm && held(client.userInfoSigningAlgorithm, offered.tokens),
    authorizationSigningAlgorithm: held(client.authorizationSigningAlgorithm, offered.answers),
    introspectionSigningAlgorithm: held(client.introspectionSigningAlgorithm, offered.introspection),
  }
}

/** Refuses a pushed request without `redirect_uri` (§5.3.2.2), and with Message Signing one whose answer would not be signed (§5.4). */
export const requireFapiRequest = (parameters: ReadonlyMap<string, string>, profile: FapiProfile): void => {
  if (!parameters.has('redirect_uri'))
    throw new InvalidRequestError('redirect_uri_missing', { description: 'The redirect_uri is missing.' })
  if (!isSigning(profile) || /(?:^|\.)jwt$/.test(parameters.get('response_mode') ?? '')) return
  throw new InvalidRequestError('response_mode_unsupported', {
    description: 'Answers are signed here: send response_mode=jwt.',
  })
}
