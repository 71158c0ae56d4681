import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { SqliteStore } from 'grantry/storage/sqlite'
import { PostgresStore } from 'grantry/storage/postgres'
import { makeClient, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { percentile } from './chance.ts'
import type { Order, OrderDone } from './clean-up-node.ts'
import { durable, withPostgres } from './postgres-bench.ts'
import { preloadPostgres, preloadSqlite, tokenAt, type Preload } from './preload.ts'
import { steadyLoad, type LoadFigures, type LoadRequest } from './steady-load.ts'

/** How much is cleaned up, and how long it is watched. */
export interface CleanUpSize {
  /** Rows that expired, and as many that live. */
  readonly rows: number
  /** How often a time without clean-up and a time with it follow each other. */
  readonly turns: number
  readonly secondsPerTurn: number
}

/** What cleaning up gave. */
export interface CleanUpFigures {
  readonly restingP99Ms: number
  readonly sweepingP99Ms: number
  /** The median of the ratios turn by turn: what else the machine does disturbs both halves of a turn. */
  readonly ratio: number
  /** Turns that were left out and repeated, because the load itself was held up. */
  readonly disturbedTurns: number
  readonly rowsPerSecond: number
  readonly longestPauseMs: number
  /** Answers that were wrong or did not come. */
  readonly wrong: number
  readonly failures: readonly string[]
  readonly deadlocks: number
  readonly expiredLeft: number
  readonly liveDeleted: number
}

interface CleanUpNode {
  readonly url: string
  readonly tell: (order: Order) => Promise<OrderDone>
}

const startNode = async (...args: readonly string[]): Promise<CleanUpNode> => {
  const script = fileURLToPath(new URL('clean-up-node.ts', import.meta.url))
  const execArgv = ['--conditions=grantry-source', '--disable-warning=ExperimentalWarning']
  const child: ChildProcess = fork(script, args, { execArgv })
  const killWithParent = (): void => void child.kill('SIGKILL')
  process.on('exit', killWithParent)
  await once(child, 'message')
  const tell = async (order: Order): Promise<OrderDone> => {
    child.send(order)
    const [done] = (await once(child, 'message')) as [OrderDone]
    if (order === 'end') process.off('exit', killWithParent)
    return done
  }
  return { url: (await tell('rest')).url, tell }
}

/** A database with its nodes, and what is asked of it in the end. */
interface CleanUpBench {
  readonly nodes: readonly [CleanUpNode, CleanUpNode]
  readonly credentials: Credentials
  readonly live: Preload
  /** Deletes what is left, when nobody is there who could be disturbed. */
  readonly finish: () => Promise<void>
  /** How many access tokens expire from then on, or before. */
  readonly count: (condition: '>=' | '<', expiresAt: number) => Promise<number>
  readonly deadlocks: () => Promise<number>
}

const clientId = 'client-of-the-million'
const now = (): number => Math.floor(Date.now() / 1000)

const preloadsOf = (rows: number): readonly [expired: Preload, live: Preload] => {
  const tokens = { clientId, count: rows, perSecond: 300 }
  return [
    { ...tokens, name: 'old', expiresAt: now() - 60 - Math.ceil(rows / 300) },
    { ...tokens, name: 'live', expiresAt: now() + 86_400 },
  ]
}

/** Requests in turn: a client gets a token, and asks for one of the live ones. */
const requestsOf = ({ credentials, live }: CleanUpBench): (() => LoadRequest) => {
  let index = 0
  return () => {
    const random = Math.floor(Math.random() * live.count)
    if (index++ % 2 === 0) {
      const fields = { ...credentials, grant_type: 'client_credentials' }
      return { path: '/token', fields, isRight: (status) => status === 200 }
    }
    const fields = { ...credentials, token: tokenAt(live, random) }
    return { path: '/introspect', fields, isRight: (_, body) => body.includes('"active":true') }
  }
}

const perSecond = 200

/** Tells both nodes, and sums up what they did since the last order. */
const tellBoth = async (bench: CleanUpBench, order: Order): Promise<OrderDone> => {
  const [a, b] = await Promise.all(bench.nodes.map((node) => node.tell(order)))
  if (a === undefined || b === undefined) throw new Error('A bench has two nodes.')
  const deleted = a.deleted + b.deleted
  const longestPauseMs = Math.max(a.longestPauseMs, b.longestPauseMs)
  return { url: a.url, deleted, longestPauseMs, failures: [...a.failures, ...b.failures] }
}

interface Turn {
  readonly rest: LoadFigures
  readonly swept: LoadFigures
  readonly done: OrderDone
}

const takeTurn = async (bench: CleanUpBench, seconds: number): Promise<Turn> => {
  const [{ url }] = bench.nodes
  const next = requestsOf(bench)
  const rest = await steadyLoad(url, next, { perSecond, seconds })
  await tellBoth(bench, 'sweep')
  const swept = await steadyLoad(url, next, { perSecond, seconds })
  return { rest, swept, done: await tellBoth(bench, 'rest') }
}

/** Whether the load came when it should. */
const isCalm = ({ rest, swept }: Turn): boolean => Math.max(rest.lateMs, swept.lateMs) < 20

const p99Of = (loads: readonly LoadFigures[]): number =>
  percentile(
    loads.flatMap(({ latencies }) => latencies),
    0.99,
  )

const measure = async (bench: CleanUpBench, { turns, secondsPerTurn }: CleanUpSize): Promise<CleanUpFigures> => {
  await takeTurn(bench, 0.5) // until everything is compiled
  const all: Turn[] = []
  while (all.filter(isCalm).length < turns && all.length < 2 * turns) all.push(await takeTurn(bench, secondsPerTurn))
  await bench.finish()
  const calm = all.some(isCalm) ? all.filter(isCalm) : all
  const sum = (value: (turn: Turn) => number): number => all.reduce((total, turn) => total + value(turn), 0)
  return {
    restingP99Ms: p99Of(calm.map(({ rest }) => rest)),
    sweepingP99Ms: p99Of(calm.map(({ swept }) => swept)),
    ratio: percentile(
      calm.map(({ rest, swept }) => p99Of([swept]) / p99Of([rest])),
      0.5,
    ),
    disturbedTurns: all.length - calm.length,
    rowsPerSecond: sum(({ done }) => done.deleted) / (all.length * secondsPerTurn),
    longestPauseMs: Math.max(...calm.map(({ done }) => done.longestPauseMs)),
    wrong: sum(({ rest, swept }) => rest.wrong + swept.wrong),
    failures: all.flatMap(({ done }) => done.failures),
    deadlocks: await bench.deadlocks(),
    expiredLeft: await bench.count('<', now()),
    liveDeleted: bench.live.count + 2 - (await bench.count('>=', bench.live.expiresAt)), // two that were copied
  }
}

/** What one statement for everything gave. */
export interface WrongCleanUpFigures {
  readonly restingP99Ms: number
  readonly sweepingP99Ms: number
  readonly ratio: number
  readonly statementMs: number
  /** Of a request meanwhile. */
  readonly longestMs: number
  /** Rows that expired and are still there. */
  readonly expiredLeft: number
  readonly wrong: number
}

const measureWrong = async (bench: CleanUpBench, seconds: number): Promise<WrongCleanUpFigures> => {
  const [{ url }, other] = bench.nodes
  const next = requestsOf(bench)
  const rest = await steadyLoad(url, next, { perSecond, seconds })
  const start = performance.now()
  const all = other.tell('all').then(() => performance.now() - start)
  const swept = await steadyLoad(url, next, { perSecond, seconds })
  const times = { statementMs: await all, longestMs: Math.max(...swept.latencies) }
  const [restingP99Ms, sweepingP99Ms] = [percentile(rest.latencies, 0.99), percentile(swept.latencies, 0.99)]
  const expiredLeft = await bench.count('<', now())
  const ratio = sweepingP99Ms / restingP99Ms
  return { restingP99Ms, sweepingP99Ms, ratio, ...times, expiredLeft, wrong: swept.wrong }
}

const startNodes = async (...args: readonly string[]): Promise<[CleanUpNode, CleanUpNode]> =>
  Promise.all([startNode(...args), startNode(...args)])

type Use<Result> = (bench: CleanUpBench) => Promise<Result>

const sweepAll = async (store: SqliteStore | PostgresStore): Promise<void> => {
  while ((await store.sweep(now(), 5000)) > 0);
}

/** A SQLite file in a folder of the server. */
export const onSqlite = async <Result>(rows: number, use: Use<Result>): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-clean-up-'))
  const path = join(folder, 'grantry.db')
  const [expired, live] = preloadsOf(rows)
  await preloadSqlite(path, [expired, live])
  const store = new SqliteStore(path)
  const database = new DatabaseSync(path, { readOnly: true })
  const count: CleanUpBench['count'] = async (condition, at) =>
    Number(database.prepare(`SELECT count(*) AS n FROM access_token WHERE expires_at ${condition} ?`).get(at)?.['n'])
  const credentials = await makeClient(store, clientId, 'always')
  const nodes = await startNodes(folder, 'sqlite')
  const bench = { nodes, credentials, live, count, finish: () => sweepAll(store), deadlocks: async () => 0 }
  try {
    return await use(bench)
  } finally {
    await tellBoth(bench, 'end')
    database.close()
    store.close()
    rmSync(folder, { recursive: true })
  }
}

