import { decodeJwt } from 'jose'
import { assertionClockTolerance as tolerance } from '../core/assertion-claims.ts'
import type { Claims } from '../core/claims.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { fapiAlgorithms, isSigning, type FapiProfile } from '../core/fapi.ts'
import { InvalidRequestObjectError } from '../core/openid-errors.ts'
import type { Client } from '../core/records.ts'
import { isSameAlgorithm, signatureAlgorithms } from '../core/signature-algorithms.ts'
import { clientKeys } from './client-keys.ts'
import { findClientKeys } from './find-client-keys.ts'
import { readHeader } from './jwt-checks.ts'
import { isSignedByOneOf } from './verify-signature.ts'

/** Seconds. */
const longestLife = 3600

const refuse = (detail: string, cause?: unknown): InvalidRequestObjectError =>
  new InvalidRequestObjectError({ detail, cause })

/** What a request object says, and whether it says that it is one (RFC 9101 §10.8): a JWT may be something else to others. */
export interface RequestObject {
  readonly claims: Claims
  readonly isTyped: boolean
}

/** For whom request objects are read, and when. */
export interface RequestObjectReader {
  /** This server, the only audience. */
  readonly issuer: string
  /** Seconds since the epoch. */
  readonly now: number
  /** Gets the keys of clients that have a `jwksUri`; undefined where those are refused. */
  readonly fetchKeys: ClientKeyFetcher | undefined
  /** Opens those that are encrypted; undefined where there are none. */
  readonly decrypt: ((token: string) => Promise<string | undefined>) | undefined
  /** The profile that they are held to. */
  readonly profile?: FapiProfile | undefined
}

const readClaims = (token: string): Claims => {
  try {
    return decodeJwt<Claims>(token)
  } catch {
    throw refuse('it holds no JSON object')
  }
}

/** Absent, `JWT`, or that of RFC 9101 §10.8; another JWT of the client, an assertion for example, is none. */
const types = /^(?:application\/)?(?:jwt|oauth-authz-req\+jwt)$/i

const decrypted = async (token: string, decrypt: RequestObjectReader['decrypt']): Promise<string> => {
  if (readHeader(token, 'jwe') === undefined) return token
  const signed = await decrypt?.(token)
  if (signed === undefined) throw refuse('it is encrypted, and not to a key of this server')
  return signed
}

/** An object that is for this server, and for an hour at most (FAPI 2.0 Message Signing §5.3.1). */
const requireShortLife = ({ aud, exp, nbf }: Claims, now: number): void => {
  if (aud === undefined) throw refuse('aud is missing')
  if (typeof nbf !== 'number' || nbf < now - longestLife - tolerance)
    throw refuse('nbf is missing, or over an hour ago')
  if (typeof exp !== 'number' || exp > nbf + longestLife) throw refuse('exp is missing, or over an hour after nbf')
}

/**
 * The request object that `client` signed with a key of its `jwks`, or of those at its `jwksUri` (OpenID Connect Core §6.1,
 * RFC 9101 §6.2), and may have encrypted to this server. Throws an `InvalidRequestObjectError` for every other one; unsigned ones are never taken.
 */
export const readRequestObject = async (
  sent: string,
  client: Client,
  { issuer, now, fetchKeys, decrypt, profile }: RequestObjectReader,
): Promise<RequestObject> => {
  const token = await decrypted(sent, decrypt)
  const header = readHeader(token, 'jws')
  const { alg: algorithm = '', kid: keyId } = header ?? {}
  const algorithms = profile === undefined ? signatureAlgorithms : fapiAlgorithms
  if (header === undefined || !types.test(header.typ ?? 'JWT') || !algorithms.includes(algorithm))
    throw refuse('it is no JWT signed by an asymmetric key, or of another typ')
  if (!isSameAlgorithm(client.requestObjectSigningAlgorithm ?? algorithm, algorithm))
    throw refuse(`it is signed by ${algorithm}, and the client is registered for another algorithm`)
  const found = await findClientKeys(client, { now, keyId, fetchKeys })
  if ('detail' in found) throw refuse(`there are no keys of the client: ${found.detail}`, found.cause)
  const keys = clientKeys(found, { algorithm, keyId })
  if (!(await isSignedByOneOf(token, keys))) throw refuse('no key of the client made the signature')
  const claims = readClaims(token)
  const { iss, aud, exp, nbf } = claims
  if (iss !== undefined && iss !== client.id) throw refuse('iss is not the client')
  if (aud !== undefined && ![aud].flat().includes(issuer)) throw refuse('aud is not this server')
  if (exp !== undefined && !(typeof exp === 'number' && exp + tolerance > now)) throw refuse('it has expired')
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf - tolerance <= now)) throw refuse('it is not valid yet')
  if (isSigning(profile)) requireShortLife(claims, now)
  return { claims, isTyped: /oauth-authz-req\+jwt$/i.test(header.typ ?? '') }
}
