import type { Client } from '../core/records.ts'
import type { RotationOutcome } from '../core/request-validator.ts'
import type {
  AccessTokenRow,
  CodeRow,
  GrantRow,
  NewTokens,
  RefreshTokenRow,
  Rotation,
  SigningKeyRow,
  Store,
} from './store.ts'

interface Family {
  revoked: boolean
  /** How many rows belong to it; it is forgotten with the last one. */
  rows: number
}

/** A row as it is kept: with its family and a mark for codes and refresh tokens that were used. */
interface Kept<Row> {
  readonly row: Row
  readonly family: Family | undefined
  used: boolean
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
  readonly #keys: SigningKeyRow[] = []

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

  putTokens({ grant, grantId, access, refresh }: NewTokens): boolean {
    const family = grant === undefined ? this.#families.get(grantId ?? '') : this.#start(grant)
    if (grantId !== undefined && family?.revoked !== false) return false
    if (access !== undefined) this.#put(this.#access, access, family, access.issuedAt)
    if (refresh !== undefined) this.#put(this.#refresh, refresh, family, refresh.issuedAt)
    return true
  }

  findAccessToken(digest: string, now: number): AccessTokenRow | undefined {
    const kept = this.#access.get(digest)
    return kept === undefined || kept.family?.revoked === true || kept.row.expiresAt <= now ? undefined : kept.row
  }

  findRefreshToken(digest: string): (RefreshTokenRow & { readonly superseded: boolean }) | undefined {
    const kept = this.#refresh.get(digest)
    return kept === undefined || kept.family?.revoked === true ? undefined : { ...kept.row, superseded: kept.used }
  }

  rotateRefreshToken({ digest, successor, access, now }: Rotation): RotationOutcome {
    const kept = this.#refresh.get(digest)
    if (kept === undefined || kept.family?.revoked !== false || kept.row.expiresAt <= now) return 'unknown'
    if (kept.used) {
      kept.family.revoked = true
      return 'reused'
    }
    kept.used = true
    this.#put(this.#refresh, successor, kept.family, now)
    if (access !== undefined) this.#put(this.#access, access, kept.family, now)
    return 'rotated'
  }

  revokeAccessToken(digest: string): void {
    this.#delete(this.#access, digest)
  }

  revokeGrant(grantId: string, _now: number): void {
    const family = this.#families.get(grantId)
    if (family !== undefined) family.revoked = true
  }

  findSigningKeys(): readonly SigningKeyRow[] {
    return [...this.#keys]
  }

  putSigningKey(key: SigningKeyRow): void {
    this.#keys.push(key)
  }

  sweep(now: number, limit: number): number {
    let deleted = this.#drop(this.#codes, now, limit, Infinity)
    deleted += this.#drop(this.#access, now, limit - deleted, Infinity)
    return deleted + this.#drop(this.#refresh, now, limit - deleted, Infinity)
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
