import { integer, toBytea } from './postgres-rows.ts'
import type { RunStatement } from './postgres-runner.ts'
import type { MarkerStore } from './store.ts'

/** Markers, attempts and leases in PostgreSQL. */
export class PostgresMarkers implements MarkerStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async markSeen(space: string, digest: string, expiresAt: number, now: number): Promise<boolean> {
    return (await this.#run('markSeen', space, toBytea(digest), expiresAt, now)).length === 1
  }

  async countAttempt(space: string, digest: string, windowSeconds: number, now: number): Promise<number> {
    const [row] = await this.#run('countAttempt', space, toBytea(digest), windowSeconds, now)
    return integer(row?.['attempts'])
  }

  async clearAttempts(space: string, digest: string): Promise<void> {
    await this.#run('clearAttempts', space, toBytea(digest))
  }

  async lease(name: string, owner: string, until: number, now: number): Promise<boolean> {
    return (await this.#run('lease', name, owner, until, now)).length === 1
  }
}
