import { ConfigurationError } from './errors.ts'
import type { Jwk } from './signer.ts'

const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** The algorithms that fit a kind of key; the first is the default. */
const byKind: Readonly<Record<string, readonly string[]>> = {
  RSA: rsa,
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
}

/** Every asymmetric signature algorithm on offer (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export const signatureAlgorithms: readonly string[] = Object.values(byKind).flat()

/** The HMAC algorithms on offer (RFC 7518 §3.2). */
export const hmacAlgorithms: readonly string[] = ['HS256', 'HS384', 'HS512']

/** What decides which algorithms fit a key. */
export interface KeyKind {
  readonly kty: string | undefined
  readonly crv: string | undefined
  /** The only algorithm the key is for, where it says so. */
  readonly alg: string | undefined
  /** Of RSA keys, in bytes. */
  readonly modulusBytes: number | undefined
}

/** The kind of a JWK. */
export const kindOfJwk = ({ kty, crv, alg, n }: Jwk): KeyKind => ({
  kty,
  crv,
  alg,
  modulusBytes: n === undefined ? undefined : Math.floor((n.length * 3) / 4),
})

/** Whether two names mean one algorithm: `EdDSA` of an Ed25519 key is also called `Ed25519` (RFC 9864 §2.2). */
export const isSameAlgorithm = (left: string, right: string): boolean =>
  left === right || [left, right].every((name) => name === 'EdDSA' || name === 'Ed25519')

const minimumModulusBytes = 256

/** The algorithms that a key may be used with; the first is the default. Empty when the key cannot sign. */
export const algorithmsFor = (key: KeyKind): readonly string[] => {
  const kind = key.crv === undefined ? String(key.kty) : `${String(key.kty)} ${key.crv}`
  const fitting = Object.hasOwn(byKind, kind) ? (byKind[kind] ?? []) : []
  const { alg } = key
  return alg === undefined ? fitting : fitting.filter((algorithm) => isSameAlgorithm(algorithm, alg))
}

/** Whether it is an RSA key under 2048 bits (RFC 7518 §3.3). */
export const isShortRsaKey = ({ modulusBytes = minimumModulusBytes }: KeyKind): boolean =>
  modulusBytes < minimumModulusBytes

/** Throws `ConfigurationError` for an RSA key under 2048 bits (RFC 7518 §3.3). */
export const refuseShortRsaKey = (key: KeyKind, usedBy: string): void => {
  const { modulusBytes } = key
  if (modulusBytes === undefined || !isShortRsaKey(key)) return
  throw new ConfigurationError(
    `${usedBy}: the RSA key has ${modulusBytes * 8} bits; make one of at least 2048 (RFC 7518 §3.3).`,
  )
}

/**
 * The algorithm to sign with. Throws `ConfigurationError` when the key fits no algorithm, does not fit the one that is wanted, or is an
 * RSA key under 2048 bits.
 */
export const chooseAlgorithm = (key: KeyKind, wanted: string | undefined, usedBy: string): string => {
  refuseShortRsaKey(key, usedBy)
  const fitting = algorithmsFor(key)
  const chosen = wanted ?? key.alg ?? fitting[0]
  if (chosen !== undefined && fitting.includes(chosen)) return chosen
  const kind = [key.kty, key.crv, key.alg && `of algorithm ${key.alg}`].filter(Boolean).join(' ')
  const usable =
    fitting.length === 0 ? `it can be used with none of ${signatureAlgorithms.join(', ')}` : `use ${fitting.join(', ')}`
  throw new ConfigurationError(`${usedBy}: the algorithm ${String(chosen)} does not fit the key (${kind}): ${usable}.`)
}
