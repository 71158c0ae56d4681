import type { DatabaseSync } from 'node:sqlite'
import { rollBack } from './sqlite-migrations.ts'

interface PendingWrite {
  /** Runs the write inside the open transaction, and keeps what it gave until the commit. */
  perform(): void
  /** Tells the caller what the write gave, now that it is durable. */
  succeed(): void
  fail(reason: unknown): void
}

/**
 * Puts all writes of one turn of the event loop into one transaction, and answers them once it is on disk: a commit costs a flush of the
 * disk, and so it is shared. A write that fails is undone alone; a commit that fails fails them all.
 */
export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #afterCommit: () => void
  #pending: PendingWrite[] = []

  /** `afterCommit` is called after each commit, when its callers have been told. */
  constructor(database: DatabaseSync, afterCommit: () => void = () => undefined) {
    this.#database = database
    this.#afterCommit = afterCommit
  }

  /** Runs `write` with the other writes of this turn; resolves when all of them are durable. */
  run<Result>(write: () => Result): Promise<Result> {
    if (this.#pending.length === 0) setImmediate(() => this.flush())
    return new Promise((resolve, fail) => {
      let result: { readonly value: Result } | undefined
      this.#pending.push({
        perform: () => {
          result = { value: write() }
        },
        succeed: () => result && resolve(result.value),
        fail,
      })
    })
  }

  /** Commits what is waiting, at once. */
  flush(): void {
    const writes = this.#pending
    this.#pending = []
    if (writes.length === 0) return
    try {
      this.#database.exec('BEGIN IMMEDIATE') // the write lock from the start: no transaction of ours fails half-way for want of it
      const performed = writes.filter((write) => this.#perform(write))
      this.#database.exec('COMMIT')
      for (const write of performed) write.succeed()
    } catch (thrown) {
      rollBack(this.#database)
      for (const write of writes) write.fail(thrown)
      return
    }
    this.#afterCommit()
  }

  /** Whether the write went through; one that did not is undone and its caller told. Throws where the whole transaction is gone. */
  #perform(write: PendingWrite): boolean {
    this.#database.exec('SAVEPOINT one_write')
    try {
      write.perform()
    } catch (thrown) {
      this.#database.exec('ROLLBACK TO one_write; RELEASE one_write')
      write.fail(thrown)
      return false
    }
    this.#database.exec('RELEASE one_write')
    return true
  }
}
