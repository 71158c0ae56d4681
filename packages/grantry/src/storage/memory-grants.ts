import { judgeRotation, type PresentedState } from './rotation.ts'
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
import { ExpiringMap, type RowBudget } from './expiring-map.ts'
import { lastExpiry } from './last-expiry.ts'

/** A family, by the id of its grant. */
interface Family {
  readonly grant: GrantRow
  isRevoked: boolean
  /** Whether anything but a code was issued. */
  isIssued: boolean
  /** When the last thing of it expires: then it is forgotten. */
  expiresAt: number
}

/** A row with what became of it. */
interface Kept<Row extends { readonly expiresAt: number }> {
  row: Row
  readonly expiresAt: number
}

interface KeptCode extends Kept<CodeRow> {
  isUsed: boolean
}

interface KeptRefreshToken extends Kept<RefreshTokenRow> {
  rotation: RotationDone | undefined
}

/** How a refresh token was superseded. */
interface RotationDone {
  readonly supersededAt: number
  /** Its digest. */
  readonly successor: string
  readonly sealed: string
  replays: number
}

/** Codes, tokens and their families in memory. */
export class MemoryGrants implements GrantStore {
  readonly #budget: RowBudget
  readonly #families: ExpiringMap<Family>
  readonly #codes: ExpiringMap<KeptCode>
  readonly #access: ExpiringMap<AccessTokenRow>
  readonly #refresh: ExpiringMap<KeptRefreshToken>
  /** Access tokens without a row that were ended. */
  readonly #revoked: ExpiringMap<{ readonly expiresAt: number }>

  constructor(budget: RowBudget) {
    this.#budget = budget
    this.#families = new ExpiringMap(budget)
    this.#codes = new ExpiringMap(budget)
    this.#access = new ExpiringMap(budget)
    this.#refresh = new ExpiringMap(budget)
    this.#revoked = new ExpiringMap(budget)
  }

