import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { SqliteStore } from 'grantry/storage/sqlite'
import { PostgresStore } from 'grantry/storage/postgres'
import type { Store } from 'grantry'
import { makeClient, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { realNode, startNode, type NodeProcess, type NodeProgram } from './node-process.ts'
import { durable, withPostgres } from './postgres-bench.ts'

/** What restarts under load gave. */
export interface RestartFigures {
  readonly restarts: number
  readonly answered: number
  /** Requests whose connection broke, or that found none. */
  readonly dropped: number
  /** Answers that were not a token. */
  readonly refused: number
}

/** How a server is restarted; the last one is the control. */
export type RestartWay = 'workers, by SIGHUP' | 'two processes behind a proxy' | 'one process, stopped and started'

interface Load extends Record<'answered' | 'dropped' | 'refused', number> {
  isOver: boolean
}

/** Half of them keep their connections, and half of them open one for each request. */
const clients = 8
interface Target {
  readonly urlOf: () => string
  readonly credentials: Credentials
  /** Between two requests of a client, so that connections are idle at times. */
  readonly pauseMs: number
}

const ask = (url: string, agent: Agent | false, body: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const sent = request(`${url}/token`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })

const work = async (target: Target, load: Load, keepAlive: boolean): Promise<void> => {
  const { urlOf, credentials, pauseMs } = target
  const agent = keepAlive ? new Agent({ keepAlive: true }) : false
  const body = new URLSearchParams({ ...credentials, grant_type: 'client_credentials' }).toString()
  while (!load.isOver) {
    const status = await ask(urlOf(), agent, body).catch(() => 0)
    if (status === 0) load.dropped++
    else if (status === 200) load.answered++
    else load.refused++
    await setTimeout(pauseMs)
  }
  if (agent !== false) agent.destroy()
}

/** Works against a server while `restart` happens. */
const underLoad = async (target: Target, restart: () => Promise<number>): Promise<RestartFigures> => {
  const load: Load = { answered: 0, dropped: 0, refused: 0, isOver: false }
  const working = Promise.all(Array.from({ length: clients }, (_, index) => work(target, load, index % 2 === 0)))
  const restarts = await restart()
  load.isOver = true
  await working
  const { answered, dropped, refused } = load
  return { restarts, answered, dropped, refused }
}

interface Bench extends Omit<Target, 'urlOf'> {
  readonly program: (more: readonly string[]) => NodeProgram
}

const bySignal = async (rounds: number, { program, ...target }: Bench): Promise<RestartFigures> => {
  const node = await startNode(program(['--workers', '2']))
  await node.logged('worker.started', 2)
  try {
    return await underLoad({ ...target, urlOf: () => node.url }, async () => {
      for (let round = 1; round <= rounds; round++) {
        node.tell('SIGHUP')
        await node.logged('worker.ended', 2 * round)
      }
      return 2 * rounds
    })
  } finally {
    await node.end('SIGTERM')
  }
}

/** A proxy that sends each request to one of the nodes that say that they are ready, which it asks every 20 ms. */
const startProxy = async (nodes: () => readonly NodeProcess[]) => {
  const ready = new Set<string>()
  const agent = new Agent({ keepAlive: true })
  const look = async (): Promise<void> => {
    for (const { url } of nodes()) {
      const isReady = await fetch(`${url}/health/ready`).then(
        (answer) => answer.status === 200,
        () => false,
      )
      if (isReady) ready.add(url)
      else ready.delete(url)
    }
  }
  let turn = 0
  const pass = (from: IncomingMessage, to: ServerResponse): void => {
    const urls = nodes().map(({ url }) => url)
    const target = urls.filter((url) => ready.has(url))[turn++ % Math.max(1, ready.size)] ?? [...ready][0] ?? ''
    const passed = request(target + String(from.url), { method: 'POST', agent, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    passed.on('error', () => to.destroy())
    from.pipe(passed)
  }
  await look()
  const timer = setInterval(() => void look(), 20)
  const server = createServer(pass)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // of a server that listens on a port
    isReady: (node: NodeProcess) => ready.has(node.url),
    close: () => {
      clearInterval(timer)
      agent.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

const behindProxy = async (rounds: number, { program, ...target }: Bench): Promise<RestartFigures> => {
  const start = (): Promise<NodeProcess> => startNode(program(['--stop-delay', '1']))
  let nodes = [await start(), await start()]
  const proxy = await startProxy(() => nodes)
  try {
    return await underLoad({ ...target, urlOf: () => proxy.url }, async () => {
      for (let round = 0; round < rounds; round++) {
        const [old, ...others] = nodes
        await old?.end('SIGTERM')
        const next = await start()
        nodes = [...others, next]
        while (!proxy.isReady(next)) await setTimeout(10)
      }
      return rounds
    })
  } finally {
    proxy.close()
    await Promise.all(nodes.map((node) => node.end('SIGTERM')))
  }
}

const byStopping = async (rounds: number, { program, ...target }: Bench): Promise<RestartFigures> => {
  let node = await startNode(program([]))
  const restart = async (): Promise<number> => {
    for (let round = 0; round < rounds; round++) {
      await setTimeout(100)
      await node.end('SIGTERM')
      node = await startNode(program([]))
    }
    return rounds
  }
  try {
    return await underLoad({ ...target, urlOf: () => node.url }, restart)
  } finally {
    await node.end('SIGTERM')
  }
}

const ways: Readonly<Record<RestartWay, (rounds: number, bench: Bench) => Promise<RestartFigures>>> = {
  'workers, by SIGHUP': bySignal,
  'two processes behind a proxy': behindProxy,
  'one process, stopped and started': byStopping,
}

/** What to restart, how, and how hard it has to work meanwhile. */
export interface RestartOptions {
  readonly way: RestartWay
  readonly backend: 'SQLite' | 'PostgreSQL'
  /** Milliseconds that each of eight clients waits between two requests. */
  readonly pauseMs: number
}

/** Restarts a server under load, so many times. */
export const restartUnderLoad = async (
  rounds: number,
  { way, backend, pauseMs }: RestartOptions,
): Promise<RestartFigures> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-restarts-'))
  const run = async (store: Store, database?: string): Promise<RestartFigures> => {
    const credentials = await makeClient(store, 'app', 'always')
    const program = (more: readonly string[]): NodeProgram => realNode({ data, database, tokenFormat: 'opaque', more })
    return ways[way](rounds, { program, credentials, pauseMs })
  }
  try {
    if (backend === 'PostgreSQL')
      return await withPostgres(durable, ({ url, openPool }) => run(new PostgresStore(openPool()), url))
    const store = new SqliteStore(join(data, 'grantry.db'))
    try {
      return await run(store)
    } finally {
      store.close()
    }
  } finally {
    rmSync(data, { recursive: true })
  }
}
