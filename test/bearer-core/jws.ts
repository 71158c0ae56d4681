import assert from 'node:assert/strict'
import { constants, createHmac, type KeyObject, sign as signBytes } from 'node:crypto'
import { asClient } from './steps.ts'
import type { ServerUnderTest } from './target.ts'

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

/** The two readable parts of a JWT. */
export interface DecodedToken {
  readonly header: Json
  readonly claims: Json
}

const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const decodePart = (part: string | undefined): Json => {
  const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
  assert.ok(typeof value === 'object' && value !== null, 'not a JSON object')
  return Object.fromEntries(Object.entries(value))
}

/** Reads a JWT without checking it; fails where it is none. */
export const decode = (token: string): DecodedToken => {
  const [header, claims, signature, ...more] = token.split('.')
  assert.ok(signature !== undefined && more.length === 0, 'the access token is not a signed JWT')
  return { header: decodePart(header), claims: decodePart(claims) }
}

const signatures: Readonly<Record<string, (input: Buffer, key: KeyObject | string | Buffer) => Buffer>> = {
  RS256: (input, key) => signBytes('sha256', input, privateKey(key)),
  PS256: (input, key) =>
    signBytes('sha256', input, { key: privateKey(key), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  HS256: (input, key) => createHmac('sha256', key).update(input).digest(),
}

const privateKey = (key: KeyObject | string | Buffer): KeyObject =>
  typeof key === 'string' || Buffer.isBuffer(key) ? assert.fail('this algorithm needs a private key') : key

/** Signs anything with the algorithm that the header names; an unknown one (`none`) gives an empty signature. */
export const sign = ({ header, claims }: DecodedToken, key: KeyObject | string | Buffer): string => {
  const input = `${encode(header)}.${encode(claims)}`
  const make = typeof header.alg === 'string' ? signatures[header.alg] : undefined
  return `${input}.${make === undefined ? '' : make(Buffer.from(input), key).toString('base64url')}`
}

/** The audience of a token as a list: read from a JWT, else asked from the introspection endpoint. */
export const audienceOf = async (server: ServerUnderTest, token: string): Promise<readonly unknown[]> => {
  if (token.split('.').length === 3) return [decode(token).claims.aud].flat()
  const { introspectionUrl, resourceServer } = server
  assert.ok(introspectionUrl !== undefined && resourceServer !== undefined, 'the audience cannot be observed')
  return [(await asClient(introspectionUrl, resourceServer, { token })).json.aud].flat()
}

/** The scope of a token of the confidential client: read from a JWT, else asked from the introspection endpoint by that client. */
export const scopeOf = async (server: ServerUnderTest, token: string): Promise<unknown> => {
  if (token.split('.').length === 3) return decode(token).claims.scope
  assert.ok(
    server.introspectionUrl !== undefined,
    'the response names no scope, and the scope of the token cannot be observed',
  )
  const { json } = await asClient(server.introspectionUrl, server.confidential, { token })
  assert.equal(json.active, true, 'the response names no scope, and the scope of the token cannot be observed')
  return json.scope
}
