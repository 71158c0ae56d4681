import { constants, createPublicKey, verify, type JsonWebKey, type VerifyKeyObjectInput } from 'node:crypto'
import { decodeJwt, type DecodedJwt } from './decode-jwt.ts'

/** What is expected of a token. */
export interface TokenExpectation {
  /** The issuer, as its metadata says it. */
  readonly issuer: string
  /** The keys of its JWKS. */
  readonly keys: readonly JsonWebKey[]
  /** Whom it must be for; not checked where it is undefined. */
  readonly audience: string | undefined
  /** The `typ` of its header; not checked where it is undefined. */
  readonly type: string | undefined
  readonly now: number
}

/** One check, with what was found. */
export interface TokenCheck {
  readonly check:
    | 'format'
    | 'algorithm'
    | 'key'
    | 'signature'
    | 'type'
    | 'issuer'
    | 'audience'
    | 'expiry'
    | 'not before'
    | 'issued at'
  readonly ok: boolean
  readonly found: string
}

type VerifyOptions = Omit<VerifyKeyObjectInput, 'key'>

const pss: VerifyOptions = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const ecdsa: VerifyOptions = { dsaEncoding: 'ieee-p1363' }

interface Algorithm {
  readonly kty: string
  readonly hash?: string
  readonly options: VerifyOptions
}

/** The algorithms that a key of a JWKS can verify, with the types of their keys (RFC 7518 §3.1, RFC 8037). */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: { kty: 'RSA', hash: 'sha256', options: {} },
  RS384: { kty: 'RSA', hash: 'sha384', options: {} },
  RS512: { kty: 'RSA', hash: 'sha512', options: {} },
  PS256: { kty: 'RSA', hash: 'sha256', options: pss },
  PS384: { kty: 'RSA', hash: 'sha384', options: pss },
  PS512: { kty: 'RSA', hash: 'sha512', options: pss },
  ES256: { kty: 'EC', hash: 'sha256', options: ecdsa },
  ES384: { kty: 'EC', hash: 'sha384', options: ecdsa },
  ES512: { kty: 'EC', hash: 'sha512', options: ecdsa },
  EdDSA: { kty: 'OKP', options: {} },
  Ed25519: { kty: 'OKP', options: {} },
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? 'none' : JSON.stringify(value)

const timeText = (value: unknown): string =>
  typeof value === 'number' && Math.abs(value) < 8e12 ? new Date(value * 1000).toISOString() : textOf(value)

const isSigned = (token: string, jwk: JsonWebKey, how: Algorithm): boolean => {
  const [header = '', claims = '', signature = ''] = token.split('.')
  try {
    const key = { ...how.options, key: createPublicKey({ key: jwk, format: 'jwk' }) }
    return verify(how.hash, Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))
  } catch {
    return false // a key that is none has signed nothing
  }
}

const signatureChecks = (token: string, { header }: DecodedJwt, { keys }: TokenExpectation): readonly TokenCheck[] => {
  const alg = textOf(header['alg'])
  const known = Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined
  const algorithm: TokenCheck = { check: 'algorithm', ok: known !== undefined, found: alg }
  if (known === undefined) return [algorithm]
  const { kid } = header
  const fitting = keys.filter((key) => key.kty === known.kty && (kid === undefined || key['kid'] === kid))
  const there = keys.map((key) => textOf(key['kid'])).join(', ')
  const key: TokenCheck = {
    check: 'key',
    ok: fitting.length > 0,
    found: `kid ${textOf(kid)}; the JWKS has ${there || 'none'}`,
  }
  if (fitting.length === 0) return [algorithm, key]
  const ok = fitting.some((each) => isSigned(token, each, known))
  return [
    algorithm,
    key,
    { check: 'signature', ok, found: ok ? 'is of that key' : 'is not of that key, or the token was changed' },
  ]
}

const audiencesOf = ({ aud }: DecodedJwt['claims']): readonly unknown[] =>
  Array.isArray(aud) ? aud : aud === undefined ? [] : [aud]

const timeChecks = ({ exp, nbf, iat }: DecodedJwt['claims'], now: number): readonly TokenCheck[] => {
  const isUpTo = (time: unknown): boolean => time === undefined || (typeof time === 'number' && time <= now)
  return [
    { check: 'expiry', ok: typeof exp === 'number' && exp > now, found: timeText(exp) },
    { check: 'not before', ok: isUpTo(nbf), found: timeText(nbf) },
    { check: 'issued at', ok: isUpTo(iat), found: timeText(iat) },
  ]
}

const claimChecks = ({ header, claims }: DecodedJwt, expected: TokenExpectation): readonly TokenCheck[] => {
  const { issuer, audience, type, now } = expected
  const audiences = audiencesOf(claims)
  return [
    { check: 'type', ok: type === undefined || header['typ'] === type, found: textOf(header['typ']) },
    { check: 'issuer', ok: claims['iss'] === issuer, found: textOf(claims['iss']) },
    {
      check: 'audience',
      ok: audience === undefined || audiences.includes(audience),
      found: audiences.map(textOf).join(', ') || 'none',
    },
    ...timeChecks(claims, now),
  ]
}

/** Checks a signed JWT in all that is expected of it, and says of each check what was found. */
export const verifyToken = (token: string, expected: TokenExpectation): readonly TokenCheck[] => {
  const decoded = decodeJwt(token)
  if (decoded === undefined) return [{ check: 'format', ok: false, found: 'is no signed JWT of three parts' }]
  return [...signatureChecks(token, decoded, expected), ...claimChecks(decoded, expected)]
}
