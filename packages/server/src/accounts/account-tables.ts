import type { ColumnType } from 'kysely'

/** Someone who can log in. */
export interface Account {
  /** `user_` and random characters; the `sub` of tokens. */
  readonly id: string
  /** As it was folded by `foldUsername`. */
  readonly username: string
  /** A password hash in PHC format. */
  readonly password: string
  /** Grows with each new password; sessions of older ones are over. */
  readonly passwordVersion: number
  /** When an operator disabled it, in seconds since the epoch: nobody logs in by it. Undefined for one that is not. */
  readonly disabledAt?: number | undefined
}

/** A browser that someone is logged in at. */
export interface Session {
  /** The secret in the cookie. */
  readonly id: string
  readonly userId: string
  readonly username: string
  /** When the password was entered, in seconds since the epoch. */
  readonly authTime: number
  /** What clients know the session by (`sid`). It stays the same where the same user logs in again. */
  readonly sid: string
  /** How the user logged in (`amr`, RFC 8176). */
  readonly amr: readonly string[]
  /** The issuer of the provider that it began at; undefined for a login here. */
  readonly upstream?: string | undefined
}

/** The provider that a session began at, and what it is called there. */
export interface UpstreamSession {
  readonly issuer: string
  /** Its `sid`, where it tells one. */
  readonly sid?: string | undefined
}

/** Drivers give a bigint of PostgreSQL as text. */
type Integer = ColumnType<number | string, number, number>

/** The same where the version before wrote nothing. */
type LaterInteger = ColumnType<number | string | null, number, number>

/** Text that most rows do not have. */
type LaterText = ColumnType<string | null, string | undefined, string>
/** A value that is not always there. */
type Optional<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>

/** The tables of users, their sessions and consents, and of secrets. */
export interface AccountTables {
  readonly user: {
    readonly realm: string
    readonly id: string
    readonly username: string
    readonly password: string
    readonly password_version: Integer
    readonly created_at: Integer
    /** JSON. */
    readonly claims: ColumnType<string | null, string, string>
    /** What pages call a user from elsewhere, whose `username` is the id; null for others. */
    readonly shown_name: LaterText
    /** Of such a user, a digest of the version that the source named; empty for one who is gone. */
    readonly source_version: LaterText
    /** That of the claims in small letters, to find the user by. */
    readonly email: Optional<string>
    readonly disabled_at: ColumnType<number | string | null, number | undefined, number | null>
    /** `admin`, or nothing. */
    readonly role: Optional<string>
  }
  readonly session: {
    readonly realm: string
    readonly digest: Uint8Array
    readonly user_id: string
    readonly password_version: Integer
    readonly idle_until: Integer
    readonly ends_at: Integer
    readonly auth_time: LaterInteger
    readonly sid: ColumnType<string | null, string, string>
    /** A list as JSON. */
    readonly amr: ColumnType<string | null, string, string>
    /** The issuer of the provider that it began at, and what it is called there; null for a login here. */
    readonly upstream: ColumnType<string | null, string | null, string>
    readonly upstream_sid: ColumnType<string | null, string | null, string>
  }
  readonly totp: {
    readonly realm: string
    readonly user_id: string
    readonly id: string
    readonly secret: string
    readonly created_at: Integer
  }
  readonly passkey: {
    readonly realm: string
    readonly id: string
    readonly user_id: string
    readonly credential_id: string
    readonly public_key: Uint8Array
    readonly counter: Integer
    /** A list as JSON. */
    readonly transports: string
    readonly name: string
    readonly created_at: Integer
    /** Null where it was never used. */
    readonly last_used_at: ColumnType<number | string | null, null | undefined, number>
  }
  readonly reset_request: {
    readonly realm: string
    readonly id: string
    /** Null where nobody has the name that was typed. */
    readonly user_id: string | null
    readonly target: string
    readonly language: string
    readonly requested_at: Integer
    readonly due_at: Integer
    readonly attempts: Integer
  }
  readonly recovery_code: { readonly realm: string; readonly totp_id: string; readonly digest: Uint8Array }
  /** A client that knows of a session. */
  readonly session_client: {
    readonly realm: string
    readonly sid: string
    readonly client_id: string
    readonly user_id: string
    readonly expires_at: Integer
    /** When it is to be told that the session ended; null while the session lives. */
    readonly due_at: ColumnType<number | string | null, number | null, number | null>
    readonly attempts: Integer
  }
  /** Lists are JSON. */
  readonly consent: {
    readonly realm: string
    readonly user_id: string
    readonly client_id: string
    readonly scopes: string
    readonly resources: string
    readonly claims: string
    readonly receivers: string
    readonly granted_at: Integer
  }
  /** A login at another provider, and whose it is. */
  readonly identity: {
    readonly realm: string
    readonly issuer: string
    readonly subject: string
    readonly user_id: string
    readonly shown_name: string
    readonly linked_at: Integer
  }
  /** A login at another provider that is under way. */
  readonly upstream_login: {
    readonly realm: string
    readonly digest: Uint8Array
    readonly browser: Uint8Array
    readonly upstream: string
    readonly target: string
    readonly user_id: string | null
    readonly max_age: ColumnType<number | string | null, number | null, number>
    readonly expires_at: Integer
  }
  readonly secret: {
    readonly realm: string
    readonly name: string
    readonly value: string
    readonly created_at: Integer
  }
  /** What all servers did in a minute, by name. */
  readonly activity: {
    readonly realm: string
    /** When the minute began. */
    readonly at: Integer
    readonly name: string
    readonly count: Integer
  }
  readonly audit_event: {
    readonly realm: string
    /** Tells the time as well. */
    readonly id: string
    readonly type: string
    readonly user_id: string | null
    readonly client_id: string | null
    /** The rest, as JSON. */
    readonly event: string
    /** When it is to be sent; null once it was, or where nobody wants it. */
    readonly due_at: ColumnType<number | string | null, number | null, number | null>
    readonly attempts: Integer
  }
}

/** How the tables are worked with. */
export interface TableOptions {
  /** Nothing of one realm is seen in another. Default: the empty string. */
  readonly realm?: string | undefined
  /** Whether nodes that sweep at once pass over each other's rows. Only PostgreSQL can. */
  readonly skipLocked: boolean
}
