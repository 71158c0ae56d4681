import { judgeRotation } from './rotation.ts'
import type { GroupCommit } from './sqlite-group-commit.ts'
import {
  accessTokenValues,
  codeValues,
  grantValues,
  refreshTokenValues,
  toAccessToken,
  toBytes,
  toCode,
  toFamily,
  toPresentedState,
  toRefreshToken,
  type Family,
} from './sqlite-rows.ts'
import type { Statements } from './sqlite-statements.ts'
import type {
  AccessTokenRow,
  CodeRow,
  FoundRefreshToken,
  GrantFilter,
  GrantRow,
  NewTokens,
  RefreshTokenRow,
  Rotation,
  RotationResult,
} from './store-rows.ts'
import type { GrantStore } from './store.ts'

const latest = (liveUntil = 0, ...rows: readonly ({ readonly expiresAt: number } | undefined)[]): number =>
  Math.max(liveUntil, ...rows.map((row) => row?.expiresAt ?? 0))

/** Codes, tokens and their families in SQLite. */
export class SqliteGrants implements GrantStore {
  readonly #statements: Statements
  readonly #writes: GroupCommit
  readonly #realm: string

  constructor(statements: Statements, writes: GroupCommit, realm: string) {
    this.#statements = statements
    this.#writes = writes
    this.#realm = realm
  }

  putCode(code: CodeRow, grant: GrantRow): Promise<void> {
    const realm = this.#realm
    return this.#writes.run(() => {
      this.#statements.putGrant.run({ realm, ...grantValues(grant, 0, code.expiresAt) })
      this.#statements.putCode.run({ realm, ...codeValues(code) })
    })
  }

  consumeCode(digest: string, clientId: string, now: number): Promise<CodeRow | 'reused' | undefined> {
    const presented = { realm: this.#realm, digest: toBytes(digest), clientId, now }
    return this.#writes.run(() => {
      const row = this.#statements.consumeCode.get(presented)
      if (row !== undefined) return toCode(digest, row)
      return this.#statements.revokeReusedCode.run(presented).changes === 0 ? undefined : 'reused'
    })
  }

  putTokens({ grant, grantId, access, refresh, extended, liveUntil }: NewTokens): Promise<boolean> {
    const realm = this.#realm
    const until = latest(liveUntil, access, refresh, extended)
    return this.#writes.run(() => {
      const family = grant ?? (grantId === undefined ? undefined : this.#extend(grantId, until))
      if (grant !== undefined) this.#statements.putGrant.run({ realm, ...grantValues(grant, 1, until) })
      else if (grantId !== undefined && family === undefined) return false
      this.#insert(access, family)
      if (refresh !== undefined) this.#insertRefresh(refresh)
      if (extended !== undefined) {
        const digest = toBytes(extended.digest)
        this.#statements.extendRefreshToken.run({ realm, until: extended.expiresAt, digest })
      }
      return true
    })
  }

  findAccessToken(digest: string, now: number): AccessTokenRow | undefined {
    const row = this.#statements.findAccessToken.get(this.#realm, toBytes(digest), now)
    return row && toAccessToken(digest, row)
  }

  findRefreshToken(digest: string): FoundRefreshToken | undefined {
    const row = this.#statements.findRefreshToken.get(this.#realm, toBytes(digest))
    return row && toRefreshToken(digest, row)
  }

  rotateRefreshToken(rotation: Rotation): Promise<RotationResult> {
    return this.#writes.run(() => this.#rotate(rotation))
  }

  #rotate({ successor, sealed, access, liveUntil, ...rotation }: Rotation): RotationResult {
    const { now } = rotation
    const presented = { realm: this.#realm, digest: toBytes(rotation.digest) }
    const row = this.#statements.findRefreshToken.get(presented.realm, presented.digest)
    const outcome = judgeRotation(row && toPresentedState(row), rotation)
    const { grantId } = successor
    if (outcome === 'reused' && rotation.revokesOnReuse) this.revokeNow(grantId, now)
    if (outcome !== 'rotated' && outcome !== 'replayed') return { outcome }
    this.#insert(access, this.#extend(grantId, latest(liveUntil, access, successor)))
    if (outcome === 'replayed') {
      this.#statements.countReplay.run(presented)
      return { outcome, sealed: String(row?.['sealed']) }
    }
    this.#statements.supersede.run({ ...presented, now, sealed })
    const predecessor = row?.['predecessor'] ?? null
    if (predecessor !== null) this.#statements.closeWindow.run({ realm: this.#realm, digest: predecessor })
    this.#insertRefresh(successor, rotation.digest)
    return { outcome }
  }

  revokeAccessToken(digest: string, expiresAt: number, now: number): Promise<void> {
    const realm = this.#realm
    const token = { realm, digest: toBytes(digest) }
    return this.#writes.run(() => {
      if (this.#statements.deleteAccessToken.run(token).changes > 0) return
      this.#statements.markSeen.run({ ...token, space: 'revoked', expires_at: expiresAt, now })
    })
  }

  isRevoked(digest: string, grantId: string | undefined, now: number): boolean {
    const token = { realm: this.#realm, digest: toBytes(digest), grantId: grantId ?? null, now }
    return this.#statements.isOver.get(token)?.['is_over'] !== 0
  }

  revokeGrant(grantId: string, now: number): Promise<void> {
    return this.#writes.run(() => this.revokeNow(grantId, now))
  }

  /** As `revokeGrant`, inside a transaction that is open. */
  revokeNow(grantId: string, now: number): void {
    this.#statements.revokeGrant.run({ realm: this.#realm, grantId, now })
  }

  revokeGrants({ userId, clientId }: GrantFilter, now: number): Promise<number> {
    const filter = { realm: this.#realm, userId: userId ?? null, clientId: clientId ?? null, now }
    return this.#writes.run(() => Number(this.#statements.revokeGrants.run(filter).changes))
  }

  /** Keeps a family for what was issued from it, and says whose it is; undefined where it is not live. */
  #extend(grantId: string, until: number): Family | undefined {
    const row = this.#statements.extendGrant.get({ realm: this.#realm, grantId, until })
    return row && toFamily(row)
  }

  #insert(access: AccessTokenRow | undefined, family: Family | undefined): void {
    const realm = this.#realm
    if (access !== undefined) this.#statements.putAccessToken.run({ realm, ...accessTokenValues(access, family) })
  }

  #insertRefresh(refresh: RefreshTokenRow, predecessor?: string): void {
    this.#statements.putRefreshToken.run({ realm: this.#realm, ...refreshTokenValues(refresh, predecessor) })
  }
}
