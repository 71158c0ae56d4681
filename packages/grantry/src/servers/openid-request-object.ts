import type { Claims, JsonValue } from '../core/claims.ts'
import { InvalidRequestObjectError } from '../core/openid-errors.ts'
import type { OpenIdAuthorization } from '../endpoints/authorization.ts'
import { readRequestObject } from '../keys/request-object.ts'

/** Members that say who made the object and for how long; they are no parameters. */
const ofTheObject = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub'])
/** What may not be inside an object: it would be another one (RFC 9101 §4). */
const forbidden = ['request', 'request_uri']

const toText = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

const toParameters = (claims: Claims): readonly (readonly [string, string])[] =>
  Object.entries(claims).flatMap(([name, value]) =>
    ofTheObject.has(name) || value === undefined || name === 'resource' ? [] : [[name, toText(value)] as const],
  )

/** The function that takes the parameters of an authorization request from its request object (OpenID Connect Core §6.1). */
export const unpackRequestObject =
  (issuer: string): NonNullable<OpenIdAuthorization['unpack']> =>
  async (form, client, { now }) => {
    const { request = '', client_id: clientId, response_type: responseType } = Object.fromEntries(form.values)
    const claims = await readRequestObject(request, client, { issuer, now })
    if (forbidden.some((name) => claims[name] !== undefined))
      throw new InvalidRequestObjectError({ detail: 'it holds another request object' })
    const differs = (name: string, outside: string | undefined): boolean =>
      claims[name] !== undefined && outside !== undefined && claims[name] !== outside
    if (differs('client_id', clientId) || differs('response_type', responseType))
      throw new InvalidRequestObjectError({ detail: 'client_id or response_type differs from that of the request' })
    const values = new Map([...form.values, ...toParameters(claims)])
    values.delete('request')
    const resources = [claims['resource'] ?? []].flat().filter((resource) => typeof resource === 'string')
    return { ...form, values, repeatable: resources.length > 0 ? resources : form.repeatable }
  }
