import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { FapiProfile } from '../core/fapi.ts'
import type { PushedRequestValidator } from '../core/pushed-request.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { AsymmetricKeyInput, PublicJwk, SigningKeyInput } from '../core/signer.ts'
import { signatureAlgorithms } from '../core/signature-algorithms.ts'
import type { AuthorizationEndpointContext } from '../endpoints/authorization.ts'
import type { PushedRequests, RequestObjects } from '../core/check-authorization.ts'
import { clientContentEncryptions, clientKeyManagements } from '../keys/encrypt-for-client.ts'
import { decryptText } from '../keys/decrypt-jwt.ts'
import { readEncryptionKey, type EncryptionKey } from '../keys/encryption-key.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { Responder } from '../core/redirection.ts'
import { isLifetime } from '../tokens/bearer-options.ts'
import { ClientJwts } from '../tokens/client-jwts.ts'
import { systemClock, type Clock } from '../util/clock.ts'
import { keyFetcher } from './client-authentication.ts'
import type { ServerOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { unpackRequestObject } from './request-objects.ts'

/** How clients leave authorization requests with the server before the user arrives (RFC 9126). */
export interface PushedRequestOptions {
  /** How long a user may take to arrive, in seconds. Default: 60. Who has arrived has an hour to log in and decide. */
  readonly expiresIn?: number | undefined
  /** Takes authorization requests in no other way. Default: false, and then only of clients that are registered for it. */
  readonly isRequired?: boolean | undefined
}

/** How authorization requests come in JWTs that clients sign with keys of their `jwks` or at their `jwksUri` (RFC 9101). */
export interface RequestObjectOptions {
  /**
   * Takes them by reference as well (`request_uri`), from URIs of the record of the client (`requestUris`), asked as `outbound` says. Whoever
   * sends a request then has this server ask one of them. Default: false.
   */
  readonly byReference?: boolean | undefined
  /** Takes authorization requests in no other way. Default: false, and then only of clients that are registered for it. */
  readonly isRequired?: boolean | undefined
  /** Private keys that clients encrypt request objects to; the public halves are published. Default: none. */
  readonly decryptionKeys?: readonly AsymmetricKeyInput[] | undefined
}

/** How answers to authorization requests are signed where clients want them so (JARM). */
export interface SignedResponseOptions {
  /** Private keys, one for each algorithm that clients may ask for, or a ring of them. Default: `openid.keys`. */
  readonly keys?: KeyRing | readonly SigningKeyInput[] | undefined
}

/** What pushed requests work with; undefined without the option. */
export const pushedRequests = (
  validator: object,
  options: PushedRequestOptions | undefined,
): PushedRequests | undefined => {
  if (options === undefined) return undefined
  const { expiresIn = 60, isRequired = false } = options
  if (!isLifetime(expiresIn)) throw new ConfigurationError('pushedRequests.expiresIn must be whole seconds above 0.')
  return { validator: validator as PushedRequestValidator, expiresIn, isRequired } // requireMethods has checked the slice
}

/** What request objects are read by. */
export interface RequestObjectContext {
  readonly issuer: string | undefined
  readonly outbound: OutboundClient
  readonly fetchKeys: ClientKeyFetcher | undefined
  readonly isOpenId: boolean
  readonly profile: FapiProfile | undefined
}

/** Request objects, with the keys that clients encrypt them to. */
export interface OfferedRequestObjects extends RequestObjects {
  readonly isByReference: boolean
  /** Undefined where none may be encrypted. */
  readonly publicKeys: (() => Promise<readonly PublicJwk[]>) | undefined
}

const opener =
  (keys: readonly Awaitable<EncryptionKey>[]) =>
  async (token: string): Promise<string | undefined> => {
    for (const key of keys) {
      const text = await decryptText(token, await key)
      if (text !== undefined) return text
    }
    return undefined
  }

const publisher = (keys: readonly Awaitable<EncryptionKey>[]) => async (): Promise<readonly PublicJwk[]> => {
  const loaded = await Promise.all(keys.map(async (key) => key))
  return loaded.map(({ encrypt, keyManagement }) => ({ ...(encrypt as PublicJwk), use: 'enc', alg: keyManagement })) // a pair has no bytes
}

/** What request objects work with; undefined without the option. */
export const requestObjects = (
  options: RequestObjectOptions | undefined,
  { issuer, outbound, fetchKeys, isOpenId, profile }: RequestObjectContext,
): OfferedRequestObjects | undefined => {
  if (options === undefined) return undefined
  if (issuer === undefined)
    throw new ConfigurationError('requestObjects needs the option issuer, which is their audience.')
  const { byReference: isByReference = false, isRequired = false, decryptionKeys } = options
  const keys = decryptionKeys?.map((key) => readEncryptionKey(key, {}, 'requestObjects.decryptionKeys'))
  const reading = { issuer, fetchKeys, decrypt: keys && opener(keys), isMerged: isOpenId, profile }
  const unpack = unpackRequestObject({ ...reading, outbound: isByReference ? outbound : undefined })
  return { unpack, isRequired, isByReference, publicKeys: keys && publisher(keys) }
}

/** How long a signed response is good, in seconds (JARM §2.1 recommends at most 10 minutes). */
const responseSeconds = 600

/** Signs authorization responses. */
export interface SignedResponses {
  readonly jwts: ClientJwts
  readonly sign: NonNullable<Responder['signResponse']>
}

const responseKeys = (
  { keys }: SignedResponseOptions,
  own: ClientJwts | undefined,
  fetchKeys: ClientKeyFetcher | undefined,
): ClientJwts => {
  if (keys !== undefined) return new ClientJwts({ keys, fetchKeys, usedBy: 'signedResponses.keys' })
  if (own !== undefined) return own
  throw new ConfigurationError('signedResponses.keys is missing: authorization responses are signed by them.')
}

/** What signs authorization responses; undefined without the option. */
export const signedResponses = (
  options: SignedResponseOptions | undefined,
  { own, issuer, fetchKeys, now }: Pick<RequestObjectContext, 'issuer' | 'fetchKeys'> & SigningContext,
): SignedResponses | undefined => {
  if (options === undefined) return undefined
  if (issuer === undefined) throw new ConfigurationError('signedResponses needs the option issuer, which they name.')
  const jwts = responseKeys(options, own, fetchKeys)
  return {
    jwts,
    async sign(parameters, client) {
      const [time, encryption] = [now(), client.authorizationEncryption]
      const claims = { ...parameters, iss: issuer, aud: client.id, exp: time + responseSeconds }
      const algorithm = client.authorizationSigningAlgorithm ?? 'RS256'
      const token = await jwts.sign(claims, { algorithm }, client)
      return encryption === undefined ? token : jwts.encrypt(token, client, encryption, time)
    },
  }
}

/** How authorization requests come in, and answers go out. */
export interface AuthorizationRequests {
  readonly context: Pick<
    AuthorizationEndpointContext,
    'pushed' | 'requestObjects' | 'signResponse' | 'hasSignedResponses'
  >
  /** What signs answers; undefined where nothing does. */
  readonly jwts: ClientJwts | undefined
  /** Whether there are keys to publish. */
  readonly hasKeys: boolean
  readonly publicKeys: () => Promise<readonly PublicJwk[]>
  /** Members of the metadata document. */
  readonly metadata: () => Promise<Readonly<Record<string, unknown>>>
}

/** Reads the options of all of it. Throws a `ConfigurationError` where one cannot work. */
export const authorizationRequests = (
  validator: object,
  options: ServerOptions,
  { jwts: own, openid, outbound }: Pick<Parts, 'jwts' | 'openid'> & { readonly outbound: OutboundClient },
): AuthorizationRequests => {
  const { issuer, now = systemClock } = options
  const common = { issuer, fetchKeys: keyFetcher(options, outbound) }
  const objects = requestObjects(options.requestObjects, {
    ...common,
    outbound,
    isOpenId: openid !== undefined,
    profile: options.profile,
  })
  const pushed = pushedRequests(validator, options.pushedRequests)
  const signed = signedResponses(options.signedResponses, { ...common, own, now })
  const ownKeys = signed === undefined || signed.jwts === own ? undefined : signed.jwts.keys
  return {
    context: { pushed, requestObjects: objects, signResponse: signed?.sign, hasSignedResponses: signed !== undefined },
    jwts: signed?.jwts,
    hasKeys: (ownKeys ?? objects?.publicKeys) !== undefined,
    publicKeys: async () => [...((await ownKeys?.publicKeys()) ?? []), ...((await objects?.publicKeys?.()) ?? [])],
    metadata: async () => ({
      ...describePushed(pushed),
      ...describeObjects(objects, openid !== undefined),
      ...(signed && { authorization_signing_alg_values_supported: await signed.jwts.keys.algorithms(), ...encryption }),
    }),
  }
}

const encryption = {
  authorization_encryption_alg_values_supported: clientKeyManagements,
  authorization_encryption_enc_values_supported: clientContentEncryptions,
}

const describePushed = (pushed: PushedRequests | undefined) =>
  pushed === undefined ? {} : { require_pushed_authorization_requests: pushed.isRequired }

/** An OpenID provider that leaves `request_uri_parameter_supported` out says that it is (OpenID Connect Discovery §3). */
const describeObjects = (objects: OfferedRequestObjects | undefined, isOpenId: boolean) => {
  if (objects === undefined)
    return isOpenId ? { request_parameter_supported: false, request_uri_parameter_supported: false } : {}
  return {
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: signatureAlgorithms,
    ...(objects.publicKeys && {
      request_object_encryption_alg_values_supported: clientKeyManagements,
      request_object_encryption_enc_values_supported: ['A256GCM'],
    }),
    require_signed_request_object: objects.isRequired,
    request_uri_parameter_supported: objects.isByReference,
    ...(objects.isByReference && { require_request_uri_registration: true }),
  }
}

interface SigningContext {
  /** Undefined where the server signs nothing else for clients. */
  readonly own: ClientJwts | undefined
  readonly now: Clock
}
