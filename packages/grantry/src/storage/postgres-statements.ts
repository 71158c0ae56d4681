import { otherStatements } from './postgres-other-statements.ts'
import { given, insert, prefixed, quote, type Tables } from './postgres-sql.ts'

const codeColumns = `digest, client_id, user_id, grant_id, scopes, redirect_uri, code_challenge, code_challenge_method,
  resources, claims, openid, expires_at`
const accessValues = 'digest, grant_id, scopes, audience, claims, openid, issued_at, expires_at'
const refreshColumns = `digest, client_id, user_id, grant_id, scopes, resources, claims, openid, issued_at, expires_at,
  family_expires_at`

/** Inserts an access token, without client and user where they are those of the family `owner`; `condition` is joined to it. */
const insertAccess = (access: string, parameter: number, condition: string, owner: string): string => {
  const own = (column: string): string => `CASE WHEN ${owner}.id IS NULL THEN given.${column} END`
  return `INSERT INTO ${access} (realm, client_id, user_id, ${accessValues})
      SELECT $1::text, ${own('client_id')}, ${own('user_id')}, ${prefixed('given', accessValues)}
      FROM ${given(access, parameter)} CROSS JOIN ${condition} LEFT JOIN ${owner} ON ${owner}.id = given.grant_id
        AND ${owner}.client_id = given.client_id AND ${owner}.user_id IS NOT DISTINCT FROM given.user_id`
}

const codes = ({ grant, code }: Tables) => ({
  putCode: `WITH started AS (
      INSERT INTO ${grant} (realm, id, client_id, user_id, session_id, created_at, purge_at)
      SELECT $1::text, id, client_id, user_id, session_id, created_at, $4::bigint FROM ${given(grant, 3)}
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
      INSERT INTO ${grant} (realm, id, client_id, user_id, session_id, created_at, purge_at, issued)
      SELECT $1::text, id, client_id, user_id, session_id, created_at, greatest(created_at, $6::bigint), true
      FROM ${given(grant, 2)} RETURNING id, client_id, user_id
    ), family AS (
      UPDATE ${grant} SET purge_at = greatest(purge_at, $6::bigint), issued = true
      WHERE realm = $1::text AND id = $3::text AND revoked_at IS NULL RETURNING id, client_id, user_id
    ), owner AS (
      SELECT * FROM started UNION ALL SELECT * FROM family
    ), live AS (
      SELECT true AS is_live WHERE $3::text IS NULL OR EXISTS (SELECT FROM family)
    ), new_access AS (
      ${insertAccess(access, 4, 'live', 'owner')}
    ), new_refresh AS (
      ${insert(refresh, refreshColumns, 5, ', live')}
    ), extended AS (
      UPDATE ${refresh} SET expires_at = $8::bigint FROM live WHERE realm = $1::text AND digest = $7::bytea
    ) SELECT is_live FROM live`,
  findAccessToken: `SELECT coalesce(token.client_id, family.client_id) AS client_id,
      CASE WHEN token.client_id IS NULL THEN family.user_id ELSE token.user_id END AS user_id,
      ${prefixed('token', accessValues)} FROM ${access} AS token
    LEFT JOIN ${grant} AS family ON family.realm = token.realm AND family.id = token.grant_id
    WHERE token.realm = $1::text AND token.digest = $2::bytea AND token.expires_at > $3::bigint
      AND (token.grant_id IS NULL OR (family.id IS NOT NULL AND family.revoked_at IS NULL))`,
  findRefreshToken: `SELECT ${prefixed('token', refreshColumns)}, token.superseded_at FROM ${refresh} AS token
    JOIN ${grant} AS family ON family.realm = token.realm AND family.id = token.grant_id
    WHERE token.realm = $1::text AND token.digest = $2::bytea AND family.revoked_at IS NULL`,
})

const revocation = ({ grant, access, seen }: Tables) => ({
  revokeAccessToken: `WITH gone AS (
      DELETE FROM ${access} WHERE realm = $1::text AND digest = $2::bytea RETURNING 1
    ) INSERT INTO ${seen} (realm, space, digest, expires_at)
    SELECT $1::text, 'revoked', $2::bytea, $3::bigint WHERE NOT EXISTS (SELECT FROM gone)
    ON CONFLICT (realm, space, digest) DO NOTHING`,
  isRevoked: `SELECT ($3::text IS NOT NULL AND NOT EXISTS (SELECT FROM ${grant}
      WHERE realm = $1::text AND id = $3::text AND revoked_at IS NULL))
    OR EXISTS (SELECT FROM ${seen} WHERE realm = $1::text AND space = 'revoked' AND digest = $2::bytea
      AND expires_at > $4::bigint) AS is_over`,
  revokeGrants: `WITH ended AS (
      UPDATE ${grant} SET revoked_at = $4::bigint WHERE realm = $1::text AND revoked_at IS NULL
        AND ($2::text IS NULL OR user_id = $2::text) AND ($3::text IS NULL OR client_id = $3::text)
        AND ($5::text IS NULL OR session_id = $5::text) RETURNING 1
    ) SELECT count(*) AS ended FROM ended`,
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
      SELECT id, client_id, user_id FROM ${grant} WHERE realm = $1::text AND revoked_at IS NULL
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
      ${insertAccess(access, 9, 'presented', 'family')} WHERE outcome IN ('rotated', 'replayed')
    ) SELECT outcome, sealed FROM presented`,
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
    ticket: table('ticket'),
    seen: table('seen'),
    attempt: table('attempt'),
    lease: table('lease'),
  }
  return { ...codes(tables), ...tokens(tables), ...revocation(tables), ...rotation(tables), ...otherStatements(tables) }
}

/** The texts of all statements. */
export type Statements = Readonly<ReturnType<typeof statementsOf>>
