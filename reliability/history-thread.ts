import { parentPort, workerData } from 'node:worker_threads'
import { SqliteStore } from 'grantry/storage/sqlite'
import type { Done } from './checker.ts'
import type { Plan } from './history-plans.ts'
import { operate, record } from './store-operations.ts'

/** What a thread is told. */
export interface ThreadTask {
  readonly path: string
  readonly plans: readonly Plan[]
  /** Which of the threads this is: it does every `threads`-th operation. */
  readonly thread: number
  readonly threads: number
  /** How many threads have come to each history; one counter for all at index 0. */
  readonly barrier: SharedArrayBuffer
}

const { path, plans, thread, threads, barrier } = workerData as ThreadTask // by the type of the message
const arrived = new Int32Array(barrier)
const store = new SqliteStore(path)

/** Nanoseconds of the machine: one clock for all threads. */
const tick = (): number => Number(process.hrtime.bigint())

/** Waits until all threads have come to the history, so that its operations meet. The bound is for a thread that has died. */
const meet = (index: number): void => {
  const all = (index + 1) * threads
  if (Atomics.add(arrived, 0, 1) + 1 === all) Atomics.notify(arrived, 0)
  for (let seen = Atomics.load(arrived, 0); seen < all; seen = Atomics.load(arrived, 0)) {
    if (Atomics.wait(arrived, 0, seen, 5000) === 'timed-out') throw new Error('The other thread is gone.')
  }
}

const histories: Done[][] = []
for (const [index, { id, operations }] of plans.entries()) {
  const own = operations.map((operation, name) => ({ operation, name })).filter(({ name }) => name % threads === thread)
  meet(index)
  histories.push(
    await Promise.all(
      own.map(({ operation, name }) => record(() => operate(store, id, `t${name}`, operation), operation, tick)),
    ),
  )
}
store.close()
parentPort?.postMessage(histories)