  /** Tables with rows that expire; families last, because they outlive what belongs to them. */
  get tables(): readonly Pick<ExpiringMap<{ readonly expiresAt: number }>, 'sweep'>[] {
    return [this.#codes, this.#access, this.#refresh, this.#revoked]
  }

  /** Forgets families of which nothing is left. */
  sweepFamilies(now: number, limit: number): void {
    this.#families.sweep(now, limit)
  }

  putCode(code: CodeRow, grant: GrantRow): void {
    this.#budget.require(2, grant.createdAt)
    this.#start(grant, code.expiresAt)
    this.#codes.put(code.digest, { row: code, expiresAt: code.expiresAt, isUsed: false }, grant.createdAt)
  }

  consumeCode(digest: string, clientId: string, now: number): CodeRow | 'reused' | undefined {
    const kept = this.#codes.get(digest)
    if (kept?.row.clientId !== clientId || kept.expiresAt <= now) return undefined
    if (kept.isUsed) {
      const family = this.#families.get(kept.row.grantId)
      if (family?.isIssued === true) family.isRevoked = true
      return 'reused'
    }
    kept.isUsed = true
    return kept.row
  }

  putTokens({ grant, grantId, access, refresh, extended, liveUntil }: NewTokens): boolean {
    this.#budget.require(3, access?.issuedAt ?? refresh?.issuedAt ?? 0)
    const until = lastExpiry(liveUntil, access, refresh, extended)
    const family = grant === undefined ? this.#liveFamily(grantId) : this.#start(grant, until)
    if (grantId !== undefined && family === undefined) return false
    if (family !== undefined) extend(family, until)
    if (access !== undefined) this.#access.put(access.digest, access, access.issuedAt)
    if (refresh !== undefined) this.#putRefresh(refresh)
    const used = extended && this.#refresh.get(extended.digest)
    if (used !== undefined) this.#refresh.replace(used.row.digest, extendedRow(used, extended?.expiresAt ?? 0))
    return true
  }

  findAccessToken(digest: string, now: number): AccessTokenRow | undefined {
    const row = this.#access.get(digest)
    if (row === undefined || row.expiresAt <= now) return undefined
    return row.grantId === undefined || this.#liveFamily(row.grantId) !== undefined ? row : undefined
  }

  findRefreshToken(digest: string): FoundRefreshToken | undefined {
    const kept = this.#refresh.get(digest)
    if (kept === undefined || this.#liveFamily(kept.row.grantId) === undefined) return undefined
    return { ...kept.row, supersededAt: kept.rotation?.supersededAt }
  }

  rotateRefreshToken({ digest, successor, sealed, access, liveUntil, ...rotation }: Rotation): RotationResult {
    this.#budget.require(2, rotation.now)
    const kept = this.#refresh.get(digest)
    const family = kept && this.#liveFamily(kept.row.grantId)
    if (kept === undefined || family === undefined) return { outcome: 'unknown' }
    const outcome = judgeRotation(this.#stateOf(kept), rotation)
    if (outcome === 'reused' && rotation.revokesOnReuse) family.isRevoked = true
    if (outcome !== 'rotated' && outcome !== 'replayed') return { outcome }
    extend(family, lastExpiry(liveUntil, access, successor))
    if (access !== undefined) this.#access.put(access.digest, access, rotation.now)
    if (outcome === 'replayed') return this.#replay(kept)
    kept.rotation = { supersededAt: rotation.now, successor: successor.digest, sealed, replays: 0 }
    this.#putRefresh(successor)
    return { outcome }
  }

  revokeAccessToken(digest: string, expiresAt: number, now: number): void {
    this.#budget.require(1, now)
    if (!this.#access.delete(digest)) this.#revoked.put(digest, { expiresAt }, now)
  }

  isRevoked(digest: string, grantId: string | undefined, now: number): boolean {
    if (grantId !== undefined && this.#liveFamily(grantId) === undefined) return true
    const marker = this.#revoked.get(digest)
    return marker !== undefined && marker.expiresAt > now
  }

  revokeGrant(grantId: string, _now: number): void {
    const family = this.#families.get(grantId)
    if (family !== undefined) family.isRevoked = true
  }

  revokeGrants({ userId, clientId, sessionId }: GrantFilter, _now: number): number {
    let revoked = 0
    for (const family of this.#families.values()) {
      const { grant } = family
      if (family.isRevoked || (userId ?? grant.userId) !== grant.userId) continue
      if ((clientId ?? grant.clientId) !== grant.clientId) continue
      if ((sessionId ?? grant.sessionId) !== grant.sessionId) continue
      family.isRevoked = true
      revoked++
    }
    return revoked
  }

  #liveFamily(grantId: string | undefined): Family | undefined {
    const family = grantId === undefined ? undefined : this.#families.get(grantId)
    return family?.isRevoked === false ? family : undefined
  }

  #start(grant: GrantRow, expiresAt: number): Family {
    const family = { grant, isRevoked: false, isIssued: false, expiresAt }
    this.#families.put(grant.id, family, grant.createdAt)
    return family
  }

  #putRefresh(row: RefreshTokenRow): void {
    this.#refresh.put(row.digest, { row, expiresAt: row.expiresAt, rotation: undefined }, row.issuedAt)
  }

  #replay({ rotation }: KeptRefreshToken): RotationResult {
    if (rotation !== undefined) rotation.replays++
    return { outcome: 'replayed', sealed: rotation?.sealed ?? '' }
  }

  #stateOf({ row, rotation }: KeptRefreshToken): PresentedState {
    const { supersededAt, replays = 0, successor } = rotation ?? {}
    const isSuccessorUsed = successor !== undefined && this.#refresh.get(successor)?.rotation !== undefined
    return { expiresAt: row.expiresAt, supersededAt, replays, isSuccessorUsed }
  }
}

const extend = (family: Family, until: number): void => {
  family.isIssued = true
  family.expiresAt = Math.max(family.expiresAt, until)
}

const extendedRow = (kept: KeptRefreshToken, expiresAt: number): KeptRefreshToken => ({
  row: { ...kept.row, expiresAt },
  expiresAt,
  rotation: kept.rotation,
})
