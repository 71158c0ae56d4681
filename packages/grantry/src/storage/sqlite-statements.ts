import type { DatabaseSync, StatementSync } from 'node:sqlite'

// Every statement takes the realm as $realm, but for the three that run most: those take it as the first of positional values, which is
// faster. `live` is a family that was not revoked.
const live = (grantId: string, realm = '$realm'): string =>
  `EXISTS (SELECT 1 FROM "grant" WHERE realm = ${realm} AND id = ${grantId} AND revoked_at IS NULL)`

const expired = (table: string, column = 'expires_at'): string =>
  `DELETE FROM "${table}" WHERE rowid IN
    (SELECT rowid FROM "${table}" WHERE realm = $realm AND ${column} <= $now ORDER BY ${column} LIMIT $limit)`

const insert = (table: string, columns: string): string => {
  const values = columns.split(/,\s*/).map((column) => `$${column}`)
  return `INSERT INTO "${table}" (realm, ${columns}) VALUES ($realm, ${values.join(', ')})`
}

const clients = {
  findClient: 'SELECT record FROM client WHERE realm = ? AND id = ?',
  putClient: `${insert('client', 'id, record')} ON CONFLICT DO UPDATE SET record = excluded.record`,
  createClient: `${insert('client', 'id, record')} ON CONFLICT DO NOTHING`,
  replaceClient: 'UPDATE client SET record = $next WHERE realm = $realm AND id = $id AND record = $previous',
  deleteClient: 'DELETE FROM client WHERE realm = $realm AND id = $id',
  listClients: 'SELECT record FROM client WHERE realm = $realm AND id > $after ORDER BY id LIMIT $limit',
  findSigningKeys: 'SELECT * FROM signing_key WHERE realm = $realm ORDER BY created_at, key_id',
  putSigningKey: `${insert('signing_key', 'key_id, algorithm, private_key, created_at')} ON CONFLICT DO UPDATE
    SET algorithm = excluded.algorithm, private_key = excluded.private_key, created_at = excluded.created_at`,
  createSigningKey: `INSERT INTO signing_key (realm, key_id, algorithm, private_key, created_at)
    SELECT $realm, $key_id, $algorithm, $private_key, $created_at WHERE $newest IS
      (SELECT key_id FROM signing_key WHERE realm = $realm AND algorithm = $algorithm ORDER BY created_at DESC, key_id DESC LIMIT 1)
    ON CONFLICT DO NOTHING`,
  deleteSigningKey: 'DELETE FROM signing_key WHERE realm = $realm AND key_id = $key_id',
}

const presentedCode = 'realm = $realm AND digest = $digest AND client_id = $clientId AND expires_at > $now'

const grants = {
  putGrant: insert('grant', 'id, client_id, user_id, session_id, created_at, issued, purge_at'),
  extendGrant: `UPDATE "grant" SET issued = 1, purge_at = max(purge_at, $until)
    WHERE realm = $realm AND id = $grantId AND revoked_at IS NULL RETURNING id, client_id, user_id`,
  revokeGrant: 'UPDATE "grant" SET revoked_at = $now WHERE realm = $realm AND id = $grantId AND revoked_at IS NULL',
  revokeGrants: `UPDATE "grant" SET revoked_at = $now WHERE realm = $realm AND revoked_at IS NULL
    AND ($userId IS NULL OR user_id = $userId) AND ($clientId IS NULL OR client_id = $clientId)`,
  revokeGrantsOfSession: `UPDATE "grant" SET revoked_at = $now WHERE realm = $realm AND session_id = $sessionId
    AND revoked_at IS NULL AND ($userId IS NULL OR user_id = $userId) AND ($clientId IS NULL OR client_id = $clientId)`,
  putCode: insert(
    'code',
    `digest, client_id, user_id, grant_id, scopes, redirect_uri, code_challenge, code_challenge_method, resources, claims, openid, expires_at`,
  ),
  consumeCode: `UPDATE code SET consumed_at = $now WHERE ${presentedCode} AND consumed_at IS NULL RETURNING *`,
  revokeReusedCode: `UPDATE "grant" SET revoked_at = CASE WHEN issued THEN coalesce(revoked_at, $now) ELSE revoked_at END
    WHERE realm = $realm AND id = (SELECT grant_id FROM code WHERE ${presentedCode} AND consumed_at IS NOT NULL)`,
  putAccessToken: insert(
    'access_token',
    'digest, client_id, user_id, grant_id, scopes, audience, claims, openid, issued_at, expires_at',
  ),
  putRefreshToken: insert(
    'refresh_token',
    'digest, client_id, user_id, grant_id, scopes, resources, claims, openid, issued_at, expires_at, family_expires_at, predecessor',
  ),
  findAccessToken: `SELECT coalesce(token.client_id, family.client_id) AS client_id,
      iif(token.client_id IS NULL, family.user_id, token.user_id) AS user_id, token.grant_id, token.scopes, token.audience,
      token.claims, token.openid, token.issued_at, token.expires_at
    FROM access_token AS token LEFT JOIN "grant" AS family
      ON family.realm = token.realm AND family.id = token.grant_id AND family.revoked_at IS NULL
    WHERE token.realm = ? AND token.digest = ? AND token.expires_at > ? AND (token.grant_id IS NULL OR family.id IS NOT NULL)`,
  findRefreshToken: `SELECT * FROM refresh_token WHERE realm = ? AND digest = ? AND ${live('grant_id', 'refresh_token.realm')}`,
  supersede:
    'UPDATE refresh_token SET superseded_at = $now, sealed = $sealed WHERE realm = $realm AND digest = $digest',
  closeWindow: 'UPDATE refresh_token SET successor_used = 1, sealed = NULL WHERE realm = $realm AND digest = $digest',
  countReplay: 'UPDATE refresh_token SET replays = replays + 1 WHERE realm = $realm AND digest = $digest',
  extendRefreshToken: 'UPDATE refresh_token SET expires_at = $until WHERE realm = $realm AND digest = $digest',
  deleteAccessToken: 'DELETE FROM access_token WHERE realm = $realm AND digest = $digest',
  isOver: `SELECT ($grantId IS NOT NULL AND NOT ${live('$grantId')}) OR EXISTS (SELECT 1 FROM seen
    WHERE realm = $realm AND space = 'revoked' AND digest = $digest AND expires_at > $now) AS is_over`,
}

