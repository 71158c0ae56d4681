import { toBytes } from './sqlite-rows.ts'
import type { SqliteRealm } from './sqlite-realm.ts'
import type { MarkerStore } from './store.ts'

/** Markers, attempts and leases in SQLite. */
export class SqliteMarkers implements MarkerStore {
  readonly #file: SqliteRealm

  constructor(file: SqliteRealm) {
    this.#file = file
  }

  markSeen(space: string, digest: string, expiresAt: number, now: number): Promise<boolean> {
    const marker = { realm: this.#file.realm, space, digest: toBytes(digest), expires_at: expiresAt, now }
    return this.#file.writes.run(() => this.#file.statements.markSeen.run(marker).changes > 0)
  }

  countAttempt(space: string, digest: string, windowSeconds: number, now: number): Promise<number> {
    const attempt = { realm: this.#file.realm, space, digest: toBytes(digest), windowSeconds, now }
    return this.#file.writes.run(() => Number(this.#file.statements.countAttempt.get(attempt)?.['attempts']))
  }

  clearAttempts(space: string, digest: string): Promise<void> {
    const attempt = { realm: this.#file.realm, space, digest: toBytes(digest) }
    return this.#file.writes.run(() => void this.#file.statements.clearAttempts.run(attempt))
  }

  lease(name: string, owner: string, until: number, now: number): Promise<boolean> {
    const lease = { realm: this.#file.realm, name, owner, expires_at: until, now }
    return this.#file.writes.run(() => this.#file.statements.lease.run(lease).changes > 0)
  }
}
