import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { PostgresStore } from 'grantry/storage/postgres'
import { SqliteStore } from 'grantry/storage/sqlite'
import { seeded, turns } from './chance.ts'
import { isLinearizable, type Done } from './checker.ts'
import { planHistories, type Plan } from './history-plans.ts'
import type { ThreadTask } from './history-thread.ts'
import { withPostgres } from './postgres-bench.ts'
import { operate, prepareSubject, record, subjects, type Subject } from './store-operations.ts'
import { initialState, type Operation } from './store-specification.ts'
import { interceptStore, type StoreCall } from '../packages/grantry/src/testing/intercept-store.ts'

/** What the histories gave. */
export interface HistoryFigures {
  readonly histories: number
  readonly operations: number
  /** Histories in which an operation began before another one had ended. */
  readonly overlapping: number
  /** Histories that no order explains. */
  readonly violations: number
  /** What these were about. */
  readonly violated: readonly Subject[]
}

const overlaps = (history: readonly Done[]): boolean =>
  history.some((one) => history.some((other) => other !== one && other.began < one.began && one.began < other.ended))

const judge = (plans: readonly Plan[], histories: readonly (readonly Done[])[]): HistoryFigures => {
  const wrong = plans.filter(
    ({ subject }, index) => !isLinearizable(histories[index] ?? [], initialState(subject !== 'code')),
  )
  return {
    histories: histories.length,
    operations: histories.flat().length,
    overlapping: histories.filter(overlaps).length,
    violations: wrong.length,
    violated: subjects.filter((each) => wrong.some(({ subject }) => subject === each)),
  }
}

/** The callers of one process, which take the stores in turn; `together` histories are made at a time, and `wait` comes around each call. */
const inProcess = async (
  stores: readonly [Store, ...Store[]],
  amount: number,
  { together, wait }: { readonly together: number; readonly wait: () => Promise<void> },
): Promise<HistoryFigures> => {
  const plans = planHistories(amount)
  let time = 0
  const tick = (): number => time++
  const run = async (id: string, operation: Operation, name: number): Promise<string> => {
    await wait()
    const result = await operate(stores[name % stores.length] ?? stores[0], id, `t${name}`, operation)
    await wait()
    return result
  }
  const histories: Done[][] = []
  const waiting = plans.entries()
  const makeHistories = async (): Promise<void> => {
    for (const [index, { id, subject, operations }] of waiting) {
      await prepareSubject(stores[0], id, subject)
      histories[index] = await Promise.all(
        operations.map((each, name) => record(() => run(id, each, name), each, tick)),
      )
    }
  }
  await Promise.all(Array.from({ length: together }, makeHistories))
  return judge(plans, histories)
}

/** Chance says how many turns of the event loop pass. */
const byChance = (amount: number): (() => Promise<void>) => {
  const random = seeded(amount + 1)
  return () => turns(Math.floor(random() * 3))
}

/** Histories of a `MemoryStore`. */
export const memoryHistories = (amount: number): Promise<HistoryFigures> =>
  inProcess([new MemoryStore()], amount, { together: 1, wait: byChance(amount) })

/** Histories of two pools of connections to one PostgreSQL. */
export const postgresHistories = (amount: number): Promise<HistoryFigures> =>
  withPostgres({}, ({ openPool }) =>
    inProcess([new PostgresStore(openPool()), new PostgresStore(openPool())], amount, {
      together: 3,
      wait: async () => undefined,
    }),
  )

/** What the methods of single use answer to the first caller. */
const firstAnswers: Readonly<Partial<Record<keyof Store, unknown>>> = {
  consumeCode: {},
  rotateRefreshToken: { outcome: 'rotated' },
  transitionTicket: true,
  consumeTicket: {},
  markSeen: true,
  lease: true,
}

/** What a call is about: the digest, the member of that name, or the name of a lease. */
const keyOf = ({ name, arguments: [first, second] }: StoreCall): string => {
  const { digest, altDigest } = Object(first) as { readonly digest?: string; readonly altDigest?: string } // none in a text
  return `${name} ${String(name === 'markSeen' ? second : (digest ?? altDigest ?? first))}`
}

/** The same for a store that looks and then writes, with an answer of a database between: it must give violations. */
export const checkThenWriteHistories = (amount: number): Promise<HistoryFigures> => {
  const taken = new Set<string>()
  const store = interceptStore(new MemoryStore(), (call) => {
    const answer = firstAnswers[call.name]
    if (answer === undefined) return call.run()
    return (async () => {
      const isTaken = taken.has(keyOf(call))
      await turns(1)
      if (isTaken) return call.run()
      taken.add(keyOf(call))
      return answer
    })()
  })
  return inProcess([store], amount, { together: 1, wait: byChance(amount) })
}

const threads = 2

const runThreads = async (path: string, plans: readonly Plan[]): Promise<readonly (readonly Done[])[]> => {
  const barrier = new SharedArrayBuffer(4)
  const parts = await Promise.all(
    Array.from({ length: threads }, async (_, thread) => {
      const workerData: ThreadTask = { path, plans, thread, threads, barrier }
      const worker = new Worker(new URL('history-thread.ts', import.meta.url), { workerData })
      const [histories] = (await once(worker, 'message')) as [readonly (readonly Done[])[]] // what the thread posts
      return histories
    }),
  )
  return plans.map((_, index) => parts.flatMap((part) => part[index] ?? []))
}

/** Histories of two connections to one file, each in a thread of its own. */
export const sqliteHistories = async (amount: number): Promise<HistoryFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-histories-'))
  try {
    const path = join(folder, 'grantry.db')
    const plans = planHistories(amount)
    const store = new SqliteStore(path)
    for (const { id, subject } of plans) await prepareSubject(store, id, subject)
    store.close()
    return judge(plans, await runThreads(path, plans))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
