import { assertionClockTolerance } from '../core/assertion-claims.ts'
import type { AuthenticatedRequest } from '../core/client-authentication.ts'
import type { Claims, JsonValue } from '../core/claims.ts'
import type { ClientKeyFetcher, ReplayValidator } from '../core/client-keys.ts'
import { InvalidRequestError, OAuthError } from '../core/errors.ts'
import type { Client } from '../core/records.ts'
import { readRequestObject } from '../keys/request-object.ts'

/** Seconds that a signed request may live. */
const longestLifetime = 3600

/** What a signed request says of itself; all else in it are parameters (§7.1.1). */
const ofTheRequest = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'resource'])
/** What may be beside it: how the client authenticates. */
const beside = new Set(['request', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type'])

const refuse = (detail: string, cause?: unknown): InvalidRequestError =>
  new InvalidRequestError('request_object_invalid', { description: 'The signed request is not valid.', detail, cause })

const isDate = (value: JsonValue | undefined): value is number => typeof value === 'number' && Number.isFinite(value)

/** What is missing or wrong in the claims that every signed request has; undefined where nothing is. */
const problemOf = ({ iss, aud, exp, nbf, iat, jti }: Claims, now: number): string | undefined => {
  if (iss === undefined || aud === undefined) return 'iss or aud is missing'
  if (!isDate(exp) || !isDate(nbf) || !isDate(iat)) return 'exp, nbf or iat is missing'
  if (exp - nbf > longestLifetime) return 'it lives for more than an hour'
  if (iat > now + assertionClockTolerance) return 'iat is in the future'
  return typeof jti === 'string' && jti !== '' ? undefined : 'jti is missing'
}

const toText = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

const readSigned = async (
  object: string,
  client: Client,
  now: number,
  { issuer, fetchKeys }: { readonly issuer: string; readonly fetchKeys: ClientKeyFetcher | undefined },
): Promise<Claims> => {
  const algorithm = client.backchannel?.requestSigningAlgorithm ?? client.requestObjectSigningAlgorithm
  const signer = { ...client, requestObjectSigningAlgorithm: algorithm }
  try {
    return (await readRequestObject(object, signer, { issuer, now, fetchKeys, decrypt: undefined })).claims
  } catch (thrown) {
    if (thrown instanceof OAuthError && thrown.status < 500) throw refuse(thrown.detail ?? '', thrown) // CIBA has no code of its own for it
    throw thrown
  }
}

/**
 * Puts what a signed request says in place of the parameters (OpenID Connect CIBA Core §7.1.1): it says all of it, is for this server, and is taken
 * once. Refuses one that is not signed where the client is registered to sign.
 */
export const unpackBackchannelRequest =
  (parts: {
    readonly issuer: string
    readonly validator: ReplayValidator
    readonly fetchKeys: ClientKeyFetcher | undefined
  }) =>
  async (request: AuthenticatedRequest): Promise<void> => {
    const { parameters, client, now } = request
    const object = parameters.get('request')
    if (object === undefined) {
      if (client.backchannel?.requestSigningAlgorithm === undefined) return
      throw new InvalidRequestError('backchannel_request_unsigned', { description: 'Sign the request.' })
    }
    if ([...parameters.keys()].some((name) => !beside.has(name)) || request.resources.length > 0)
      throw refuse('there are parameters beside it')
    const claims = await readSigned(object, client, now, parts)
    const problem = problemOf(claims, now)
    if (problem !== undefined) throw refuse(problem)
    const until = Math.ceil(Number(claims['exp'])) + 2 * assertionClockTolerance // once for each of two clocks
    const id = JSON.stringify([client.id, claims['jti']])
    if (!(await parts.validator.markSeen('backchannel_request', id, until, request))) throw refuse('it was used before')
    const said = Object.entries(claims).flatMap(([name, value]) =>
      ofTheRequest.has(name) || value === undefined ? [] : [[name, toText(value)] as const],
    )
    const resources = [claims['resource'] ?? []].flat().filter((each) => typeof each === 'string')
    Object.assign(request, { parameters: new Map(said.filter(([, value]) => value !== '')), resources })
  }
