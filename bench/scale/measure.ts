import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresStore } from 'grantry/storage/postgres'
import type pg from 'pg'
import { durable, withPostgres, type PostgresBench } from '../../reliability/postgres-bench.ts'
import { realNode } from '../../reliability/node-process.ts'
import { makeClient } from '../../packages/grantry/src/testing/sample-provider.ts'
import type { FlowName, Target } from './flows.ts'
import type { LoadResult, LoadTask } from './load.ts'
import { cpuOf, cpuOfFamily, startProcess, type BenchProcess } from './processes.ts'

/** A flow over so many nodes, with what it cost. All costs are per request. */
export interface Measured extends LoadResult {
  readonly flow: FlowName
  readonly format: TokenFormat
  readonly nodes: number
  readonly queries: number
  /** Milliseconds that PostgreSQL ran statements, waits for locks and disk included. */
  readonly databaseMs: number
  /** Bytes of its log of writes, which replicas are sent. */
  readonly logBytes: number
  /** CPU milliseconds. */
  readonly cpuMs: Readonly<Record<'nodes' | 'database' | 'balancer' | 'load', number>>
}

/** What all flows together left behind. */
export interface ScaleFigures {
  readonly measured: readonly Measured[]
  /** Of the access tokens in the end, indices included. */
  readonly bytesPerToken: number
}

/** Of access tokens: a row for each, or a signature. */
export type TokenFormat = 'opaque' | 'jwt'

interface Cluster {
  readonly format: TokenFormat
  readonly nodes: readonly BenchProcess[]
  /** Before the first node alone, and before all. */
  readonly balancers: readonly (readonly [process: BenchProcess, url: string])[]
}

const nodeCount = 2

const startCluster = async (format: TokenFormat, data: string, database: string): Promise<Cluster> => {
  const nodes: BenchProcess[] = []
  const ports: string[] = []
  for (let index = 0; index < nodeCount; index++) {
    const { script, args } = realNode({ data, database, tokenFormat: format })
    const [node, url] = await startProcess(script, args, /running at (http:\S+)\. /)
    nodes.push(node)
    ports.push(new URL(String(url)).port)
  }
  const balancers: [BenchProcess, string][] = []
  for (let count = 1; count <= nodeCount; count++) {
    const [balancer, url] = await startProcess('balancer.ts', ports.slice(0, count))
    balancers.push([balancer, String(url)])
  }
  return { format, nodes, balancers }
}

const endCluster = async ({ nodes, balancers }: Cluster): Promise<void> => {
  await Promise.all([...nodes, ...balancers.map(([balancer]) => balancer)].map((each) => each.end()))
}

/** What has been spent so far. */
type Spent = readonly number[]

const spentBy = async (
  pool: pg.Pool,
  postmaster: number,
  processes: readonly (readonly BenchProcess[])[],
): Promise<Spent> => {
  const cpu = processes.map((group) => group.reduce((sum, { id }) => sum + cpuOf(id), 0))
  const sql = `SELECT sum(calls) AS calls, sum(total_exec_time) AS ms,
    pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes
    FROM pg_stat_statements WHERE query LIKE '%"grantry"%'`
  const { rows } = await pool.query<{ calls: string; ms: number; bytes: string }>(sql)
  const [row] = rows
  return [Number(row?.calls), Number(row?.ms), Number(row?.bytes), cpuOfFamily(postmaster), ...cpu]
}

interface Bench {
  readonly postgres: PostgresBench
  readonly pool: pg.Pool
  readonly load: BenchProcess
  readonly target: Target
  readonly seconds: number
}

const measureOne = async (bench: Bench, cluster: Cluster, nodes: number, flow: FlowName): Promise<Measured> => {
  const { load, target, pool, postgres, seconds } = bench
  const [balancer, url] = cluster.balancers[nodes - 1] ?? []
  if (balancer === undefined || url === undefined) throw new Error('There are not so many nodes.')
  const task: LoadTask = { ...target, url, flow, inFlight: 32, seconds }
  await load.ask(task)
  await pool.query('ANALYZE') // as PostgreSQL does by itself within a minute
  const processes = [cluster.nodes.slice(0, nodes), [balancer], [load]]
  const before = await spentBy(pool, postgres.postmasterId(), processes)
  const result = (await load.ask({ go: seconds })) as LoadResult // what load.ts sends
  const after = await spentBy(pool, postgres.postmasterId(), processes)
  const [queries = 0, databaseMs = 0, logBytes = 0, ...cpu] = after.map(
    (value, index) => (value - (before[index] ?? 0)) / result.requests,
  )
  const [database = 0, ofNodes = 0, ofBalancer = 0, ofLoad = 0] = cpu.map((each) => each * 1000)
  const cpuMs = { nodes: ofNodes, database, balancer: ofBalancer, load: ofLoad }
  return { ...result, flow, nodes, format: cluster.format, queries, databaseMs, logBytes, cpuMs }
}

/** What is measured with each kind of token. */
const flowsOf: Readonly<Record<TokenFormat, readonly FlowName[]>> = {
  opaque: ['client_credentials', 'code, then refresh', 'introspection'],
  jwt: ['client_credentials', 'introspection', 'metadata and keys'],
}

const measureFormat = async (bench: Bench, format: TokenFormat, data: string): Promise<readonly Measured[]> => {
  const cluster = await startCluster(format, data, bench.postgres.url)
  const measured: Measured[] = []
  try {
    for (const flow of flowsOf[format])
      for (let nodes = 1; nodes <= nodeCount; nodes++) measured.push(await measureOne(bench, cluster, nodes, flow))
    return measured
  } finally {
    await endCluster(cluster)
  }
}

/** Runs every flow for so many seconds, over one node and over two. */
export const measureScale = (seconds: number): Promise<ScaleFigures> =>
  withPostgres({ ...durable, shared_preload_libraries: 'pg_stat_statements' }, async (postgres) => {
    const pool = postgres.openPool(2)
    await pool.query('CREATE EXTENSION pg_stat_statements')
    const credentials = await makeClient(new PostgresStore(pool), 'app', 'always')
    const [load] = await startProcess('load.ts', [])
    const data = mkdtempSync(join(tmpdir(), 'grantry-scale-'))
    const bench: Bench = { postgres, pool, load, seconds, target: { credentials, database: postgres.url, most: 3000 } }
    try {
      const measured = [...(await measureFormat(bench, 'opaque', data)), ...(await measureFormat(bench, 'jwt', data))]
      const size = `SELECT pg_total_relation_size('grantry.access_token')::float / count(*) AS bytes FROM grantry.access_token`
      const { rows } = await pool.query<{ bytes: number }>(size)
      return { measured, bytesPerToken: rows[0]?.bytes ?? 0 }
    } finally {
      await load.end()
      rmSync(data, { recursive: true })
    }
  })
