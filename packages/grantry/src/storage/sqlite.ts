import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Client } from '../core/records.ts'
import { judgeRotation } from './rotation.ts'
import { GroupCommit } from './sqlite-group-commit.ts'
import { openDatabase } from './sqlite-schema.ts'
import {
  accessTokenValues,
  codeValues,
  grantValues,
  refreshTokenValues,
  toAccessToken,
  toBytes,
  toCode,
  toPresentedState,
  toRefreshToken,
  toSigningKey,
  type Columns,
} from './sqlite-rows.ts'
import { prepareStatements, type Statements } from './sqlite-statements.ts'
import type {
  AccessTokenRow,
  CodeRow,
  FoundRefreshToken,
  GrantRow,
  NewTokens,
  RefreshTokenRow,
  Rotation,
  RotationResult,
  SigningKeyRow,
  Store,
} from './store.ts'

export { StoreError } from './store-error.ts'

/** How a `SqliteStore` works. */
export interface SqliteStoreOptions {
  /** How long a write waits for another process on the same file, in milliseconds. Default: 5000. */
  readonly busyTimeoutMs?: number | undefined
}

/**
 * Keeps everything in one SQLite file (`node:sqlite`). Several processes may use the same file: each step is one statement or one
 * transaction of the database. A write is on disk when its promise resolves; the writes of one turn of the event loop share a commit.
 */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #writes: GroupCommit

  /**
   * Opens the file, or creates it for its owner only (mode 0600); `:memory:` is a database that dies with the store. Throws a
   * `StoreError` for a file that cannot be used, and leaves it as it was.
   */
  constructor(path: string, options: SqliteStoreOptions = {}) {
    this.#database = openDatabase(path, options.busyTimeoutMs ?? 5000)
    this.#statements = prepareStatements(this.#database)
    this.#writes = new GroupCommit(this.#database)
  }

  /** Commits what is waiting and closes the file. The store is of no use afterwards. */
  close(): void {
    this.#writes.flush()
    this.#database.close()
  }

  findClient(id: string): Client | undefined {
    const row = this.#statements.findClient.get(id)
    return row && (JSON.parse(String(row['record'])) as Client) // written by putClient
  }

  putClient(client: Client): void {
    this.#statements.putClient.run(client.id, JSON.stringify(client))
  }

  putCode(code: CodeRow, grant: GrantRow): Promise<void> {
    return this.#writes.run(() => {
      this.#statements.putGrant.run(...grantValues(grant))
      this.#statements.putCode.run(...codeValues(code))
    })
  }

  consumeCode(digest: string, clientId: string, now: number): Promise<CodeRow | 'reused' | undefined> {
    const presented = { $digest: toBytes(digest), $clientId: clientId, $now: now }
    return this.#writes.run(() => {
      const row = this.#statements.consumeCode.get(presented)
      if (row !== undefined) return toCode(digest, row)
      return this.#statements.revokeReusedCode.get(presented) === undefined ? undefined : 'reused'
    })
  }

  putTokens({ grant, grantId, access, refresh, extended }: NewTokens): Promise<boolean> {
    return this.#writes.run(() => {
      if (grant !== undefined) this.#statements.putGrant.run(...grantValues(grant))
      if (grantId !== undefined && this.#statements.isGrantLive.get(grantId) === undefined) return false
      this.#insert(access, refresh)
      if (extended !== undefined) this.#statements.extendRefreshToken.run(extended.expiresAt, toBytes(extended.digest))
      return true
    })
  }

  findAccessToken(digest: string, now: number): AccessTokenRow | undefined {
    const row = this.#statements.findAccessToken.get(toBytes(digest), now)
    return row && toAccessToken(digest, row)
  }

  findRefreshToken(digest: string): FoundRefreshToken | undefined {
    const row = this.#statements.findRefreshToken.get(toBytes(digest))
    return row && toRefreshToken(digest, row)
  }

  rotateRefreshToken({ digest, successor, sealed, access, ...rotation }: Rotation): Promise<RotationResult> {
    const presented = toBytes(digest)
    return this.#writes.run(() => {
      const row = this.#statements.findPresented.get(presented)
      const outcome = judgeRotation(row && toPresentedState(row), rotation)
      if (outcome === 'reused' && rotation.revokesOnReuse)
        this.#statements.revokeGrant.run(rotation.now, successor.grantId)
      if (outcome === 'replayed') this.#statements.countReplay.run(presented)
      if (outcome === 'rotated') {
        this.#statements.supersede.run(rotation.now, toBytes(successor.digest), sealed, presented)
        this.#insert(access, successor)
      }
      if (outcome !== 'replayed') return { outcome }
      this.#insert(access, undefined)
      return { outcome, sealed: String(row?.['sealed']) }
    })
  }

  revokeAccessToken(digest: string): Promise<void> {
    return this.#writes.run(() => this.#forget(this.#statements.deleteAccessToken.all(toBytes(digest))))
  }

  revokeGrant(grantId: string, now: number): Promise<void> {
    return this.#writes.run(() => void this.#statements.revokeGrant.run(now, grantId))
  }

  findSigningKeys(): readonly SigningKeyRow[] {
    return this.#statements.findSigningKeys.all().map(toSigningKey)
  }

  putSigningKey(key: SigningKeyRow): void {
    this.#statements.putSigningKey.run(key.keyId, key.algorithm, key.privateKey, key.createdAt)
  }

  sweep(now: number, limit: number): Promise<number> {
    const { sweepCodes, sweepAccessTokens, sweepRefreshTokens } = this.#statements
    return this.#writes.run(() =>
      [sweepCodes, sweepAccessTokens, sweepRefreshTokens].reduce(
        (deleted, statement) => deleted + this.#sweepTable(statement, now, limit - deleted),
        0,
      ),
    )
  }

  #sweepTable(statement: StatementSync, now: number, limit: number): number {
    if (limit <= 0) return 0
    const deleted = statement.all(now, limit)
    this.#forget(deleted)
    return deleted.length
  }

  /** Drops the grants of deleted rows that have nothing left. */
  #forget(deleted: readonly Columns[]): void {
    const ids = new Set(deleted.map((row) => row['grant_id']).filter((id) => typeof id === 'string'))
    for (const id of ids) this.#statements.forgetEmptyGrant.run({ $id: id })
  }

  #insert(access: AccessTokenRow | undefined, refresh: RefreshTokenRow | undefined): void {
    if (access !== undefined) this.#statements.putAccessToken.run(...accessTokenValues(access))
    if (refresh !== undefined) this.#statements.putRefreshToken.run(...refreshTokenValues(refresh))
  }
}
