import type { Client } from '../core/records.ts'
import {
  accessTokenRows,
  codeRows,
  grantRows,
  integer,
  refreshTokenRows,
  text,
  toAccessToken,
  toBytea,
  toClient,
  toCode,
  toRefreshToken,
  toSigningKey,
  type Columns,
} from './postgres-rows.ts'
import { defaultSchema, statementsOf, type PostgresPool, type Statements } from './postgres-statements.ts'
import type {
  AccessTokenRow,
  CodeRow,
  FoundRefreshToken,
  GrantRow,
  NewTokens,
  Rotation,
  RotationResult,
  SigningKeyRow,
  Store,
} from './store.ts'

export { migrate, migrationPlan, type Migration, type MigrationOptions } from './postgres-migrations.ts'
export type { PostgresPool } from './postgres-statements.ts'
export { StoreError } from './store-error.ts'

/** How a `PostgresStore` works. */
export interface PostgresStoreOptions {
  /** Keeps several servers apart in the same tables: nothing of one realm is seen in another. Default: `default`. */
  readonly realm?: string | undefined
  /** The schema of the tables, as given to `migrate`. Default: `grantry`. */
  readonly schema?: string | undefined
}

/** How often a statement is repeated that PostgreSQL rolled back because of another transaction. */
const mostRepeats = 3

/** Serialization failure, deadlock: nothing of the statement happened, and PostgreSQL asks to repeat it. */
const mayRepeat = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === '40001' || thrown.code === '40P01')

const latest = (...rows: readonly ({ readonly expiresAt: number } | undefined)[]): number =>
  Math.max(0, ...rows.map((row) => row?.expiresAt ?? 0))

/**
 * Keeps everything in PostgreSQL, for any number of servers. Each step is one statement: it is atomic, takes one round
 * trip, and keeps nothing on the connection, so that poolers in transaction mode work. The driver is yours:
 * `new PostgresStore(new pg.Pool())`. Make the tables with `migrate` first. Made for READ COMMITTED, the default; under
 * stricter levels, callers that race for one token may get an error of PostgreSQL instead of their answer, never a
 * second success.
 */
export class PostgresStore implements Store {
  readonly #pool: PostgresPool
  readonly #realm: string
  readonly #statements: Statements

  constructor(pool: PostgresPool, options: PostgresStoreOptions = {}) {
    this.#pool = pool
    this.#realm = options.realm ?? 'default'
    this.#statements = statementsOf(options.schema ?? defaultSchema)
  }

  async findClient(id: string): Promise<Client | undefined> {
    if (id.includes('\0')) return undefined // text of PostgreSQL cannot hold it, so no client has it
    const [row] = await this.#run('findClient', id)
    return row && toClient(id, row)
  }

  async putClient(client: Client): Promise<void> {
    await this.#run('putClient', client.id, JSON.stringify(client))
  }

  async putCode(code: CodeRow, grant: GrantRow): Promise<void> {
    await this.#run('putCode', codeRows(code), grantRows(grant), latest(code))
  }

  async consumeCode(digest: string, clientId: string, now: number): Promise<CodeRow | 'reused' | undefined> {
    const [row] = await this.#run('consumeCode', toBytea(digest), clientId, now)
    if (row === undefined) return undefined
    return row['is_taken'] === true ? toCode(digest, row) : 'reused'
  }

  async putTokens({ grant, grantId, access, refresh, extended }: NewTokens): Promise<boolean> {
    const rows = await this.#run(
      'putTokens',
      grantRows(grant),
      grant === undefined ? grantId : undefined,
      accessTokenRows(access),
      refreshTokenRows(refresh),
      latest(access, refresh, extended),
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
    const { successor, access } = rotation
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
      latest(successor, access),
    )
    if (row === undefined) return { outcome: 'unknown' }
    const outcome = text(row['outcome'])
    if (outcome === 'replayed') return { outcome, sealed: text(row['sealed']) }
    if (outcome === 'rotated' || outcome === 'raced' || outcome === 'reused') return { outcome }
    throw new TypeError('The database gave an outcome that there is not.')
  }

  async revokeAccessToken(digest: string): Promise<void> {
    await this.#run('revokeAccessToken', toBytea(digest))
  }

  async revokeGrant(grantId: string, now: number): Promise<void> {
    await this.#run('revokeGrant', grantId, now)
  }

  async findSigningKeys(): Promise<readonly SigningKeyRow[]> {
    return (await this.#run('findSigningKeys')).map(toSigningKey)
  }

  async putSigningKey(key: SigningKeyRow): Promise<void> {
    await this.#run('putSigningKey', key.keyId, key.algorithm, key.privateKey, key.createdAt)
  }

  async sweep(now: number, limit: number): Promise<number> {
    const [row] = await this.#run('sweep', now, limit)
    return integer(row?.['deleted'])
  }

  /** Runs one statement; the realm is the first value of each. */
  async #run(name: keyof Statements, ...values: readonly unknown[]): Promise<readonly Columns[]> {
    const statement = { text: this.#statements[name], values: [this.#realm, ...values].map((value) => value ?? null) }
    for (let repeats = 0; ; repeats++) {
      try {
        return (await this.#pool.query(statement)).rows
      } catch (thrown) {
        if (repeats === mostRepeats || !mayRepeat(thrown)) throw thrown
      }
    }
  }
}
