import type { RedisRealm } from './redis-connection.ts'
import { grantScripts as scripts } from './redis-grant-scripts.ts'
import { countable, isOne, list, number, optional, record, text } from './redis-rows.ts'
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
import { lastExpiry } from './last-expiry.ts'
import type { GrantStore } from './store.ts'

/** What a script is given of a token: its row as text, and beside it what is decided on. */
const toStored = (row: AccessTokenRow | RefreshTokenRow | undefined) =>
  row && {
    ...{ digest: row.digest, grantId: row.grantId, issuedAt: row.issuedAt, expiresAt: row.expiresAt },
    row: JSON.stringify(row),
  }

// what was saved was one
const toCode = (value: unknown): CodeRow => record(value) as CodeRow
const toAccessToken = (value: unknown): AccessTokenRow => record(value) as AccessTokenRow
const toRefreshToken = (value: unknown): RefreshTokenRow => record(value) as RefreshTokenRow

const toRotationResult = (reply: unknown): RotationResult => {
  const [outcome, sealed] = list(reply)
  if (outcome === 'replayed') return { outcome, sealed: text(sealed) }
  if (outcome === 'rotated' || outcome === 'raced' || outcome === 'reused' || outcome === 'unknown') return { outcome }
  throw new TypeError('Redis gave an outcome that there is not.')
}

/** Codes, tokens and their families in Redis. */
export class RedisGrants implements GrantStore {
  readonly #realm: RedisRealm

  constructor(realm: RedisRealm) {
    this.#realm = realm
  }

  async putCode(code: CodeRow, grant: GrantRow): Promise<void> {
    const { digest, clientId, grantId, expiresAt } = code
    const stored = { digest, clientId, grantId, expiresAt, row: JSON.stringify(code) }
    await this.#realm.run(scripts.putCode, { code: stored, grant })
  }

  async consumeCode(digest: string, clientId: string, now: number): Promise<CodeRow | 'reused' | undefined> {
    const found = await this.#realm.run(scripts.consumeCode, { digest, clientId, now })
    if (found === null) return undefined
    return found === 'reused' ? found : toCode(list(found)[0])
  }

  async putTokens({ grant, grantId, access, refresh, extended, liveUntil }: NewTokens): Promise<boolean> {
    const last = lastExpiry(liveUntil, access, refresh, extended)
    const given = { grant, grantId, access: toStored(access), refresh: toStored(refresh), extended, last }
    return isOne(await this.#realm.run(scripts.putTokens, given))
  }

  async findAccessToken(digest: string, now: number): Promise<AccessTokenRow | undefined> {
    const found = await this.#realm.run(scripts.findAccessToken, { digest, now })
    return found === null ? undefined : toAccessToken(found)
  }

  async findRefreshToken(digest: string): Promise<FoundRefreshToken | undefined> {
    const found = await this.#realm.run(scripts.findRefreshToken, { digest })
    if (found === null) return undefined
    const [row, expiresAt, supersededAt] = list(found)
    const superseded = optional(supersededAt)
    return {
      ...toRefreshToken(row),
      expiresAt: number(expiresAt),
      supersededAt: superseded === undefined ? undefined : number(superseded),
    }
  }

  async rotateRefreshToken({ successor, access, liveUntil, maxReplays, ...rest }: Rotation): Promise<RotationResult> {
    const rotation = {
      ...{ ...rest, successor: toStored(successor), access: toStored(access) },
      ...{ maxReplays: countable(maxReplays), last: lastExpiry(liveUntil, successor, access) },
    }
    return toRotationResult(await this.#realm.run(scripts.rotateRefreshToken, rotation))
  }

  async revokeAccessToken(digest: string, expiresAt: number, now: number): Promise<void> {
    await this.#realm.run(scripts.revokeAccessToken, { digest, expiresAt, now })
  }

  async isRevoked(digest: string, grantId: string | undefined, now: number): Promise<boolean> {
    return isOne(await this.#realm.run(scripts.isRevoked, { digest, grantId, now }))
  }

  async revokeGrant(grantId: string, now: number): Promise<void> {
    await this.#realm.run(scripts.revokeGrant, { grantId, now })
  }

  async revokeGrants(filter: GrantFilter, now: number): Promise<number> {
    return number(await this.#realm.run(scripts.revokeGrants, { ...filter, now }))
  }
}
