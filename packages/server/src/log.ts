import { stderr } from 'node:process'
import type { EventListener } from 'grantry'

/** One thing that happened. Members hold no token, code, secret, password or cookie. */
export interface LogRecord {
  /** What happened, such as `token.issued`. */
  readonly type: string
  readonly [member: string]: unknown
}

/** Receives what happens. It must not throw. */
export type Log = (record: LogRecord) => void

const causeOf = (thrown: unknown): unknown =>
  thrown instanceof Error ? { message: thrown.message, stack: thrown.stack } : thrown

/** One line of JSON with the time as ISO 8601. */
export const formatLogLine = ({ cause, ...record }: LogRecord, time: Date): string =>
  JSON.stringify({ ...record, time: time.toISOString(), cause: causeOf(cause) }) + '\n'

/** Writes each record as a line to standard error. */
export const logToStderr: Log = (record) => {
  stderr.write(formatLogLine(record, new Date()))
}

/** Hands the events of the toolkit to a log. */
export const eventsTo =
  (log: Log): EventListener =>
  (event) =>
    log({ ...event })
