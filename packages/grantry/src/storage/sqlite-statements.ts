import type { DatabaseSync, StatementSync } from 'node:sqlite'

const live = (grantId: string): string => `EXISTS (SELECT 1 FROM grant WHERE id = ${grantId} AND revoked_at IS NULL)`

const expired = (table: string): string =>
  `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ?) RETURNING grant_id`

const sql = {
  findClient: 'SELECT record FROM client WHERE id = ?',
  putClient: 'INSERT INTO client (id, record) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record',
  putGrant: 'INSERT INTO grant (id, client_id, user_id, created_at) VALUES (?, ?, ?, ?)',
  isGrantLive: 'SELECT 1 FROM grant WHERE id = ? AND revoked_at IS NULL',
  revokeGrant: 'UPDATE grant SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
  putCode: `INSERT INTO code (digest, client_id, user_id, grant_id, scopes, redirect_uri, code_challenge, code_challenge_method,
    resources, claims, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  consumeCode: `UPDATE code SET consumed_at = $now
    WHERE digest = $digest AND client_id = $clientId AND expires_at > $now AND consumed_at IS NULL RETURNING *`,
  revokeReusedCode: `UPDATE grant SET revoked_at = CASE WHEN EXISTS (SELECT 1 FROM access_token WHERE grant_id = grant.id)
      OR EXISTS (SELECT 1 FROM refresh_token WHERE grant_id = grant.id) THEN coalesce(revoked_at, $now) ELSE revoked_at END
    WHERE id = (SELECT grant_id FROM code
    WHERE digest = $digest AND client_id = $clientId AND expires_at > $now AND consumed_at IS NOT NULL) RETURNING id`,
  putAccessToken: `INSERT INTO access_token (digest, client_id, user_id, grant_id, scopes, audience, claims, issued_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  putRefreshToken: `INSERT INTO refresh_token (digest, client_id, user_id, grant_id, scopes, resources, claims, issued_at, expires_at,
    family_expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  findAccessToken: `SELECT * FROM access_token WHERE digest = ? AND expires_at > ? AND (grant_id IS NULL OR ${live('grant_id')})`,
  findRefreshToken: `SELECT * FROM refresh_token WHERE digest = ? AND ${live('grant_id')}`,
  findPresented: `SELECT t.expires_at, t.superseded_at, t.replays, t.sealed, s.superseded_at AS successor_superseded_at
    FROM refresh_token t LEFT JOIN refresh_token s ON s.digest = t.successor WHERE t.digest = ? AND ${live('t.grant_id')}`,
  supersede: 'UPDATE refresh_token SET superseded_at = ?, successor = ?, sealed = ? WHERE digest = ?',
  countReplay: 'UPDATE refresh_token SET replays = replays + 1 WHERE digest = ?',
  extendRefreshToken: 'UPDATE refresh_token SET expires_at = ? WHERE digest = ?',
  deleteAccessToken: 'DELETE FROM access_token WHERE digest = ? RETURNING grant_id',
  forgetEmptyGrant: `DELETE FROM grant WHERE id = $id AND NOT EXISTS (SELECT 1 FROM code WHERE grant_id = $id)
    AND NOT EXISTS (SELECT 1 FROM access_token WHERE grant_id = $id) AND NOT EXISTS (SELECT 1 FROM refresh_token WHERE grant_id = $id)`,
  findSigningKeys: 'SELECT * FROM signing_key ORDER BY created_at, rowid',
  putSigningKey: `INSERT INTO signing_key (key_id, algorithm, private_key, created_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (key_id) DO UPDATE SET private_key = excluded.private_key`,
  sweepCodes: expired('code'),
  sweepAccessTokens: expired('access_token'),
  sweepRefreshTokens: expired('refresh_token'),
}

/** Every statement of the store, compiled once. */
export type Statements = Readonly<Record<keyof typeof sql, StatementSync>>

/** Compiles the statements. */
export const prepareStatements = (database: DatabaseSync): Statements =>
  Object.fromEntries(Object.entries(sql).map(([name, source]) => [name, database.prepare(source)])) as Statements // fromEntries widens the keys
