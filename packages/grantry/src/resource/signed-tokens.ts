import { digestBase64url } from '#platform'
import type { Claims } from '../core/claims.ts'
import type { FailedProof } from '../core/client-authentication.ts'
import type { JwkSet } from '../core/signer.ts'
import { clientKeys, type WantedKey } from '../keys/client-keys.ts'
import { decodeClaims } from '../keys/decode-claims.ts'
import { readHeader } from '../keys/jwt-checks.ts'
import { isSignedByAnyOf } from '../keys/verify-signature.ts'
import { Recent } from './recent.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'
import { readToken, type VerifiedToken } from './verified-token.ts'

/** How signed tokens are checked. */
export interface SignedTokenRules {
  readonly algorithms: readonly string[]
  /** Takes tokens that are not of RFC 9068. */
  readonly allowForeignTokens: boolean
  readonly tolerance: number
  /** How many signatures are remembered. */
  readonly cacheSize: number
}

/** A signature that was found good, with the keys by which it was. */
interface KnownSignature {
  readonly claims: Claims
  readonly issuer: TrustedIssuer
  readonly keys: JwkSet
}

const accessTokenType = /^(?:application\/)?at\+jwt$/i
const foreignType = /^(?:application\/)?(?:at\+)?jwt$/i
/** What is in ID tokens, logout tokens and the like, and never in an access token. */
const otherTokens = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']
/** What RFC 9068 §2.2 wants. */
const required = ['exp', 'aud', 'sub', 'client_id', 'iat', 'jti']

const invalid = (detail: string): FailedProof => ({ reason: 'token_invalid', detail })

const freeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

/** Checks signed tokens of some issuers (RFC 9068 §4). */
export class SignedTokens {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>
  readonly #rules: SignedTokenRules
  readonly #known: Recent<KnownSignature>

  constructor(issuers: readonly TrustedIssuer[], rules: SignedTokenRules) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
    this.#rules = rules
    this.#known = new Recent(rules.cacheSize)
  }

  /** Whether a text is a JWT that says it is of one of the issuers. */
  isOurs(text: string): boolean {
    return this.#issuerOf(decodeClaims(text)) !== undefined
  }

  #issuerOf(claims: Claims | undefined): TrustedIssuer | undefined {
    return typeof claims?.['iss'] === 'string' ? this.#issuers.get(claims['iss']) : undefined
  }

  /** What a token stands for at `now`, or why it is not valid. Throws where keys cannot be had. */
  async find(text: string, now: number): Promise<VerifiedToken | FailedProof> {
    const signed = await this.#recall(text, now)
    if (!('claims' in signed)) return signed
    const { allowForeignTokens, tolerance } = this.#rules
    return readToken(signed.claims, now, { tolerance, required: allowForeignTokens ? ['exp'] : required })
  }

  /** The claims of a good signature, which is remembered as long as the keys of its issuer are the same. */
  async #recall(text: string, now: number): Promise<KnownSignature | FailedProof> {
    const digest = await digestBase64url(text)
    const known = this.#known.get(digest)
    if (known !== undefined && known.keys === (await known.issuer.keys(now))) return known
    this.#known.delete(digest)
    const verified = await this.#verify(text, now)
    if ('claims' in verified && this.#rules.cacheSize > 0) this.#known.set(digest, verified)
    return verified
  }

  async #verify(text: string, now: number): Promise<KnownSignature | FailedProof> {
    const { algorithms, allowForeignTokens } = this.#rules
    const header = readHeader(text, 'jws')
    const claims = decodeClaims(text)
    if (header === undefined || claims === undefined) return invalid('it is no signed JWT, or too long')
    const { alg: algorithm = '', kid: keyId, typ } = header
    const type = allowForeignTokens ? foreignType : accessTokenType
    if (!type.test(typ ?? (allowForeignTokens ? 'JWT' : ''))) return invalid(`its typ is ${String(typ)}`)
    if (!algorithms.includes(algorithm)) return invalid(`its alg is ${algorithm}`)
    const other = otherTokens.find((name) => name in claims)
    if (other !== undefined) return invalid(`it has ${other}, and is no access token`)
    const issuer = this.#issuerOf(claims)
    if (issuer === undefined)
      return { reason: 'token_issuer_unknown', detail: `iss is ${JSON.stringify(claims['iss'])}` }
    const keys = await findKeys(text, issuer, { algorithm, keyId }, now)
    return keys === undefined
      ? invalid('no key of its issuer made its signature')
      : { claims: freeze(claims), issuer, keys }
  }
}

/** The keys of an issuer among which is the one that signed a token; undefined where none did. */
export const findKeys = async (
  text: string,
  issuer: TrustedIssuer,
  wanted: WantedKey,
  now: number,
): Promise<JwkSet | undefined> => {
  const kept = await issuer.keys(now)
  const isKnown = wanted.keyId !== undefined && clientKeys(kept, wanted).length > 0
  if (await isSignedByAnyOf(text, clientKeys(kept, wanted))) return kept
  const newer = isKnown ? kept : await issuer.newerKeys(now)
  return newer !== kept && (await isSignedByAnyOf(text, clientKeys(newer, wanted))) ? newer : undefined
}
