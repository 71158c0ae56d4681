import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { StartError, systemCode } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DatabaseUrl } from './database-url.ts'

/** How to reach a database. */
export interface ReachOptions {
  /** Settings of the session, which a pooler may refuse. */
  readonly session: Pick<
    pg.ClientConfig,
    'statement_timeout' | 'lock_timeout' | 'idle_in_transaction_session_timeout' | 'options'
  >
  /** Seconds to wait for a database that does not answer. */
  readonly wait: number
  readonly log: Log
}

const retryMs = 250
const attemptMs = 2000

/** What may be over in a moment: no network, no name, no process, no free connection; the server starts or stops. */
const passing = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', '57P01', '57P02', '57P03', '53300', '08000', '08001', '08004', '08006'],
])

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** The same as the driver and PgBouncer say it, which have no codes of their own for it. */
const passingText =
  /^(?:timeout expired|Query read timeout|Connection terminated|server login has been failing|query_wait_timeout|no more connections)/

const isPassing = (thrown: unknown): boolean =>
  passing.has(systemCode(thrown) ?? '') || passingText.test(textOf(thrown))

/** PgBouncer takes settings of a session only as far as it can keep track of them. */
const isRefusedSetting = (thrown: unknown): boolean =>
  systemCode(thrown) === '08P01' && textOf(thrown).includes('unsupported startup parameter')

const refusal = (thrown: unknown, { shown, flag, user, database }: DatabaseUrl): StartError => {
  const code = systemCode(thrown)
  const texts: Readonly<Record<string, string>> = {
    '28P01': `${flag}: ${shown} refuses the password of "${user}". Correct it in the URL or in PGPASSWORD.`,
    '3D000': `${flag}: there is no database "${database}" at ${shown}. Create it, or name another.`,
  }
  return new StartError(texts[code ?? ''] ?? `${flag}: ${shown} refuses the connection: ${textOf(thrown)}.`, 1, thrown)
}

const unreachable = (thrown: unknown, { shown, flag }: DatabaseUrl, wait: number): StartError => {
  const why = thrown instanceof pg.DatabaseError ? thrown.message : (systemCode(thrown) ?? textOf(thrown))
  const mend = `Start it, or correct ${flag}.`
  return new StartError(`${shown} did not answer within ${wait} seconds (${why}). ${mend}`, 1, thrown)
}

const tryOut = async (config: pg.ClientConfig): Promise<void> => {
  const socket = new Socket()
  const client = new pg.Client({ ...config, stream: () => socket })
  client.on('error', () => undefined) // that it was lost is known by the promise
  try {
    await client.connect()
    await client.query('SELECT') // a pooler may take the connection before it has one itself
    await client.end()
  } finally {
    socket.destroy() // the driver leaves it open where it is itself that refuses
  }
}

/** What to set for the role where it cannot be set for the session. */
const advice = ({ user }: DatabaseUrl, { session }: ReachOptions): readonly string[] =>
  Object.entries(session).map(([name, ms]) => `ALTER ROLE "${user}" SET ${name} = '${ms}ms'`)

/**
 * Waits until a database takes connections, and gives the configuration with which it does: behind a pooler that refuses them, without the
 * settings of the session. Throws a `StartError` at once for what waiting cannot mend, such as a wrong password.
 */
export const reach = async (url: DatabaseUrl, options: ReachOptions): Promise<pg.ClientConfig> => {
  const until = performance.now() + options.wait * 1000
  const base = { connectionString: url.secret, application_name: 'grantry-server', keepAlive: true }
  let config: pg.ClientConfig = { ...base, ...options.session }
  for (let isFirst = true; ;) {
    const leftMs = Math.max(retryMs, until - performance.now())
    try {
      const ms = Math.min(attemptMs, leftMs)
      await tryOut({ ...config, connectionTimeoutMillis: ms, query_timeout: ms })
      return config
    } catch (thrown) {
      if (isRefusedSetting(thrown) && config !== base) {
        config = base
        options.log({ type: 'database.pooler', database: url.shown, run: advice(url, options) })
        continue
      }
      if (!isPassing(thrown)) throw refusal(thrown, url)
      if (performance.now() + retryMs > until) throw unreachable(thrown, url, options.wait)
      if (isFirst) options.log({ type: 'database.waiting', database: url.shown, cause: thrown })
      isFirst = false
      await setTimeout(retryMs)
    }
  }
}
