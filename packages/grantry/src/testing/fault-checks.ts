import type { Store } from '../storage/store.ts'
import { judge, type Verdict } from './fault-verdict.ts'
import { flows, send, type Case, type Flow, type Preparation } from './fault-flows.ts'
import { interceptStore, type StoreCall } from './intercept-store.ts'
import { makeClient, makeServer } from './sample-provider.ts'
import { start as now, type StoreCheck } from './store-check.ts'

/** How a store call fails. `acts, then rejects` stands for an answer that is lost on its way. */
export const faults = ['throws', 'rejects', 'acts, then rejects', 'returns undefined', 'hangs'] as const

/** One of `faults`. */
export type Fault = (typeof faults)[number]

/** What the faulty call did, and which access tokens were saved whatever became of the answer. */
interface Progress {
  calls: number
  faulted: keyof Store | undefined
  readonly saved: Set<string>
}

const accessDigest = ({ name, arguments: [given] }: StoreCall): string | undefined => {
  if (name !== 'putTokens' && name !== 'rotateRefreshToken') return undefined
  return (given as { readonly access?: { readonly digest: string } }).access?.digest // by the contract of both
}

const lost = (): Error => new Error('The connection to the database was lost.')

/** How long the server waits for a call, in milliseconds: short, because here some never end. */
const storeTimeoutMs = 20

const fail = (fault: Fault, call: StoreCall): unknown => {
  if (fault === 'throws') throw lost()
  if (fault === 'rejects') return Promise.reject(lost())
  if (fault === 'returns undefined') return undefined
  if (fault === 'acts, then rejects') return Promise.resolve(call.run()).then(() => Promise.reject(lost()))
  return new Promise(() => undefined)
}

const faultyStore = (store: Store, at: number, fault: Fault, progress: Progress): Store =>
  interceptStore(store, (call) => {
    progress.calls++
    const digest = accessDigest(call)
    if (digest !== undefined) progress.saved.add(digest)
    if (progress.calls !== at) return call.run()
    progress.faulted = call.name
    return fail(fault, call)
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

const prepare = async (
  flow: Flow,
  store: Store,
  name: string,
): Promise<{ readonly given: Case; readonly probe: Case }> => {
  const steady = await makeClient(store, `steady-${name}`, 'never')
  const rotating = await makeClient(store, `rotating-${name}`, 'always')
  const preparation: Preparation = { store, now, name, steady, rotating }
  const given = await flow.prepare(preparation)
  const client = given.parameters['client_id'] === rotating.client_id ? rotating : steady
  const probe: Case = { endpoint: 'introspect', parameters: { ...client }, grantId: undefined, subject: undefined }
  return { given, probe }
}

/** A fault at the `at`-th store call of a flow. */
export interface FaultCase {
  readonly flow: Flow
  readonly fault: Fault
  readonly at: number
  /** Reports what was not saved as saved: a mistake that must be seen. */
  readonly swallows?: boolean | undefined
}

/** One fault at one call; undefined where the flow makes fewer calls. */
export const runFault = async (
  store: Store,
  { flow, fault, at, swallows = false }: FaultCase,
): Promise<Verdict | undefined> => {
  const { given, probe } = await prepare(flow, store, `${flow.name} ${fault} ${at}`)
  const progress: Progress = { calls: 0, faulted: undefined, saved: new Set() }
  const faulty = faultyStore(store, at, fault, progress)
  const options = { now: () => now }
  const response = await send(makeServer(swallows ? swallowing(faulty) : faulty, options, { storeTimeoutMs }), given)
  if (progress.faulted === undefined) return undefined
  const liveTokens = async (): Promise<number> => {
    let live = 0
    for (const digest of progress.saved) if ((await store.findAccessToken(digest, now)) !== undefined) live++
    return live
  }
  const healed = makeServer(store, options)
  return judge({ given, probe, response, fault, faulted: progress.faulted, healed, liveTokens })
}

const mostCalls = 20

const checkOf = (flow: Flow, fault: Fault): StoreCheck => ({
  name: `${flow.name}: a store call ${fault} → 503 and nothing half done, or a success that holds`,
  async run(store) {
    for (let at = 1; at <= mostCalls; at++) {
      const verdict = await runFault(store, { flow, fault, at })
      if (verdict === undefined) return
      const problems = verdict.lacksRetryAfter
        ? ['a 503 without Retry-After', ...verdict.violations]
        : verdict.violations
      if (problems.length > 0) throw new Error(`call ${at} ${fault}: ${problems.join('; ')}`)
    }
  },
})

/** A server over the store whose n-th call fails, for every n of every flow. */
export const faultChecks: readonly StoreCheck[] = flows.flatMap((flow) => faults.map((fault) => checkOf(flow, fault)))
