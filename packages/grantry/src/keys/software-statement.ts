import { decodeJwt } from 'jose'
import type { Claims } from '../core/claims.ts'
import { InvalidSoftwareStatementError, UnapprovedSoftwareStatementError } from '../core/registration-errors.ts'
import { readHeader } from './jwt-checks.ts'
import type { KeySet } from './key-set.ts'
import { isSignedByOneOf } from './verify-signature.ts'

/** Absent or `JWT`: access tokens, ID tokens of typed servers and client assertions are none of them (RFC 8725 §3.11). */
const types = /^(?:application\/)?jwt$/i

const invalid = (detail: string, cause?: unknown): InvalidSoftwareStatementError =>
  new InvalidSoftwareStatementError(undefined, { detail, cause })

const readClaims = (statement: string): Claims => {
  try {
    return decodeJwt<Claims>(statement)
  } catch (cause) {
    throw invalid('the claims are no JSON object', cause)
  }
}

const isDate = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** What is wrong with the claims (RFC 7519 §4.1); a statement need not expire nor name who it is for. */
const claimsProblem = ({ exp, nbf, aud, software_id: id }: Claims, issuer: string, now: number): string | undefined => {
  if (exp !== undefined && !(isDate(exp) && exp > now)) return 'exp is over'
  if (nbf !== undefined && !(isDate(nbf) && nbf <= now)) return 'nbf is in the future'
  if (aud !== undefined && ![aud].flat().includes(issuer)) return 'aud is another'
  return typeof id === 'string' && id !== '' ? undefined : 'software_id is missing'
}

/**
 * The claims of a software statement (RFC 7591 §2.3), which must be signed by a key of its `iss` among `issuers`, and have a `software_id`, so
 * that no other token of that issuer passes for one. `issuer` is this server. Throws an `UnapprovedSoftwareStatementError` for an
 * issuer that is none of them, an `InvalidSoftwareStatementError` for all else.
 */
export const verifySoftwareStatement = async (
  statement: string,
  { issuers, issuer }: { readonly issuers: ReadonlyMap<string, KeySet>; readonly issuer: string },
  now: number,
): Promise<Claims> => {
  const header = readHeader(statement, 'jws')
  if (header === undefined || !types.test(header.typ ?? 'JWT')) throw invalid('it is no signed JWT, or of another typ')
  const claims = readClaims(statement)
  const iss = typeof claims['iss'] === 'string' ? claims['iss'] : ''
  const keys = issuers.get(iss)
  if (keys === undefined) throw new UnapprovedSoftwareStatementError(undefined, { detail: `iss "${iss}"` })
  if (!(await isSignedByOneOf(statement, await keys.find(header.alg, header.kid))))
    throw invalid('the signature is wrong')
  const problem = claimsProblem(claims, issuer, now)
  if (problem !== undefined) throw invalid(problem)
  return claims
}
