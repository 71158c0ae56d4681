/** What strangers can do to the database: to its statements, and to its size. The same on both databases. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { startServer, type RunningServer } from 'grantry-server'
import pg from 'pg'
import { Browser, hiddenFields } from '../server/browser.ts'
import { cluster, migrateUp, safeSettings, urlOf } from '../server/nodes.ts'
import { startPostgres, whyNoPostgres } from '../storage/postgres-server.ts'

type Row = Readonly<Record<string, unknown>>

/** A running server with a look at its tables. */
interface Watched {
  readonly server: RunningServer
  readonly query: (sql: string) => Promise<readonly Row[]>
  readonly tableNames: string
  close(): Promise<void>
}

const quiet = { ...cluster, log: () => undefined, registration: 'open', registrationLimit: 10_000 } as const

const onSqlite = async (): Promise<Watched> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-strangers-'))
  const server = await startServer({ ...quiet, data })
  const database = new DatabaseSync(join(data, 'grantry.db'))
  return {
    server,
    query: async (sql) => database.prepare(sql).all(),
    tableNames: "SELECT name FROM sqlite_schema WHERE type = 'table'",
    async close() {
      database.close()
      await server.close()
      rmSync(data, { recursive: true })
    },
  }
}

const onPostgres = async (): Promise<Watched> => {
  const database = await startPostgres(safeSettings)
  await migrateUp(urlOf(database))
  const server = await startServer({ ...quiet, database: urlOf(database) })
  const client = new pg.Client({ ...database.connection, options: '-c search_path=grantry' })
  await client.connect()
  return {
    server,
    query: async (sql) => (await client.query<Row>(sql)).rows,
    tableNames: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'grantry'",
    async close() {
      await client.end()
      await server.close()
      await database.remove()
    },
  }
}

/** Tables that count attempts and say what happened. */
const ofAttempts = new Set(['attempt', 'audit_event', 'activity'])

/** Every other row there is, as text. */
const rowsOf = async ({ query, tableNames }: Watched): Promise<Readonly<Record<string, readonly string[]>>> => {
  const names = (await query(tableNames)).map(({ name }) => String(name)).filter((name) => !ofAttempts.has(name))
  const all: [string, readonly string[]][] = []
  for (const name of names)
    all.push([name, (await query(`SELECT * FROM "${name}"`)).map((row) => JSON.stringify(row)).sort()])
  return Object.fromEntries(all)
}

const injections = [
  ...["'", "''", '"', '`', '\\', "' OR '1'='1", "' OR 1=1 --", '" OR ""="', "') OR ('1'='1", "admin'--", "admin'/*"],
  ...["'; DROP TABLE client; --", '1; DELETE FROM "user"', "' UNION SELECT password FROM user --", "'||(SELECT 1)||'"],
  ...[
    "' AND 1=CAST((SELECT version()) AS int) --",
    "'; SELECT pg_sleep(9); --",
    "' AND randomblob(1e9) --",
    '$1',
    '?1',
    ':id',
  ],
  ...['%', '_', '%27%20OR%201=1', '\u02bc OR 1=1', '{"$ne":null}', '*)(uid=*', 'NULL', '$$', "E'\\''"],
]

/** Every parameter that is looked up or kept, by where it is sent. */
const parameters: readonly (readonly [method: 'GET' | 'POST', path: string, names: readonly string[]])[] = [
  [
    'GET',
    '/authorize',
    ['client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'resource', 'login_hint', 'claims', 'ui_locales'],
  ],
  [
    'POST',
    '/token',
    ['client_id', 'client_secret', 'code', 'refresh_token', 'device_code', 'scope', 'resource', 'code_verifier'],
  ],
  ['POST', '/introspect', ['token', 'token_type_hint']],
  ['POST', '/revoke', ['token', 'token_type_hint']],
  ['POST', '/device_authorization', ['client_id', 'scope']],
  ['POST', '/login', ['username', 'password', 'to']],
  ['GET', '/device', ['user_code']],
  ['GET', '/logout', ['client_id', 'id_token_hint', 'post_logout_redirect_uri', 'state']],
]
const grants = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
]

