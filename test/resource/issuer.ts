/** An authorization server of a test: it publishes what the test says, and signs whatever it is given. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { GrantryEvent, HttpRequest, Reason } from 'grantry'
import { writeJwt, type Members } from '../support/assertions.ts'
import { startOtherServer } from '../support/other-server.ts'
import { request } from '../support/requests.ts'

export const audience = 'https://api.example'
const signedAnswer = 'application/token-introspection+jwt'

/** A key pair with its public half as a JWKS has it. */
export interface TestKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: Members
}

/** Makes an ES256 key. */
export const makeKey = (kid: string): TestKey => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } }
}

/** What the server answers; tests change it. */
export interface Published {
  keys: readonly Members[]
  /** Members over those of the metadata document. */
  metadata: Members
  /** Headers of the JWKS. */
  headers: Readonly<Record<string, string>>
  /** Paths that fail. */
  down: (path: string) => boolean
  /** Introspects a token: an answer, a status, or a signed answer. */
  introspect: (form: URLSearchParams, authorization: string | undefined) => Members | number | string
  /** Where the metadata document is, below the origin. */
  metadataPath: string
}

/** Starts one; it stops after the tests of the file. */
export const startIssuer = async (path = '') => {
  const key = makeKey('k1')
  const published: Published = {
    keys: [key.jwk],
    metadata: {},
    headers: {},
    down: () => false,
    introspect: () => 404,
    metadataPath: `/.well-known/oauth-authorization-server${path}`,
  }
  const server = await startOtherServer((message, response) => {
    const json = (value: object, headers = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
    const url = message.url ?? ''
    if (published.down(url)) return response.writeHead(503).end()
    if (url === published.metadataPath)
      return json({
        issuer,
        jwks_uri: `${server.origin}/jwks`,
        introspection_endpoint: `${server.origin}/introspect`,
        ...published.metadata,
      })
    if (url === '/jwks') return json({ keys: published.keys }, published.headers)
    if (url !== '/introspect') return response.writeHead(404).end()
    let form = ''
    message.setEncoding('utf8').on('data', (chunk: string) => (form += chunk))
    return message.on('end', () => {
      const answer = published.introspect(new URLSearchParams(form), message.headers.authorization)
      if (typeof answer === 'number') response.writeHead(answer, { 'content-type': 'application/json' }).end('{}')
      else if (typeof answer === 'string') response.writeHead(200, { 'content-type': signedAnswer }).end(answer)
      else json(answer)
    })
  })
  const issuer = server.origin + path
  const clock = { now: 1_800_000_000 }
  const events: GrantryEvent[] = []
  /** The claims of a good token. */
  const claims = (change: Members = {}): Members => ({
    iss: issuer,
    aud: audience,
    sub: 'alice',
    client_id: 'app',
    scope: 'read write',
    iat: clock.now,
    exp: clock.now + 600,
    jti: 'j1',
    ...change,
  })
  const sign = (change: Members = {}, header: Members = {}, by: KeyObject | string = key.privateKey): string =>
    writeJwt({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header }, claims(change), by)
  /** Options that every guard of these tests has. */
  const common = { audience, now: () => clock.now, events: (event: GrantryEvent) => events.push(event) }
  const lastRefusal = (): { readonly reason: Reason; readonly detail: string | undefined } | undefined => {
    const event = events.at(-1)
    return event?.type === 'request.refused' ? event : undefined
  }
  return {
    issuer,
    origin: server.origin,
    asked: server.asked,
    key,
    published,
    clock,
    events,
    claims,
    sign,
    common,
    lastRefusal,
  }
}

/** A request with a bearer token. */
export const call = (token: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): HttpRequest =>
  request(method, '/files', { headers: { authorization: `Bearer ${token}`, ...headers } })
