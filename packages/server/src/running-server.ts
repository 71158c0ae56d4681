import type { FirstStart } from './bootstrap.ts'
import type { RegistrationMode } from './registration-settings.ts'

/** A server that answers requests. */
export interface RunningServer {
  /** Where it listens. */
  readonly url: string
  readonly issuer: string
  /** Where the admin API and the console are; undefined where they are not here. */
  readonly adminUrl: string | undefined
  /** Where metrics are; undefined where there are none. */
  readonly metricsUrl: string | undefined
  /** The folder of its SQLite database, or of `grantry.keys`. */
  readonly data: string
  /** Its PostgreSQL database, without password; undefined where it runs on SQLite. */
  readonly database: string | undefined
  /** Whether clients may register themselves. */
  readonly registration: RegistrationMode
  /** Whether it is for development, so that there are a client and a user. */
  readonly isDevelopment: boolean
  /** Secrets made by this start; undefined where nothing was made. */
  readonly firstStart: FirstStart | undefined
  /** Takes no new request, finishes those in flight and closes the database. The same again for who calls it twice. */
  close(): Promise<void>
}

/** The same in a process that others run beside. */
export interface RunningNode extends RunningServer {
  /** Closes it as `close` does, but slowly: another process takes new connections, and none that is idle is ended in the midst of a request. */
  retire(): Promise<void>
  /** Whether it can answer requests. */
  isReady(): Promise<boolean>
  /** What it has counted, where somebody asks for metrics. */
  metrics(): Promise<readonly object[]>
}
