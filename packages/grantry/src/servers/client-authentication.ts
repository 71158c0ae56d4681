import type { ClientAuthenticationMethod } from '../core/client-authentication.ts'
import type { ReplayValidator, SharedSecretValidator } from '../core/client-keys.ts'
import { ConfigurationError } from '../core/errors.ts'
import { canServe } from '../core/slices.ts'
import { clientSecretBasic } from '../client-auth/client-secret-basic.ts'
import { ClientSecretJwt } from '../client-auth/client-secret-jwt.ts'
import { clientSecretPost } from '../client-auth/client-secret-post.ts'
import { noClientAuthentication } from '../client-auth/none.ts'
import { PrivateKeyJwt } from '../client-auth/private-key-jwt.ts'
import { guardedKeyFetcher } from '../outbound/key-fetcher.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { ServerOptions } from './options.ts'

/** Methods by assertions, where they can work: there is an audience, and what was used can be noted. */
const assertionMethods = (
  validator: object,
  { issuer, fetchKeys, registration }: ServerOptions,
  tokenPath: string,
  outbound: OutboundClient,
): readonly ClientAuthenticationMethod[] => {
  const isAble = issuer !== undefined && canServe(validator, ['replay'])
  if (!isAble && fetchKeys !== undefined)
    throw new ConfigurationError('fetchKeys is for private_key_jwt, which needs issuer, and markSeen of the validator.')
  if (!isAble) return []
  const options = {
    issuer,
    tokenEndpoint: issuer.replace(/\/$/, '') + tokenPath,
    fetchKeys: fetchKeys ?? (registration && guardedKeyFetcher(outbound)), // clients may register a jwks_uri then
  }
  const able = validator as ReplayValidator & SharedSecretValidator // as far as canServe says
  const byKey = new PrivateKeyJwt(able, options)
  return canServe(validator, ['sharedSecret']) ? [byKey, new ClientSecretJwt(able, options)] : [byKey]
}

/** The client authentication methods of a server; one of the option takes the place of ours of the same name. */
export const clientAuthenticationMethods = (
  validator: object,
  options: ServerOptions,
  tokenPath: string,
  outbound: OutboundClient,
): readonly ClientAuthenticationMethod[] => {
  const methods = [
    clientSecretBasic,
    clientSecretPost,
    noClientAuthentication,
    ...assertionMethods(validator, options, tokenPath, outbound),
    ...(options.clientAuthentication ?? []),
  ]
  return [...new Map(methods.map((method) => [method.name, method])).values()]
}