const liveTicket = 'realm = $realm AND kind = $kind AND expires_at > $now AND consumed_at IS NULL'
const presentedTicket = 'realm = $realm AND kind = $kind AND digest = $digest AND client_id = $clientId'
/** The 5 seconds of RFC 8628 §3.5, as in `slowDownSeconds`. */
const isTooSoon = 'polled_at IS NOT NULL AND $now - polled_at < poll_interval'

const tickets = {
  forgetTicket: `DELETE FROM ticket WHERE realm = $realm AND kind = $kind AND expires_at <= $now
    AND (digest = $digest OR alt_digest = $altDigest)`,
  putTicket: `${insert('ticket', 'kind, digest, alt_digest, client_id, grant_id, state, payload, poll_interval, expires_at')}
    ON CONFLICT DO NOTHING`,
  findTicket: `SELECT * FROM ticket WHERE ${liveTicket} AND alt_digest = $altDigest`,
  transitionTicket: `UPDATE ticket SET state = $to, payload = coalesce($payload, payload)
    WHERE ${liveTicket} AND alt_digest = $altDigest AND state IN (SELECT value FROM json_each($from))`,
  pollTicket: `UPDATE ticket SET poll_interval = poll_interval + CASE WHEN ${isTooSoon} THEN 5 ELSE 0 END, polled_at = $now
    WHERE ${liveTicket} AND digest = $digest AND client_id = $clientId RETURNING *`,
  isPolledTooSoon: `SELECT ${isTooSoon} AS is_too_soon FROM ticket WHERE ${presentedTicket}`,
  consumeTicket: `UPDATE ticket SET consumed_at = $now
    WHERE ${presentedTicket} AND state = $state AND expires_at > $now AND consumed_at IS NULL RETURNING *`,
  findConsumedTicket: `SELECT grant_id FROM ticket
    WHERE ${presentedTicket} AND state = $state AND expires_at > $now AND consumed_at IS NOT NULL`,
}

const markers = {
  markSeen: `${insert('seen', 'space, digest, expires_at')}
    ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at WHERE expires_at <= $now`,
  countAttempt: `INSERT INTO attempt (realm, space, digest, attempts, expires_at)
    VALUES ($realm, $space, $digest, 1, $now + $windowSeconds) ON CONFLICT DO UPDATE SET
    attempts = CASE WHEN expires_at > $now THEN attempts + 1 ELSE 1 END,
    expires_at = CASE WHEN expires_at > $now THEN expires_at ELSE excluded.expires_at END RETURNING attempts`,
  clearAttempts: 'DELETE FROM attempt WHERE realm = $realm AND space = $space AND digest = $digest',
  lease: `${insert('lease', 'name, owner, expires_at')} ON CONFLICT DO UPDATE
    SET owner = excluded.owner, expires_at = excluded.expires_at WHERE owner = $owner OR expires_at <= $now`,
}

const sweeping = {
  ping: 'SELECT 1',
  sweepCodes: expired('code'),
  sweepAccessTokens: expired('access_token'),
  sweepRefreshTokens: expired('refresh_token'),
  sweepTickets: expired('ticket'),
  sweepSeen: expired('seen'),
  sweepAttempts: expired('attempt'),
  sweepGrants: expired('grant', 'purge_at'),
}

const sql = { ...clients, ...grants, ...tickets, ...markers, ...sweeping }

/** Every statement of the store, compiled once. */
export type Statements = Readonly<Record<keyof typeof sql, StatementSync>>

/** Compiles the statements. */
export const prepareStatements = (database: DatabaseSync): Statements =>
  Object.fromEntries(Object.entries(sql).map(([name, source]) => [name, database.prepare(source)])) as Statements // fromEntries widens the keys
