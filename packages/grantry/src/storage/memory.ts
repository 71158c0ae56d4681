import type { Client } from '../core/records.ts'
import { judgeRotation, type PresentedState } from './rotation.ts'
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

interface Family {
  revoked: boolean
  /** How many rows belong to it; it is forgotten with the last one. */
  rows: number
}

/** A row as it is kept: with its family, and what became of it. */
interface Kept<Row> {
  row: Row
  readonly family: Family | undefined
  /** Of a code: whether it was consumed. */
  used: boolean
  /** Of a refresh token: how it was superseded. */
  rotation?: RotationDone
}

/** How a refresh token was superseded. */
interface RotationDone {
  readonly supersededAt: number
  /** Its digest. */
  readonly successor: string
  readonly sealed: string
  replays: number
}

type Table<Row> = Map<string, Kept<Row>>

interface Expiring {
  readonly digest: string
  readonly grantId: string | undefined
  readonly expiresAt: number
}

/**
 * Keeps everything in memory: for tests, and for tiny services whose tokens may die with the process. Expired rows are dropped as new
 * ones come.
 */
export class MemoryStore implements Store {
  readonly #clients = new Map<string, Client>()
  readonly #families = new Map<string, Family>()
  readonly #codes: Table<CodeRow> = new Map()
  readonly #access: Table<AccessTokenRow> = new Map()
  readonly #refresh: Table<RefreshTokenRow> = new Map()
  readonly #keys = new Map<string, SigningKeyRow>()

  findClient(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  putClient(client: Client): void {
    this.#clients.set(client.id, client)
  }

  putCode(code: CodeRow, grant: GrantRow): void {
    const family = this.#start(grant)
    this.#put(this.#codes, code, family, grant.createdAt)
  }

  consumeCode(digest: string, clientId: string, now: number): CodeRow | 'reused' | undefined {
    const kept = this.#codes.get(digest)
    if (kept?.row.clientId !== clientId || kept.row.expiresAt <= now) return undefined
    if (kept.used) {
      if (kept.family !== undefined && kept.family.rows > 1) kept.family.revoked = true // the code is one of the rows
      return 'reused'
    }
    kept.used = true
    return kept.row
  }

  putTokens({ grant, grantId, access, refresh, extended }: NewTokens): boolean {
    const family = grant === undefined ? this.#families.get(grantId ?? '') : this.#start(grant)
    if (grantId !== undefined && family?.revoked !== false) return false
    if (access !== undefined) this.#put(this.#access, access, family, access.issuedAt)
    if (refresh !== undefined) this.#put(this.#refresh, refresh, family, refresh.issuedAt)
    if (extended !== undefined) this.#extend(extended)
    return true
  }

  findAccessToken(digest: string, now: number): AccessTokenRow | undefined {
    const kept = this.#access.get(digest)
    return kept === undefined || kept.family?.revoked === true || kept.row.expiresAt <= now ? undefined : kept.row
  }

  findRefreshToken(digest: string): FoundRefreshToken | undefined {
    const kept = this.#refresh.get(digest)
    if (kept === undefined || kept.family?.revoked === true) return undefined
    return { ...kept.row, supersededAt: kept.rotation?.supersededAt }
  }

  rotateRefreshToken({ digest, successor, sealed, access, ...rotation }: Rotation): RotationResult {
    const kept = this.#refresh.get(digest)
    const family = kept?.family
    if (kept === undefined || family?.revoked !== false) return { outcome: 'unknown' }
    const outcome = judgeRotation(this.#stateOf(kept), rotation)
    if (outcome === 'reused' && rotation.revokesOnReuse) family.revoked = true
    if (outcome === 'rotated') {
      kept.rotation = { supersededAt: rotation.now, successor: successor.digest, sealed, replays: 0 }
      this.#put(this.#refresh, successor, family, rotation.now)
    }
    if (outcome === 'replayed' && kept.rotation !== undefined) kept.rotation.replays++
    if ((outcome === 'rotated' || outcome === 'replayed') && access !== undefined) {
      this.#put(this.#access, access, family, rotation.now)
    }
    return outcome === 'replayed' ? { outcome, sealed: kept.rotation?.sealed ?? '' } : { outcome }
  }

  #stateOf({ row, rotation }: Kept<RefreshTokenRow>): PresentedState {
    const { supersededAt, replays = 0, successor } = rotation ?? {}
    const isSuccessorUsed = successor !== undefined && this.#refresh.get(successor)?.rotation !== undefined
    return { expiresAt: row.expiresAt, supersededAt, replays, isSuccessorUsed }
  }

  revokeAccessToken(digest: string): void {
    this.#delete(this.#access, digest)
  }

  revokeGrant(grantId: string, _now: number): void {
    const family = this.#families.get(grantId)
    if (family !== undefined) family.revoked = true
  }

  findSigningKeys(): readonly SigningKeyRow[] {
    return [...this.#keys.values()]
  }

  putSigningKey(key: SigningKeyRow): void {
    this.#keys.set(key.keyId, key)
  }

  sweep(now: number, limit: number): number {
    let deleted = this.#drop(this.#codes, now, limit, Infinity)
    deleted += this.#drop(this.#access, now, limit - deleted, Infinity)
    return deleted + this.#drop(this.#refresh, now, limit - deleted, Infinity)
  }

  #extend({ digest, expiresAt }: NonNullable<NewTokens['extended']>): void {
    const kept = this.#refresh.get(digest)
    if (kept !== undefined) kept.row = { ...kept.row, expiresAt }
  }

  #start(grant: GrantRow): Family {
    const family = { revoked: false, rows: 0 }
    this.#families.set(grant.id, family)
    return family
  }

  /** Saves a row, and drops expired ones among the oldest: two for one, so that the tables do not grow without end. */
  #put<Row extends Expiring>(table: Table<Row>, row: Row, family: Family | undefined, now: number): void {
    this.#drop(table, now, 2, 2)
    table.set(row.digest, { row, family, used: false })
    if (family !== undefined) family.rows++
  }

  /** Looks at the `lookAt` oldest rows and drops at most `limit` expired ones. */
  #drop<Row extends Expiring>(table: Table<Row>, now: number, limit: number, lookAt: number): number {
    let deleted = 0
    let seen = 0
    for (const [digest, { row }] of table) {
      if (deleted >= limit || seen++ >= lookAt) break
      if (row.expiresAt > now) continue
      this.#delete(table, digest)
      deleted++
    }
    return deleted
  }

  #delete<Row extends Expiring>(table: Table<Row>, digest: string): void {
    const kept = table.get(digest)
    if (kept === undefined) return
    table.delete(digest)
    if (kept.family === undefined || kept.row.grantId === undefined) return
    if (--kept.family.rows === 0) this.#families.delete(kept.row.grantId)
  }
}
