import { createHash, randomBytes } from 'node:crypto'
import type { HttpRequest, HttpResponse } from 'grantry'

/** A form POST as an endpoint reads it. A list of pairs can repeat a name. */
export const form = (
  parameters: Readonly<Record<string, string>> | readonly (readonly [string, string])[] | string,
  headers: Readonly<Record<string, string>> = {},
): HttpRequest =>
  request('POST', '/token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof parameters === 'string' ? parameters : new URLSearchParams(toPairs(parameters)).toString(),
  })

/** Any request. */
export const request = (
  method: string,
  url: string,
  { headers = {}, body = '' }: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): HttpRequest => {
  const lowered = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { method, url, headers: { get: (name) => lowered.get(name.toLowerCase()) }, text: async () => body }
}

type Pairs = readonly (readonly [string, string])[]

const isPairs = (parameters: Readonly<Record<string, string>> | Pairs): parameters is Pairs => Array.isArray(parameters)

const toPairs = (parameters: Readonly<Record<string, string>> | Pairs): [string, string][] =>
  (isPairs(parameters) ? parameters : Object.entries(parameters)).map(([name, value]) => [name, value])

/** The `Authorization` header of a client with a secret (RFC 6749 §2.3.1). */
export const basic = (id: string, secret: string): { readonly authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

/** The members of a JSON answer. */
export const body = (response: HttpResponse): Readonly<Record<string, unknown>> =>
  JSON.parse(response.body) as Readonly<Record<string, unknown>> // an object by every assertion that follows

/** A member of a JSON answer that must be text. */
export const text = (response: HttpResponse, member: string): string => {
  const value = body(response)[member]
  if (typeof value !== 'string') throw new Error(`${member} is missing in ${response.body}`)
  return value
}

/** The parameters that a redirect carries, from its query or its fragment. */
export const redirected = (response: HttpResponse): URLSearchParams => {
  const location = response.headers['Location']
  if (location === undefined) throw new Error(`no redirect: ${response.status} ${response.body}`)
  return new URLSearchParams(location.slice(location.search(/[?#]/) + 1))
}

/** A PKCE verifier with its challenge (RFC 7636 §4). */
export const pkce = (): { readonly verifier: string; readonly challenge: string } => {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}
