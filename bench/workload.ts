/** The one client, user and request of all contenders. */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { HttpRequest } from 'grantry'

/** The registered client; it authenticates by HTTP Basic. */
export const client = {
  id: 's6BhdRkqt3',
  secret: 'gX1fBat3bV-7Fjfp0ZJr1KtdRquBLJ6LpHDmVnJqEh0',
  redirectUri: 'https://client.example/cb',
  scopes: ['read', 'write'],
}

/** The user who granted the codes and refresh tokens. */
export const user = { id: 'alice' }

/** The scope of all tokens. */
export const scope = 'read'

/** Lifetime of access tokens in seconds. */
export const lifetime = 600

/** Lifetime of refresh tokens in seconds. */
export const refreshLifetime = 1_209_600

/** Who signs. */
export const issuer = 'https://as.example'

/** The PKCE pair of every code (RFC 7636). */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
/** Its S256 challenge. */
export const challenge = createHash('sha256').update(verifier).digest('base64url')

/** Key pairs by algorithm, and the parameters with which node:crypto signs and verifies by them. */
export const keys = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}

/** The algorithms of signed tokens. */
export type Algorithm = keyof typeof keys

/** A request as it arrives: headers by lower-case name, and the body as text. */
export interface Arrival {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`

/** A form that the client posts. */
export const post = (form: Readonly<Record<string, string>>): Arrival => {
  const body = new URLSearchParams(form).toString()
  const headers = {
    authorization: basic,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
  }
  return { headers, body }
}

/** A call of a protected resource. */
export const withToken = (token: string): Arrival => ({ headers: { authorization: `Bearer ${token}` }, body: '' })

/** The token requests. */
export const forms = {
  clientCredentials: () => ({ grant_type: 'client_credentials', scope }),
  code: (code: string) => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
  }),
  refresh: (token: string) => ({ grant_type: 'refresh_token', refresh_token: token }),
  introspection: (token: string) => ({ token }),
}

/** An arrival as the toolkit reads it, without sockets. */
export const toHttpRequest = ({ headers, body }: Arrival): HttpRequest => ({
  method: body === '' ? 'GET' : 'POST',
  url: body === '' ? '/resource' : '/token',
  headers: { get: (name) => headers[name] },
  text: () => Promise.resolve(body),
})

/** An element of a list that is used over and over. */
export const cycle = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('nothing was prepared')
  return item
}

/** So many results of an asynchronous function, made one after the other. */
export const repeat = async <Item>(count: number, make: () => Item | Promise<Item>): Promise<readonly Item[]> => {
  const items: Item[] = []
  while (items.length < count) items.push(await make())
  return items
}

const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')

const signJwt = (algorithm: Algorithm): string => {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, sub: user.id, client_id: client.id, scope, iat, exp: iat + 3600, jti: randomUUID() }
  const input = `${part({ alg: algorithm, typ: 'JWT' })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(input), { key: keys[algorithm].privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const jwts: Record<Algorithm, string[]> = { RS256: [], ES256: [] }

/** So many different signed tokens, the same ones for every contender. A token is seen once per stretch: no cache of verified tokens helps. */
export const signedTokens = (algorithm: Algorithm, count: number): readonly string[] => {
  while (jwts[algorithm].length < count) jwts[algorithm].push(signJwt(algorithm))
  return jwts[algorithm].slice(0, count)
}
