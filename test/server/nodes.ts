/** Servers on one real PostgreSQL, and what a user and a client do at them. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { startServer, type LogRecord, type RunningServer, type ServerOptions } from 'grantry-server'
import { openMigrations } from '../../packages/server/src/database/migrations.ts'
import type { PostgresServer } from '../storage/postgres-server.ts'
import { Browser, hiddenFields } from './browser.ts'

/** As PostgreSQL is by default. */
export const safeSettings = { fsync: 'on' }

/** The URL of a server of the fixture; `change` overrides its parts. */
export const urlOf = (
  { connection }: Pick<PostgresServer, 'connection'>,
  change: { readonly host?: string; readonly port?: number; readonly user?: string; readonly database?: string } = {},
): string => {
  const { host, port, user, database } = { ...connection, ...change }
  return host.startsWith('/')
    ? `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`
    : `postgres://${user}@${host}:${port}/${database}`
}

/** Makes the tables, as `grantry-server migrate up` does. */
export const migrateUp = async (database: string): Promise<void> => {
  const migrations = await openMigrations({ data: '', database, databaseWait: 5 })
  try {
    await migrations.apply()
  } finally {
    await migrations.close()
  }
}

/** A running server with what it has logged. */
export interface Node extends RunningServer {
  readonly records: readonly LogRecord[]
}

/** What all nodes of one database have in common. */
export const cluster = {
  port: 0,
  issuer: 'http://localhost:9000',
  keyEncryptionKeys: ['k'.repeat(43)],
  databaseWait: 5,
} satisfies ServerOptions

/** Starts a server on a database. */
export const startNode = async (database: string, options: ServerOptions = {}): Promise<Node> => {
  const records: LogRecord[] = []
  const server = await startServer({ ...cluster, database, log: (record) => records.push(record), ...options })
  return { ...server, records }
}

/** The client that the first start made. */
export interface KnownClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly username: string
  readonly password: string
}

/** The secrets of a first start. */
export const secretsOf = ({ firstStart }: RunningServer): KnownClient => {
  const { clientId, clientSecret, username, password } = firstStart ?? assert.fail('it is no first start')
  assert.ok(clientSecret !== undefined && password !== undefined)
  return { clientId, clientSecret, username, password }
}

/** Posts as a client, and gives status and headers with the body. */
export const post = async (
  { url }: Pick<RunningServer, 'url'>,
  path: string,
  { clientId, clientSecret }: Pick<KnownClient, 'clientId' | 'clientSecret'>,
  fields: Readonly<Record<string, string>>,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> => {
  const headers = { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
  const response = await fetch(url + path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const text = await response.text()
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}

/** The status of a request for a token of the client itself. */
export const tokenStatus = async (node: RunningServer, client: KnownClient): Promise<number> =>
  (await post(node, '/token', client, { grant_type: 'client_credentials' })).status

const verifier = 'v'.repeat(43)
const redirectUri = 'http://127.0.0.1:8080/callback'

const authorizePath = (clientId: string): string => {
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'read' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256', prompt: 'consent' },
  })
  return `/authorize?${query.toString()}`
}

/** Logs in at `at`, and gives a browser that is logged in at `then`. */
const loginAndMove = async (at: Node, then: Node, { clientId, username, password }: KnownClient): Promise<Browser> => {
  const first = new Browser(at.url)
  await first.login(authorizePath(clientId), username, password)
  const second = new Browser(then.url)
  for (const [name, value] of first.cookies) second.cookies.set(name, value)
  return second
}

/** Approves at the node of a browser that is logged in, and gives the code. */
export const approve = async (browser: Browser, clientId: string): Promise<string> => {
  const consent = await browser.get(authorizePath(clientId))
  const answer = await browser.post('/consent', { ...hiddenFields(consent), scope: 'read', decision: 'approve' })
  assert.equal(answer.status, 303, answer.text)
  return new URL(answer.location).searchParams.get('code') ?? ''
}

/** Logs in with all that is asked on the way, and redeems the code. */
export const logIn = async (node: RunningServer, client: KnownClient): Promise<Record<string, unknown>> => {
  const path = authorizePath(client.clientId)
  const { location } = await new Browser(node.url).clickThrough(path, client.username, client.password)
  const code = new URL(location).searchParams.get('code') ?? ''
  const redeem = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const { status, body } = await post(node, '/token', client, redeem)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

/** Logs in at A for a request that insists on it, is asked at B, and is remembered there and at A: marks and consents are those of all nodes. */
export const openIdJourney = async (a: Node, b: Node, { clientId, username, password }: KnownClient): Promise<void> => {
  const at = (node: Node, from?: Browser): Browser => {
    const browser = new Browser(node.url)
    for (const [name, value] of from?.cookies ?? []) browser.cookies.set(name, value)
    return browser
  }
  const path = (change: Readonly<Record<string, string>>): string => {
    const [plain, query] = authorizePath(clientId).split('?')
    const asked = { ...Object.fromEntries(new URLSearchParams(query)), scope: 'openid email', ...change }
    return `${plain}?${new URLSearchParams(asked).toString()}`
  }
  const first = at(a)
  const login = await first.follow(await first.get(path({ prompt: 'login consent' })))
  const { location } = await first.submit(login, 'login', { username, password })
  const second = at(b, first)
  const consent = await second.get(location)
  assert.match(consent.text, /id="consent"/)
  const last = at(a, first)
  const answer = await second.submit(consent, 'consent', { decision: 'approve' })
  assert.match(answer.location, /[?&]code=/)
  assert.match((await last.get(path({ prompt: 'none' }))).location, /[?&]code=/)
}

/** The whole journey, each step at another node: log in at A, consent at B, redeem at A, refresh at B, revoke at A, dead at B. */
export const journey = async (a: Node, b: Node, client: KnownClient): Promise<void> => {
  const code = await approve(await loginAndMove(a, b, client), client.clientId)
  const redeem = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const tokens = await post(a, '/token', client, redeem)
  assert.equal(tokens.status, 200, JSON.stringify(tokens.body))
  const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.body['refresh_token']) }
  const refreshed = await post(b, '/token', client, refresh)
  assert.equal(refreshed.status, 200, JSON.stringify(refreshed.body))
  const isActive = async (node: Node, token: unknown): Promise<unknown> =>
    (await post(node, '/introspect', client, { token: String(token) })).body['active']
  const issued = [tokens.body['access_token'], refreshed.body['access_token']]
  for (const token of issued) assert.equal(await isActive(b, token), true)
  const revoked = await post(a, '/revoke', client, { token: String(refreshed.body['refresh_token']) })
  assert.equal(revoked.status, 200)
  for (const token of issued) assert.equal(await isActive(b, token), false)
}
