import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Clock, Store } from 'grantry'

const name = 'first start'
/** After a node that died while it had the lease, the next one goes on so many seconds later. */
const leaseSeconds = 15
const pollMs = 50

/** Runs `work` while no other node of the same store runs any. */
export const exclusively = async <Result>(store: Store, now: Clock, work: () => Promise<Result>): Promise<Result> => {
  const owner = randomUUID()
  while (!(await store.lease(name, owner, now() + leaseSeconds, now()))) await setTimeout(pollMs)
  try {
    return await work()
  } finally {
    await store.lease(name, owner, now(), now())
  }
}
