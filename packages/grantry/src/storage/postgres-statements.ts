/** What the store asks of a driver. A `Pool` of `pg` is one. */
export interface PostgresPool {
  /** Runs one statement. A driver's error has the SQLSTATE as `code`. */
  query(config: { name?: string; text: string; values?: unknown[] }): Promise<{ rows: Record<string, unknown>[] }>
}

/** A name as SQL takes it, whatever is in it. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const codeColumns = `digest, client_id, user_id, grant_id, scopes, redirect_uri, code_challenge, code_challenge_method,
  resources, claims, expires_at`
const accessColumns = 'digest, client_id, user_id, grant_id, scopes, audience, claims, issued_at, expires_at'
const refreshColumns = `digest, client_id, user_id, grant_id, scopes, resources, claims, issued_at, expires_at,
  family_expires_at`

const prefixed = (table: string, columns: string): string =>
  columns
    .split(/,\s*/)
    .map((column) => `${table}.${column}`)
    .join(', ')

/** The schema that is used where none is named. */
export const defaultSchema = 'grantry'

/** The tables of one schema, as statements name them. */
type Tables = Readonly<Record<'client' | 'grant' | 'code' | 'access' | 'refresh' | 'key', string>>

/** Rows that come as JSON; none for null. */
const given = (table: string, parameter: number): string =>
  `json_populate_recordset(NULL::${table}, $${parameter}::json) AS given`

const insert = (table: string, columns: string, parameter: number, from = ''): string =>
  `INSERT INTO ${table} (realm, ${columns}) SELECT $1::text, ${columns} FROM ${given(table, parameter)}${from}`

const deleteExpired = (table: string, limit: string): string => `DELETE FROM ${table} WHERE realm = $1::text
    AND digest = ANY (ARRAY(SELECT digest FROM ${table} WHERE realm = $1::text AND expires_at <= $2::bigint
      ORDER BY expires_at LIMIT greatest(${limit}, 0) FOR UPDATE SKIP LOCKED)) RETURNING 1`

const records = ({ client, key }: Tables) => ({
  findClient: `SELECT record FROM ${client} WHERE realm = $1::text AND id = $2::text`,
  putClient: `INSERT INTO ${client} (realm, id, record) VALUES ($1::text, $2::text, $3::text)
    ON CONFLICT (realm, id) DO UPDATE SET record = excluded.record`,
  findSigningKeys: `SELECT key_id, algorithm, private_key, created_at FROM ${key}
    WHERE realm = $1::text ORDER BY created_at, position`,
  putSigningKey: `INSERT INTO ${key} (realm, key_id, algorithm, private_key, created_at)
    VALUES ($1::text, $2::text, $3::text, $4::text, $5::bigint) ON CONFLICT (realm, key_id) DO UPDATE
    SET algorithm = excluded.algorithm, private_key = excluded.private_key, created_at = excluded.created_at`,
})

const codes = ({ grant, code }: Tables) => ({
  putCode: `WITH started AS (
      INSERT INTO ${grant} (realm, id, client_id, user_id, created_at, purge_at)
      SELECT $1::text, id, client_id, user_id, created_at, $4::bigint FROM ${given(grant, 3)}
    ) ${insert(code, codeColumns, 2)}`,
  consumeCode: `WITH found AS (
      SELECT digest, grant_id, consumed_at FROM ${code}
      WHERE realm = $1::text AND digest = $2::bytea AND client_id = $3::text AND expires_at > $4::bigint FOR UPDATE
    ), taken AS (
      UPDATE ${code} AS code SET consumed_at = $4::bigint FROM found
      WHERE code.realm = $1::text AND code.digest = found.digest AND found.consumed_at IS NULL
        AND code.consumed_at IS NULL
      RETURNING code.*
    ), revoked AS (
      UPDATE ${grant} AS family SET revoked_at = $4::bigint FROM found
      WHERE family.realm = $1::text AND family.id = found.grant_id AND found.consumed_at IS NOT NULL
        AND family.issued AND family.revoked_at IS NULL
    ) SELECT taken.digest IS NOT NULL AS is_taken, ${prefixed('taken', codeColumns)}
    FROM found LEFT JOIN taken ON true`,
})

const tokens = ({ grant, access, refresh }: Tables) => ({
  putTokens: `WITH started AS (
      INSERT INTO ${grant} (realm, id, client_id, user_id, created_at, purge_at, issued)
      SELECT $1::text, id, client_id, user_id, created_at, greatest(created_at, $6::bigint), true
      FROM ${given(grant, 2)}
    ), family AS (
      UPDATE ${grant} SET purge_at = greatest(purge_at, $6::bigint), issued = true
      WHERE realm = $1::text AND id = $3::text AND revoked_at IS NULL RETURNING id
    ), live AS (
      SELECT true AS is_live WHERE $3::text IS NULL OR EXISTS (SELECT FROM family)
    ), new_access AS (
      ${insert(access, accessColumns, 4, ', live')}
    ), new_refresh AS (
      ${insert(refresh, refreshColumns, 5, ', live')}
    ), extended AS (
      UPDATE ${refresh} SET expires_at = $8::bigint FROM live WHERE realm = $1::text AND digest = $7::bytea
    ) SELECT is_live FROM live`,
  findAccessToken: `SELECT ${prefixed('token', accessColumns)} FROM ${access} AS token
    LEFT JOIN ${grant} AS family ON family.realm = token.realm AND family.id = token.grant_id
    WHERE token.realm = $1::text AND token.digest = $2::bytea AND token.expires_at > $3::bigint
      AND (token.grant_id IS NULL OR (family.id IS NOT NULL AND family.revoked_at IS NULL))`,
  findRefreshToken: `SELECT ${prefixed('token', refreshColumns)}, token.superseded_at FROM ${refresh} AS token
    JOIN ${grant} AS family ON family.realm = token.realm AND family.id = token.grant_id
    WHERE token.realm = $1::text AND token.digest = $2::bytea AND family.revoked_at IS NULL`,
  revokeAccessToken: `DELETE FROM ${access} WHERE realm = $1::text AND digest = $2::bytea`,
  revokeGrant: `UPDATE ${grant} SET revoked_at = $3::bigint
    WHERE realm = $1::text AND id = $2::text AND revoked_at IS NULL`,
})

