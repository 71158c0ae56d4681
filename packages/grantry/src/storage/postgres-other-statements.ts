import { given, prefixed, type Tables } from './postgres-sql.ts'

const clients = ({ client, key, lease }: Tables) => ({
  findClient: `SELECT record FROM ${client} WHERE realm = $1::text AND id = $2::text`,
  putClient: `INSERT INTO ${client} (realm, id, record) VALUES ($1::text, $2::text, $3::text)
    ON CONFLICT (realm, id) DO UPDATE SET record = excluded.record`,
  createClient: `INSERT INTO ${client} (realm, id, record) VALUES ($1::text, $2::text, $3::text)
    ON CONFLICT (realm, id) DO NOTHING RETURNING 1`,
  replaceClient: `UPDATE ${client} SET record = $4::text
    WHERE realm = $1::text AND id = $2::text AND record = $3::text RETURNING 1`,
  deleteClient: `DELETE FROM ${client} WHERE realm = $1::text AND id = $2::text RETURNING 1`,
  listClients: `SELECT id, record FROM ${client} WHERE realm = $1::text AND id > $2::text ORDER BY id LIMIT $3::bigint`,
  findSigningKeys: `SELECT key_id, algorithm, private_key, created_at FROM ${key}
    WHERE realm = $1::text ORDER BY created_at, key_id`,
  putSigningKey: `INSERT INTO ${key} (realm, key_id, algorithm, private_key, created_at)
    VALUES ($1::text, $2::text, $3::text, $4::text, $5::bigint) ON CONFLICT (realm, key_id) DO UPDATE
    SET algorithm = excluded.algorithm, private_key = excluded.private_key, created_at = excluded.created_at`,
  findNewestKey: `SELECT (SELECT owner FROM ${lease} WHERE realm = $1::text AND name = $3::text) AS turn,
    (SELECT key_id FROM ${key} WHERE realm = $1::text AND algorithm = $2::text
      ORDER BY created_at DESC, key_id DESC LIMIT 1) AS newest`,
  createSigningKey: `WITH turn AS (
      INSERT INTO ${lease} AS held (realm, name, owner, expires_at) VALUES ($1::text, $6::text, $2::text, $5::bigint)
      ON CONFLICT (realm, name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
      WHERE held.owner = $7::text RETURNING 1
    ) INSERT INTO ${key} (realm, key_id, algorithm, private_key, created_at)
    SELECT $1::text, $2::text, $3::text, $4::text, $5::bigint FROM turn ON CONFLICT DO NOTHING RETURNING 1`,
  deleteSigningKey: `DELETE FROM ${key} WHERE realm = $1::text AND key_id = $2::text RETURNING 1`,
})

const ticketColumns = `kind, digest, alt_digest, client_id, grant_id, state, payload, poll_interval, expires_at`
const presented =
  'realm = $1::text AND kind = $2::text AND digest = $3::bytea AND client_id = $4::text AND expires_at > $5::bigint'
const byAlt = `realm = $1::text AND kind = $2::text AND alt_digest = $3::bytea AND expires_at > $4::bigint
    AND consumed_at IS NULL`

const tickets = ({ ticket, grant }: Tables) => ({
  forgetTicket: `DELETE FROM ${ticket} AS old USING ${given(ticket, 2)}
    WHERE old.realm = $1::text AND old.kind = given.kind AND old.expires_at <= $3::bigint
      AND (old.digest = given.digest OR old.alt_digest = given.alt_digest)`,
  putTicket: `INSERT INTO ${ticket} (realm, ${ticketColumns}) SELECT $1::text, ${ticketColumns} FROM ${given(ticket, 2)}
    ON CONFLICT DO NOTHING RETURNING 1`,
  findTicket: `SELECT ${ticketColumns} FROM ${ticket} WHERE ${byAlt}`,
  transitionTicket: `UPDATE ${ticket} SET state = $6::text, payload = coalesce($7::text, payload)
    WHERE ${byAlt} AND state = ANY ($5::text[]) RETURNING 1`,
  pollTicket: `WITH found AS (
      SELECT digest, polled_at IS NOT NULL AND $5::bigint - polled_at < poll_interval AS is_too_soon FROM ${ticket}
      WHERE ${presented} AND consumed_at IS NULL FOR UPDATE
    ) UPDATE ${ticket} AS ticket SET polled_at = $5::bigint,
      poll_interval = poll_interval + CASE WHEN found.is_too_soon THEN 5 ELSE 0 END
    FROM found WHERE ticket.realm = $1::text AND ticket.kind = $2::text AND ticket.digest = found.digest
    RETURNING ${prefixed('ticket', ticketColumns)}, found.is_too_soon`,
  consumeTicket: `WITH found AS (
      SELECT digest, grant_id, consumed_at FROM ${ticket} WHERE ${presented} AND state = $6::text FOR UPDATE
    ), taken AS (
      UPDATE ${ticket} AS ticket SET consumed_at = $5::bigint FROM found
      WHERE ticket.realm = $1::text AND ticket.kind = $2::text AND ticket.digest = found.digest
        AND found.consumed_at IS NULL AND ticket.consumed_at IS NULL
      RETURNING ${prefixed('ticket', ticketColumns)}
    ), revoked AS (
      UPDATE ${grant} AS family SET revoked_at = $5::bigint FROM found
      WHERE family.realm = $1::text AND family.id = found.grant_id AND found.consumed_at IS NOT NULL
        AND family.revoked_at IS NULL
    ) SELECT taken.digest IS NOT NULL AS is_taken, ${prefixed('taken', ticketColumns)}
    FROM found LEFT JOIN taken ON true`,
})

