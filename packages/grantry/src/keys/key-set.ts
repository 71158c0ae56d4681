import { exportJwk } from '#platform'
import type { JWK } from 'jose'
import type { Awaitable } from '../core/awaitable.ts'
import { ConfigurationError } from '../core/errors.ts'
import { publicHalf } from '../core/jwk.ts'
import {
  algorithmsFor,
  chooseAlgorithm,
  hmacAlgorithms,
  kindOfJwk,
  refuseShortRsaKey,
  signatureAlgorithms,
} from '../core/signature-algorithms.ts'
import type { AsymmetricKeyInput, Jwk, JwkSet, Signer, VerificationKeyInput } from '../core/signer.ts'

/** One key that signatures are verified with, and the only algorithms it is used with (RFC 8725 §3.1). */
export interface VerificationKey {
  /** Undefined for a key that came without one: it then stands for any `kid`. */
  readonly keyId: string | undefined
  readonly algorithms: readonly string[]
  readonly key: JWK | Uint8Array
}

/** The keys that may have signed a token. */
export interface KeySet {
  /** Keys that fit the `alg` and `kid` of a header; nothing else of the header is looked at. Throws when keys cannot be loaded. */
  find(alg: string | undefined, kid: string | undefined): Promise<readonly VerificationKey[]>
}

/** Whether a value is a JWK Set. */
export const isJwkSet = (input: unknown): input is JwkSet =>
  typeof input === 'object' && input !== null && 'keys' in input && Array.isArray(input.keys)

/** Whether a key says nothing against verifying signatures with it. */
export const mayVerify = ({ use, key_ops }: Jwk): boolean =>
  (use ?? 'sig') === 'sig' && (key_ops?.includes('verify') ?? true)

const verificationKey = (jwk: Jwk, algorithms: readonly string[] | undefined, usedBy: string): VerificationKey => {
  const kind = kindOfJwk(jwk)
  const key = publicHalf(jwk)
  if (key === undefined || !mayVerify(jwk))
    throw new ConfigurationError(`${usedBy}: the key with kid ${String(jwk.kid)} is not one that verifies signatures.`)
  refuseShortRsaKey(kind, usedBy)
  const pinned = algorithmsFor(kind).filter((algorithm) => algorithms?.includes(algorithm) ?? true)
  const first = chooseAlgorithm(kind, pinned[0] ?? algorithms?.[0], usedBy)
  const isEdwards = kind.kty === 'OKP'
  return { keyId: jwk.kid, algorithms: algorithms === undefined && !isEdwards ? [first] : pinned, key }
}

/** Keys of a published set that are of no use here are passed over (RFC 7517 §5); secrets never belong into one. */
const usableOfSet = (set: JwkSet, algorithms: readonly string[] | undefined, usedBy: string): readonly Jwk[] => {
  if (set.keys.some((jwk) => jwk.kty === 'oct' || jwk.d !== undefined))
    throw new ConfigurationError(`${usedBy}: the JWK Set holds a secret or private key; give only public keys.`)
  const isWanted = (algorithm: string): boolean => algorithms?.includes(algorithm) ?? true
  return set.keys.filter((jwk) => mayVerify(jwk) && algorithmsFor(kindOfJwk(jwk)).some(isWanted))
}

/** Whether a key is one for the `alg` and `kid` of a header. */
export const fits = (key: VerificationKey, alg: string, kid: string | undefined): boolean =>
  key.algorithms.includes(alg) && (key.keyId === undefined || kid === undefined || key.keyId === kid)

const keySetOf = (keys: readonly Awaitable<VerificationKey>[]): KeySet => {
  let loaded: readonly VerificationKey[] | undefined
  return {
    async find(alg, kid) {
      loaded ??= await Promise.all(keys.map(async (key) => key))
      return alg === undefined ? [] : loaded.filter((key) => fits(key, alg, kid))
    },
  }
}

/** Options of `verificationKeySet`. */
export interface KeySetOptions {
  /** Algorithms to accept. Default: the `alg` of each key, else RS256 for RSA and the one of the curve for others. */
  readonly algorithms?: readonly string[] | undefined
  /** Named in the messages of errors. */
  readonly usedBy: string
}

/**
 * The keys that tokens are verified with. Throws `ConfigurationError` for private and symmetric keys, for RSA under 2048 bits, for
 * algorithms that do not fit, and when no key is left.
 */
export const verificationKeySet = (
  keys: VerificationKeyInput | readonly VerificationKeyInput[],
  { algorithms, usedBy }: KeySetOptions,
): KeySet => {
  const unknown = algorithms?.find((algorithm) => !signatureAlgorithms.includes(algorithm))
  if (unknown !== undefined || algorithms?.length === 0)
    throw new ConfigurationError(
      `${usedBy}: algorithms takes some of ${signatureAlgorithms.join(', ')}, got ${unknown ?? 'none'}.`,
    )
  const inputs: readonly VerificationKeyInput[] = Array.isArray(keys) ? keys : [keys as VerificationKeyInput] // isArray does not narrow readonly arrays
  const single = inputs.flatMap((input): readonly AsymmetricKeyInput[] =>
    isJwkSet(input) ? usableOfSet(input, algorithms, usedBy) : [input],
  )
  if (single.length === 0) throw new ConfigurationError(`${usedBy}: there is no key to verify signatures with.`)
  const read = (key: AsymmetricKeyInput): Awaitable<VerificationKey> => {
    const jwk = exportJwk(key, 'public', usedBy)
    if (!(jwk instanceof Promise)) return verificationKey(jwk, algorithms, usedBy)
    const later = jwk.then((loaded) => verificationKey(loaded, algorithms, usedBy))
    later.catch(() => undefined) // does not count as unhandled; `find` still throws it
    return later
  }
  return keySetOf(single.map(read))
}

/** The key that verifies what a signer signs. Throws `ConfigurationError` where its public half is not known. */
export const verificationKeyOf = ({ publicJwk, algorithm, keyId }: Signer): VerificationKey => {
  if (publicJwk === undefined) throw new ConfigurationError('The public half of the signing key is not known.')
  return { keyId, algorithms: [algorithm], key: { ...publicJwk } }
}

/** The key of a signer, for the twin that verifies what it signs. Undefined when its public half is not known. */
export const keySetOfSigner = (signer: Awaitable<Signer>): KeySet | undefined => {
  if (!(signer instanceof Promise)) return signer.publicJwk && keySetOf([verificationKeyOf(signer)])
  let loaded: Promise<VerificationKey> | undefined
  return { find: async (alg, kid) => keySetOf([await (loaded ??= signer.then(verificationKeyOf))]).find(alg, kid) }
}

/** A shared secret of which the length was checked. */
export const secretKeySet = (secret: Uint8Array | string, algorithm: string, keyId: string | undefined): KeySet => {
  const key = typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret)
  return keySetOf(hmacAlgorithms.includes(algorithm) ? [{ keyId, algorithms: [algorithm], key }] : [])
}
