import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresStore } from 'grantry/storage/postgres'
import { percentile } from './chance.ts'
import { realNode, startNode, wrongNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { durable, withPostgres, type PostgresBench } from './postgres-bench.ts'
import { inWorkers, longest, probe, recovery, spread, timeOf, type SlowTarget, type Timed } from './slow-client.ts'
import { makeRefreshTokens } from './refresh-stock.ts'
import { startSlowProxy, type SlowProxy } from './slow-proxy.ts'
import { makeClient } from '../packages/grantry/src/testing/sample-provider.ts'

/** How hard a database is made slow. */
export interface SlowOptions {
  /** Round trips that take so many milliseconds longer. */
  readonly delaysMs: readonly number[]
  /** Requests of each of eight workers at each delay. */
  readonly requests: number
  readonly stallMs: number
  readonly lockMs: number
  /** Requests while the table is locked. */
  readonly lockRequests: number
}

/** Answers while round trips took longer. */
export interface DelayFigures {
  readonly delayMs: number
  readonly requests: number
  readonly errors: number
  readonly p99Ms: number
}

/** Answers while nothing could be written. */
export interface BlockFigures {
  readonly requests: number
  readonly longestMs: number
  /** Answers that were neither 503 nor a success. */
  readonly others: number
  readonly unavailable: number
  /** What needs no database: requests, median and 99th percentile. */
  readonly probes: number
  readonly probeP50Ms: number
  readonly probeP99Ms: number
  /** Until eight clients were served again. */
  readonly recoveryMs: number
}

/** What a slow database gave. */
export interface SlowFigures {
  readonly delays: readonly DelayFigures[]
  readonly stall: BlockFigures
  readonly lock: BlockFigures
}

/** Enough for requests at the same time not to wait for each other in the database. */
const families = 100
/** Below the capacity of the pool, which is 10. */
const workers = 8

const delayed = async (target: SlowTarget, proxy: SlowProxy, delayMs: number, requests: number) => {
  proxy.delay(delayMs)
  const answers = await inWorkers(target, workers, requests)
  proxy.delay(0)
  const errors = answers.filter(({ status }) => status !== 200).length
  return { delayMs, requests: answers.length, errors, p99Ms: timeOf(answers, 0.99) }
}

/** Asks for tokens and for what needs no database while nothing can be written; `release` ends that. */
const blocked = async (
  target: SlowTarget,
  { requests, ms }: { readonly requests: number; readonly ms: number },
  release: () => Promise<void>,
): Promise<BlockFigures> => {
  let isOver = false
  const probing = probe(target, () => isOver)
  const asking = spread(target, requests, ms)
  await new Promise((resolve) => void setTimeout(resolve, ms)) // it is blocked for so long
  await release()
  isOver = true
  const [recoveryMs, times, answers] = await Promise.all([recovery(target, workers), probing, asking])
  const hasStatus = (...statuses: readonly number[]): number =>
    answers.filter(({ status }: Timed) => statuses.includes(status)).length
  return {
    ...{ requests: answers.length, longestMs: longest(answers), recoveryMs },
    ...{ others: answers.length - hasStatus(200, 503), unavailable: hasStatus(503) },
    ...{ probes: times.length, probeP50Ms: percentile(times, 0.5), probeP99Ms: percentile(times, 0.99) },
  }
}

const stalled = (target: SlowTarget, proxy: SlowProxy, ms: number): Promise<BlockFigures> => {
  proxy.stall()
  return blocked(target, { requests: Math.ceil(ms / 50), ms }, async () => proxy.resume())
}

const locked = async (
  target: SlowTarget,
  { openPool }: PostgresBench,
  { lockMs, lockRequests }: SlowOptions,
): Promise<BlockFigures> => {
  const connection = await openPool(1).connect()
  await connection.query('BEGIN; LOCK TABLE grantry.refresh_token IN ACCESS EXCLUSIVE MODE')
  return blocked(target, { requests: lockRequests, ms: lockMs }, async () => {
    await connection.query('ROLLBACK')
    connection.release()
  })
}

const examine = async (bench: PostgresBench, node: NodeProcess, proxy: SlowProxy, options: SlowOptions) => {
  const store = new PostgresStore(bench.openPool())
  const credentials = await makeClient(store, 'app', 'never')
  const target = { url: node.url, credentials, refreshTokens: await makeRefreshTokens(store, 'app', families) }
  await inWorkers(target, workers, 2)
  const delays: DelayFigures[] = []
  for (const delayMs of options.delaysMs) delays.push(await delayed(target, proxy, delayMs, options.requests))
  const stall = await stalled(target, proxy, options.stallMs)
  return { delays, stall, lock: await locked(target, bench, options) }
}

const run = (
  options: SlowOptions,
  programFor: (folder: string, database: string) => NodeProgram,
): Promise<SlowFigures> =>
  withPostgres(durable, async (bench) => {
    const folder = mkdtempSync(join(tmpdir(), 'grantry-slow-'))
    const proxy = await startSlowProxy(bench.socket)
    let node: NodeProcess | undefined
    try {
      const { user, database } = bench.server.connection
      node = await startNode(programFor(folder, `postgres://${user}@127.0.0.1:${proxy.port}/${database}`))
      return await examine(bench, node, proxy, options)
    } finally {
      await node?.end('SIGKILL')
      proxy.close()
      rmSync(folder, { recursive: true })
    }
  })

/** A node whose database is slow, stalls, and is locked. */
export const slowDatabase = (options: SlowOptions): Promise<SlowFigures> =>
  run(options, (data, database) => realNode({ data, database, tokenFormat: 'jwt' }))

/** The same for a node that sets no limit to its waits: it must let clients wait. */
export const slowDatabaseWithoutLimits = (options: SlowOptions): Promise<SlowFigures> =>
  run(options, (_, database) => wrongNode('wrong-node.ts', 'waits for ever', database))
