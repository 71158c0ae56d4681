import {
  decodeProtectedHeader,
  errors,
  type JWTClaimVerificationOptions,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose'
import type { Claims } from '../core/claims.ts'

/** What a token must say to be accepted. */
export interface JwtChecks {
  /** The `typ` of the header, compared without regard to case and to the prefix `application/` (RFC 7515 §4.1.9). */
  readonly typ: string
  /** The exact `iss`; undefined accepts any. */
  readonly issuer: string | undefined
  /** One of these must be in `aud`; undefined accepts any. */
  readonly audience: string | readonly string[] | undefined
  /** Claims that must be present besides `exp`. */
  readonly requiredClaims: readonly string[]
  /** Seconds by which `exp` and `nbf` may be missed. */
  readonly clockTolerance: number
}

/** Longer tokens are refused unread: 16 KiB. */
export const maximumTokenLength = 16_384

// Whole bytes only: spare bits must be zero (RFC 4648 §3.5), or one signature could be written in several ways.
const segment = '(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?'
const compactForms = {
  jws: new RegExp(`^${segment}\\.${segment}\\.${segment}$`),
  jwe: new RegExp(`^${segment}\\.${segment}\\.${segment}\\.${segment}\\.${segment}$`),
}

/** Whether a header asks for what is not done here: an extension (RFC 7515 §4.1.11), a payload as it is (RFC 7797), or compression. */
const asksForMore = ({ crit, zip, b64 }: ProtectedHeaderParameters): boolean =>
  crit !== undefined || zip !== undefined || !(b64 ?? true)

/**
 * The header of a token in compact form, not yet verified. Undefined for tokens that are too long or not of the form, and for headers with
 * `crit`, `zip` or `b64: false`: no extension and no compression is understood (RFC 7515 §4.1.11, RFC 8725bis §3.15).
 */
export const readHeader = (token: string, form: 'jws' | 'jwe'): ProtectedHeaderParameters | undefined => {
  if (token.length > maximumTokenLength || !compactForms[form].test(token)) return undefined
  const header = orUndefined(() => decodeProtectedHeader(token))
  return header === undefined || asksForMore(header) ? undefined : header
}

const orUndefined = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined // jose throws for nothing but headers that cannot be decoded
  }
}

/** Whether an exception of jose says that the token is bad, rather than that the key cannot be used. */
export const isBadToken = (error: unknown): boolean => error instanceof errors.JOSEError

/** The checks in the words of jose. `now` is in seconds since the epoch. */
export const claimOptions = (checks: JwtChecks, now: number): JWTClaimVerificationOptions => ({
  typ: checks.typ,
  ...(checks.issuer === undefined ? {} : { issuer: checks.issuer }),
  ...(checks.audience === undefined ? {} : { audience: [checks.audience].flat() }),
  requiredClaims: ['exp', ...checks.requiredClaims],
  clockTolerance: checks.clockTolerance,
  // eslint-disable-next-line no-restricted-globals -- jose takes the time as a Date; it is still the `now` of the request
  currentDate: new Date(now * 1000),
})

const dates = ['exp', 'iat', 'nbf'] as const

/** Whether the seconds of a date can be counted: `1e999` and `1e300` are numbers to jose. */
const isDate = (seconds: number): boolean => Math.abs(seconds) <= Number.MAX_SAFE_INTEGER

/** The claims that jose accepted; undefined when a date is none. */
export const acceptedClaims = (payload: JWTPayload): Claims | undefined => {
  const sound = dates.every((name) => payload[name] === undefined || isDate(payload[name]))
  return sound ? (payload as Claims) : undefined // jose types members as unknown; they come from JSON.parse
}
