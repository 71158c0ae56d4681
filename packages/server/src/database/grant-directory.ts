import { createHash } from 'node:crypto'
import { sql, type Kysely, type SqlBool } from 'kysely'
import type { AccountTables, TableOptions } from '../accounts/account-tables.ts'
import type { StoreTables } from './store-tables.ts'

/** What was issued on one decision of a user, as operators see it. Times are in seconds. */
export interface GrantRecord {
  readonly id: string
  readonly clientId: string
  readonly userId: string | undefined
  readonly createdAt: number
  /** When the last of what was issued expires. */
  readonly expiresAt: number
  readonly revokedAt: number | undefined
  /** Whether it ends with the login that it was given in. */
  readonly endsWithSession: boolean
}

/** Whose grants to list: of a user, of a client, or of a user at a client. */
export interface GrantOwner {
  readonly userId?: string | undefined
  readonly clientId?: string | undefined
}

/** Which of them: the newest first, from the first one before `before`. */
export interface GrantQuery extends GrantOwner {
  readonly before: Pick<GrantRecord, 'createdAt' | 'id'> | undefined
  readonly limit: number
  /** Leaves out what is over by then; undefined leaves out nothing that is still kept. */
  readonly liveAt?: number | undefined
}

/** A token or a code as the store has it, whether it is good or not. Times are in seconds. */
export interface TokenRecord {
  readonly kind: 'access_token' | 'refresh_token' | 'authorization_code'
  /** Undefined for those of a grant that is gone. */
  readonly clientId: string | undefined
  readonly userId: string | undefined
  readonly grantId: string | undefined
  readonly scopes: readonly string[]
  readonly audience: readonly string[]
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  /** When a code was used, or a refresh token replaced. */
  readonly usedAt: number | undefined
}

/** As the store keeps a token. */
export const digestOfToken = (token: string): Uint8Array => createHash('sha256').update(token).digest()

const seconds = (value: number | string | null): number | undefined => (value === null ? undefined : Number(value))
const list = (value: string | null): readonly string[] => JSON.parse(value ?? '[]') as string[] // as the store writes it

/**
 * Looks into the tables of the store, which answers no such questions: five databases would need an index for each, and only those of the
 * server are asked. It changes nothing.
 */
export class GrantDirectory {
  readonly #database: Kysely<AccountTables & StoreTables>
  readonly #realm: string

  constructor(database: Kysely<AccountTables>, { realm = '' }: Pick<TableOptions, 'realm'>) {
    this.#database = database.$extendTables<StoreTables>()
    this.#realm = realm
  }

  /** A page of grants. */
  async list({ userId, clientId, before, limit, liveAt }: GrantQuery): Promise<readonly GrantRecord[]> {
    const rows = await this.#grants()
      .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
      .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId ?? ''))
      .$if(before !== undefined, (query) =>
        query.where(sql<SqlBool>`(created_at, id) < (${before?.createdAt}, ${before?.id})`),
      )
      .$if(liveAt !== undefined, (query) => query.where('revoked_at', 'is', null).where('purge_at', '>', liveAt ?? 0))
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toGrant)
  }

  /** The grant with an id. */
  async find(id: string): Promise<GrantRecord | undefined> {
    const row = await this.#grants().where('id', '=', id).executeTakeFirst()
    return row && toGrant(row)
  }

  /** The token or code that is stored under this text. */
  async findToken(text: string): Promise<TokenRecord | undefined> {
    const digest = digestOfToken(text)
    return (
      (await this.#findAccessToken(digest)) ?? (await this.#findRefreshToken(digest)) ?? (await this.#findCode(digest))
    )
  }

  async #findAccessToken(digest: Uint8Array): Promise<TokenRecord | undefined> {
    const row = await this.#database
      .selectFrom('access_token as token')
      .leftJoin('grant', (join) =>
        join.onRef('grant.realm', '=', 'token.realm').onRef('grant.id', '=', 'token.grant_id'),
      )
      .select(['token.client_id', 'token.user_id', 'token.grant_id', 'token.scopes', 'token.audience'])
      .select(['token.issued_at', 'token.expires_at', 'grant.client_id as grant_client', 'grant.user_id as grant_user'])
      .where('token.realm', '=', this.#realm)
      .where('token.digest', '=', digest)
      .executeTakeFirst()
    return (
      row && {
        kind: 'access_token',
        clientId: row.client_id ?? row.grant_client ?? undefined,
        userId: (row.client_id === null ? row.grant_user : row.user_id) ?? undefined,
        grantId: row.grant_id ?? undefined,
        ...{ scopes: list(row.scopes), audience: list(row.audience), usedAt: undefined },
        ...{ issuedAt: Number(row.issued_at), expiresAt: Number(row.expires_at) },
      }
    )
  }

  async #findRefreshToken(digest: Uint8Array): Promise<TokenRecord | undefined> {
    const row = await this.#database
      .selectFrom('refresh_token')
      .select(['client_id', 'user_id', 'grant_id', 'scopes', 'resources', 'issued_at', 'expires_at', 'superseded_at'])
      .where('realm', '=', this.#realm)
      .where('digest', '=', digest)
      .executeTakeFirst()
    return (
      row && {
        kind: 'refresh_token',
        ...{ clientId: row.client_id, userId: row.user_id ?? undefined, grantId: row.grant_id },
        ...{ scopes: list(row.scopes), audience: list(row.resources), usedAt: seconds(row.superseded_at) },
        ...{ issuedAt: Number(row.issued_at), expiresAt: Number(row.expires_at) },
      }
    )
  }

  async #findCode(digest: Uint8Array): Promise<TokenRecord | undefined> {
    const row = await this.#database
      .selectFrom('code')
      .select(['client_id', 'user_id', 'grant_id', 'scopes', 'resources', 'expires_at', 'consumed_at'])
      .where('realm', '=', this.#realm)
      .where('digest', '=', digest)
      .executeTakeFirst()
    return (
      row && {
        kind: 'authorization_code',
        ...{ clientId: row.client_id, userId: row.user_id, grantId: row.grant_id },
        ...{ scopes: list(row.scopes), audience: list(row.resources), usedAt: seconds(row.consumed_at) },
        ...{ issuedAt: undefined, expiresAt: Number(row.expires_at) },
      }
    )
  }

  #grants() {
    return this.#database
      .selectFrom('grant')
      .select(['id', 'client_id', 'user_id', 'session_id', 'created_at', 'revoked_at', 'purge_at'])
      .where('realm', '=', this.#realm)
  }
}

interface GrantColumns {
  readonly id: string
  readonly client_id: string
  readonly user_id: string | null
  readonly session_id: string | null
  readonly created_at: number | string
  readonly revoked_at: number | string | null
  readonly purge_at: number | string
}

const toGrant = (row: GrantColumns): GrantRecord => ({
  ...{ id: row.id, clientId: row.client_id, userId: row.user_id ?? undefined },
  ...{ createdAt: Number(row.created_at), expiresAt: Number(row.purge_at), revokedAt: seconds(row.revoked_at) },
  endsWithSession: row.session_id !== null,
})