/** A PostgreSQL of its own, with fsync. */
export const onPostgres = <Result>(rows: number, use: Use<Result>): Promise<Result> =>
  withPostgres(durable, async ({ url, openPool }) => {
    const pool = openPool(4)
    const store = new PostgresStore(pool)
    const [expired, live] = preloadsOf(rows)
    for (const preload of [expired, live]) await preloadPostgres(pool, store, preload)
    const one = async (sql: string): Promise<number> => Number((await pool.query<{ n: string }>(sql)).rows[0]?.n)
    const bench: CleanUpBench = {
      ...{ nodes: await startNodes(url), credentials: await makeClient(store, clientId, 'always'), live },
      finish: () => sweepAll(store),
      count: (condition, at) =>
        one(`SELECT count(*) AS n FROM grantry.access_token WHERE expires_at ${condition} ${at}`),
      deadlocks: () => one('SELECT sum(deadlocks) AS n FROM pg_stat_database'),
    }
    try {
      return await use(bench)
    } finally {
      await tellBoth(bench, 'end')
    }
  })

/** Cleans up by two nodes while one of them serves. */
export const cleanUp = (backend: typeof onSqlite, size: CleanUpSize): Promise<CleanUpFigures> =>
  backend(size.rows, (bench) => measure(bench, size))

/** The negative control: one statement for everything. */
export const cleanUpAtOnce = (backend: typeof onSqlite, rows: number, seconds: number): Promise<WrongCleanUpFigures> =>
  backend(rows, (bench) => measureWrong(bench, seconds))
