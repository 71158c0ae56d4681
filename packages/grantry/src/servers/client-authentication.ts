import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import type { ClientKeyFetcher, ReplayValidator, SharedSecretValidator } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import { fapiAuthentication } from '../core/fapi.ts'
import { canServe } from '../core/slices.ts'
import { clientSecretBasic } from '../client-auth/client-secret-basic.ts'
import { ClientSecretJwt } from '../client-auth/client-secret-jwt.ts'
import { clientSecretPost } from '../client-auth/client-secret-post.ts'
import { noClientAuthentication } from '../client-auth/none.ts'
import { PrivateKeyJwt } from '../client-auth/private-key-jwt.ts'
import { SelfSignedTlsClientAuth } from '../client-auth/self-signed-tls-client-auth.ts'
import { TlsClientAuth } from '../client-auth/tls-client-auth.ts'
import { guardedKeyFetcher } from '../outbound/key-fetcher.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { heldNames } from './hold-profile.ts'
import type { ServerOptions } from './options.ts'

/** How the keys of clients that have a `jwksUri` are got: as the option says, or guarded where clients may register one. */
export const keyFetcher = (
  {
    fetchKeys,
    registration,
    clientIdMetadataDocuments: documents,
  }: Pick<ServerOptions, 'fetchKeys' | 'registration' | 'clientIdMetadataDocuments'>,
  outbound: OutboundClient,
): ClientKeyFetcher | undefined => fetchKeys ?? ((registration ?? documents) && guardedKeyFetcher(outbound))

/** What the methods by assertions need of a server. */
interface AssertionParts {
  readonly tokenPath: string
  readonly outbound: OutboundClient
  readonly isOpenId: boolean
}

/** Whether keys of clients are of use beside these methods: to read request objects, and to encrypt. */
const needsKeys = ({ requestObjects, signedResponses, signedIntrospection }: ServerOptions): boolean =>
  [requestObjects, signedResponses, signedIntrospection].some(Boolean)

/** Methods by assertions, where they can work: there is an audience, and what was used can be noted. */
const assertionMethods = (
  validator: object,
  all: ServerOptions,
  { tokenPath, outbound, isOpenId }: AssertionParts,
): readonly ClientAuthenticationMethod[] => {
  const { issuer, fetchKeys } = all
  const isAble = issuer !== undefined && canServe(validator, ['replay'])
  if (!isAble && fetchKeys !== undefined && !isOpenId && !needsKeys(all) && all.mutualTls === undefined)
    throw new ConfigurationError('fetchKeys is for private_key_jwt, which needs issuer, and markSeen of the validator.')
  if (!isAble) return []
  const options = {
    issuer,
    tokenEndpoint: issuer.replace(/\/$/, '') + tokenPath,
    fetchKeys: keyFetcher(all, outbound),
    profile: all.profile,
  }
  const able = validator as ReplayValidator & SharedSecretValidator // as far as canServe says
  const byKey = new PrivateKeyJwt(able, options)
  return canServe(validator, ['sharedSecret']) ? [byKey, new ClientSecretJwt(able, options)] : [byKey]
}

/** Methods by certificates, where they are looked at. */
const certificateMethods = (
  options: ServerOptions,
  outbound: OutboundClient,
): readonly ClientAuthenticationMethod[] => {
  const { mutualTls } = options
  if (mutualTls === undefined) return []
  const { certificate } = mutualTls
  return [new TlsClientAuth(certificate), new SelfSignedTlsClientAuth(certificate, keyFetcher(options, outbound))]
}

/** The client authentication methods of a server; one of the option takes the place of ours of the same name. */
export const clientAuthenticationMethods = (
  validator: object,
  options: ServerOptions,
  parts: AssertionParts,
): readonly ClientAuthenticationMethod[] => {
  const methods = [
    clientSecretBasic,
    clientSecretPost,
    noClientAuthentication,
    ...assertionMethods(validator, options, parts),
    ...certificateMethods(options, parts.outbound),
    ...(options.clientAuthentication ?? []),
  ]
  const byName = Object.fromEntries(methods.map((method) => [method.name, method]))
  return Object.values(heldNames(byName, options.profile, fapiAuthentication))
}
