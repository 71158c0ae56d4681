import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { initialState, isLinearizable, type Done } from './checker.ts'
import { operate, planHistories, record, startFamily, type Plan } from './family-operations.ts'
import type { ThreadTask } from './history-thread.ts'
import { interceptStore } from '../packages/grantry/src/testing/intercept-store.ts'
import { seeded } from './chance.ts'

/** What the histories gave. */
export interface HistoryFigures {
  readonly histories: number
  readonly operations: number
  /** Histories in which an operation began before another one had ended. */
  readonly overlapping: number
  /** Histories that no order explains. */
  readonly violations: number
}

const overlaps = (history: readonly Done[]): boolean =>
  history.some((one) => history.some((other) => other !== one && other.began < one.began && one.began < other.ended))

const judge = (plans: readonly Plan[], histories: readonly (readonly Done[])[]): HistoryFigures => {
  const isWrong = (history: readonly Done[], index: number): boolean =>
    !isLinearizable(history, initialState(plans[index]?.has === 'refresh token'))
  return {
    histories: histories.length,
    operations: histories.flat().length,
    overlapping: histories.filter(overlaps).length,
    violations: histories.filter(isWrong).length,
  }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => void setImmediate(resolve))
}

/** All callers in one process; chance says how many turns of the event loop pass before and after each call. */
const inProcess = async (store: Store, amount: number): Promise<HistoryFigures> => {
  const random = seeded(amount)
  const plans = planHistories(amount, random)
  let time = 0
  const tick = (): number => time++
  const histories: Done[][] = []
  for (const { id, has, operations } of plans) {
    await startFamily(store, id, has)
    const run = async (operation: Plan['operations'][number], name: number): Promise<string> => {
      await turns(Math.floor(random() * 3))
      const result = await operate(store, id, `t${name}`, operation)
      await turns(Math.floor(random() * 3))
      return result
    }
    histories.push(await Promise.all(operations.map((each, name) => record(() => run(each, name), each, tick))))
  }
  return judge(plans, histories)
}

/** Histories of a `MemoryStore`. */
export const memoryHistories = (amount: number): Promise<HistoryFigures> => inProcess(new MemoryStore(), amount)

/** The same for a store that looks and then writes, with an answer of a database between: it must give violations. */
export const checkThenWriteHistories = (amount: number): Promise<HistoryFigures> => {
  const taken = new Set<unknown>()
  const memory = new MemoryStore()
  const store = interceptStore(memory, ({ name, arguments: [given], run }) => {
    if (name !== 'consumeCode' && name !== 'rotateRefreshToken') return run()
    return (async () => {
      const digest = name === 'consumeCode' ? given : (given as { readonly digest: string }).digest // of a rotation
      const isTaken = taken.has(digest)
      await turns(1)
      if (isTaken) return run()
      taken.add(digest)
      return name === 'consumeCode' ? {} : { outcome: 'rotated' }
    })()
  })
  return inProcess(store, amount)
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
    const plans = planHistories(amount, seeded(amount))
    const store = new SqliteStore(path)
    for (const { id, has } of plans) await startFamily(store, id, has)
    store.close()
    return judge(plans, await runThreads(path, plans))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
