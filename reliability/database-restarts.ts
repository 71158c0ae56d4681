import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresStore } from 'grantry/storage/postgres'
import { workWhile, type ClusterFigures, type Disturbance } from './cluster-bench.ts'
import { realNode, startNode, type NodeProcess } from './node-process.ts'
import { durable, until, withPostgres, type PostgresBench } from './postgres-bench.ts'

/** How a database ends: told to, told to at once, its first process killed, all of its processes killed. */
export type Stop = 'fast' | 'immediate' | 'kill -9' | 'kill -9 of all'

/** What restarts of the database under load gave. */
export interface RestartFigures extends ClusterFigures {
  readonly restarts: number
  /** From the moment at which the database was ready again until each client had a success, at most, in milliseconds. */
  readonly longestGapMs: number
  /** Whether the process of the node was there until the end. */
  readonly isAlive: boolean
}

const isChildOf =
  (parent: number) =>
  (id: string): boolean => {
    try {
      return (
        Number(
          readFileSync(`/proc/${id}/stat`, 'utf8')
            .replace(/^.*\) \S /s, '')
            .split(' ')[0],
        ) === parent
      )
    } catch {
      return false // it has ended
    }
  }

/** The processes that the database has started. */
const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter(isChildOf(parent))
    .map(Number)

const end = (id: number): void => {
  try {
    process.kill(id, 'SIGKILL')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown // it has ended by itself
  }
}

const stop = async ({ server, postmasterId }: PostgresBench, how: Stop): Promise<void> => {
  if (how === 'fast') return server.stop('SIGINT')
  if (how === 'immediate') return server.stop('SIGQUIT')
  const id = postmasterId()
  const children = how === 'kill -9' ? [] : childrenOf(id)
  for (const each of [id, ...children]) end(each)
  return server.stop()
}

/** Where the first process was killed, the others hold the memory until they see it. */
const start = ({ server }: PostgresBench): Promise<void> =>
  until('PostgreSQL starts', () =>
    server.start().then(
      () => true,
      () => false,
    ),
  )

/** Who has had a success since the database came back. */
interface Watch {
  readonly served: Set<number>
  unavailable: number
}

const restart = async (
  bench: PostgresBench,
  how: Stop,
  { numberOfWorkers }: Disturbance,
  watch: Watch,
): Promise<number> => {
  watch.unavailable = 0
  await stop(bench, how)
  await until('every client is told to come again', async () => watch.unavailable >= numberOfWorkers)
  await start(bench)
  const ready = performance.now()
  watch.served.clear()
  await until('every client is served again', async () => watch.served.size === numberOfWorkers)
  return performance.now() - ready
}

const restartAll = async (bench: PostgresBench, node: NodeProcess, stops: readonly Stop[]): Promise<RestartFigures> => {
  const store = new PostgresStore(bench.openPool())
  const watch: Watch = { served: new Set(), unavailable: 0 }
  const gaps: number[] = []
  const options = {
    ...{ store, urls: [node.url], codes: 100 + stops.length * 100 },
    onSuccess: (worker: number) => void watch.served.add(worker),
    onUnavailable: () => {
      watch.unavailable++
    },
  }
  const figures = await workWhile(options, async (disturbance) => {
    await bench.openPool(1).query('CHECKPOINT')
    for (const how of stops) {
      await disturbance.afterAnswers(60)
      gaps.push(await restart(bench, how, disturbance, watch))
    }
    await disturbance.afterAnswers(40)
  })
  return { ...figures, restarts: gaps.length, longestGapMs: Math.max(...gaps), isAlive: node.isAlive() }
}

const run = (
  settings: Readonly<Record<string, string>>,
  stops: readonly Stop[],
  more: readonly string[],
): Promise<RestartFigures> =>
  withPostgres(settings, async (bench) => {
    const data = mkdtempSync(join(tmpdir(), 'grantry-restarts-'))
    let node: NodeProcess | undefined
    try {
      node = await startNode(realNode({ data, database: bench.url, tokenFormat: 'opaque', more }))
      return await restartAll(bench, node, stops)
    } finally {
      await node?.end('SIGKILL')
      rmSync(data, { recursive: true })
    }
  })

/** Restarts the database of a node again and again while clients work. */
export const restartDatabase = (stops: readonly Stop[]): Promise<RestartFigures> => run(durable, stops, [])

/** A database that acknowledges what it has not written loses that with its processes. */
const late = { fsync: 'on', synchronous_commit: 'off', wal_writer_delay: '10s' } as const

/** The same on a database that answers before it writes, which the node has to be told to accept: it must lose. */
export const restartLateDatabase = (restarts: number): Promise<RestartFigures> =>
  run(
    late,
    Array.from({ length: restarts }, () => 'kill -9 of all'),
    ['--allow-unsafe-durability'],
  )
