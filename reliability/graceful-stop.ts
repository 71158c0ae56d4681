import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from 'grantry'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { seeded, turns } from './chance.ts'
import { member, post } from './kill-client.ts'
import { realNode, startNode, type NodeProgram } from './node-process.ts'
import { durable, withPostgres } from './postgres-bench.ts'
import { makeClient, type Credentials } from '../packages/grantry/src/testing/sample-provider.ts'
import { digestOf } from '../packages/grantry/src/testing/store-check.ts'

/** What stopping a server under load gave. */
export interface StopFigures {
  readonly stops: number
  readonly acknowledged: number
  /** Requests that were sent and had no answer when the signal was. */
  readonly inFlight: number
  /** Those of them whose connection broke. */
  readonly dropped: number
  /** Those of them that were answered, but not with a token. */
  readonly refused: number
  /** Acknowledged tokens that are not in the database. */
  readonly lost: number
  /** From the signal to the end of the process, at most, in milliseconds. */
  readonly longestMs: number
  /** Processes that ended by themselves and said that all was well. */
  readonly clean: number
}

/** How a server is stopped. */
export interface StopOptions {
  readonly backend: 'SQLite' | 'PostgreSQL'
  readonly signal: 'SIGTERM' | 'SIGKILL'
}

const workers = 32

interface Load {
  readonly tokens: string[]
  /** Requests that have begun and have no answer. */
  open: number
  /** Undefined until the signal is sent. */
  openAtSignal: number | undefined
  dropped: number
  refused: number
}

/** Gets tokens until the server is gone. `onAnswer` learns of each. */
const work = async (url: string, credentials: Credentials, load: Load, onAnswer: () => void): Promise<void> => {
  for (;;) {
    const isBefore = load.openAtSignal === undefined
    load.open++
    try {
      const answer = await post({ url, credentials }, '/token', { grant_type: 'client_credentials' })
      if (answer.status === 200) load.tokens.push(member(answer, 'access_token'))
      else if (isBefore) load.refused++
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown // fetch says by a TypeError that the connection broke
      if (isBefore) load.dropped++
      return
    } finally {
      load.open--
    }
    onAnswer()
  }
}

interface Bench {
  readonly program: NodeProgram
  readonly store: Store
  readonly credentials: Credentials
  readonly signal: StopOptions['signal']
}

interface Stopped extends Pick<StopFigures, 'acknowledged' | 'inFlight' | 'dropped' | 'refused' | 'lost'> {
  readonly code: number | null
  readonly ms: number
}

/** One server that is stopped after so many answers. */
const stopOnce = async ({ program, store, credentials, signal }: Bench, answers: number): Promise<Stopped> => {
  const node = await startNode(program)
  const load: Load = { tokens: [], open: 0, openAtSignal: undefined, dropped: 0, refused: 0 }
  let ended: Promise<{ code: number | null; ms: number }> | undefined
  const stop = async (): Promise<{ code: number | null; ms: number }> => {
    load.openAtSignal = load.open
    await turns(2) // what was begun is written to its connection by then
    const start = performance.now()
    const code = await node.end(signal)
    return { code, ms: performance.now() - start }
  }
  const onAnswer = (): void => {
    if (load.tokens.length >= answers) ended ??= stop()
  }
  await Promise.all(Array.from({ length: workers }, () => work(node.url, credentials, load, onAnswer)))
  const { code, ms } = await (ended ?? stop())
  const now = Math.floor(Date.now() / 1000)
  const rows = await Promise.all(load.tokens.map(async (token) => store.findAccessToken(digestOf(token), now)))
  const lost = rows.filter((row) => row === undefined).length
  return {
    code,
    ms,
    lost,
    acknowledged: load.tokens.length,
    inFlight: load.openAtSignal ?? 0,
    ...{ dropped: load.dropped, refused: load.refused },
  }
}

const stopAll = async (stops: number, bench: Bench): Promise<StopFigures> => {
  const random = seeded(stops)
  const all: Stopped[] = []
  for (let index = 0; index < stops; index++) all.push(await stopOnce(bench, 100 + Math.floor(random() * 300)))
  const sum = (name: 'acknowledged' | 'inFlight' | 'dropped' | 'refused' | 'lost'): number =>
    all.reduce((total, each) => total + each[name], 0)
  return {
    ...{ stops, acknowledged: sum('acknowledged'), inFlight: sum('inFlight') },
    ...{ dropped: sum('dropped'), refused: sum('refused'), lost: sum('lost') },
    longestMs: Math.max(...all.map(({ ms }) => ms)),
    clean: all.filter(({ code }) => code === 0).length,
  }
}

/** Stops the server of the command under load, again and again; SIGKILL is the control, which must drop requests. */
export const stopUnderLoad = async (stops: number, { backend, signal }: StopOptions): Promise<StopFigures> => {
  const data = mkdtempSync(join(tmpdir(), 'grantry-stop-'))
  const run = async (store: Store, database?: string): Promise<StopFigures> => {
    const credentials = await makeClient(store, 'app', 'always')
    const program = realNode({ data, database, tokenFormat: 'opaque' })
    return stopAll(stops, { program, store, credentials, signal })
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
