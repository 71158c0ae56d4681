import cluster from 'node:cluster'
import type { EventListener } from 'grantry'
import { pino } from 'pino'
import { explain } from './explain/explain.ts'
import { levelOf, type LogLevel } from './telemetry/levels.ts'
import { redact } from './telemetry/redact.ts'

/** One thing that happened. Members hold no token, code, secret, password or cookie. */
export interface LogRecord {
  /** What happened, such as `token.issued`. */
  readonly type: string
  readonly [member: string]: unknown
}

/** Receives what happens. It must not throw. */
export type Log = (record: LogRecord) => void

/** Where lines are written to. */
export interface LineStream {
  write(line: string): unknown
}

/** How lines are written. */
export interface LogOptions {
  /** Default: standard error. */
  readonly stream?: LineStream
  /** Whether refusals are explained to whoever develops a client. Default: false. */
  readonly explains?: boolean
}

/** Lines are on their way when a record is handed in, so that those before the end of a process are not lost. */
const openStderr = (): LineStream => pino.destination({ dest: 2, sync: true })

/**
 * Writes each record as a line of JSON with its level and the time as ISO 8601. What looks like a secret is hidden, except for the ids of
 * requests.
 */
export const openLog = (level: LogLevel, { stream = openStderr(), explains = false }: LogOptions = {}): Log => {
  const logger = pino(
    {
      level: level === 'off' ? 'silent' : level,
      base: cluster.worker === undefined ? null : { worker: cluster.worker.id },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  )
  return (record) => {
    const recordLevel = levelOf(record)
    if (!logger.isLevelEnabled(recordLevel)) return
    const { requestId, traceId, ...members } = record
    const shown = explains ? { ...members, ...explain(record) } : members
    logger[recordLevel]({ ...redact(shown), requestId, traceId, time: undefined }) // an event has that of the server's clock
  }
}

/** Hands the events of the toolkit to a log. */
export const eventsTo =
  (log: Log): EventListener =>
  (event) =>
    log({ ...event })
