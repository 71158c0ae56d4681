import { publicHalf } from '../core/jwk.ts'
import { algorithmsFor, isSameAlgorithm, isShortRsaKey, kindOfJwk } from '../core/signature-algorithms.ts'
import type { Jwk, JwkSet } from '../core/signer.ts'
import { fits, isJwkSet, mayVerify, type VerificationKey } from './key-set.ts'

/** Which keys are looked for: the `alg` and `kid` of a header. */
export interface WantedKey {
  readonly algorithm: string
  readonly keyId: string | undefined
}

/** How many keys are tried where no `kid` tells which: a client with many would have us work for it. */
const mostTries = 4

const toKey = (jwk: Jwk, algorithm: string): VerificationKey | undefined => {
  const kind = kindOfJwk(jwk)
  const key = publicHalf(jwk)
  const isFitting =
    isSameAlgorithm(kind.alg ?? algorithm, algorithm) && algorithmsFor({ ...kind, alg: undefined }).includes(algorithm)
  if (key === undefined || !isFitting || !mayVerify(jwk) || isShortRsaKey(kind)) return undefined
  return { keyId: jwk.kid, algorithms: [algorithm], key }
}

/** Keys of a client that may have made a signature. The others of the set are passed over (RFC 7517 §5): it was not made for us alone. */
export const clientKeys = (set: JwkSet, { algorithm, keyId }: WantedKey): readonly VerificationKey[] => {
  if (!isJwkSet(set)) return []
  const keys = set.keys.map((jwk) => toKey(jwk, algorithm)).filter((key) => key !== undefined)
  return keys.filter((key) => fits(key, algorithm, keyId)).slice(0, mostTries)
}

/** The secrets of a client that are long enough for an HMAC (RFC 7518 §3.2). */
export const clientSecretKeys = (
  secrets: readonly (string | Uint8Array)[],
  algorithm: string,
): readonly VerificationKey[] => {
  const bytes = secrets.map((secret) => (typeof secret === 'string' ? new TextEncoder().encode(secret) : secret))
  const long = bytes.filter(({ length }) => length >= Number(algorithm.slice(2)) / 8)
  return long.map((key) => ({ keyId: undefined, algorithms: [algorithm], key }))
}
