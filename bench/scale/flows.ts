import { randomUUID } from 'node:crypto'
import { PostgresStore } from 'grantry/storage/postgres'
import pg from 'pg'
import { codeOf, type Credentials } from '../../packages/grantry/src/testing/sample-provider.ts'
import { challenge, verifier } from '../workload.ts'
import type { Connection } from './connection.ts'

/** What is measured. */
export type FlowName = 'client_credentials' | 'code, then refresh' | 'introspection' | 'metadata and keys'

/** Where and as whom the load works. */
export interface Target {
  readonly credentials: Credentials
  /** The URL of the database, in which codes are made beforehand. */
  readonly database: string
  /** How many codes are made beforehand. */
  readonly most: number
}

/** One user or client: a few requests, one after the other. */
export type Visit = (connection: Connection, index: number) => Promise<void>

const post = async (
  connection: Connection,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse(await connection.request(path, fields)) as Record<string, unknown> // every endpoint answers with an object

const text = (value: unknown): string => {
  if (typeof value === 'string') return value
  throw new Error('A member of the answer is missing.')
}

/** Codes as the consent page makes them, written to the database: the browser's part is not what is measured. */
const makeCodes = async ({ credentials, database, most }: Target): Promise<readonly string[]> => {
  const pool = new pg.Pool({ connectionString: database, max: 8 })
  const store = new PostgresStore(pool)
  const now = Math.floor(Date.now() / 1000)
  const codes = Array.from({ length: most }, () => randomUUID())
  const waiting = codes.values()
  const put = async (): Promise<void> => {
    for (const code of waiting) {
      const [row, grant] = codeOf(code, credentials.client_id, randomUUID(), now)
      const pkce = { codeChallenge: challenge, codeChallengeMethod: 'S256', expiresAt: now + 600 }
      await store.putCode({ ...row, ...pkce }, grant)
    }
  }
  await Promise.all(Array.from({ length: 16 }, put))
  await pool.end()
  return codes
}

const codeFlow = async (target: Target): Promise<Visit> => {
  const codes = await makeCodes(target)
  return async (connection, index) => {
    const form = {
      ...target.credentials,
      grant_type: 'authorization_code',
      code: codes[index] ?? '',
      code_verifier: verifier,
    }
    const first = await post(connection, '/token', form)
    const refresh = { grant_type: 'refresh_token', refresh_token: text(first['refresh_token']) }
    text((await post(connection, '/token', { ...target.credentials, ...refresh }))['access_token'])
  }
}

const own = async (connection: Connection, { credentials }: Target): Promise<string> =>
  text((await post(connection, '/token', { ...credentials, grant_type: 'client_credentials' }))['access_token'])

const introspection = async (target: Target, connection: Connection): Promise<Visit> => {
  const tokens: string[] = []
  while (tokens.length < 200) tokens.push(await own(connection, target))
  return async (used, index) => {
    const token = tokens[index % tokens.length] ?? ''
    const { active } = await post(used, '/introspect', { ...target.credentials, token })
    if (active !== true) throw new Error('A live token is not active.')
  }
}

const documents = ['/.well-known/oauth-authorization-server', '/jwks']

/** Makes what a flow needs, and gives what one visit does. */
export const prepareFlow = async (name: FlowName, target: Target, connection: Connection): Promise<Visit> => {
  if (name === 'code, then refresh') return codeFlow(target)
  if (name === 'introspection') return introspection(target, connection)
  if (name === 'client_credentials')
    return async (used) => {
      await own(used, target)
    }
  return async (used, index) => {
    await used.request(documents[index % 2] ?? '')
  }
}
