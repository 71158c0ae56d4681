import { Worker } from 'node:worker_threads'

/** Commits after which the log is brought into the file. */
const commitsBetween = 32

/** Runs in the thread: one checkpoint for each message, on a connection of its own. What fails is made up for by the next one. */
const source = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const database = new DatabaseSync(workerData)
database.exec('PRAGMA synchronous = FULL')
parentPort.on('message', (task) => {
  if (task === 'end') {
    database.close()
    process.exit() // ends this thread alone, on every runtime that has threads
  }
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch {}
  parentPort.postMessage('done')
})`

/**
 * Brings the log of a database (WAL) into its file, in a thread: with a million tokens that is a write here and there in the file for each
 * token, and a flush, which would hold up the event loop for 100 ms. Writers and readers go on meanwhile. Nothing depends on it: SQLite
 * does it by itself where the log becomes long.
 */
export class Checkpoints {
  readonly #path: string
  #worker: Worker | undefined
  #commits = 0
  #isBusy = false

  constructor(path: string) {
    this.#path = path
  }

  /** Notes a commit, and starts a checkpoint where it is time for one. */
  afterCommit(): void {
    if (++this.#commits < commitsBetween || this.#isBusy) return
    this.#commits = 0
    this.#isBusy = true
    try {
      this.#worker ??= this.#start()
      this.#worker.postMessage('checkpoint')
    } catch {
      // where there can be no threads, SQLite goes on by itself
    }
  }

  /** Ends the thread, when it is done with what it does. */
  close(): void {
    this.#worker?.postMessage('end')
    this.#worker = undefined
    this.#isBusy = true
  }

  #start(): Worker {
    const worker = new Worker(source, { eval: true, workerData: this.#path, execArgv: ['--no-warnings'] })
    worker.on('message', () => {
      this.#isBusy = false
    })
    worker.on('error', () => undefined) // no more checkpoints from here: SQLite does them by itself
    worker.unref() // it does not keep a process alive
    return worker
  }
}
