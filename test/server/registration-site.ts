/** Servers at which clients register themselves, on SQLite and on PostgreSQL, and what such clients do there. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createInitialAccessToken, systemClock, type Store } from 'grantry'
import { startServer, type RunningServer, type ServerOptions } from 'grantry-server'
import { exportJWK, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { openData } from '../../packages/server/src/data.ts'
import { startPostgres, whyNoPostgres, type PostgresServer } from '../storage/postgres-server.ts'
import { startOtherServer } from '../support/other-server.ts'
import { Browser, type Page } from './browser.ts'
import { cluster, migrateUp, safeSettings, urlOf } from './nodes.ts'

/** Where their data is. */
export const folder = mkdtempSync(join(tmpdir(), 'grantry-registration-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What the servers of the clients serve: their keys, and their requests. */
export const served: { pages: Readonly<Record<string, string>> } = { pages: {} }
const serve: RequestListener = (request, response) => {
  const type = request.url === '/request' ? 'application/oauth-authz-req+jwt' : 'application/json'
  response.writeHead(served.pages[request.url ?? ''] === undefined ? 404 : 200, { 'content-type': type })
  response.end(served.pages[request.url ?? ''] ?? '')
}
/** The server of the clients. */
export const theirs = await startOtherServer(serve)
/** One at a host that nobody named. */
export const inside = await startOtherServer(serve)

/** Where answers go. */
export const redirectUri = 'https://rp.example/cb'
/** What a client says of itself. */
export const metadata = { client_name: 'Their app', redirect_uris: [redirectUri], scope: 'openid email read' }
/** How the servers are started. */
export const options: ServerOptions = {
  ...{ registration: 'token', registrationScopes: ['read'], requestObjects: true, clientDocuments: true },
  allowPrivateHosts: [`127.0.0.1:${theirs.port}`],
}

/** A document. */
export type Json = Readonly<Record<string, unknown>>

/** Servers of one database, and what tests do there. */
export interface Site {
  readonly nodes: readonly RunningServer[]
  readonly store: Store
  /** Where its data is, as arguments of a command. */
  readonly data: readonly string[]
  /** Seconds by which its clock is ahead of that of the machine, which the clients of others look at. */
  readonly clock: { ahead: number }
  readonly user: { readonly username: string; readonly password: string }
  close(): Promise<void>
}

const where = (database: string | undefined, data: string) => ({
  ...{ data, database, databaseWait: 5, databasePool: 2, create: true, allowUnsafeDurability: false },
  log: () => undefined,
})

/** Starts servers of one database, or of a file. */
export const startSite = async (
  database: string | undefined,
  count: number,
  change: ServerOptions = {},
): Promise<Site> => {
  const folderOfData = join(folder, String(Math.random()).slice(2))
  const clock = { ahead: 0 }
  const place = { data: folderOfData, ...(database !== undefined && { database }) }
  const all = {
    ...cluster,
    ...place,
    log: () => undefined,
    now: () => systemClock() + clock.ahead,
    ...options,
    ...change,
  }
  const nodes: RunningServer[] = []
  for (let index = 0; index < count; index++) nodes.push(await startServer(all))
  const { username, password = '' } = nodes[0]?.firstStart ?? assert.fail('it is no first start')
  const data = await openData(where(database, folderOfData))
  return {
    ...{ nodes, store: data.store, clock, user: { username, password } },
    data: database === undefined ? ['--data', folderOfData] : ['--database', database],
    close: async () => {
      for (const node of nodes) await node.close()
      await data.close()
    },
  }
}

/** The next node of a site, in turn. */
export const nodesInTurn = ({ nodes }: Site): (() => string) => {
  let turn = 0
  return () => nodes[turn++ % nodes.length]?.url ?? assert.fail()
}

/** Sends what goes to the issuer to one node after the other, as a balancer does. */
const balanced = (site: Site): client.CustomFetch => {
  const next = nodesInTurn(site)
  return (url, init) => {
    const { pathname, search } = new URL(url)
    return fetch(next() + pathname + search, init)
  }
}

const insecure = [client.allowInsecureRequests] // eslint-disable-line @typescript-eslint/no-deprecated -- deprecated to warn of its use outside tests

/** A token for a registration. */
export const newToken = ({ store }: Site, isReusable = false): Promise<string> =>
  createInitialAccessToken(store, { now: systemClock(), isReusable })

/** Registers a client. */
export const register = async (
  site: Site,
  more: Json = {},
  authentication = client.ClientSecretBasic(),
): Promise<client.Configuration> => {
  const asked = { initialAccessToken: await newToken(site), execute: insecure, [client.customFetch]: balanced(site) }
  return client.dynamicClientRegistration(new URL(cluster.issuer), { ...metadata, ...more }, authentication, asked)
}

/** Of PKCE. */
export const verifier = 'v'.repeat(43)
/** The parameters of an authorization request. */
export const parametersOf = async (more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> => ({
  ...{ redirect_uri: redirectUri, scope: 'openid email read', state: 's', nonce: 'n' },
  ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more },
})
/** What of a URL a browser of the tests asks for. */
export const pathOf = ({ pathname, search }: URL): string => pathname + search

/** Logs in and consents at another node than the one that was asked last, and gives the answer to the client. */
export const approve = async (site: Site, url: URL): Promise<Page> => {
  const { username, password } = site.user
  return new Browser(site.nodes.at(-1)?.url ?? '').clickThrough(pathOf(url), username, password)
}

/** Gets tokens for an answer, and the user that they are for. */
export const redeem = async (config: client.Configuration, { location }: Page): Promise<Json> => {
  assert.match(location, /[?&]code=/)
  const checks = { pkceCodeVerifier: verifier, expectedState: 's', expectedNonce: 'n' }
  const tokens = await client.authorizationCodeGrant(config, new URL(location), checks)
  const { sub = '' } = tokens.claims() ?? {}
  return { ...(await client.fetchUserInfo(config, tokens.access_token, sub)), scope: tokens.scope }
}

const keysOf = async (alg: 'ES256' | 'RSA-OAEP-256', use: 'sig' | 'enc') => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), use, kid: use } }
}
/** The keys of the clients. */
export const signing = await keysOf('ES256', 'sig')
/** The same to encrypt for. */
export const encryption = await keysOf('RSA-OAEP-256', 'enc')
/** Both, as they are published. */
export const jwks = { keys: [signing.jwk, encryption.jwk] }
/** What a client learns of the user. */
export const expected = { email: 'dev@example.com', scope: 'openid email read' }
/** The same of an answer. */
export const pick = ({ email, scope }: Json): Json => ({ email, scope })

/** Sends a document to an endpoint. */
export const send = (url: string, method: string, token: string | undefined, body?: unknown): Promise<Response> =>
  fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

/** Status and error of an answer. */
export const errorOf = async (response: Response): Promise<string> => {
  const text = await response.text()
  const { error = '' } = text === '' ? {} : (JSON.parse(text) as { error?: string }) // RFC 7591 §3.2.2
  return `${response.status} ${error}`.trim()
}

let postgres: PostgresServer | undefined
let databases = 0
const newDatabase = async (): Promise<string> => {
  postgres ??= await startPostgres(safeSettings)
  const { default: pg } = await import('pg')
  const connection = new pg.Client(postgres.connection)
  await connection.connect()
  const name = `registration${databases++}`
  await connection.query(`CREATE DATABASE ${name}`)
  await connection.end()
  const url = urlOf(postgres, { database: name })
  await migrateUp(url)
  return url
}
after(() => postgres?.remove())

/** Each with how to make it, and why it cannot be made here. */
export const backends: [name: string, make: () => Promise<Site>, skip: string | false][] = [
  ['SQLite, one node', () => startSite(undefined, 1), false],
  ['PostgreSQL, two nodes', async () => startSite(await newDatabase(), 2), whyNoPostgres ?? false],
]
