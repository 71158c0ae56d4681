/** Running servers on both databases, with the operations of administration beside them and a clock that the test moves. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerClient } from 'grantry'
import { startServer, type LogRecord, type RunningServer, type ServerOptions } from 'grantry-server'
import { hashPassword } from '../../packages/server/src/accounts/password.ts'
import { SessionLinks } from '../../packages/server/src/accounts/session-links.ts'
import { adminFor, type Admin } from '../../packages/server/src/admin/admin.ts'
import type { AdminParts } from '../../packages/server/src/admin/parts.ts'
import { openData, type Data } from '../../packages/server/src/data.ts'
import { KeyEncryption } from '../../packages/server/src/key-encryption.ts'
import { keyRingOf, keyRotation } from '../../packages/server/src/signing-keys.ts'
import { startPostgres, whyNoPostgres } from '../storage/postgres-server.ts'
import { Browser, type Page } from './browser.ts'
import { cluster, migrateUp, safeSettings, urlOf } from './nodes.ts'

export const redirectUri = 'https://app.example/cb'
const verifier = 'v'.repeat(43)

/** A server, and what is beside it. */
export interface Place {
  readonly server: RunningServer
  readonly data: Data
  /** Where the database is, for commands. */
  readonly at: readonly string[]
  readonly clock: { now: number }
  /** What the server has logged, and what the operations have. */
  readonly records: LogRecord[]
  readonly admin: Admin
  readonly secret: string
  readonly api: string
  /** Ends the database, where it is a process of its own. */
  stopDatabase(): Promise<void>
  close(): Promise<void>
}

const secretOf = async (data: Data, id: string, servedResources?: readonly string[]): Promise<string> => {
  const scopes = ['openid', 'email', 'read', 'offline_access']
  const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials']
  const record = { id, servedResources, scopes, grantTypes, defaultScopes: ['read'], redirectUris: [redirectUri] }
  return (await registerClient(data.store, record)).secret ?? assert.fail()
}

/** Starts a server on a database, with the client `app`, and `api` that is the resource server. */
export const openPlace = async (
  where: Pick<ServerOptions, 'data' | 'database'>,
  options: ServerOptions = {},
): Promise<Place> => {
  const clock = { now: 1_800_000_000 }
  const records: LogRecord[] = []
  const log = (record: LogRecord): void => void records.push(record)
  const now = (): number => clock.now
  const server = await startServer({ ...cluster, issuer: undefined, ...where, log, now, ...options })
  const open = { data: server.data, database: where.database, create: false, databaseWait: 5, databasePool: 4 }
  const data = await openData({ ...open, allowUnsafeDurability: true, log })
  const encryption = new KeyEncryption(cluster.keyEncryptionKeys)
  const parts: AdminParts = {
    ...{ data, now, log, hashPassword, hasOwnUsers: true, hasTokenRows: (options.tokenFormat ?? 'jwt') !== 'jwt' },
    links: new SessionLinks(data, now, () => undefined),
    rotation: async () => keyRotation(data, encryption, { now, days: 0 }),
    keys: () => keyRingOf(data, encryption, { now, log }),
  }
  const [secret, api] = [await secretOf(data, 'app'), await secretOf(data, 'api', [server.issuer])]
  const close = async (): Promise<void> => {
    await data.close()
    await server.close()
  }
  const at = where.database === undefined ? ['--data', server.data] : ['--database', where.database]
  const admin = adminFor(parts, { kind: 'command' })
  return { server, data, at, clock, records, admin, secret, api, stopDatabase: async () => undefined, close }
}

/** Each database with how to start on it, and why it cannot be. */
export const places: [name: string, open: (options?: ServerOptions) => Promise<Place>, skip: string | false][] = [
  [
    'SQLite',
    async (options) => {
      const data = mkdtempSync(join(tmpdir(), 'grantry-admin-'))
      const place = await openPlace({ data }, options)
      const close = async (): Promise<void> => {
        await place.close()
        rmSync(data, { recursive: true })
      }
      return { ...place, close }
    },
    false,
  ],
  [
    'PostgreSQL',
    async (options) => {
      const postgres = await startPostgres(safeSettings)
      const database = urlOf(postgres)
      await migrateUp(database)
      const place = await openPlace({ database }, options)
      const close = async (): Promise<void> => {
        await place.close()
        await postgres.remove()
      }
      return { ...place, close, stopDatabase: () => postgres.stop() }
    },
    whyNoPostgres ?? false,
  ],
]

/** A user who can log in. */
export interface Person {
  readonly id: string
  readonly username: string
  readonly password: string
}

/** Makes a user. */
export const newPerson = async ({ admin }: Place, username: string): Promise<Person> => {
  const { user, password = '' } = await admin.users.create({ username, claims: { email: `${username}@example.com` } })
  return { id: user.id, username, password }
}

/** Posts as a client, and gives the status and the body. */
export const post = async (
  { server, secret }: Place,
  path: string,
  fields: Readonly<Record<string, string>>,
  [id, own]: readonly [string, string] = ['app', secret],
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const headers = { Authorization: `Basic ${btoa(`${id}:${own}`)}` }
  const response = await fetch(server.url + path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
}

const challenge = createHash('sha256').update(verifier).digest('base64url')

/** The path of an authorization request of `app`. */
export const authorizePath = (scope: string): string =>
  `/authorize?${new URLSearchParams({
    ...{ response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
  }).toString()}`

/** What `app` gets for a user who logs in and allows it. */
export interface Granted {
  readonly browser: Browser
  readonly code: string
  readonly access: string
  readonly refresh: string
}

export const codeIn = ({ location }: Pick<Page, 'location'>): string =>
  new URL(location).searchParams.get('code') ?? assert.fail(location)

/** Logs in, allows, and redeems the code. */
export const grantTo = async (place: Place, { username, password }: Person): Promise<Granted> => {
  const browser = new Browser(place.server.url)
  const code = codeIn(await browser.clickThrough(authorizePath('openid email offline_access'), username, password))
  const redeem = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const { status, body } = await post(place, '/token', redeem)
  assert.equal(status, 200, JSON.stringify(body))
  return { browser, code, access: String(body['access_token']), refresh: String(body['refresh_token']) }
}

/** Whether the resource server `api` is told that a token is good. */
export const isActive = async (place: Place, token: string): Promise<unknown> =>
  (await post(place, '/introspect', { token }, ['api', place.api])).body['active']

/** The status of UserInfo with a token. */
export const userInfoStatus = async ({ server }: Place, token: string): Promise<number> => {
  const response = await fetch(`${server.url}/userinfo`, { headers: { Authorization: `Bearer ${token}` } })
  await response.text()
  return response.status
}

/** The status of a refresh. */
export const refreshStatus = async (place: Place, refresh: string): Promise<number> =>
  (await post(place, '/token', { grant_type: 'refresh_token', refresh_token: refresh })).status

/** How an operation was refused. */
export const refusalOf = async (done: Promise<unknown>): Promise<string> =>
  done.then(
    () => 'done',
    (thrown: unknown) => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)),
  )
