/** What is exported together. */
export const parts = ['clients', 'users', 'consents', 'keys', 'grants', 'audit'] as const

/** One of them. */
export type Part = (typeof parts)[number]

/** What is exported where nothing is said. */
export const defaultParts: readonly Part[] = ['clients', 'users', 'consents', 'keys']

/** A table whose rows are exported. Which columns it has is asked of the database. */
export interface PortableTable {
  readonly part: Part
  /** The primary key without the realm. */
  readonly key: readonly [string, ...string[]]
  /** The column that people know a row by. Default: those of the key. */
  readonly knownBy?: string
  /** For the reference. */
  readonly about: string
}

/** The tables that are exported, in this order; a line of a file has the name as `table`. */
export const portableTables: Readonly<Record<string, PortableTable>> = {
  client: { part: 'clients', key: ['id'], about: 'A client; its secrets are digests.' },
  user: { part: 'users', key: ['id'], knownBy: 'username', about: 'A user; the password is a hash (PHC format).' },
  totp: { part: 'users', key: ['user_id'], about: 'A second factor; its secret is sealed.' },
  recovery_code: { part: 'users', key: ['totp_id', 'digest'], about: 'The digest of a recovery code.' },
  passkey: { part: 'users', key: ['id'], knownBy: 'name', about: 'A passkey, by its public key.' },
  identity: { part: 'users', key: ['issuer', 'subject'], about: 'A login at another provider, and whose it is.' },
  consent: { part: 'consents', key: ['user_id', 'client_id'], about: 'What a user allowed a client.' },
  secret: { part: 'keys', key: ['name'], about: 'A secret of the server, sealed. Pairwise ids are made with it.' },
  signing_key: { part: 'keys', key: ['key_id'], about: 'A signing key, sealed.' },
  grant: { part: 'grants', key: ['id'], about: 'A family of tokens.' },
  refresh_token: { part: 'grants', key: ['digest'], about: 'The digest of a refresh token.' },
  access_token: { part: 'grants', key: ['digest'], about: 'The digest of an access token that has a row.' },
  seen: {
    part: 'grants',
    key: ['space', 'digest'],
    about: 'What must not be used again: revoked signed tokens, used codes.',
  },
  audit_event: { part: 'audit', key: ['id'], about: 'An audit event.' },
}

/** The tables that are not, with the reason. */
export const leftOut: Readonly<Record<string, string>> = {
  code: 'lives for a minute',
  ticket: 'waits for minutes to be used',
  attempt: 'counts for limits, which begin anew',
  lease: 'belongs to the nodes of one database',
  session: 'is made anew when its user logs in',
  upstream_login: 'it waits for minutes to be ended',
  reset_request: 'waits for minutes to be sent',
  session_client: 'goes with sessions',
  activity: 'is of the last week, for the console',
  grantry_migration: 'is about the database itself',
  server_migration: 'is about the database itself',
}
