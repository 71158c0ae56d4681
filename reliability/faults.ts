import type { Store } from 'grantry'
import { MemoryStore } from 'grantry/storage/memory'
import { SqliteStore } from 'grantry/storage/sqlite'
import { judge, type Verdict } from './fault-verdict.ts'
import { flows, send, type Case, type Flow, type Preparation } from './flows.ts'
import { makeClient, makeServer } from './provider.ts'
import { interceptStore, type StoreCall } from './store-calls.ts'

/** How a store call fails. `acts, then rejects` stands for an answer that is lost on its way. */
export const faults = ['throws', 'rejects', 'acts, then rejects', 'returns undefined', 'hangs'] as const

/** One of `faults`. */
export type Fault = (typeof faults)[number]

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

/** Opens a store for one case. */
type Open = () => Store

const backends: readonly (readonly [name: string, open: Open])[] = [
  ['MemoryStore', () => new MemoryStore()],
  ['SqliteStore', () => new SqliteStore(':memory:')],
]

const now = 1_800_000_000

/** What the faulty call did, and which access tokens were saved whatever became of the answer. */
interface Progress {
  calls: number
  faulted: keyof Store | undefined
  readonly saved: Set<string>
  /** Whether a call that hung has failed, as it does when the time of a driver is over. */
  isReleased: boolean
}

const accessDigest = ({ name, arguments: [given] }: StoreCall): string | undefined => {
  if (name !== 'putTokens' && name !== 'rotateRefreshToken') return undefined
  return (given as { readonly access?: { readonly digest: string } }).access?.digest // by the contract of both
}

const lost = (): Error => new Error('The connection to the database was lost.')

/** Fails after more turns of the event loop than an answer takes that does not wait for the store. */
const hang = async (progress: Progress): Promise<never> => {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => void setImmediate(resolve))
  progress.isReleased = true
  throw lost()
}

const fail = (fault: Fault, call: StoreCall, progress: Progress): unknown => {
  if (fault === 'throws') throw lost()
  if (fault === 'rejects') return Promise.reject(lost())
  if (fault === 'returns undefined') return undefined
  if (fault === 'acts, then rejects') return Promise.resolve(call.run()).then(() => Promise.reject(lost()))
  return hang(progress)
}

const faultyStore = (store: Store, at: number, fault: Fault, progress: Progress): Store =>
  interceptStore(store, (call) => {
    progress.calls++
    const digest = accessDigest(call)
    if (digest !== undefined) progress.saved.add(digest)
    if (progress.calls !== at) return call.run()
    progress.faulted = call.name
    return fail(fault, call, progress)
  })

/** Reports what was not saved as saved: the negative control. */
const swallowing = (store: Store): Store =>
  interceptStore(store, ({ name, run }) => {
    if (name !== 'putTokens') return run()
    return (async () => {
      try {
        return await run()
      } catch {
        return true
      }
    })()
  })

const prepare = async (flow: Flow, store: Store): Promise<{ readonly given: Case; readonly probe: Case }> => {
  const steady = await makeClient(store, 'steady', 'never')
  const rotating = await makeClient(store, 'rotating', 'always')
  const preparation: Preparation = { store, now, name: 'one', steady, rotating }
  const given = await flow.prepare(preparation)
  const client = given.parameters['client_id'] === 'rotating' ? rotating : steady
  const probe: Case = { endpoint: 'introspect', parameters: { ...client }, grantId: undefined, subject: undefined }
  return { given, probe }
}

/** One fault at one call; undefined where the flow makes fewer calls. */
const runCase = async (
  flow: Flow,
  open: Open,
  { at, fault, swallows }: { readonly at: number; readonly fault: Fault; readonly swallows: boolean },
): Promise<Verdict | undefined> => {
  const store = open()
  const progress: Progress = { calls: 0, faulted: undefined, saved: new Set(), isReleased: false }
  try {
    const { given, probe } = await prepare(flow, store)
    const faulty = faultyStore(store, at, fault, progress)
    const options = { now: () => now }
    const response = await send(makeServer(swallows ? swallowing(faulty) : faulty, options), given)
    const isEarly = fault === 'hangs' && !progress.isReleased
    if (progress.faulted === undefined) return undefined
    const healed = makeServer(store, options)
    const liveTokens = async (): Promise<number> => {
      let live = 0
      for (const digest of progress.saved) if ((await store.findAccessToken(digest, now)) !== undefined) live++
      return live
    }
    return await judge({ given, probe, response, isEarly, fault, faulted: progress.faulted, healed, liveTokens })
  } finally {
    if (store instanceof SqliteStore) store.close()
  }
}

const mostCalls = 20

/** Every case, by its name. */
const allCases = function* (): Generator<{ name: string; flow: Flow; open: Open; fault: Fault }> {
  for (const flow of flows)
    for (const [store, open] of backends)
      for (const fault of faults) yield { name: `${flow.name}, ${store}, ${fault}`, flow, open, fault }
}

/** Every fault at every call of every flow over every store; `swallows` puts the negative control between. */
export const injectFaults = async (swallows = false): Promise<FaultFigures> => {
  const answers = { '500': 0, '503': 0, success: 0, refusal: 0 }
  const violations: string[] = []
  let [cases, withoutRetryAfter] = [0, 0]
  for (const { name, flow, open, fault } of allCases()) {
    for (let at = 1; at <= mostCalls; at++) {
      const verdict = await runCase(flow, open, { at, fault, swallows })
      if (verdict === undefined) break
      cases++
      answers[verdict.answer]++
      if (verdict.lacksRetryAfter) withoutRetryAfter++
      violations.push(...verdict.violations.map((what) => `${name} at call ${at}: ${what}`))
    }
  }
  return { cases, answers, withoutRetryAfter, violations }
}
