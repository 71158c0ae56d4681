import { setTimeout } from 'node:timers/promises'
import { ClockGuard, type Clock } from 'grantry'
import type { Data, SweepStep } from './data.ts'
import type { Log } from './log.ts'
import { startRounds } from './rounds.ts'
import { sweepUnusedClients } from './registration-sweep.ts'
import { defaultUnusedDays } from './registration-settings.ts'

/** For so long it is tried to send an audit event. */
const leastDaysToSend = 7

const activityDays = 7

/** How a sweeper works. */
export interface SweeperOptions {
  readonly now: Clock
  readonly log: Log
  /** Days after which a client that registered itself and was never used is deleted. Default: 7. */
  readonly registrationUnusedDays?: number
  /** Days for which audit events are kept. Default: 90. */
  readonly auditDays?: number
  /** Milliseconds between two rounds, on average. Default: a minute. */
  readonly everyMs?: number
}

/** What the next step deletes, after one of `rows` that took `tookMs`: as much as takes as long as a step may. */
const nextRows = ({ rows: most, ms }: SweepStep, rows: number, tookMs: number): number =>
  Math.max(Math.ceil(most / 20), Math.min(most, rows * 2, Math.floor((rows * ms) / tookMs)))

/** Deletes what has expired in one part of the data, step by step, and says how much it was. */
const sweep = async (
  part: Pick<Data['store'], 'sweep'>,
  step: SweepStep,
  now: number,
  signal: AbortSignal,
): Promise<number> => {
  let total = 0
  let rows = Math.ceil(step.rows / 20)
  while (!signal.aborted) {
    const start = performance.now()
    const deleted = await part.sweep(now, rows)
    const tookMs = performance.now() - start
    total += deleted
    if (deleted < rows) break
    rows = nextRows(step, rows, tookMs)
    await setTimeout(tookMs * step.restFactor, undefined, { signal, ref: false }).catch(() => undefined) // stopped
  }
  return total
}

const oldActivity = ({ activity }: Data): Pick<Data['store'], 'sweep'> => ({
  sweep: (now, rows) => activity.sweep(now - activityDays * 86_400, rows),
})

/** Events are kept for longer where they are still to be sent. */
const oldEvents = ({ audit }: Data, days: number): Pick<Data['store'], 'sweep'> => ({
  sweep: (now, rows) => audit.sweep(now - days * 86_400, now - Math.max(days, leastDaysToSend) * 86_400, rows),
})

/**
 * Deletes what has expired from time to time, but not by a clock that has just jumped: `sweep.skipped` says so. Returns the function that stops it,
 * and resolves when it has.
 */
export const startSweeper = (data: Data, options: SweeperOptions): (() => Promise<void>) => {
  const { now, log, everyMs = 60_000, registrationUnusedDays: unusedDays = defaultUnusedDays, auditDays = 90 } = options
  const guard = new ClockGuard(now)
  const round = async (signal: AbortSignal): Promise<void> => {
    if (!guard.isSteady()) {
      log({
        type: 'sweep.skipped',
        reason: 'The clock has jumped. Nothing is deleted until it has stayed there for an hour.',
      })
      return
    }
    const start = performance.now()
    try {
      const time = now()
      const { store, accounts, sessionClients, identities, sweepStep } = data
      let deleted = 0
      for (const part of [store, accounts, sessionClients, identities, oldEvents(data, auditDays), oldActivity(data)])
        deleted += await sweep(part, sweepStep, time, signal)
      log({ type: 'sweep.done', deleted, durationMs: Math.round(performance.now() - start) })
      const clients = await sweepUnusedClients(store, { now: time, unusedDays, signal })
      if (clients > 0) log({ type: 'sweep.clients', deleted: clients })
    } catch (cause) {
      log({ type: 'sweep.failed', cause })
    }
  }
  return startRounds(round, { everyMs }).stop
}
