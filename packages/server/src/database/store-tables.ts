import type { ColumnType } from 'kysely'

/** A column that is only read here: the store writes it. Drivers give a bigint of PostgreSQL as text. */
type Read<Value> = ColumnType<Value, never, never>
type Integer = Read<number | string>

/** The tables of the store as far as operators look into them. */
export type StoreTables = {
  readonly grant: {
    readonly realm: Read<string>
    readonly id: Read<string>
    readonly client_id: Read<string>
    readonly user_id: Read<string | null>
    readonly session_id: Read<string | null>
    readonly created_at: Integer
    readonly revoked_at: Read<number | string | null>
    /** When the last of what was issued expires. */
    readonly purge_at: Integer
  }
  readonly access_token: {
    readonly realm: Read<string>
    readonly digest: Read<Uint8Array>
    /** Null where it is that of the grant; the same for the user. */
    readonly client_id: Read<string | null>
    readonly user_id: Read<string | null>
    readonly grant_id: Read<string | null>
    /** Lists are JSON; null for an empty one. */
    readonly scopes: Read<string | null>
    readonly audience: Read<string | null>
    readonly issued_at: Integer
    readonly expires_at: Integer
  }
  readonly refresh_token: {
    readonly realm: Read<string>
    readonly digest: Read<Uint8Array>
    readonly client_id: Read<string>
    readonly user_id: Read<string | null>
    readonly grant_id: Read<string>
    readonly scopes: Read<string | null>
    readonly resources: Read<string | null>
    readonly issued_at: Integer
    readonly expires_at: Integer
    readonly superseded_at: Read<number | string | null>
  }
  readonly code: {
    readonly realm: Read<string>
    readonly digest: Read<Uint8Array>
    readonly client_id: Read<string>
    readonly user_id: Read<string>
    readonly grant_id: Read<string>
    readonly scopes: Read<string | null>
    readonly resources: Read<string | null>
    readonly expires_at: Integer
    readonly consumed_at: Read<number | string | null>
  }
}