/** The rule of `judgeRotation` as SQL, because it has to be decided under the lock. The 2 seconds are its `raceSeconds`. */
const rotationOutcome = `CASE
        WHEN token.superseded_at IS NULL THEN 'rotated'
        WHEN token.successor_used THEN 'reused'
        WHEN $4::bigint = 0 THEN CASE WHEN $3::bigint - token.superseded_at < 2 THEN 'raced' ELSE 'reused' END
        WHEN $3::bigint - token.superseded_at <= $4::bigint AND token.replays < $5::bigint THEN 'replayed'
        ELSE 'reused' END`

const rotation = ({ grant, access, refresh }: Tables) => ({
  rotateRefreshToken: `WITH family AS (
      SELECT id FROM ${grant} WHERE realm = $1::text AND revoked_at IS NULL
        AND id = (SELECT grant_id FROM ${refresh} WHERE realm = $1::text AND digest = $2::bytea) FOR UPDATE
    ), presented AS (
      SELECT token.digest, token.grant_id, token.predecessor, token.sealed, ${rotationOutcome} AS outcome
      FROM family JOIN ${refresh} AS token ON token.grant_id = family.id
      WHERE token.realm = $1::text AND token.digest = $2::bytea AND token.expires_at > $3::bigint FOR UPDATE OF token
    ), superseded AS (
      UPDATE ${refresh} AS token SET superseded_at = $3::bigint, sealed = $8::text FROM presented
      WHERE token.realm = $1::text AND token.digest = presented.digest AND outcome = 'rotated'
    ), replayed AS (
      UPDATE ${refresh} AS token SET replays = token.replays + 1 FROM presented
      WHERE token.realm = $1::text AND token.digest = presented.digest AND outcome = 'replayed'
    ), closed AS (
      UPDATE ${refresh} AS token SET successor_used = true, sealed = NULL FROM presented
      WHERE token.realm = $1::text AND token.digest = presented.predecessor AND outcome = 'rotated'
    ), kept AS (
      UPDATE ${grant} AS family SET purge_at = greatest(purge_at, $10::bigint), issued = true FROM presented
      WHERE family.realm = $1::text AND family.id = presented.grant_id AND outcome IN ('rotated', 'replayed')
    ), revoked AS (
      UPDATE ${grant} AS family SET revoked_at = $3::bigint FROM presented
      WHERE family.realm = $1::text AND family.id = presented.grant_id AND outcome = 'reused' AND $6::boolean
    ), new_refresh AS (
      INSERT INTO ${refresh} (realm, ${refreshColumns}, predecessor)
      SELECT $1::text, ${prefixed('given', refreshColumns)}, $2::bytea
      FROM ${given(refresh, 7)}, presented WHERE outcome = 'rotated'
    ), new_access AS (
      INSERT INTO ${access} (realm, ${accessColumns})
      SELECT $1::text, ${prefixed('given', accessColumns)}
      FROM ${given(access, 9)}, presented WHERE outcome IN ('rotated', 'replayed')
    ) SELECT outcome, sealed FROM presented`,
})

const sweeping = ({ grant, code, access, refresh }: Tables) => ({
  sweep: `WITH codes AS (
      ${deleteExpired(code, '$3::bigint')}
    ), accesses AS (
      ${deleteExpired(access, '$3::bigint - (SELECT count(*) FROM codes)')}
    ), refreshes AS (
      ${deleteExpired(refresh, '$3::bigint - (SELECT count(*) FROM codes) - (SELECT count(*) FROM accesses)')}
    ), families AS (
      DELETE FROM ${grant} WHERE realm = $1::text
        AND id = ANY (ARRAY(SELECT id FROM ${grant} WHERE realm = $1::text AND purge_at <= $2::bigint
          ORDER BY purge_at LIMIT $3::bigint FOR UPDATE SKIP LOCKED))
    ) SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM accesses)
      + (SELECT count(*) FROM refreshes) AS deleted`,
})

/**
 * Every statement of the store, for the tables of one schema. Each is a whole step: what it reads and writes is one
 * transaction.
 *
 * All parts of a statement see the data as of its start, but a row that it locks or updates is read again if another
 * transaction changed it meanwhile (READ COMMITTED). So whatever decides is read from a row that is being locked. A row
 * that another transaction added meanwhile stays unseen, so nothing may hang on one: that tokens were issued is noted on
 * the grant (`issued`), that a successor was used on its predecessor (`successor_used`), and when the last row of a
 * family expires on the grant (`purge_at`). Tokens of a family change only under the lock of their grant, which comes first.
 */
export const statementsOf = (schema: string) => {
  const table = (name: string): string => `${quote(schema)}.${quote(name)}`
  const tables: Tables = {
    client: table('client'),
    grant: table('grant'),
    code: table('code'),
    access: table('access_token'),
    refresh: table('refresh_token'),
    key: table('signing_key'),
  }
  return { ...records(tables), ...codes(tables), ...tokens(tables), ...rotation(tables), ...sweeping(tables) }
}

/** The texts of all statements. */
export type Statements = Readonly<ReturnType<typeof statementsOf>>
