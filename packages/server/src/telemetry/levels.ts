import type { LogRecord } from '../log.ts'

/** How much an operator wants to see, from most to least. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'off'] as const

/** One of the levels. `off` logs nothing. */
export type LogLevel = (typeof logLevels)[number]

/** The level of a record. */
export type RecordLevel = Exclude<LogLevel, 'off'>

/** Those that are not told by their ending. */
const byType: Readonly<Record<string, RecordLevel>> = {
  'sweep.done': 'debug',
  'audit.delivered': 'debug',
  'audit.delivery_failed': 'warn', // tried again
  'audit.lost': 'error',
  'worker.died': 'error',
  'reload.ignored': 'warn',
  'sweep.skipped': 'warn',
  'keys.skipped': 'warn',
  'login.limited': 'warn',
  'passkey.copied': 'warn',
  'logout.failed': 'info', // tried again
  'logout.abandoned': 'warn',
  'backchannel.failed': 'warn',
  'server.relaxed': 'warn',
  'source.hash_unknown': 'warn',
  'source.unreachable': 'error',
  'database.waiting': 'warn',
  'database.pooler': 'warn',
  'database.connection_lost': 'warn',
  'database.unsafe_durability': 'warn',
}

/** Asked every few seconds by whoever watches the server. */
const quiet = new Set(['/metrics', '/health/live', '/health/ready', '/version', '/style.css', '/passkey.js'])

const isFailure = ({ status }: LogRecord): boolean => typeof status === 'number' && status >= 500

/** How much a record matters: `error` for what failed on our side, `warn` for what an operator should look at. */
export const levelOf = (record: LogRecord): RecordLevel => {
  const { type, outcome, route } = record
  if (type === 'refresh_token.rotation') return outcome === 'reused' ? 'warn' : 'info'
  if (type === 'request.answered') return isFailure(record) || !quiet.has(String(route)) ? 'info' : 'debug'
  if (type === 'request.refused' && record['reason'] === 'client_document_unavailable') return 'warn' // on the side of others, whom anyone can name
  if (type === 'request.refused') return isFailure(record) ? 'error' : 'info'
  return byType[type] ?? (/[._]failed$/.test(type) ? 'error' : 'info')
}
