import { DatabaseSync } from 'node:sqlite'
import type { Server } from 'grantry'
import { SqliteStore } from 'grantry/storage/sqlite'
import { membersOf, send, type Case } from '../packages/grantry/src/testing/fault-flows.ts'
import { makeServer } from '../packages/grantry/src/testing/sample-provider.ts'

const isActive = async (server: Server, given: Case, token: unknown): Promise<boolean> => {
  const response = await send(server, {
    ...given,
    endpoint: 'introspect',
    parameters: { ...given.parameters, token: String(token) },
  })
  return membersOf(response)['active'] === true
}

/** Counts rows below the store, as it has no call for what must not be there. */
const count = (path: string, sql: string, ...values: string[]): number => {
  const database = new DatabaseSync(path, { readOnly: true })
  const { n } = database.prepare(`SELECT count(*) AS n FROM ${sql}`).get(...values) ?? {}
  database.close()
  return Number(n)
}

const orphans = (table: string): string =>
  `${table} WHERE grant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM grant WHERE id = ${table}.grant_id)`

/** A client that got no answer sends a code again, twice. */
const checkCode = async (server: Server, given: Case, path: string): Promise<readonly string[]> => {
  const saved = count(path, 'access_token WHERE grant_id = ?', given.grantId ?? '')
  const answers = [await send(server, given), await send(server, given)]
  const successes = answers.filter(({ status }) => status === 200).length
  const problems: string[] = []
  if (saved > 0 && successes > 0) problems.push('tokens were saved and the code is redeemed again')
  if (successes > 1) problems.push('a code is redeemed twice')
  if (saved > 1) problems.push('more than one access token was saved')
  return problems
}

/** A client that got no answer sends a refresh token again, twice, within the grace. */
const checkRefresh = async (server: Server, given: Case, path: string): Promise<readonly string[]> => {
  const answers = [await send(server, given), await send(server, given)]
  const problems: string[] = []
  if (answers.some(({ status }) => status !== 200)) problems.push('a refresh cannot be repeated after a crash')
  const [first, second] = answers.map((answer) => membersOf(answer)['refresh_token'])
  if (first !== second) problems.push('a refresh token has two successors')
  const live = count(path, 'refresh_token WHERE grant_id = ? AND superseded_at IS NULL', given.grantId ?? '')
  if (live !== 1) problems.push(`${live} refresh tokens of a family are live`)
  return problems
}

const checkRetry = async (server: Server, given: Case): Promise<readonly string[]> => {
  const response = await send(server, given)
  const members = membersOf(response)
  if (response.status >= 400) return [`the request cannot be repeated: ${response.status}`]
  if (given.endpoint === 'revoke')
    return (await isActive(server, given, given.subject)) ? ['a token outlives its revocation'] : []
  if (given.endpoint !== 'token') return []
  return (await isActive(server, given, members['access_token'])) ? [] : ['a token is not active']
}

/** Opens the file that an ended process left, and does what its client would do. */
export const checkFile = async (path: string, given: Case): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const table of ['access_token', 'refresh_token', 'code'])
    if (count(path, orphans(table)) > 0) problems.push(`a row of ${table} has no family`)
  const store = new SqliteStore(path)
  try {
    const server = makeServer(store)
    const grantType = given.parameters['grant_type']
    if (grantType === 'authorization_code') problems.push(...(await checkCode(server, given, path)))
    else if (grantType === 'refresh_token') problems.push(...(await checkRefresh(server, given, path)))
    else problems.push(...(await checkRetry(server, given)))
    return problems
  } finally {
    store.close()
  }
}
