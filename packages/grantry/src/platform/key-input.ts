import type { CryptoKey } from 'jose'
import { ConfigurationError } from '../core/errors.ts'
import type { KeyKind } from '../core/signature-algorithms.ts'
import type { Jwk, KeyObjectShape, Signer } from '../core/signer.ts'
import { readPem, type PemBlock } from './pem.ts'

/** Which half of a pair a key is, or `secret` for a symmetric one. */
export type KeyHalf = 'private' | 'public' | 'secret'

/** A key that was passed in, told apart by its form. */
export type KeyInput =
  | { readonly form: 'pem'; readonly half: KeyHalf; readonly pem: PemBlock }
  | { readonly form: 'jwk'; readonly half: KeyHalf; readonly jwk: Jwk }
  | { readonly form: 'cryptoKey'; readonly half: KeyHalf; readonly cryptoKey: CryptoKey }
  | { readonly form: 'keyObject'; readonly half: KeyHalf; readonly keyObject: KeyObjectShape }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const tagOf = (value: unknown): string => Object.prototype.toString.call(value)
const isCryptoKey = (value: unknown): value is CryptoKey => tagOf(value) === '[object CryptoKey]'
const isKeyObject = (value: unknown): value is KeyObjectShape =>
  isObject(value) && typeof value.export === 'function' && typeof value.type === 'string'
const isJwk = (value: unknown): value is Jwk & Record<string, unknown> =>
  isObject(value) && typeof value.kty === 'string'

/** Whether a value is a `Signer` of the application's own. */
export const isSigner = (value: unknown): value is Signer =>
  isObject(value) && typeof value.sign === 'function' && typeof value.algorithm === 'string'

const halves: readonly string[] = ['private', 'public', 'secret'] satisfies KeyHalf[]
const isHalf = (value: string): value is KeyHalf => halves.includes(value)
const halfOf = (type: string): KeyHalf => (isHalf(type) ? type : 'secret')
const halfOfJwk = (jwk: Jwk): KeyHalf => (jwk.kty === 'oct' ? 'secret' : jwk.d === undefined ? 'public' : 'private')

const readForm = (key: unknown): KeyInput | string => {
  if (typeof key === 'string') {
    const pem = readPem(key)
    return typeof pem === 'string' ? pem : { form: 'pem', half: pem.half, pem }
  }
  if (isCryptoKey(key)) return { form: 'cryptoKey', half: halfOf(key.type), cryptoKey: key }
  if (isKeyObject(key)) return { form: 'keyObject', half: halfOf(key.type), keyObject: key }
  if (isJwk(key)) return { form: 'jwk', half: halfOfJwk(key), jwk: key }
  if (isSigner(key)) return 'a Signer'
  if (key instanceof Uint8Array) return 'bytes'
  if (key === undefined || key === null) return String(key)
  return typeof key === 'object' ? 'an object that is no key' : `a ${typeof key}`
}

const accepted: Readonly<Record<string, string>> = {
  private: 'a private key as PEM (PKCS#8 or PKCS#1), JWK, CryptoKey, KeyObject or Signer',
  public: 'a public key as PEM (SPKI), JWK, CryptoKey or KeyObject',
  either: 'a private or public key as PEM, JWK, CryptoKey or KeyObject',
}
const hints: Readonly<Record<string, string>> = {
  'private public': 'a public key. Tokens are signed with the private one',
  'public private': 'a private key. A verifier needs the public one: openssl pkey -in private.pem -pubout',
}

/**
 * Tells the form of a key and makes sure that it is the half that is wanted. Throws `ConfigurationError` saying what was expected and
 * what came instead.
 */
export const readKeyInput = (key: unknown, wanted: 'private' | 'public' | 'either', usedBy: string): KeyInput => {
  const input = readForm(key)
  if (typeof input !== 'string') {
    if (input.half === wanted || (wanted === 'either' && input.half !== 'secret')) return input
  }
  const got = typeof input === 'string' ? input : (hints[`${wanted} ${input.half}`] ?? `a ${input.half} key`)
  const expected = accepted[wanted] ?? 'a key'
  throw new ConfigurationError(`${usedBy}: expected ${expected}, got ${got}.`)
}

/** The kind of a `CryptoKey`, which is bound to one algorithm. */
export const kindOfCryptoKey = ({ algorithm }: CryptoKey): KeyKind => {
  const { name } = algorithm
  const hash = 'hash' in algorithm && isObject(algorithm.hash) ? String(algorithm.hash.name).slice(-3) : ''
  const crv = 'namedCurve' in algorithm ? String(algorithm.namedCurve) : undefined
  if (name === 'ECDSA' || name === 'ECDH') return { kty: 'EC', crv, alg: undefined, modulusBytes: undefined }
  if (!name.startsWith('RSA')) return { kty: 'OKP', crv: name, alg: undefined, modulusBytes: undefined }
  const family: Readonly<Record<string, string>> = {
    'RSASSA-PKCS1-v1_5': 'RS',
    'RSA-PSS': 'PS',
    'RSA-OAEP': 'RSA-OAEP-',
  }
  const bits = 'modulusLength' in algorithm ? Number(algorithm.modulusLength) : 0
  return { kty: 'RSA', crv: undefined, alg: `${family[name] ?? name}${hash}`, modulusBytes: Math.floor(bits / 8) }
}
