import {
  accessTokenRows,
  codeRows,
  grantRows,
  integer,
  refreshTokenRows,
  text,
  toAccessToken,
  toBytea,
  toCode,
  toRefreshToken,
} from './postgres-rows.ts'
import type { RunStatement } from './postgres-runner.ts'
import { lastExpiry } from './last-expiry.ts'
import type {
  AccessTokenRow,
  CodeRow,
  FoundRefreshToken,
  GrantFilter,
  GrantRow,
  NewTokens,
  Rotation,
  RotationResult,
} from './store-rows.ts'
import type { GrantStore } from './store.ts'

/** Codes, tokens and their families in PostgreSQL. */
export class PostgresGrants implements GrantStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async putCode(code: CodeRow, grant: GrantRow): Promise<void> {
    await this.#run('putCode', codeRows(code), grantRows(grant), code.expiresAt)
  }

  async consumeCode(digest: string, clientId: string, now: number): Promise<CodeRow | 'reused' | undefined> {
    const [row] = await this.#run('consumeCode', toBytea(digest), clientId, now)
    if (row === undefined) return undefined
    return row['is_taken'] === true ? toCode(digest, row) : 'reused'
  }

  async putTokens({ grant, grantId, access, refresh, extended, liveUntil }: NewTokens): Promise<boolean> {
    const rows = await this.#run(
      'putTokens',
      grantRows(grant),
      grant === undefined ? grantId : undefined,
      accessTokenRows(access),
      refreshTokenRows(refresh),
      lastExpiry(liveUntil, access, refresh, extended),
      extended && toBytea(extended.digest),
      extended?.expiresAt,
    )
    return rows.length === 1
  }

  async findAccessToken(digest: string, now: number): Promise<AccessTokenRow | undefined> {
    const [row] = await this.#run('findAccessToken', toBytea(digest), now)
    return row && toAccessToken(digest, row)
  }

  async findRefreshToken(digest: string): Promise<FoundRefreshToken | undefined> {
    const [row] = await this.#run('findRefreshToken', toBytea(digest))
    return row && toRefreshToken(digest, row)
  }

  async rotateRefreshToken(rotation: Rotation): Promise<RotationResult> {
    const { successor, access, liveUntil } = rotation
    const [row] = await this.#run(
      'rotateRefreshToken',
      toBytea(rotation.digest),
      rotation.now,
      rotation.graceSeconds,
      Math.min(rotation.maxReplays, Number.MAX_SAFE_INTEGER),
      rotation.revokesOnReuse,
      refreshTokenRows(successor),
      rotation.sealed,
      accessTokenRows(access),
      lastExpiry(liveUntil, successor, access),
    )
    if (row === undefined) return { outcome: 'unknown' }
    const outcome = text(row['outcome'])
    if (outcome === 'replayed') return { outcome, sealed: text(row['sealed']) }
    if (outcome === 'rotated' || outcome === 'raced' || outcome === 'reused') return { outcome }
    throw new TypeError('The database gave an outcome that there is not.')
  }

  async revokeAccessToken(digest: string, expiresAt: number, _now: number): Promise<void> {
    await this.#run('revokeAccessToken', toBytea(digest), expiresAt)
  }

  async isRevoked(digest: string, grantId: string | undefined, now: number): Promise<boolean> {
    const [row] = await this.#run('isRevoked', toBytea(digest), grantId, now)
    return row?.['is_over'] !== false
  }

  async revokeGrant(grantId: string, now: number): Promise<void> {
    await this.#run('revokeGrant', grantId, now)
  }

  async revokeGrants({ userId, clientId, sessionId }: GrantFilter, now: number): Promise<number> {
    const [row] = await this.#run('revokeGrants', userId, clientId, now, sessionId)
    return integer(row?.['ended'])
  }
}
