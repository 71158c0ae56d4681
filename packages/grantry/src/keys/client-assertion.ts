import { decodeJwt } from 'jose'
import { assertionClockTolerance, clientAssertionProblem } from '../core/assertion-claims.ts'
import type { Awaitable } from '../core/awaitable.ts'
import type { Claims } from '../core/claims.ts'
import type { FailedProof } from '../core/client-authentication.ts'
import type { ReplayValidator } from '../core/client-keys.ts'
import { InvalidClientError } from '../core/errors.ts'
import type { OAuthRequest } from '../core/oauth-request.ts'
import type { Client } from '../core/records.ts'
import { isSameAlgorithm } from '../core/signature-algorithms.ts'
import type { WantedKey } from './client-keys.ts'
import { decoyKeys } from './decoy-keys.ts'
import { readHeader } from './jwt-checks.ts'
import type { VerificationKey } from './key-set.ts'
import { isSignedByOneOf } from './verify-signature.ts'

/** A client assertion as it was sent (RFC 7523 §2.2): decoded, not verified. */
export interface ClientAssertion extends WantedKey {
  readonly token: string
  /** The `sub`, whom it claims to be from. */
  readonly clientId: string
  readonly claims: Claims
}

/** Keys that may have made the signature of an assertion, or why there are none. */
export type FoundKeys = readonly VerificationKey[] | FailedProof

/** How the assertions of one method are proven. */
export interface AssertionRules {
  readonly issuer: string
  /** The URL for clients with `legacyAssertionAudience`. */
  readonly tokenEndpoint: string | undefined
  readonly validator: ReplayValidator
  /** Whether `aud` must be a text, and not a list of one (FAPI 2.0 §5.3.2.1). */
  readonly isTextAudience?: boolean | undefined
  readonly findKeys: (client: Client, assertion: ClientAssertion, request: OAuthRequest) => Awaitable<FoundKeys>
}

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Absent, `JWT`, or that of RFC 7523bis §4; an access or ID token is none of them, or is not signed by a client. */
const types = /^(?:application\/)?(?:jwt|client-authentication\+jwt)$/i

const controls = /[\0-\x1f\x7f]/ // eslint-disable-line no-control-regex -- RFC 6749 appendix A leaves them out

const readClaims = (token: string): Claims => {
  try {
    return decodeJwt<Claims>(token)
  } catch (cause) {
    throw new InvalidClientError('client_assertion_malformed', { detail: 'the claims are no JSON object', cause })
  }
}

/** The assertion of a request. Throws an `InvalidClientError` for what is none, whoever sent it. */
export const readClientAssertion = (request: OAuthRequest): ClientAssertion => {
  if (request.parameters.get('client_assertion_type') !== jwtBearer)
    throw new InvalidClientError('client_assertion_malformed', { detail: 'client_assertion_type is another' })
  const token = request.parameters.get('client_assertion') ?? ''
  const header = readHeader(token, 'jws')
  if (header?.alg === undefined || !types.test(header.typ ?? 'JWT'))
    throw new InvalidClientError('client_assertion_malformed', {
      detail: 'it is no signed JWT, too long, or of another typ',
    })
  const claims = readClaims(token)
  const { sub } = claims
  if (typeof sub !== 'string' || sub === '' || controls.test(sub))
    throw new InvalidClientError('client_assertion_malformed', { detail: 'sub is missing' })
  return { token, clientId: sub, claims, algorithm: header.alg, keyId: header.kid }
}

const useOnce = async (
  { clientId, claims }: ClientAssertion,
  validator: ReplayValidator,
  request: OAuthRequest,
): Promise<boolean> => {
  // Twice the tolerance: once for the client's clock, once for a node of ours whose clock is ahead and cleans up early.
  const expiresAt = Math.ceil(Number(claims['exp'])) + 2 * assertionClockTolerance
  return validator.markSeen('client_assertion', JSON.stringify([clientId, claims['jti']]), expiresAt, request)
}

const findKeys = (
  assertion: ClientAssertion,
  client: Client,
  request: OAuthRequest,
  rules: AssertionRules,
): Awaitable<FoundKeys> => {
  const { assertionSigningAlgorithm: pinned } = client
  if (pinned === undefined || isSameAlgorithm(pinned, assertion.algorithm))
    return rules.findKeys(client, assertion, request)
  return { reason: 'client_assertion_key_unknown', detail: `it is registered for ${pinned}` }
}

/** The work is the same where there is no key: one of nobody is tried, and found wanting. */
const checkSignature = async (
  { token, algorithm }: ClientAssertion,
  found: FoundKeys,
): Promise<FailedProof | undefined> => {
  const keys = 'reason' in found ? [] : found
  try {
    const isSigned = await isSignedByOneOf(token, keys.length > 0 ? keys : decoyKeys(algorithm))
    if ('reason' in found) return found
    if (keys.length === 0) return { reason: 'client_assertion_key_unknown', detail: 'none fits alg and kid' }
    return isSigned ? undefined : { reason: 'client_assertion_signature_wrong' }
  } catch (cause) {
    return { reason: 'client_keys_unavailable', detail: 'a key is broken', cause }
  }
}

/** Whether an assertion proves that the sender is `client` (RFC 7523 §3), or why not. An assertion that does is used up. */
export const proveByAssertion = async (
  assertion: ClientAssertion,
  client: Client,
  request: OAuthRequest,
  rules: AssertionRules,
): Promise<true | FailedProof> => {
  const failure = await checkSignature(assertion, await findKeys(assertion, client, request, rules))
  if (failure !== undefined) return failure
  const isLegacy = client.legacyAssertionAudience === 'token-endpoint'
  const audience = { issuer: rules.issuer, tokenEndpoint: isLegacy ? rules.tokenEndpoint : undefined }
  const isList = rules.isTextAudience === true && typeof assertion.claims['aud'] !== 'string'
  const problem = isList ? 'aud is a list' : clientAssertionProblem(assertion.claims, audience, request.now)
  if (problem !== undefined) return { reason: 'client_assertion_claims_wrong', detail: problem }
  return (await useOnce(assertion, rules.validator, request)) || { reason: 'client_assertion_replayed' }
}
