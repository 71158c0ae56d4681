/** What brings a database from one version to the next, in order; how many were applied is its `user_version`. Append, never change. */
export const migrations: readonly string[] = [
  `CREATE TABLE client (id TEXT NOT NULL PRIMARY KEY, record TEXT NOT NULL) STRICT;
CREATE TABLE grant (
  id TEXT NOT NULL PRIMARY KEY, client_id TEXT NOT NULL, user_id TEXT, created_at INTEGER NOT NULL, revoked_at INTEGER
) STRICT;
CREATE TABLE code (
  digest BLOB NOT NULL UNIQUE, client_id TEXT NOT NULL, user_id TEXT NOT NULL, grant_id TEXT NOT NULL, scopes TEXT NOT NULL,
  redirect_uri TEXT, code_challenge TEXT, code_challenge_method TEXT, resources TEXT, claims TEXT,
  expires_at INTEGER NOT NULL, consumed_at INTEGER
) STRICT;
CREATE TABLE access_token (
  digest BLOB NOT NULL UNIQUE, client_id TEXT NOT NULL, user_id TEXT, grant_id TEXT, scopes TEXT NOT NULL,
  audience TEXT, claims TEXT, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE refresh_token (
  digest BLOB NOT NULL UNIQUE, client_id TEXT NOT NULL, user_id TEXT, grant_id TEXT NOT NULL, scopes TEXT NOT NULL,
  resources TEXT, claims TEXT, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, family_expires_at INTEGER NOT NULL,
  superseded_at INTEGER, successor BLOB, sealed TEXT, replays INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE signing_key (
  key_id TEXT NOT NULL PRIMARY KEY, algorithm TEXT NOT NULL, private_key TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX code_grant ON code (grant_id);
CREATE INDEX code_expiry ON code (expires_at);
CREATE INDEX access_token_grant ON access_token (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX access_token_expiry ON access_token (expires_at);
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);
CREATE INDEX refresh_token_expiry ON refresh_token (expires_at);
`,
]
