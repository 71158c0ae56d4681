import { setImmediate } from 'node:timers/promises'
import type { Clock } from 'grantry'
import type { Data } from './data.ts'
import type { Log } from './log.ts'

const everyMs = 60_000
const batch = 500

/** Deletes what has expired, in small steps so that requests come between. */
const sweep = async ({ store, accounts }: Data, now: number, isStopped: () => boolean): Promise<void> => {
  while (!isStopped() && (await store.sweep(now, batch)) === batch) await setImmediate()
  while (!isStopped() && accounts.sweep(now, batch) === batch) await setImmediate()
}

/** Deletes what has expired every minute. Returns the function that stops it. */
export const startSweeper = (data: Data, { now, log }: { readonly now: Clock; readonly log: Log }): (() => void) => {
  let stopped = false
  const timer = setInterval(() => {
    sweep(data, now(), () => stopped).catch((cause: unknown) => log({ type: 'sweep.failed', cause }))
  }, everyMs)
  timer.unref()
  return () => {
    stopped = true
    clearInterval(timer)
  }
}
