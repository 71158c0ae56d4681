import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TemporarilyUnavailableError } from 'grantry'
import type { PasswordAnswer, PasswordTask } from './password-worker.ts'

/** How much hashing there may be at once. */
export interface PasswordPoolOptions {
  /** Threads, each with 19 MiB. */
  readonly threads: number
  /** Most tasks that wait for each of them. Default: 32, some three seconds. */
  readonly longestQueue?: number
}

/** There is so much to hash that another password would wait too long. Any page that lets it through answers 503 with `Retry-After`. */
export class PasswordPoolBusyError extends TemporarilyUnavailableError {
  /** Seconds. */
  readonly retryAfter = 3

  constructor() {
    super('unexpected', { detail: 'Too many passwords are being checked.' })
  }

  override get headers(): Readonly<Record<string, string>> {
    return { 'Retry-After': String(this.retryAfter) }
  }
}

interface Job {
  readonly task: PasswordTask
  readonly resolve: (result: string | readonly boolean[]) => void
  readonly reject: (cause: Error) => void
}

/** In the package the file has another ending than in its source, and in the bundle of the command it is beside it too. */
const workerUrl = new URL(`./password-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Hashes and compares passwords on threads of its own, so that a flood of logins takes neither the processor nor the memory of what else the
 * server answers. What finds too long a queue is refused at once by a `PasswordPoolBusyError`.
 */
export class PasswordPool {
  readonly #threads: number
  readonly #longestQueue: number
  readonly #idle: Worker[] = []
  readonly #busy = new Map<Worker, Job>()
  readonly #waiting: Job[] = []
  #isClosed = false

  constructor({ threads, longestQueue = 32 }: PasswordPoolOptions) {
    this.#threads = threads
    this.#longestQueue = threads * longestQueue
  }

  /** What to store of a password. */
  async hash(password: string): Promise<string> {
    return String(await this.#run({ password, stored: undefined }))
  }

  /** Whether a password is that of each stored hash, all of which are compared. */
  async verify(password: string, stored: readonly string[]): Promise<readonly boolean[]> {
    const results = await this.#run({ password, stored })
    return typeof results === 'string' ? [] : results
  }

  /** Ends the threads. Call it when nobody waits any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    const workers = [...this.#idle, ...this.#busy.keys()]
    await Promise.all(workers.map(async (worker) => worker.terminate()))
  }

  #run(task: PasswordTask): Promise<string | readonly boolean[]> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed || this.#waiting.length >= this.#longestQueue) {
        reject(new PasswordPoolBusyError())
        return
      }
      this.#waiting.push({ task, resolve, reject })
      this.#next()
    })
  }

  #next(): void {
    const worker = this.#waiting.length > 0 ? (this.#idle.pop() ?? this.#startWorker()) : undefined
    const job = worker && this.#waiting.shift()
    if (worker === undefined || job === undefined) return
    this.#busy.set(worker, job)
    worker.postMessage(job.task)
  }

  #startWorker(): Worker | undefined {
    if (this.#busy.size >= this.#threads) return undefined
    const worker = new Worker(workerUrl)
    worker.unref() // it does not keep a program running that has ended otherwise
    worker.on('message', (answer: PasswordAnswer) => this.#settle(worker, answer))
    worker.on('error', (cause) => this.#drop(worker, cause instanceof Error ? cause : new Error(String(cause))))
    worker.on('exit', () => this.#drop(worker, new Error('The thread that checks passwords has ended.')))
    return worker
  }

  #settle(worker: Worker, answer: PasswordAnswer): void {
    const job = this.#busy.get(worker)
    this.#busy.delete(worker)
    this.#idle.push(worker)
    if ('error' in answer) job?.reject(new Error(answer.error))
    else job?.resolve(answer.result)
    this.#next()
  }

  /** Goes on without a thread that has ended; the next task starts another. */
  #drop(worker: Worker, cause: Error): void {
    const job = this.#busy.get(worker)
    this.#busy.delete(worker)
    const at = this.#idle.indexOf(worker)
    if (at >= 0) this.#idle.splice(at, 1)
    job?.reject(cause)
    if (!this.#isClosed) this.#next()
  }
}
