import type { Claims, JsonValue } from '../core/claims.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { InvalidRequestError } from '../core/errors.ts'
import { InvalidRequestObjectError } from '../core/openid-errors.ts'
import { refuseRequestObjects } from '../core/openid-request.ts'
import type { Client } from '../core/records.ts'
import type { RequestObjects } from '../core/check-authorization.ts'
import { readRequestObject, type RequestObjectReader } from '../keys/request-object.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { Form } from '../util/form.ts'
import { fetchRequestObject } from './request-uri.ts'

/** How request objects are read. */
export interface RequestObjectParts extends Pick<RequestObjectReader, 'decrypt' | 'profile'> {
  readonly issuer: string
  /** Whether parameters beside an object count where the object leaves them out, as OpenID Connect has it. */
  readonly isMerged: boolean
  /** Gets the keys of clients that have a `jwksUri`. */
  readonly fetchKeys: ClientKeyFetcher | undefined
  /** Fetches those that come by reference; undefined where only those are taken that come by value. */
  readonly outbound: OutboundClient | undefined
}

/** Members that say who made the object and for how long; they are no parameters. */
const ofTheObject = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub'])
/** What may not be inside an object: it would be another one (RFC 9101 §4). */
const forbidden = ['request', 'request_uri']

const toText = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

const toParameters = (claims: Claims): readonly (readonly [string, string])[] =>
  Object.entries(claims).flatMap(([name, value]) =>
    ofTheObject.has(name) || value === undefined || name === 'resource' ? [] : [[name, toText(value)] as const],
  )

/** The request object of a form, as it was sent or as it is where the form says. */
const findObject = async (
  { values }: Form,
  client: Client,
  now: number,
  { outbound }: RequestObjectParts,
): Promise<string> => {
  const [object, uri] = [values.get('request'), values.get('request_uri')]
  if (uri === undefined) return object ?? ''
  if (outbound === undefined) refuseRequestObjects({ request_uri: uri })
  else if (object === undefined) return fetchRequestObject(uri, client, { now, outbound })
  throw new InvalidRequestError('request_object_twice', { description: 'Send request or request_uri, not both.' })
}

const requireConsistent = (claims: Claims, client: Client, responseType: string | undefined): void => {
  if (forbidden.some((name) => claims[name] !== undefined))
    throw new InvalidRequestObjectError({ detail: 'it holds another request object' })
  const { client_id: inside = client.id, response_type: type = responseType } = claims
  if (inside === client.id && type === (responseType ?? type)) return
  throw new InvalidRequestObjectError({ detail: 'client_id or response_type differs from that of the request' })
}

/**
 * Takes the parameters of an authorization request from its request object: from nowhere else (RFC 9101 §6.3), but that OpenID Connect lets
 * those that the object leaves out stand beside it (OpenID Connect Core §6.1), unless object or client say that it is one of RFC 9101.
 */
export const unpackRequestObject =
  (parts: RequestObjectParts): RequestObjects['unpack'] =>
  async (form, client, { now }) => {
    const object = await findObject(form, client, now, parts)
    const { claims, isTyped } = await readRequestObject(object, client, { ...parts, now })
    requireConsistent(claims, client, form.values.get('response_type'))
    const isMerged = parts.isMerged && !isTyped && client.requireSignedRequestObject !== true
    if (!isMerged && claims['client_id'] === undefined)
      throw new InvalidRequestObjectError({ detail: 'it has no client_id' })
    const values = new Map([...(isMerged ? form.values : []), ...toParameters(claims)])
    for (const name of forbidden) values.delete(name)
    const resources = [claims['resource'] ?? []].flat().filter((resource) => typeof resource === 'string')
    const beside = isMerged ? form.repeatable : []
    return { duplicates: form.duplicates, values, repeatable: resources.length > 0 ? resources : beside }
  }