const databases: [name: string, open: () => Promise<Watched>, skip: string | false][] = [
  ['SQLite', onSqlite, false],
  ['PostgreSQL', onPostgres, whyNoPostgres ?? false],
]
for (const [name, open, skip] of databases) {
  describe(`strangers, on ${name}`, { skip }, () => {
    let watched: Watched
    before(async () => {
      watched = await open()
    })
    after(() => watched.close())

    const send = async (path: string, init: RequestInit = {}): Promise<void> => {
      const response = await fetch(watched.server.url + path, { ...init, redirect: 'manual' })
      const text = await response.text()
      assert.ok(response.status < 500, `${response.status} ${path} ${text}`)
      assert.doesNotMatch(text, /SQLITE_|SQLSTATE|syntax error|unterminated|near "|relation "|column "/)
    }

    test('SQL in every parameter -> refused or taken as text; no word of the database, no row is other', async () => {
      const before = await rowsOf(watched)
      const { clientId = '', clientSecret = '' } = watched.server.firstStart ?? {}
      const known = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` }
      const login = new Browser(watched.server.url)
      const { csrf = '' } = hiddenFields(await login.get('/login'))
      const cookie = `grantry-login=${login.cookies.get('grantry-login') ?? ''}`
      for (const [at, injection] of injections.entries()) {
        const sent = parameters.flatMap(([method, path, names]) =>
          names.map((parameter) => {
            const fields = { csrf, grant_type: grants[at % grants.length] ?? '', [parameter]: injection }
            const query = new URLSearchParams(fields)
            const headers = path === '/login' ? { cookie } : names.includes('token') ? known : {}
            return method === 'GET' ? send(`${path}?${query.toString()}`) : send(path, { method, body: query, headers })
          }),
        )
        const text = encodeURIComponent(injection)
        const headers = [
          { cookie: `grantry-session=${text}; grantry-device=${text}` },
          { authorization: `Bearer ${text}` },
          { authorization: `Basic ${btoa(`${text}:${text}`)}` },
          { 'accept-language': text, 'x-request-id': text, traceparent: text },
        ]
        await Promise.all([
          ...sent,
          ...headers.map((each) => send('/userinfo', { headers: each })),
          send(`/register/${text}`),
        ])
      }
      assert.deepEqual(await rowsOf(watched), before)
    })

    test('SQL in the metadata of a client -> comes back as it was', async () => {
      for (const client_name of injections) {
        const body = JSON.stringify({ client_name, redirect_uris: ['https://app.example/cb'] })
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`${watched.server.url}/register`, { method: 'POST', body, headers })
        assert.equal(((await response.json()) as Row)['client_name'], client_name)
      }
    })

    test('1,000 authorization requests and login pages of browsers that never go on -> not a row', async () => {
      const client_id = watched.server.firstStart?.clientId ?? ''
      const before = await rowsOf(watched)
      const counted = await watched.query('SELECT count(*) AS rows FROM attempt')
      const redirect_uri = 'http://127.0.0.1:8080/callback'
      const pkce = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }
      for (let round = 0; round < 20; round++) {
        const asks = Array.from({ length: 50 }, (_, index) => {
          const state = `${round}.${index}`
          const query = new URLSearchParams({
            response_type: 'code',
            client_id,
            redirect_uri,
            state,
            scope: 'read',
            ...pkce,
          })
          const path = `/authorize?${query.toString()}`
          return send(index % 2 === 0 ? path : `/login?to=${encodeURIComponent(path)}`)
        })
        await Promise.all(asks)
      }
      assert.deepEqual(await rowsOf(watched), before)
      assert.deepEqual(await watched.query('SELECT count(*) AS rows FROM attempt'), counted)
    })
  })
}
