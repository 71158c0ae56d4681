import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { Store } from 'grantry'
import { SqliteStore } from 'grantry/storage/sqlite'
import type pg from 'pg'
import { digestOf } from '../packages/grantry/src/testing/store-check.ts'

/** Many access tokens of one client, every second one of a user. */
export interface Preload {
  /** Keeps tokens of several preloads apart: the `n`-th token is the string that `tokenAt` gives. */
  readonly name: string
  readonly clientId: string
  readonly count: number
  /** When the first one expires; the others follow, `perSecond` of them in each second. */
  readonly expiresAt: number
  readonly perSecond: number
}

/** The string of a token of a preload. */
export const tokenAt = ({ name }: Pick<Preload, 'name'>, index: number): string => `${name}-${index}`

/** Access tokens of one family. */
const perFamily = 10

/** Saves one token of each kind by the store, so that what is copied is what the store writes. */
const putTemplates = async (store: Store, { name, clientId, expiresAt }: Preload): Promise<readonly string[]> => {
  const [own, ofUser] = [digestOf(`${name} own`), digestOf(`${name} of a user`)]
  const userId = `user_${'u'.repeat(22)}`
  const row = { clientId, scopes: ['read'], audience: [], claims: {}, issuedAt: expiresAt - 3600, expiresAt }
  const grant = { id: `family of ${name}`, clientId, userId, createdAt: row.issuedAt }
  await store.putTokens({ access: { ...row, digest: own, userId: undefined, grantId: undefined } })
  await store.putTokens({ grant, access: { ...row, digest: ofUser, userId, grantId: grant.id } })
  return [own, ofUser]
}

/** How a database writes what the copies need; `i` is the number of a copy. */
interface Dialect {
  readonly schema: string
  /** A cast of parameters that are bytes. */
  readonly type: string
  /** Digest of `name-i`. */
  readonly digest: string
  /** 22 characters for the family of `i`. */
  readonly familyOf: (i: string) => string
  readonly series: (count: number) => string
}

const sqlite = ({ name }: Preload): Dialect => ({
  schema: '',
  type: '',
  digest: `digest('${name}-' || i)`,
  familyOf: (i) => `printf('${name}%0${22 - name.length}d', ${i})`,
  series: (count) =>
    `(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1}) SELECT i FROM n) AS n`,
})

const postgres = ({ name }: Preload): Dialect => ({
  schema: 'grantry.',
  type: '::bytea',
  digest: `sha256(convert_to('${name}-' || i, 'UTF8'))`,
  familyOf: (i) => `'${name}' || lpad((${i})::text, ${22 - name.length}, '0')`,
  series: (count) => `generate_series(0, ${count - 1}) AS n(i)`,
})

/** The statement that copies the family, and the one that copies the tokens; both take the digests of the templates. */
const copies = ({ schema, type, digest, familyOf, series }: Dialect, { name, count, perSecond }: Preload): string[] => [
  `INSERT INTO ${schema}"grant" (realm, id, client_id, user_id, created_at, issued, purge_at)
    SELECT realm, ${familyOf('i')}, client_id, user_id, created_at, issued, purge_at + (i + 1) * ${perFamily * 2} / ${perSecond}
    FROM ${schema}"grant", ${series(Math.ceil(count / perFamily / 2))} WHERE id = 'family of ${name}'`,
  `INSERT INTO ${schema}access_token
    (realm, digest, client_id, user_id, grant_id, scopes, audience, claims, openid, issued_at, expires_at)
    SELECT realm, ${digest}, client_id, user_id, CASE WHEN grant_id IS NOT NULL THEN ${familyOf(`i / ${perFamily * 2}`)} END,
      scopes, audience, claims, openid, issued_at + i / ${perSecond}, expires_at + i / ${perSecond}
    FROM ${series(count)} JOIN ${schema}access_token ON digest = CASE WHEN i % 2 = 0 THEN $1${type} ELSE $2${type} END`,
]

const toBytes = (digest: string): Buffer => Buffer.from(digest, 'base64url')

/** Makes a SQLite file of the store and preloads it. */
export const preloadSqlite = async (path: string, preloads: readonly Preload[]): Promise<void> => {
  const store = new SqliteStore(path)
  const templates: (readonly string[])[] = []
  for (const preload of preloads) templates.push(await putTemplates(store, preload))
  store.close()
  const database = new DatabaseSync(path)
  // Nobody else has the file, and where the machine ends meanwhile there is nothing to keep.
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000')
  const digest = (token: unknown): Uint8Array => createHash('sha256').update(String(token)).digest()
  database.function('digest', { deterministic: true }, digest)
  for (const [index, preload] of preloads.entries()) {
    const [families = '', tokens = ''] = copies(sqlite(preload), preload)
    database.exec(families)
    database.prepare(tokens.replaceAll('$', '?')).run(...(templates[index] ?? []).map(toBytes))
  }
  database.exec('PRAGMA journal_mode = WAL')
  database.close()
}

/** Preloads a PostgreSQL. */
export const preloadPostgres = async (pool: pg.Pool, store: Store, preload: Preload): Promise<void> => {
  const digests = (await putTemplates(store, preload)).map(toBytes)
  const [families = '', tokens = ''] = copies(postgres(preload), preload)
  await pool.query(families)
  await pool.query(tokens, digests)
  await pool.query('VACUUM ANALYZE grantry.access_token, grantry."grant"')
  await pool.query('CHECKPOINT') // what was written so fast is not what is measured
}
