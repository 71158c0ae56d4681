import { setTimeout } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { Member, type End } from './member.ts'
import type { ServerInfo, WorkerReport } from './messages.ts'
import { WorkerMetrics } from './worker-metrics.ts'

/** How many workers there are to be. */
export interface CrewPlan {
  readonly size: number
  /** Seconds that a worker may take to end before it is killed. */
  readonly patience: number
}

const shortestMs = 100
const longestMs = 10_000
/** Who lived for so long did not fail at its start. */
const soundMs = 10_000

/** Keeps workers at work: another one follows who ends unasked, soon at first, and later where it happens again and again. */
export class Crew {
  readonly metrics = new WorkerMetrics()
  readonly #log: Log
  /** Those that are to be there, also while they start. */
  readonly #members = new Set<Member>()
  /** Those that were told to end. */
  readonly #leaving = new Set<Member>()
  readonly #stopping = new AbortController()
  /** Nobody is wanted before the first one has started, and after all were told to end. */
  #plan: CrewPlan = { size: 0, patience: 0 }
  #failures = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** How many answer requests. */
  get atWork(): number {
    return [...this.#members].filter(({ isAtWork }) => isAtWork).length
  }

  /** Starts the first worker alone, which makes what only a first start makes, and then the others. Its exit code where it could not start. */
  async start(plan: CrewPlan): Promise<ServerInfo | number> {
    const first = this.#fork()
    const info = await first.started
    if (info === undefined) return (await first.ended).code ?? 1
    await this.#fillUp(plan)
    return info
  }

  /**
   * Puts a new worker in the place of each, one after the other; the old one ends when the new one answers requests. False where a new one does
   * not start: the old ones that are left stay then.
   */
  async replaceAll(plan: CrewPlan): Promise<boolean> {
    for (const [index, old] of [...this.#members].entries()) {
      if (index < plan.size && (await this.#fork().started) === undefined) return this.#stopping.signal.aborted
      if (this.#stopping.signal.aborted) return true
      await this.#end(old, 'retire')
    }
    await this.#fillUp(plan)
    return true
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const leaving = [...this.#leaving].map(({ ended }) => ended)
    await Promise.all([...leaving, ...[...this.#members].map((member) => this.#end(member, 'stop'))])
  }

  /** How those are that answer. */
  async reports(): Promise<readonly WorkerReport[]> {
    const asked = [...this.#members, ...this.#leaving].filter(({ isAtWork }) => isAtWork)
    const reports = await Promise.all(asked.map((member) => member.report()))
    return reports.filter((report) => report !== undefined)
  }

  /** Resolves when those who are missing by a plan have started or failed. */
  async #fillUp(plan: CrewPlan): Promise<void> {
    this.#plan = plan
    this.#fill()
    await Promise.all([...this.#members].map(({ started }) => started))
  }

  /** Starts who is missing. */
  #fill(): void {
    while (!this.#stopping.signal.aborted && this.#members.size < this.#plan.size) this.#fork()
  }

  #fork(): Member {
    const member = new Member(({ metrics }) => this.metrics.note(member.id, metrics))
    this.#members.add(member)
    const { id, pid } = member
    void member.started.then((info) => info && this.#log({ type: 'worker.started', worker: id, pid }))
    const startedAt = performance.now()
    void member.ended.then((end) => this.#noteEnd(member, { ...end, ms: performance.now() - startedAt }))
    return member
  }

  async #noteEnd(member: Member, { ms, ...how }: End & { readonly ms: number }): Promise<void> {
    const isWanted = this.#members.delete(member)
    this.metrics.end(member.id)
    this.#log({ type: isWanted ? 'worker.died' : 'worker.ended', worker: member.id, ...how })
    if (!isWanted) return
    this.#failures = ms < soundMs ? this.#failures + 1 : 0
    const wait = Math.min(longestMs, shortestMs * 2 ** this.#failures)
    await setTimeout(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined) // all end
    this.#fill()
  }

  async #end(member: Member, how: 'stop' | 'retire'): Promise<void> {
    this.#members.delete(member)
    this.#leaving.add(member)
    await member.end(how, this.#plan.patience)
    this.#leaving.delete(member)
  }
}
