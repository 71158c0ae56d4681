import type { Clock } from 'grantry'
import type { Data } from '../data.ts'
import type { Log, LogRecord } from '../log.ts'
import { startRounds } from '../rounds.ts'
import { latencyBounds } from './activity-store.ts'
import { grantLabel, reasonLabel } from './labels.ts'

/** How activity is counted. */
export interface ActivityOptions {
  readonly now: Clock
  readonly log: Log
  /** Milliseconds between two rounds, on average. Default: half a minute. */
  readonly everyMs?: number
}

const bucketOf = (ms: unknown): number => {
  const bucket = latencyBounds.findIndex((bound) => Number(ms) <= bound)
  return bucket < 0 ? latencyBounds.length : bucket
}

/** By what a record is counted, all of fixed lists; undefined where it is not. */
const nameOf = ({ type, grantType, reason, outcome, route, ms }: LogRecord): string | undefined => {
  switch (type) {
    case 'token.issued':
      return `issued ${grantLabel(grantType)}`
    case 'request.refused':
      return `refused ${reasonLabel(reason)}`
    case 'refresh_token.rotation':
      return `rotations ${String(outcome)}`
    case 'request.answered':
      return `latency ${String(route)} ${bucketOf(ms)}`
    case 'login.accepted':
    case 'login.refused':
    case 'login.limited':
      return type.replace('login.', 'logins ')
  }
  return undefined
}

/** Counts of one node that are not in the database yet, by minute and name. */
type Counts = Map<string, { readonly at: number; readonly name: string; count: number }>

/**
 * Counts what is logged, and adds it to the database about twice a minute, where there is something; the last of it as the data is closed. What
 * cannot be added is tried again with the next, so that after a failure something may be counted twice.
 */
export const keepActivity = <Open extends Pick<Data, 'activity' | 'close'>>(
  data: Open,
  { now, log, everyMs = 30_000 }: ActivityOptions,
  watch: (watcher: Log) => void,
): Open => {
  let counts: Counts = new Map()
  const count = (at: number, name: string, times: number): void => {
    const key = `${at} ${name}`
    const kept = counts.get(key)
    if (kept === undefined) counts.set(key, { at, name, count: times })
    else kept.count += times
  }
  watch((record) => {
    const name = nameOf(record)
    if (name !== undefined) count(Math.floor(now() / 60) * 60, name, 1)
  })
  const add = async (): Promise<void> => {
    const given = counts
    counts = new Map()
    try {
      await data.activity.add([...given.values()])
    } catch (cause) {
      const since = now() - mostKeptSeconds
      for (const { at, name, count: times } of given.values()) if (at > since) count(at, name, times)
      log({ type: 'activity.failed', cause })
    }
  }
  const rounds = startRounds(add, { everyMs })
  return {
    ...data,
    close: async () => {
      await rounds.stop()
      await add()
      await data.close()
    },
  }
}

/** While the database fails, what is older is forgotten. */
const mostKeptSeconds = 3600
