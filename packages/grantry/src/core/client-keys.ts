import type { Awaitable } from './awaitable.ts'
import type { OAuthRequest } from './oauth-request.ts'
import type { Client } from './records.ts'
import type { JwkSet } from './signer.ts'

/**
 * Gets the public keys that a client publishes at its `jwksUri`, to check what it signed, or to encrypt to it. Where it returns undefined or
 * throws, the client is refused, and the log has the cause. `now` is in seconds since the epoch. `keyId` is the key that is looked for: a
 * cache that lacks it should ask again, but not for every request. Guard what it connects to: clients may choose the URL.
 */
export type ClientKeyFetcher = (
  client: Client,
  at: { readonly now: number },
  keyId: string | undefined,
) => Awaitable<JwkSet | undefined>

/** Notes what may be used once. `StoreValidator` implements it. */
export interface ReplayValidator {
  /**
   * Notes that `value` was used for `space` and says whether that is the first time until `expiresAt`, in seconds since the epoch. If two
   * requests can both be told so, whoever copies an assertion can use it as well. All nodes must see one state.
   */
  markSeen(space: string, value: string, expiresAt: number, request: OAuthRequest): Awaitable<boolean>
}

/** Knows client secrets in the clear, for `client_secret_jwt` only: such a secret cannot be kept as a digest. */
export interface SharedSecretValidator {
  /**
   * The live secrets of a client; empty where it has none. Called with a client that has nothing but its id where that is unknown, so
   * that the time taken says nothing: do the same work then.
   */
  findClientSecrets(client: Client, request: OAuthRequest): Awaitable<readonly (string | Uint8Array)[]>
}

const isHttps = (uri: string): boolean => URL.canParse(uri) && new URL(uri).protocol === 'https:' && !uri.includes('#')

/** What keeps the keys of a client from working; undefined where nothing does (RFC 7591 §2). */
export const clientKeysProblem = ({
  authMethods = [],
  jwks,
  jwksUri,
  certificateName,
}: Omit<Client, 'id'>): string | undefined => {
  if (jwks !== undefined && jwksUri !== undefined) return 'jwksUri: give jwks or jwksUri, not both.'
  if (jwksUri !== undefined && !isHttps(jwksUri)) return `jwksUri: "${jwksUri}" is not an https URL without fragment.`
  if (jwks?.keys.some((jwk) => jwk.kty === 'oct' || jwk.d !== undefined))
    return 'jwks: it holds a secret or private key; give only public keys.'
  const needing = ['private_key_jwt', 'self_signed_tls_client_auth'].find((method) => authMethods.includes(method))
  if (needing !== undefined && jwksUri === undefined && !jwks?.keys.length)
    return `authMethods: ${needing} needs the public keys of the client, as jwks or jwksUri.`
  if (authMethods.includes('tls_client_auth') && certificateName === undefined)
    return 'authMethods: tls_client_auth needs the certificateName of the client.'
  return undefined
}
