import { randomUUID } from 'node:crypto'
import type { Store } from 'grantry'
import { emptyTally, workOn, type Cluster, type Tally } from './cluster-client.ts'
import { checkJournal, checkTokens, type Found } from './kill-checks.ts'
import { Journal } from './kill-journal.ts'
import { codeOf, makeClient } from '../packages/grantry/src/testing/sample-provider.ts'

const workers = 8
const codeSeconds = 900

/** Codes that are there before the nodes are, so that clients need only the nodes. */
export const makeStock = async (store: Store, clientId: string, amount: number): Promise<string[]> => {
  const now = Math.floor(Date.now() / 1000)
  const codes = Array.from({ length: amount }, () => randomUUID())
  const waiting = codes.values()
  const fill = async (): Promise<void> => {
    for (const code of waiting) {
      const [row, grant] = codeOf(code, clientId, randomUUID(), now)
      await store.putCode({ ...row, expiresAt: now + codeSeconds }, grant)
    }
  }
  await Promise.all(Array.from({ length: workers }, fill))
  return codes
}

/** What is done to servers while clients work on them. */
export interface Disturbance {
  readonly cluster: Cluster
  readonly numberOfWorkers: number
  /** Resolves after so many more answers of success, or when the clients have ended. */
  readonly afterAnswers: (count: number) => Promise<void>
}

/** What clients saw, and what was found afterwards. */
export interface ClusterFigures extends Tally {
  readonly acknowledged: number
  /** Acknowledged tokens and codes that do not work. */
  readonly lost: number
}

/** What a client needs to begin. */
export interface ClusterOptions {
  readonly store: Store
  /** Changes as nodes come and go. */
  readonly urls: readonly string[]
  readonly codes: number
  readonly onSuccess?: (worker: number) => void
  readonly onUnavailable?: (worker: number) => void
}

/** Every acknowledged token at every node, and the rest of the journal at the first one. */
const check = async ({ urls, credentials, journal, tally }: Cluster): Promise<Found> => {
  const found: Found = { lost: 0, revived: tally.revived, doubles: tally.doubles, recovered: 0 }
  const [first = '', ...others] = urls
  const targetAt = (url: string) => ({ url, credentials, newCode: async () => '' })
  for (const url of others) await checkTokens(targetAt(url), journal, found)
  await checkJournal(targetAt(first), journal, found)
  return found
}

/** Lets eight clients work on the nodes while `disturb` runs, and compares in the end what they were told with what the nodes know. */
export const workWhile = async (
  { store, urls, codes, ...hooks }: ClusterOptions,
  disturb: (disturbance: Disturbance) => Promise<void>,
): Promise<ClusterFigures> => {
  const credentials = await makeClient(store, 'app', 'always')
  const stock = await makeStock(store, credentials.client_id, codes)
  const waiting = new Map<() => void, number>()
  const journal = new Journal((count) => {
    for (const [resolve, target] of waiting) if (count >= target) resolve()
  })
  const cluster: Cluster = { credentials, urls, stock, journal, tally: emptyTally(), ...hooks }
  let isOver = false
  const work = Promise.all(Array.from({ length: workers }, (_, worker) => workOn(cluster, worker, () => isOver)))
  const afterAnswers = (count: number): Promise<void> => {
    const reached = new Promise<void>((resolve) => waiting.set(resolve, journal.acknowledged + count))
    return Promise.race([reached, work.then(() => undefined)])
  }
  try {
    await disturb({ cluster, numberOfWorkers: workers, afterAnswers })
  } finally {
    isOver = true
    await work
  }
  const { lost, revived, doubles } = await check(cluster)
  return { ...cluster.tally, lost, revived, doubles, acknowledged: journal.acknowledged }
}