const markers = ({ seen, attempt, lease }: Tables) => ({
  markSeen: `INSERT INTO ${seen} AS known (realm, space, digest, expires_at)
    VALUES ($1::text, $2::text, $3::bytea, $4::bigint) ON CONFLICT (realm, space, digest) DO UPDATE
    SET expires_at = excluded.expires_at WHERE known.expires_at <= $5::bigint RETURNING 1`,
  countAttempt: `INSERT INTO ${attempt} AS known (realm, space, digest, attempts, expires_at)
    VALUES ($1::text, $2::text, $3::bytea, 1, $5::bigint + $4::bigint) ON CONFLICT (realm, space, digest) DO UPDATE SET
    attempts = CASE WHEN known.expires_at > $5::bigint THEN known.attempts + 1 ELSE 1 END,
    expires_at = CASE WHEN known.expires_at > $5::bigint THEN known.expires_at ELSE excluded.expires_at END
    RETURNING attempts`,
  clearAttempts: `DELETE FROM ${attempt} WHERE realm = $1::text AND space = $2::text AND digest = $3::bytea`,
  lease: `INSERT INTO ${lease} AS held (realm, name, owner, expires_at)
    VALUES ($1::text, $2::text, $3::text, $4::bigint) ON CONFLICT (realm, name) DO UPDATE
    SET owner = excluded.owner, expires_at = excluded.expires_at
    WHERE held.owner = excluded.owner OR held.expires_at <= $5::bigint RETURNING 1`,
})

/** Tables of expiring rows. */
const expiring = ({ code, access, refresh, ticket, seen, attempt }: Tables) => [
  { name: 'codes', table: code },
  { name: 'accesses', table: access },
  { name: 'refreshes', table: refresh },
  { name: 'tickets', table: ticket },
  { name: 'markers', table: seen },
  { name: 'attempts', table: attempt },
]

/** Deletes rows whose time is over, the oldest first; those that another node is deleting are left to it. */
const deleteDue = (table: string, due: string, limit: string): string => `DELETE FROM ${table}
      WHERE realm = $1::text AND ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE realm = $1::text AND ${due} <= $2::bigint
        ORDER BY ${due} LIMIT greatest(${limit}, 0) FOR UPDATE SKIP LOCKED)) RETURNING 1`

const sweeping = (tables: Tables) => {
  const rows = expiring(tables)
  const left = (before: number): string =>
    ['$3::bigint', ...rows.slice(0, before).map(({ name }) => `(SELECT count(*) FROM ${name})`)].join(' - ')
  const parts = rows.map(({ name, table }, index) => `${name} AS (${deleteDue(table, 'expires_at', left(index))})`)
  const families = `families AS (${deleteDue(tables.grant, 'purge_at', '$3::bigint')})`
  const deleted = rows.map(({ name }) => `(SELECT count(*) FROM ${name})`).join(' + ')
  return {
    sweep: `WITH ${[...parts, families].join(', ')} SELECT ${deleted} AS deleted`,
    ping: 'SELECT 1 WHERE $1::text IS NOT NULL',
  }
}

/** The statements that are not about codes and tokens. */
export const otherStatements = (tables: Tables) => ({
  ...clients(tables),
  ...tickets(tables),
  ...markers(tables),
  ...sweeping(tables),
})
