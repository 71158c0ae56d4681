import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Store } from 'grantry'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { decodeJwt } from 'jose'
import { Browser } from '../test/server/browser.ts'
import { seeded } from './chance.ts'
import { startLogoutClients, type LogoutClients } from './logout-clients.ts'
import { realNode, startNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { durable, until, withPostgres } from './postgres-bench.ts'

/** What killing a server among logouts gave. */
export interface LogoutFigures {
  readonly kills: number
  /** Logouts whose answer reached the browser. */
  readonly acknowledged: number
  /** Logout tokens that reached clients, answered or not. */
  readonly received: number
  /** Clients of acknowledged logouts that were never told. */
  readonly untold: number
  /** Sessions of acknowledged logouts whose cookie still is worth something. */
  readonly alive: number
  /** Refresh tokens of acknowledged logouts that still work. */
  readonly refreshable: number
}

/** How the server is wrong; `never` is the server as it is. */
export type Forgetting = 'never' | 'as it sends'

interface Bench {
  readonly program: NodeProgram
  readonly store: Store
  readonly clients: LogoutClients
  readonly random: () => number
  /** Runs a statement on the database of the server. */
  readonly run: (sql: string) => Promise<void>
}

/** A browser that is logged in, with what its clients hold. */
interface Login {
  readonly browser: Browser
  readonly sid: string
  readonly refreshTokens: readonly { readonly clientId: string; readonly token: string }[]
}

const clientIds = ['one', 'two', 'three']
const sessions = 4
const redirectUri = 'https://app.example/cb'
const verifier = 'v'.repeat(43)

const registerClients = async ({ store, clients }: Bench): Promise<void> => {
  for (const id of clientIds)
    await store.putClient({
      ...{ id, authMethods: ['none'], grantTypes: ['authorization_code', 'refresh_token'], scopes: ['openid'] },
      ...{ redirectUris: [redirectUri], backchannelLogoutUri: clients.uriOf(id) },
    })
}

const post = async (
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> =>
  (await (await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(fields) })).json()) as Readonly<
    Record<string, unknown>
  > // an endpoint answers with an object

const logIn = async (url: string, password: string): Promise<Login> => {
  const browser = new Browser(url)
  const asked = {
    ...{ response_type: 'code', redirect_uri: redirectUri, scope: 'openid', code_challenge_method: 'S256' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  }
  const refreshTokens: { clientId: string; token: string }[] = []
  let sid = ''
  for (const clientId of clientIds) {
    const query = new URLSearchParams({ ...asked, client_id: clientId })
    const { location } = await browser.clickThrough(`/authorize?${query.toString()}`, 'dev', password)
    const code = new URL(location).searchParams.get('code') ?? ''
    const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: clientId }
    const tokens = await post(url, { ...fields, code_verifier: verifier })
    sid = String(decodeJwt(String(tokens['id_token']))['sid'])
    refreshTokens.push({ clientId, token: String(tokens['refresh_token']) })
  }
  return { browser, sid, refreshTokens }
}

/** Whether the answer came before the server was gone. */
const logOut = async ({ browser }: Login): Promise<boolean> => {
  try {
    const page = await browser.submit(await browser.get('/logout'), 'logout')
    return page.status === 200
  } catch (thrown) {
    if (thrown instanceof TypeError) return false // fetch says by a TypeError that the connection broke
    throw thrown
  }
}

/** Logs out of all sessions at once, and kills the server a little after one of the answers. */
const killAmong = async (
  node: NodeProcess,
  logins: readonly Login[],
  random: () => number,
): Promise<readonly Login[]> => {
  const ended: Login[] = []
  const killAfter = Math.floor(random() * logins.length) + 1
  let killed: Promise<unknown> | undefined
  await Promise.all(
    logins.map(async (login) => {
      if (await logOut(login)) ended.push(login)
      if (ended.length < killAfter) return
      killed ??= new Promise((resolve) => setTimeout(resolve, random() * 20)).then(() => node.end('SIGKILL'))
      await killed
    }),
  )
  await (killed ?? node.end('SIGKILL'))
  return ended
}

const isAlive = async (url: string, { browser }: Login): Promise<boolean> => {
  const moved = new Browser(url)
  for (const [name, value] of browser.cookies) moved.cookies.set(name, value)
  return /logged in as/.test((await moved.get('/')).text)
}

