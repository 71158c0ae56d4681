import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'grantry'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { Browser } from '../test/server/browser.ts'
import { checkJournal, type Found } from './kill-checks.ts'
import { approveInBrowser, work, type Target } from './kill-client.ts'
import { Journal } from './kill-journal.ts'
import { realNode, startNode, wrongNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { durable, withPostgres } from './postgres-bench.ts'
import { codeOf, makeClient, redirectUri, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { percentile, seeded } from './chance.ts'

/** What killing a server again and again gave. */
export interface KillFigures extends Found {
  readonly kills: number
  /** Answers of success before the kills. */
  readonly acknowledged: number
  /** Refusals of what should have worked, before the kills. */
  readonly refused: number
  /** Codes that came through the login and consent pages. */
  readonly codesOfPages: number
  readonly restartP50Ms: number
  readonly restartP95Ms: number
}

const workers = 8

interface Bench {
  readonly program: NodeProgram
  /** The database of the server. */
  readonly store: Store
  readonly credentials: Credentials
  readonly random: () => number
  /** Is logged in; undefined where the server has no pages. */
  browser: Browser | undefined
  codesOfPages: number
}

/** The session is in the database, so that the cookie outlives the process; the port does not. */
const atPort = (browser: Browser, url: string): Browser => {
  const moved = new Browser(url)
  for (const [name, value] of browser.cookies) moved.cookies.set(name, value)
  return moved
}

const logIn = async ({ url, password }: NodeProcess): Promise<Browser | undefined> => {
  if (password === undefined) return undefined
  const browser = new Browser(url)
  const parameters = { response_type: 'code', client_id: 'app', redirect_uri: redirectUri, scope: 'read' }
  const query = new URLSearchParams(parameters)
  await browser.login(`/authorize?${query.toString()}`, 'dev', password)
  return browser
}

const targetAt = (bench: Bench, url: string): Target => {
  const { store, credentials, browser } = bench
  const moved = browser && atPort(browser, url)
  let codes = 0
  const newCode = async (): Promise<string> => {
    // One of five comes from the pages, which take longer than what is behind them.
    if (moved !== undefined && codes++ % 5 === 0) {
      const code = await approveInBrowser(moved, credentials.client_id)
      bench.codesOfPages++
      return code
    }
    const code = randomUUID()
    await store.putCode(...codeOf(code, credentials.client_id, randomUUID(), Math.floor(Date.now() / 1000)))
    return code
  }
  return { url, credentials, newCode }
}

/** Lets the workers work and kills the server in their midst: a few milliseconds after an answer that chance chooses. */
const workAndKill = async (bench: Bench, server: NodeProcess): Promise<Journal> => {
  const last = 20 + Math.floor(bench.random() * 180)
  const delayMs = Math.floor(bench.random() * 5)
  let killed: Promise<unknown> | undefined
  const kill = (): void => void (killed ??= server.end('SIGKILL'))
  const journal = new Journal((count) => {
    if (count === last) setTimeout(kill, delayMs)
  })
  const target = targetAt(bench, server.url)
  await Promise.all(Array.from({ length: workers }, () => work(target, journal)))
  await server.end('SIGKILL')
  return journal
}

const killAgainAndAgain = async (kills: number, bench: Bench): Promise<KillFigures> => {
  const found: Found = { lost: 0, revived: 0, doubles: 0, recovered: 0 }
  const restarts: number[] = []
  const sums = { acknowledged: 0, refused: 0 }
  let server = await startNode(bench.program)
  try {
    bench.browser = await logIn(server)
    for (let index = 0; index < kills; index++) {
      const journal = await workAndKill(bench, server)
      sums.acknowledged += journal.acknowledged
      sums.refused += journal.refused
      server = await startNode(bench.program)
      restarts.push(server.startMs)
      await checkJournal(targetAt(bench, server.url), journal, found)
    }
  } finally {
    await server.end('SIGKILL')
  }
  const [restartP50Ms, restartP95Ms] = [percentile(restarts, 0.5), percentile(restarts, 0.95)]
  return { kills, ...sums, ...found, codesOfPages: bench.codesOfPages, restartP50Ms, restartP95Ms }
}

const withFolder = async <Result>(use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-kill-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const run = async (program: NodeProgram, store: Store, kills: number): Promise<KillFigures> => {
  const credentials = await makeClient(store, 'app', 'always')
  return killAgainAndAgain(kills, {
    ...{ program, store, credentials, random: seeded(kills), browser: undefined, codesOfPages: 0 },
  })
}

const onSqlite = (program: (folder: string) => NodeProgram, kills: number): Promise<KillFigures> =>
  withFolder(async (folder) => {
    const store = new SqliteStore(join(folder, 'grantry.db'))
    try {
      return await run(program(folder), store, kills)
    } finally {
      store.close()
    }
  })

/** Which server is killed. */
export interface KillOptions {
  readonly backend: 'SQLite' | 'PostgreSQL'
  readonly tokenFormat: 'opaque' | 'jwt'
}

/** Kills the server of the command `grantry-server` under load and compares what it acknowledged with what the next one knows. */
export const killServer = (kills: number, { backend, tokenFormat }: KillOptions): Promise<KillFigures> => {
  if (backend === 'SQLite') return onSqlite((data) => realNode({ data, tokenFormat }), kills)
  return withPostgres(durable, ({ url, openPool }) =>
    withFolder((data) => run(realNode({ data, database: url, tokenFormat }), new PostgresStore(openPool()), kills)),
  )
}

/** The same for a server that answers before it writes: it must lose tokens and give codes twice, or the experiment sees nothing. */
export const killLateServer = (kills: number): Promise<KillFigures> =>
  onSqlite((folder) => wrongNode('late-server.ts', folder), kills)
