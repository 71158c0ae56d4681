import { digestBase64url } from '#platform'
import type { JWK, ProtectedHeaderParameters } from 'jose'
import type { Claims } from '../core/claims.ts'
import { publicHalf, thumbprintInput } from '../core/jwk.ts'
import { algorithmsFor, isSameAlgorithm, isShortRsaKey, kindOfJwk } from '../core/signature-algorithms.ts'
import type { PublicJwk } from '../core/signer.ts'
import { decodeClaims } from './decode-claims.ts'
import { readHeader } from './jwt-checks.ts'
import { isSignedByAnyOf } from './verify-signature.ts'

/** The `alg`s of proofs that are taken unless an option says otherwise. */
export const dpopAlgorithms: readonly string[] = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256']

/** Seconds that a proof is good for, and by which the clock of its maker may be ahead. */
export const proofSeconds = { past: 60, ahead: 10 } as const

/** What a proof must be for (RFC 9449 §4.3). */
export interface DpopProofChecks {
  readonly method: string
  /** The URL of the request; its query and fragment are left out of the comparison. */
  readonly url: string
  /** The `alg`s that are taken. */
  readonly algorithms: readonly string[]
  /** The token that is sent with it, which its `ath` must be the digest of; undefined at the token endpoint. */
  readonly accessToken: string | undefined
  /** Seconds since the epoch. */
  readonly now: number
}

/** A proof that is good but for its `nonce` and that it may be used once. */
export interface DpopProof {
  /** Of the key that made it (RFC 7638): what tokens are bound to. */
  readonly thumbprint: string
  readonly nonce: string | undefined
  /** Tells it from all other proofs. */
  readonly digest: string
  /** When it is too old, in seconds since the epoch. */
  readonly expiresAt: number
}

/** Longer proofs are refused unread. */
const maximumLength = 8192
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The key in the header of a proof; words for what it is instead. */
const readKey = ({ jwk, alg = '' }: ProtectedHeaderParameters & { jwk?: JWK }): PublicJwk | string => {
  if (!isObject(jwk)) return 'jwk is missing'
  if (privateMembers.some((name) => name in jwk)) return 'jwk holds a private or symmetric key'
  const kind = kindOfJwk(jwk) // every member is checked before it is used
  const key = publicHalf(jwk)
  if (key === undefined || isShortRsaKey(kind)) return 'jwk is no public key, or too short'
  const fits =
    isSameAlgorithm(kind.alg ?? alg, alg) && algorithmsFor({ ...kind, alg: undefined }).some((each) => each === alg)
  return fits ? key : `jwk is no key for ${alg}`
}

const escape = /%[0-9a-f]{2}/gi

const normaliseEscape = (text: string): string => {
  const character = String.fromCharCode(Number.parseInt(text.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : text.toUpperCase()
}

/** A URL without query and fragment, as RFC 3986 §6.2.2 and §6.2.3 write it. Undefined for what is none. */
const normalUrl = (text: unknown): string | undefined => {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  return origin + pathname.replace(escape, normaliseEscape)
}

const claimsProblem = async (
  { htm, htu, iat, ath, jti, nonce }: Claims,
  { method, url, accessToken, now }: DpopProofChecks,
): Promise<string | undefined> => {
  if (htm !== method) return 'htm is another method'
  if (normalUrl(htu) === undefined || normalUrl(htu) !== normalUrl(url)) return 'htu is another URL'
  if (typeof iat !== 'number' || !(iat > now - proofSeconds.past)) return 'iat is missing or too long ago'
  if (iat > now + proofSeconds.ahead) return 'iat is in the future'
  if (accessToken !== undefined && ath !== (await digestBase64url(accessToken))) return 'ath is not that of the token'
  if (nonce !== undefined && typeof nonce !== 'string') return 'nonce is no text'
  return typeof jti === 'string' && jti !== '' ? undefined : 'jti is missing'
}

/**
 * A DPoP proof as it came in the header `DPoP` (RFC 9449 §4.3); words for the log where it is not good. Whether it was used before, and
 * whether its nonce is one of this server, is for the caller to tell.
 */
export const readDpopProof = async (text: string, checks: DpopProofChecks): Promise<DpopProof | string> => {
  const header = text.length > maximumLength ? undefined : readHeader(text, 'jws')
  if (header === undefined) return 'it is no single JWT, or too long'
  if (!/^(?:application\/)?dpop\+jwt$/i.test(header.typ ?? '')) return 'typ is not dpop+jwt'
  const { alg = '' } = header
  if (!checks.algorithms.includes(alg)) return `alg ${alg} is not taken`
  const key = readKey(header)
  if (typeof key === 'string') return key
  if (!(await isSignedByAnyOf(text, [{ keyId: undefined, algorithms: [alg], key }]))) return 'the signature is wrong'
  const claims = decodeClaims(text)
  const problem = claims === undefined ? 'the claims are no JSON object' : await claimsProblem(claims, checks)
  if (claims === undefined || problem !== undefined) return problem ?? ''
  const { nonce, iat, jti } = claims
  const thumbprint = await digestBase64url(thumbprintInput(key))
  const digest = await digestBase64url(JSON.stringify([thumbprint, jti]))
  return {
    thumbprint,
    digest,
    nonce: nonce as string | undefined,
    expiresAt: Math.ceil(Number(iat)) + proofSeconds.past,
  } // text by claimsProblem
}