const refreshableOf = async (url: string, { refreshTokens }: Login): Promise<number> => {
  let works = 0
  for (const { clientId, token } of refreshTokens) {
    const answer = await post(url, { grant_type: 'refresh_token', refresh_token: token, client_id: clientId })
    if ('access_token' in answer) works++
  }
  return works
}

const untoldOf = ({ told }: LogoutClients, ended: readonly Login[]): readonly string[] =>
  ended.flatMap(({ sid }) => clientIds.map((id) => `${id} ${sid}`)).filter((each) => !told.has(each))

const killAll = async (kills: number, bench: Bench, password: string): Promise<LogoutFigures> => {
  const ended: Login[] = []
  for (let kill = 0; kill < kills; kill++) {
    const node = await startNode(bench.program)
    const logins = await Promise.all(Array.from({ length: sessions }, () => logIn(node.url, password)))
    ended.push(...(await killAmong(node, logins, bench.random)))
  }
  bench.clients.behave()
  await bench.run('UPDATE session_client SET due_at = 0 WHERE due_at IS NOT NULL') // as after the longest wait
  const last = await startNode(bench.program)
  await until('what is left is told', async () => untoldOf(bench.clients, ended).length === 0).catch(() => undefined) // then they are counted
  let [alive, refreshable] = [0, 0]
  for (const login of ended) {
    if (await isAlive(last.url, login)) alive++
    refreshable += await refreshableOf(last.url, login)
  }
  await last.end('SIGTERM')
  const untold = untoldOf(bench.clients, ended).length
  return { kills, acknowledged: ended.length, received: bench.clients.received(), untold, alive, refreshable }
}

const forgets = `CREATE TRIGGER forgets AFTER UPDATE OF due_at ON session_client WHEN OLD.due_at IS NOT NULL
  BEGIN DELETE FROM session_client WHERE rowid = NEW.rowid; END`

const onSqlite = async (kills: number, clients: LogoutClients, forgetting: Forgetting): Promise<LogoutFigures> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-logouts-'))
  const program = realNode({ data, tokenFormat: 'jwt', more: ['--allow-private-host', clients.host] })
  const first = await startNode(program)
  const path = join(data, 'grantry.db')
  const store = new SqliteStore(path)
  try {
    await first.end('SIGTERM')
    const run = async (sql: string): Promise<void> => {
      const database = new DatabaseSync(path)
      database.exec(sql)
      database.close()
    }
    if (forgetting === 'as it sends') await run(forgets)
    const bench = { program, store, clients, random: seeded(kills), run }
    await registerClients(bench)
    return await killAll(kills, bench, first.password ?? '')
  } finally {
    store.close()
    rmSync(data, { recursive: true })
  }
}

const onPostgres = (kills: number, clients: LogoutClients): Promise<LogoutFigures> =>
  withPostgres(durable, async ({ url, openPool }) => {
    const data = mkdtempSync(join(tmpdir(), 'grantry-logouts-'))
    const more = ['--allow-private-host', clients.host]
    const program = realNode({ data, database: url, tokenFormat: 'jwt', more })
    const pool = openPool()
    const first = await startNode(program)
    await first.end('SIGTERM')
    const run = async (sql: string): Promise<void> => {
      await pool.query(`SET search_path = grantry; ${sql}; RESET search_path`)
    }
    const bench = { program, store: new PostgresStore(pool), clients, random: seeded(kills), run }
    try {
      await registerClients(bench)
      return await killAll(kills, bench, first.password ?? '')
    } finally {
      rmSync(data, { recursive: true })
    }
  })

/**
 * Kills the server of the command among logouts, again and again, while clients answer by chance; then looks who was told. `as it sends` is
 * the control, on SQLite: what is to be told is forgotten when it is sent, not when it is answered.
 */
export const killAmongLogouts = async (
  kills: number,
  backend: 'SQLite' | 'PostgreSQL',
  forgetting: Forgetting = 'never',
): Promise<LogoutFigures> => {
  const clients = await startLogoutClients(seeded(kills + 1))
  try {
    return await (backend === 'SQLite' ? onSqlite(kills, clients, forgetting) : onPostgres(kills, clients))
  } finally {
    clients.close()
  }
}
