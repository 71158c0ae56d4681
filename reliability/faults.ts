import type { Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { faults, runFault, type FaultCase } from '../packages/grantry/src/testing/fault-checks.ts'
import { flows } from '../packages/grantry/src/testing/fault-flows.ts'
import type { Verdict } from '../packages/grantry/src/testing/fault-verdict.ts'

/** What the faults gave. */
export interface FaultFigures {
  readonly cases: number
  /** Cases by answer. A redirect to the client with `temporarily_unavailable` counts as 503, with `server_error` as 500. */
  readonly answers: Readonly<Record<Verdict['answer'], number>>
  /** 503 answers without `Retry-After`. */
  readonly withoutRetryAfter: number
  /** What must not be, with the flow, the store, the call and the fault. */
  readonly violations: readonly string[]
}

const backends: readonly (readonly [name: string, open: () => Store])[] = [
  ['MemoryStore', () => new MemoryStore()],
  ['SqliteStore', () => new SqliteStore(':memory:')],
]

/** Every fault at every call of every flow, over one store; ends a flow where it makes fewer calls. */
const verdictsOver = async function* (store: Store, swallows: boolean): AsyncGenerator<[FaultCase, Verdict]> {
  for (const flow of flows)
    for (const fault of faults)
      for (let at = 1; ; at++) {
        const given = { flow, fault, at, swallows }
        const verdict = await runFault(store, given)
        if (verdict === undefined) break
        yield [given, verdict]
      }
}

/** Every fault over every store; `swallows` puts the negative control between. */
export const injectFaults = async (swallows = false): Promise<FaultFigures> => {
  const answers = { '500': 0, '503': 0, success: 0, refusal: 0 }
  const violations: string[] = []
  let [cases, withoutRetryAfter] = [0, 0]
  for (const [name, open] of backends) {
    const store = open()
    for await (const [{ flow, fault, at }, verdict] of verdictsOver(store, swallows)) {
      cases++
      answers[verdict.answer]++
      if (verdict.lacksRetryAfter) withoutRetryAfter++
      violations.push(...verdict.violations.map((what) => `${flow.name}, ${name}, ${fault} at call ${at}: ${what}`))
    }
    if (store instanceof SqliteStore) store.close()
  }
  return { cases, answers, withoutRetryAfter, violations }
}
