import type { GroupCommit } from './sqlite-group-commit.ts'
import { toBytes } from './sqlite-rows.ts'
import type { Statements } from './sqlite-statements.ts'
import type { MarkerStore } from './store.ts'

/** Markers, attempts and leases in SQLite. */
export class SqliteMarkers implements MarkerStore {
  readonly #statements: Statements
  readonly #writes: GroupCommit
  readonly #realm: string

  constructor(statements: Statements, writes: GroupCommit, realm: string) {
    this.#statements = statements
    this.#writes = writes
    this.#realm = realm
  }

  markSeen(space: string, digest: string, expiresAt: number, now: number): Promise<boolean> {
    const marker = { realm: this.#realm, space, digest: toBytes(digest), expires_at: expiresAt, now }
    return this.#writes.run(() => this.#statements.markSeen.run(marker).changes > 0)
  }

  countAttempt(space: string, digest: string, windowSeconds: number, now: number): Promise<number> {
    const attempt = { realm: this.#realm, space, digest: toBytes(digest), windowSeconds, now }
    return this.#writes.run(() => Number(this.#statements.countAttempt.get(attempt)?.['attempts']))
  }

  clearAttempts(space: string, digest: string): Promise<void> {
    const attempt = { realm: this.#realm, space, digest: toBytes(digest) }
    return this.#writes.run(() => void this.#statements.clearAttempts.run(attempt))
  }

  lease(name: string, owner: string, until: number, now: number): Promise<boolean> {
    const lease = { realm: this.#realm, name, owner, expires_at: until, now }
    return this.#writes.run(() => this.#statements.lease.run(lease).changes > 0)
  }
}
