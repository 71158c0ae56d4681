import { judgeRotation } from './rotation.ts'
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
import type { SqliteRealm } from './sqlite-realm.ts'
import { lastExpiry } from './last-expiry.ts'
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

/** Codes, tokens and their families in SQLite. */
export class SqliteGrants implements GrantStore {
  readonly #file: SqliteRealm

  constructor(file: SqliteRealm) {
    this.#file = file
  }

  putCode(code: CodeRow, grant: GrantRow): Promise<void> {
    const realm = this.#file.realm
    return this.#file.writes.run(() => {
      this.#file.statements.putGrant.run({ realm, ...grantValues(grant, 0, code.expiresAt) })
      this.#file.statements.putCode.run({ realm, ...codeValues(code) })
    })
  }

  consumeCode(digest: string, clientId: string, now: number): Promise<CodeRow | 'reused' | undefined> {
    const presented = { realm: this.#file.realm, digest: toBytes(digest), clientId, now }
    return this.#file.writes.run(() => {
      const row = this.#file.statements.consumeCode.get(presented)
      if (row !== undefined) return toCode(digest, row)
      return this.#file.statements.revokeReusedCode.run(presented).changes === 0 ? undefined : 'reused'
    })
  }

  putTokens({ grant, grantId, access, refresh, extended, liveUntil }: NewTokens): Promise<boolean> {
    const realm = this.#file.realm
    const until = lastExpiry(liveUntil, access, refresh, extended)
    return this.#file.writes.run(() => {
      const family = grant ?? (grantId === undefined ? undefined : this.#extend(grantId, until))
      if (grant !== undefined) this.#file.statements.putGrant.run({ realm, ...grantValues(grant, 1, until) })
      else if (grantId !== undefined && family === undefined) return false
      this.#insert(access, family)
      if (refresh !== undefined) this.#insertRefresh(refresh)
      if (extended !== undefined) {
        const digest = toBytes(extended.digest)
        this.#file.statements.extendRefreshToken.run({ realm, until: extended.expiresAt, digest })
      }
      return true
    })
  }

  findAccessToken(digest: string, now: number): AccessTokenRow | undefined {
    const row = this.#file.statements.findAccessToken.get(this.#file.realm, toBytes(digest), now)
    return row && toAccessToken(digest, row)
  }

  findRefreshToken(digest: string): FoundRefreshToken | undefined {
    const row = this.#file.statements.findRefreshToken.get(this.#file.realm, toBytes(digest))
    return row && toRefreshToken(digest, row)
  }

  rotateRefreshToken(rotation: Rotation): Promise<RotationResult> {
    return this.#file.writes.run(() => this.#rotate(rotation))
  }

  #rotate({ successor, sealed, access, liveUntil, ...rotation }: Rotation): RotationResult {
    const { now } = rotation
    const presented = { realm: this.#file.realm, digest: toBytes(rotation.digest) }
    const row = this.#file.statements.findRefreshToken.get(presented.realm, presented.digest)
    const outcome = judgeRotation(row && toPresentedState(row), rotation)
    const { grantId } = successor
    if (outcome === 'reused' && rotation.revokesOnReuse) this.revokeNow(grantId, now)
    if (outcome !== 'rotated' && outcome !== 'replayed') return { outcome }
    this.#insert(access, this.#extend(grantId, lastExpiry(liveUntil, access, successor)))
    if (outcome === 'replayed') {
      this.#file.statements.countReplay.run(presented)
      return { outcome, sealed: String(row?.['sealed']) }
    }
    this.#file.statements.supersede.run({ ...presented, now, sealed })
    const predecessor = row?.['predecessor'] ?? null
    if (predecessor !== null) this.#file.statements.closeWindow.run({ realm: this.#file.realm, digest: predecessor })
    this.#insertRefresh(successor, rotation.digest)
    return { outcome }
  }

  revokeAccessToken(digest: string, expiresAt: number, now: number): Promise<void> {
    const realm = this.#file.realm
    const token = { realm, digest: toBytes(digest) }
    return this.#file.writes.run(() => {
      if (this.#file.statements.deleteAccessToken.run(token).changes > 0) return
      this.#file.statements.markSeen.run({ ...token, space: 'revoked', expires_at: expiresAt, now })
    })
  }

  isRevoked(digest: string, grantId: string | undefined, now: number): boolean {
    const token = { realm: this.#file.realm, digest: toBytes(digest), grantId: grantId ?? null, now }
    return this.#file.statements.isOver.get(token)?.['is_over'] !== 0
  }

  revokeGrant(grantId: string, now: number): Promise<void> {
    return this.#file.writes.run(() => this.revokeNow(grantId, now))
  }

  /** As `revokeGrant`, inside a transaction that is open. */
  revokeNow(grantId: string, now: number): void {
    this.#file.statements.revokeGrant.run({ realm: this.#file.realm, grantId, now })
  }

  revokeGrants({ userId, clientId, sessionId }: GrantFilter, now: number): Promise<number> {
    const filter = { realm: this.#file.realm, userId: userId ?? null, clientId: clientId ?? null, now }
    const { revokeGrants, revokeGrantsOfSession } = this.#file.statements
    const revoke = () =>
      sessionId === undefined ? revokeGrants.run(filter) : revokeGrantsOfSession.run({ ...filter, sessionId }) // each with its index
    return this.#file.writes.run(() => Number(revoke().changes))
  }

  /** Keeps a family for what was issued from it, and says whose it is; undefined where it is not live. */
  #extend(grantId: string, until: number): Family | undefined {
    const row = this.#file.statements.extendGrant.get({ realm: this.#file.realm, grantId, until })
    return row && toFamily(row)
  }

  #insert(access: AccessTokenRow | undefined, family: Family | undefined): void {
    const realm = this.#file.realm
    if (access !== undefined) this.#file.statements.putAccessToken.run({ realm, ...accessTokenValues(access, family) })
  }

  #insertRefresh(refresh: RefreshTokenRow, predecessor?: string): void {
    this.#file.statements.putRefreshToken.run({ realm: this.#file.realm, ...refreshTokenValues(refresh, predecessor) })
  }
}
