import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { isOurs, type PrimaryMessage, type ServerInfo, type WorkerMessage, type WorkerReport } from './messages.ts'

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: string | null
}

/** For a report: longer than a worker waits for its database before it says that it is not ready. */
const reportMs = 1500

/** Resolves when it is gone and all that it said has come, or when there never was a process. */
const endOf = async (worker: Worker): Promise<End> => {
  const gone = Promise.all([once(worker, 'exit'), once(worker, 'disconnect')])
  const never = new Promise<undefined>((resolve) => {
    worker.on('error', () => worker.process.pid === undefined && resolve(undefined))
  })
  const [code, signal] = ((await Promise.race([gone, never]))?.[0] ?? []) as [code?: number, signal?: string]
  return { code: code ?? null, signal: signal ?? null }
}

/** A worker, as its primary sees it. */
export class Member {
  readonly id: number
  /** Resolves when it answers requests; undefined where it ended before. */
  readonly started: Promise<ServerInfo | undefined>
  readonly ended: Promise<End>
  readonly #worker = cluster.fork()
  readonly #asking: ((report: WorkerReport) => void)[] = []
  #isAtWork = false

  /** Starts the process. `onReport` gets all that it reports, also what it does unasked as it ends. */
  constructor(onReport: (report: WorkerReport) => void) {
    this.id = this.#worker.id
    this.ended = endOf(this.#worker)
    this.started = new Promise((resolve) => {
      void this.ended.then(() => {
        this.#isAtWork = false
        resolve(undefined)
      })
      this.#worker.on('message', (message: unknown) => {
        if (!isOurs(message)) return
        const told = message as WorkerMessage // nobody else sends them
        if (told.grantry === 'report') {
          onReport(told.report)
          for (const done of this.#asking.splice(0)) done(told.report)
          return
        }
        this.#isAtWork = true
        resolve(told.info)
      })
    })
  }

  /** Undefined where there is no process. */
  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  /** Whether it answers requests, or did until it was told to end. */
  get isAtWork(): boolean {
    return this.#isAtWork
  }

  /** How it is; undefined where it does not answer. */
  async report(): Promise<WorkerReport | undefined> {
    const told = new Promise<WorkerReport>((resolve) => this.#asking.push(resolve))
    this.#send('report')
    return Promise.race([told, this.ended.then(() => undefined), setTimeout(reportMs, undefined, { ref: false })])
  }

  /** Tells it to end, and resolves when it has; it is killed after so many seconds. One that is still starting has nothing to finish. */
  async end(how: 'stop' | 'retire', patience: number): Promise<void> {
    if (this.#isAtWork) this.#send(how)
    else this.#worker.process.kill('SIGTERM')
    const timer = globalThis.setTimeout(() => this.#worker.process.kill('SIGKILL'), patience * 1000)
    await this.ended
    clearTimeout(timer)
  }

  #send(grantry: PrimaryMessage['grantry']): void {
    if (!this.#worker.isConnected()) return
    const message: PrimaryMessage = { grantry }
    this.#worker.process.send(message, undefined, undefined, () => undefined) // where it fails, the worker is gone, which is told
  }
}
