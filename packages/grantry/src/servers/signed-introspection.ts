import type { Awaitable } from '../core/awaitable.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import type { JsonValue } from '../core/claims.ts'
import { ConfigurationError } from '../core/errors.ts'
import type { PublicJwk, SigningKeyInput } from '../core/signer.ts'
import type { SignAnswer } from '../endpoints/introspection.ts'
import { clientContentEncryptions, clientKeyManagements } from '../keys/encrypt-for-client.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { ClientJwts } from '../tokens/client-jwts.ts'
import { introspectionTokenType } from '../tokens/introspection-token.ts'
import type { Clock } from '../util/clock.ts'

/** How answers to introspection are signed for resources that ask for it by `Accept` (RFC 9701). */
export interface SignedIntrospectionOptions {
  /** Private keys, one for each algorithm that resources may ask for, or a ring of them. Default: `openid.keys`, else `signedResponses.keys`. */
  readonly keys?: KeyRing | readonly SigningKeyInput[] | undefined
}

/** The algorithms that something can be signed with for clients, by what its members of metadata begin with. */
export type SigningAlgorithms = Readonly<Record<string, () => Awaitable<readonly string[]>>>

/** What signs answers to introspection. */
export interface SignedIntrospection {
  readonly sign: SignAnswer
  readonly signingAlgorithms: SigningAlgorithms
  /** Undefined where they are published already. */
  readonly publicKeys: (() => Awaitable<readonly PublicJwk[]>) | undefined
  /** Members of the metadata document. */
  readonly metadata: () => Promise<Readonly<Record<string, unknown>>>
}

/** What it works with. */
interface IntrospectionSigning {
  /** What signs other things for clients; undefined where nothing does. */
  readonly own: ClientJwts | undefined
  readonly issuer: string | undefined
  readonly fetchKeys: ClientKeyFetcher | undefined
  readonly now: Clock
}

const keysFor = (
  { keys }: SignedIntrospectionOptions,
  { own, fetchKeys }: Pick<IntrospectionSigning, 'own' | 'fetchKeys'>,
): ClientJwts => {
  if (keys !== undefined) return new ClientJwts({ keys, fetchKeys, usedBy: 'signedIntrospection.keys' })
  if (own !== undefined) return own
  throw new ConfigurationError('signedIntrospection.keys is missing: answers to introspection are signed by them.')
}

/** What signs answers to introspection; undefined without the option. */
export const signedIntrospection = (
  options: SignedIntrospectionOptions | undefined,
  { issuer, now, ...given }: IntrospectionSigning,
): SignedIntrospection | undefined => {
  if (options === undefined) return undefined
  if (issuer === undefined)
    throw new ConfigurationError('signedIntrospection needs the option issuer, which they name.')
  const jwts = keysFor(options, given)
  const algorithms = () => jwts.keys.algorithms()
  return {
    async sign(answer, client) {
      const [time, encryption] = [now(), client.introspectionEncryption]
      const claims = { iss: issuer, aud: client.id, iat: time, token_introspection: answer as JsonValue } // JSON leaves out what is undefined
      const algorithm = client.introspectionSigningAlgorithm ?? 'RS256'
      const token = await jwts.sign(claims, { algorithm, typ: introspectionTokenType }, client)
      return encryption === undefined ? token : jwts.encrypt(token, client, encryption, time)
    },
    signingAlgorithms: { introspection: algorithms },
    publicKeys: jwts === given.own ? undefined : () => jwts.keys.publicKeys(),
    metadata: async () => ({
      introspection_signing_alg_values_supported: await algorithms(),
      introspection_encryption_alg_values_supported: clientKeyManagements,
      introspection_encryption_enc_values_supported: clientContentEncryptions,
    }),
  }
}
