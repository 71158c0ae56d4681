import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock } from 'grantry'
import type { Data } from './data.ts'
import type { Log } from './log.ts'

/** How a sweeper works. */
export interface SweeperOptions {
  readonly now: Clock
  readonly log: Log
  /** Milliseconds between two rounds, on average. Default: a minute. */
  readonly everyMs?: number
}

/** From half to one and a half of the interval, so that nodes that were started at once do not stay in step. */
const jitter = (everyMs: number): number => everyMs * (0.5 + Math.random())

/** Deletes what has expired, in small steps so that requests come between, and says how much it was. */
const sweep = async ({ store, accounts, sweepBatch }: Data, now: number, signal: AbortSignal): Promise<number> => {
  let total = 0
  for (const part of [store, accounts]) {
    let deleted = sweepBatch
    while (deleted >= sweepBatch && !signal.aborted) {
      deleted = await part.sweep(now, sweepBatch)
      total += deleted
      await setImmediate()
    }
  }
  return total
}

/** Deletes what has expired from time to time. Returns the function that stops it, and resolves when it has. */
export const startSweeper = (data: Data, { now, log, everyMs = 60_000 }: SweeperOptions): (() => Promise<void>) => {
  const stop = new AbortController()
  const { signal } = stop
  const round = async (): Promise<void> => {
    const start = performance.now()
    try {
      const deleted = await sweep(data, now(), signal)
      log({ type: 'sweep.done', deleted, durationMs: Math.round(performance.now() - start) })
    } catch (cause) {
      log({ type: 'sweep.failed', cause })
    }
  }
  const pause = (): Promise<unknown> =>
    setTimeout(jitter(everyMs), undefined, { signal, ref: false }).catch(() => undefined) // stopped
  const run = async (): Promise<void> => {
    for (await pause(); !signal.aborted; await pause()) await round()
  }
  const stopped = run()
  return () => {
    stop.abort()
    return stopped
  }
}
