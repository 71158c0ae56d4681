import type { Claims, JsonValue } from '../core/claims.ts'
import type { ClientKeyFetcher } from '../core/client-keys.ts'
import { InvalidRequestError } from '../core/errors.ts'
import { InvalidRequestObjectError } from '../core/openid-errors.ts'
import { refuseRequestObjects } from '../core/openid-request.ts'
import type { Client } from '../core/records.ts'
import type { OpenIdAuthorization } from '../endpoints/authorization.ts'
import { readRequestObject } from '../keys/request-object.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import type { Form } from '../util/form.ts'
import { fetchRequestObject } from './openid-request-uri.ts'

/** How request objects are taken. */
export interface RequestObjectOptions {
  readonly issuer: string
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
  { outbound }: RequestObjectOptions,
): Promise<string> => {
  const [object, uri] = [values.get('request'), values.get('request_uri')]
  if (uri === undefined) return object ?? ''
  if (outbound === undefined) refuseRequestObjects({ request_uri: uri })
  else if (object === undefined) return fetchRequestObject(uri, client, { now, outbound })
  throw new InvalidRequestError('request_object_twice', { description: 'Send request or request_uri, not both.' })
}

/** The function that takes the parameters of an authorization request from its request object (OpenID Connect Core §6). */
export const unpackRequestObject =
  (options: RequestObjectOptions): NonNullable<OpenIdAuthorization['unpack']> =>
  async (form, client, { now }) => {
    const { client_id: clientId, response_type: responseType } = Object.fromEntries(form.values)
    const { issuer, fetchKeys } = options
    const claims = await readRequestObject(await findObject(form, client, now, options), client, {
      issuer,
      now,
      fetchKeys,
    })
    if (forbidden.some((name) => claims[name] !== undefined))
      throw new InvalidRequestObjectError({ detail: 'it holds another request object' })
    const differs = (name: string, outside: string | undefined): boolean =>
      claims[name] !== undefined && outside !== undefined && claims[name] !== outside
    if (differs('client_id', clientId) || differs('response_type', responseType))
      throw new InvalidRequestObjectError({ detail: 'client_id or response_type differs from that of the request' })
    const values = new Map([...form.values, ...toParameters(claims)])
    for (const name of forbidden) values.delete(name)
    const resources = [claims['resource'] ?? []].flat().filter((resource) => typeof resource === 'string')
    return { ...form, values, repeatable: resources.length > 0 ? resources : form.repeatable }
  }
